#!/usr/bin/python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""test-accessible-names.py MEMSCOPE MEMSCOPE-GUI: is there a name for everything that a screen reader stops at?

GTK calls a widget without a name after its class, "GtkImage".  So on every page each button, entry, picture
and list must have a name that is none, or lie inside of something that has one, as the icon of a button does.
Each plot must say in words what it shows, and cards and filters be what docs and habits call them.  No name is
read twice, nor with the underscore that marks its key: in the window, in its menus and in each dialog.
"""
import re
import subprocess
import sys
import tempfile
import time
import warnings

from accessible_window import Atspi, GLib, Program, find_all, get_extents, has_state

MEMSCOPE, GUI = sys.argv[1:3]
PAGES = ["Overview", "Threads", "Timeline", "Correlation", "Memory", "System", "Compare"]
CLASS_NAME = re.compile(r"(Gtk|Gdk|Adw|Ms)[A-Z]\w*")
# Nothing is said of what only holds others.  Rows and cells of tables are read by what is in them: GTK 4.8 lets
# nobody name them.
UNSAID = {"application", "filler", "panel", "scroll pane", "scroll bar", "separator", "label", "redundant object",
          "table row", "table cell", "unknown", "section", "grouping"}
# Whose parts are read as one with them.
WHOLE = {"push button", "toggle button", "radio button", "check box", "combo box", "page tab", "menu item", "link",
         "list item", "column header", "entry", "progress bar", "tree table", "table"}

# What has a name that is said before one presses it.
PRESSED = {"push button", "toggle button", "radio button", "check box", "combo box", "page tab", "menu item", "entry",
           "text", "spin button", "switch", "list item", "link"}

# AT-SPI's own library calls its functions by two names and one of them old.
warnings.simplefilter("ignore")
complaints = []
failed = False


def is_named(node):
    name = node.get_name()
    return bool(name) and not CLASS_NAME.fullmatch(name)


def look(node, page, is_held, path):
    """What is shown below @node; @is_held: inside of something that is named and read as a whole."""
    try:
        role, named = node.get_role_name(), is_named(node)
        if role not in UNSAID and not named and not is_held:
            complaints.append(f"{page}: {role} “{node.get_name()}” in {' / '.join(path[-4:])}")
        if role in ("image", "canvas", "chart") and named and not is_held and has_state(node, "focusable"):
            if len(node.get_description() or "") < 10:
                complaints.append(f"{page}: “{node.get_name()}” does not say in words what it shows")
        children = [node.get_child_at_index(i) for i in range(node.get_child_count())]
    except GLib.Error:  # gone meanwhile
        return 0
    n_plots = 1 if role == "image" and named and not is_held else 0
    for child in children:
        extents = child and get_extents(child)
        if child is None or (extents is not None and extents.width <= 0):
            continue
        n_plots += look(child, page, is_held or (role in WHOLE and named),
                        path + [f"{role} “{node.get_name()[:20]}”"])
    return n_plots


def get_wrong(name):
    """What is wrong with the name of what a person presses or fills in."""
    words = name.replace("_", "").split()
    # What has a place in the code is a function of the traced program.
    if "_" in name and "(" not in name:
        return "has an underscore"
    if len(words) > 1 and len(words) % 2 == 0 and words[:len(words) // 2] == words[len(words) // 2:]:
        return "is said twice"
    return None


def check_names(root, where):
    """All of them; what is not shown yet, too."""
    global failed
    nodes, n = [root], 0
    while nodes:
        node = nodes.pop()
        try:
            name, role = node.get_name() or "", node.get_role_name()
            nodes += [child for i in range(node.get_child_count()) if (child := node.get_child_at_index(i))]
        except GLib.Error:
            continue
        if role in PRESSED:
            n += 1
            if wrong := get_wrong(name):
                print(f"{where}: {role} “{name}” {wrong}", file=sys.stderr)
                failed = True
    print(f"{'not ' * failed}ok - names in {where}: {n}", flush=True)
    assert n > 3, where


def check_dialog(keys, title, part):
    """What @keys open, and Escape closes; @part: the name of something in it."""
    program.take_keyboard("Memscope")
    program.type_keys(keys)
    program.find(None, part)
    check_names(program.root, title)
    program.take_keyboard(title)
    program.type_keys("Escape")
    program.wait(f"{title} closed", lambda: not find_all(program.root, None, part))


def get_actions(node):
    actions = node.get_action_iface()
    return [Atspi.Action.get_action_name(actions, i) for i in range(Atspi.Action.get_n_actions(actions))] if actions else []


with tempfile.TemporaryDirectory() as scratch:
    trace = scratch + "/demo"
    subprocess.run([MEMSCOPE, "demo", "--seconds=1", "-o", trace], check=True, stdout=subprocess.DEVNULL)
    program = Program([GUI, trace], "memscope-gui")
    try:
        card = program.find("push button", starts="ingest-0")
        assert "click" in get_actions(card), get_actions(card)

        for page in PAGES:
            program.press("page tab", page)
            program.wait(f"{page} in front", lambda: any(has_state(tab, "selected") for tab in
                                                         find_all(program.root, "page tab", page)))
            # What a worker finds comes later; the last look counts.
            for look_again in range(20):
                del complaints[:]
                n_plots = look(program.root, page, False, [])
                if not complaints:
                    break
                time.sleep(0.2)
            print(f"{'not ok' if complaints else 'ok'} - {page}: {n_plots} pictures", flush=True)
            assert n_plots >= 1, page # the strip is on each of them
            print("\n".join(complaints), file=sys.stderr, end="\n" if complaints else "")
            failed |= bool(complaints)

        # So wide that the header has all of its buttons.
        window = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "Memscope"], check=True,
                                capture_output=True, text=True).stdout.split()[0]
        subprocess.run(["xdotool", "windowsize", "--sync", window, "1590", "900"], check=True)
        program.find("push button", starts="Re")
        check_names(program.root, "the window")
        check_dialog("ctrl+comma", "Preferences", "Units")
        check_dialog("ctrl+shift+r", "Record a Program", "Program and arguments")

        program.press("page tab", "Overview")
        program.press("push button", starts="ingest-0")
        program.find("push button", "Remove filter: thread ingest-0")
        program.press("push button", "Remove filter: thread ingest-0")
        program.wait("the filter gone",
                     lambda: not find_all(program.root, "push button", starts="Remove filter"))
    finally:
        program.process.terminate()
        program.process.wait()
sys.exit(1 if failed else 0)
