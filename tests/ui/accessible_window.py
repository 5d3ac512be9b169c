# SPDX-License-Identifier: MIT OR Apache-2.0
"""A window as a screen reader and two hands know it: widgets by role and name over AT-SPI, keys and the
pointer by xdotool.

Nothing here waits for a while: whatever is asked is asked again until it holds.  LIMIT_S is when to give
up, which a machine with much else to do should not reach.

GTK 4.8 says of each widget where it lies, and nothing about whether it is seen: what has no size is
taken as not shown.  A page that was shown keeps its size, so look inside of the page that is meant.
"""
import collections
import os
import subprocess
import sys
import time

try:
    import gi

    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi, GLib
except (ImportError, ValueError) as problem:
    print(f"no AT-SPI for Python: {problem}", file=sys.stderr)
    sys.exit(77)

LIMIT_S = int(os.environ.get("UI_LIMIT_S", 120))
STEP_S = 0.05


class NotSo(AssertionError):
    """What was waited for did not come."""


def _children(node):
    for i in range(node.get_child_count()):
        child = node.get_child_at_index(i)
        if child is not None:
            yield child


def get_extents(node):
    """Where in its window, or None."""
    component = node.get_component_iface()
    return component and Atspi.Component.get_extents(component, Atspi.CoordType.WINDOW)


def _walk(root):
    """What is shown, the outermost first."""
    queue = collections.deque([root])
    while queue:
        node = queue.popleft()
        extents = get_extents(node)
        if extents is None or (extents.width > 0 and extents.height > 0):
            yield node
            queue.extend(_children(node))


def has_state(node, name):
    return name in [state.value_nick for state in node.get_state_set().get_states()]


def get_text(node):
    """What was typed into an entry."""
    text = node.get_text_iface()
    return Atspi.Text.get_text(text, 0, Atspi.Text.get_character_count(text))


def find_all(root, role=None, name=None, starts=None):
    """The shown widgets below @root.  The tree may change meanwhile: then there are none, this time."""
    found = []
    try:
        for node in _walk(root):
            if role is not None and node.get_role_name() != role:
                continue
            if name is not None and node.get_name() != name:
                continue
            if starts is not None and not node.get_name().startswith(starts):
                continue
            found.append(node)
    except GLib.Error:
        return []
    return found


def get_names(root, role=None, starts=None):
    try:
        return [node.get_name() for node in find_all(root, role, None, starts)]
    except GLib.Error:
        return []


def print_tree(root, file=sys.stderr):
    def show(node, depth):
        print("  " * depth + f"{node.get_role_name()} {node.get_name()!r} {node.get_description()!r}",
              file=file)
        for child in _children(node):
            extents = get_extents(child)
            if extents is None or extents.width > 0:
                show(child, depth + 1)

    try:
        show(root, 0)
    except GLib.Error as problem:
        print(f"(the tree changed: {problem.message})", file=file)


class Program:
    """A running program with a window."""

    def __init__(self, arguments, name):
        # Not in this process: AT-SPI's own library warns of what was closed meanwhile.
        self.process = subprocess.Popen(arguments, env=os.environ | {"G_DEBUG": "fatal-warnings"})
        self.name = name
        self.root = None
        self.wait(f"{name} on the accessibility bus", self._find_root)

    def _find_root(self):
        desktop = Atspi.get_desktop(0)
        for application in _children(desktop):
            if application.get_name() == self.name:
                self.root = application
                return True
        return False

    def wait(self, what, condition):
        """@condition's first value that is true."""
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise NotSo(f"{what}: the program has ended, with {self.process.returncode}")
            try:
                value = condition()
            except GLib.Error:  # of a widget that has gone
                value = None
            if value:
                return value
            time.sleep(STEP_S)
        if self.root is not None:
            print_tree(self.root)
        raise NotSo(f"waited {LIMIT_S} s in vain: {what}")

    def find(self, role=None, name=None, starts=None, root=None):
        """The first of them, when there is one."""
        found = self.wait(f"{role or 'a widget'} “{name or starts}”",
                          lambda: find_all(root or self.root, role, name, starts))
        return found[0]

    def press(self, role=None, name=None, starts=None, root=None):
        """Its action `click`, as a screen reader performs it."""

        def click():
            for node in find_all(root or self.root, role, name, starts):
                actions = node.get_action_iface()
                if actions is None or not has_state(node, "sensitive"):
                    continue
                for i in range(Atspi.Action.get_n_actions(actions)):
                    if Atspi.Action.get_action_name(actions, i) == "click":
                        return Atspi.Action.do_action(actions, i)
            return False

        self.wait(f"{role or 'a widget'} “{name or starts}” with the action click", click)

    # --- hands ---

    def take_keyboard(self, title):
        """There is no window manager that would give it to a new window."""

        def focus():
            window = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", title],
                                    capture_output=True, text=True).stdout.split()
            return window and subprocess.run(["xdotool", "windowfocus", "--sync", window[0]],
                                             capture_output=True).returncode == 0

        self.wait(f"a window “{title}” that takes the keyboard", focus)

    @staticmethod
    def type_keys(*keys):
        subprocess.run(["xdotool", "key", "--clearmodifiers", *keys], check=True)

    @staticmethod
    def type_text(text):
        subprocess.run(["xdotool", "type", "--clearmodifiers", text], check=True)

    @staticmethod
    def click_at(x, y):
        subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], check=True)

    @staticmethod
    def drag(from_x, to_x, y):
        """In steps, as a hand does it."""
        subprocess.run(["xdotool", "mousemove", str(from_x), str(y), "mousedown", "1"], check=True)
        for i in range(1, 9):
            subprocess.run(["xdotool", "mousemove", str(from_x + (to_x - from_x) * i // 8), str(y)],
                           check=True)
        subprocess.run(["xdotool", "mouseup", "1"], check=True)
