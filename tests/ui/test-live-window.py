#!/usr/bin/python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""test-live-window.py SCENE MEMSCOPE MEMSCOPE-GUI VICTIM: watches a program that runs, as a person does, and asks the
windows what they say of themselves.

SCENE is one of those below; each says what it shows.  Figures that a window shows in the end are compared with those
of another that opens the folder afresh.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gi.repository import Gio

from accessible_window import Atspi, GLib, NotSo, Program, get_extents, has_state

MEMSCOPE, GUI, VICTIM = sys.argv[2:5]
NAME = os.path.basename(VICTIM)


def walk(node):
    """What is shown, the outermost first.  Of a window that changes meanwhile what is still there."""
    try:
        extents = get_extents(node)
        if extents is not None and (extents.width <= 0 or extents.height <= 0):
            return
        yield node
        children = [node.get_child_at_index(i) for i in range(node.get_child_count())]
    except GLib.Error:
        return
    for child in children:
        if child is not None:
            yield from walk(child)


class Window(Program):
    """What it says of the program that it watches."""

    def __init__(self, *arguments, box=(), debug="fatal-warnings"):
        self.parts = {}
        self.is_boxed = bool(box)
        super().__init__(["env", f"G_DEBUG={debug}", *box, GUI, *arguments], os.path.basename(GUI))

    def _find_root(self):
        """There may be several of that name."""
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(i)
            if child is not None and self._is_own(child):
                self.root = child
                return True
        return False

    def _is_own(self, root):
        """A sandbox has numbers of its own, and a process before the application's."""
        return self.is_boxed or root.get_process_id() == self.process.pid

    def matches(self, role=None, name=None, starts=None, root=None):
        """As find_all(), which knows no window that never stops changing."""
        found = []
        for node in walk(root or self.root):
            try:
                text = node.get_name() or ""
                if (role is None or node.get_role_name() == role) and (name is None or text == name) \
                        and (starts is None or text.startswith(starts)):
                    found.append(node)
            except GLib.Error:
                pass
        return found

    def find(self, role=None, name=None, starts=None, root=None):
        return self.wait(f"{role or 'a widget'} “{name or starts}”",
                         lambda: self.matches(role, name, starts, root))[0]

    def press(self, role=None, name=None, starts=None, root=None):
        def click():
            for node in self.matches(role, name, starts, root):
                actions = node.get_action_iface()
                if actions is None or not has_state(node, "sensitive"):
                    continue
                for i in range(Atspi.Action.get_n_actions(actions)):
                    if Atspi.Action.get_action_name(actions, i) in ("click", "toggle"):
                        return Atspi.Action.do_action(actions, i)
            return False

        self.wait(f"{role or 'a widget'} “{name or starts}” that can be pressed", click)

    def names(self, role, condition=bool, root=None):
        names = []
        for node in self.matches(role, root=root):
            try:
                names.append(node.get_name() or "")
            except GLib.Error:
                pass
        return [name for name in names if condition(name)]

    def part(self, role, name):
        """Found once: to read a whole window takes its time."""
        if (role, name) not in self.parts:
            self.parts[role, name] = self.find(role, name)
        return self.parts[role, name]

    def get_end(self):
        """ "running for 4.7 s · 88 646 events · stacks complete" """
        return "".join(self.names("label", lambda name: " events ·" in name,
                                  self.part("filler", "MsFocusBar"))[:1])

    def get_n_events(self):
        found = re.search("· ([\\d\u202f]+) events", self.get_end())
        return int(found[1].replace("\u202f", "")) if found else 0

    def get_cards(self):
        """Each says all figures of its thread."""
        return sorted(self.names("push button", root=self.part("panel", "Threads")))

    def get_summary(self):
        """ "Peak memory: 289 kB, reached at 1.7 s", and the others of that row """
        return self.names("panel", root=self.part("filler", "MsSummaryRow"))

    def get_curve(self):
        return self.part("image", "Live memory over the whole trace").get_description()

    def get_focus(self):
        """Of what the bar of filters says, what does not follow from the time."""
        return self.names("push button", lambda name: name.startswith("Remove filter: "),
                          self.part("panel", "Filters"))

    def get_page(self):
        return {node.get_name() for node in self.matches("page tab", root=self.part("filler", "AdwViewSwitcherTitle"))
                if has_state(node, "selected")}

    def show_page(self, name):
        self.press("page tab", name)
        self.wait(f"page {name}", lambda: self.get_page() == {name})

    def click(self, node):
        """With the pointer, what has no action.  Windows lie at the upper left."""
        extents = self.wait("its place", lambda: get_extents(node))
        self.click_at(extents.x + extents.width // 2, extents.y + extents.height // 2)

    def has(self, role, name):
        return bool(self.matches(role, name))

    def wait_gone(self, role, name):
        self.wait(f"no {role} “{name}”", lambda: not self.has(role, name))

    def has_text(self, start):
        return bool(self.names("label", lambda name: name.startswith(start)))

    def type_into(self, role, name, text):
        """By the keyboard, in place of what is there; Enter applies."""
        field = self.find(role, name)
        for _ in range(20):
            if any(has_state(node, "focused") for node in walk(field)):
                break
            self.type_keys("Tab")
            time.sleep(0.2)
        self.wait(f"the keyboard at “{name}”", lambda: any(has_state(node, "focused") for node in walk(field)))
        self.type_keys("ctrl+a")
        self.type_text(text)
        self.type_keys("Return")

    def open_controls(self):
        self.press("push button", "Live")
        self.find("push button", "Detach")

    def wait_more(self):
        """Until more is shown than just now."""
        before = self.get_n_events()
        self.wait("more events", lambda: self.get_n_events() > before)

    def wait_cards(self):
        self.wait("a card of each thread", lambda: len(self.get_cards()) == 4)

    def close(self):
        self.process.terminate()
        self.process.wait()
        # The next one in a sandbox is known by its name alone.
        while self.is_boxed and self._find_root():
            time.sleep(0.05)


class Recording:
    """The program, recorded until it is killed."""

    all = []

    def __init__(self, folder, *options):
        Path(folder).mkdir(exist_ok=True)
        self.folder = str(Path(folder) / "recording")
        Recording.all.append(self)
        self.recorder = subprocess.Popen(
            [MEMSCOPE, "record", "-o", self.folder, *options, "--", VICTIM, "600"], stderr=subprocess.DEVNULL)

    def get_trace(self):
        """None: it is not there yet."""
        return next(Path(self.folder).glob(f"0-{NAME}.*"), None)

    def wait_started(self):
        """Its process."""
        while self.get_trace() is None:
            if self.recorder.poll() is not None:
                raise NotSo("nothing was recorded")
            time.sleep(0.02)
        return int(self.get_trace().suffix[1:])

    def kill(self):
        os.kill(int(self.get_trace().suffix[1:]), signal.SIGKILL)
        self.recorder.wait()

    def stop(self):
        if self.recorder.poll() is None and self.get_trace() is not None:
            self.kill()


class Bus:
    """A session bus for what is started meanwhile."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.before = os.environ["DBUS_SESSION_BUS_ADDRESS"]
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={self.path}"
        self.start()
        return self

    def __exit__(self, *ignored):
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.before
        self.stop()

    def start(self):
        self.daemon = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address", f"--address=unix:path={self.path}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.daemon.stdout.readline()

    def stop(self):
        self.daemon.terminate()
        self.daemon.wait()
        self.daemon.stdout.close()


def expect(what, seen, wanted):
    if seen != wanted:
        raise NotSo(f"{what}: {seen!r} instead of {wanted!r}")


def expect_figures_of_folder(window, recording):
    """The program was killed: what is shown is what is shown of its folder."""
    window.wait("its end", lambda: window.get_end().startswith("killed by signal 9 (Killed)"))
    window.wait_gone("push button", "Pause")
    window.wait_gone("push button", "Live")
    # On the same bus it would be opened by the process that is there.
    with Bus(recording.folder + "-bus"):
        afresh = Window(recording.folder)
    afresh.wait("the trace", lambda: afresh.get_end().startswith("killed by signal 9 (Killed)"))
    afresh.wait_cards()
    for get in (Window.get_end, Window.get_cards, Window.get_summary, Window.get_curve):
        window.wait(f"the folder's own figures ({get.__name__})", lambda: get(window) == get(afresh))
        if not get(afresh):
            raise NotSo(f"{get.__name__}: nothing")
    afresh.close()


def get_accessibility_address():
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    return bus.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, -1,
                         None)[0]


# --- scenes -----------------------------------------------------------------------------------------


def watch_from_list(folder):
    """Picked from the list: the cards move.  When the program is killed the window is that of a trace, on the page and
    with the focus that it had, and its figures are those of the folder."""
    recording = Recording(folder)
    window = Window()

    window.press("push button", "Attach to a Running Program…")
    row = window.find("list item", NAME)
    window.wait("its live bytes", lambda: window.names("label", lambda text: " live ·" in text, row))
    window.click(row)
    window.wait_cards()
    window.wait_gone("frame", "Attach to a Running Program")
    window.find("push button", "Pause")
    window.find("push button", "Live")
    before = window.get_cards()
    window.wait("cards that move", lambda: window.get_cards() != before and len(window.get_cards()) == 4)

    window.click(window.find("push button", starts=f"{NAME}, thread "))
    window.press("push button", starts="Its peak at ")
    window.show_page("Threads")
    window.wait("the focus", lambda: len(window.get_focus()) == 2)
    focus = window.get_focus()
    window.wait_more()
    expect("focus while it runs", window.get_focus(), focus)
    recording.kill()
    window.wait("its end", lambda: window.get_end().startswith("killed by signal 9"))
    window.wait_gone("push button", "Pause")
    expect("focus at the end", window.get_focus(), focus)
    expect("page at the end", window.get_page(), {"Threads"})

    for name in focus:
        window.press("push button", name)
    window.show_page("Overview")
    expect_figures_of_folder(window, recording)
    window.close()


def watch_by_number(folder):
    """The same from a terminal; 0 chooses.  Of a program that ends while its window is paused, that is told."""
    recording = Recording(folder)
    recording.wait_started()
    window = Window("--attach=0")
    window.find("frame", "Attach to a Running Program")
    window.find("list item", NAME)
    window.close()

    window = Window(f"--attach={recording.wait_started()}")

    window.wait_cards()
    window.wait_more()
    # Two parts of a program that goes on, which are not known of what is followed just so.
    window.show_page("Compare")
    window.wait("what is compared", lambda: window.has_text("Before: "))
    window.show_page("Overview")
    window.wait_more()
    window.press("push button", "Pause")
    window.wait("that it is paused", lambda: window.has_text("Paused: the program runs on"))
    paused = window.get_end()
    recording.kill()
    window.wait("its end", lambda: window.has_text("Paused: the program has ended"))
    expect("what is shown", window.get_end(), paused)
    window.press("push button", "Resume")
    expect_figures_of_folder(window, recording)
    window.close()


def change_recording(folder):
    """Stop, start, the rule and the sampling from the header bar, and what is shown until the program, which does not
    run just then, notices.  Detaching leaves it alone; a part of what was read can still be looked at."""
    recording = Recording(folder)
    pid = recording.wait_started()
    window = Window(f"--attach={pid}")
    window.wait_cards()

    def configuration():
        listed = subprocess.run([MEMSCOPE, "list", "--json"], check=True, capture_output=True, text=True)
        return next(one for one in json.loads(listed.stdout) if one["pid"] == pid)

    window.open_controls()
    switch = window.find("check box", "Record")
    os.kill(pid, signal.SIGSTOP)
    window.wait("the news of it", lambda: window.has_text("Suspended: "))
    window.press("check box", "Record")
    window.wait("that it waits", lambda: window.has_text("The program notices when it next allocates."))
    window.find("push button", "Live: changing")
    os.kill(pid, signal.SIGCONT)
    window.wait("that it has noticed", lambda: not window.has_text("The program notices "))
    window.wait("no more news", lambda: not window.has_text("Suspended: "))
    window.wait("the end of recording", lambda: configuration()["state"] == "dormant")
    window.wait("what the bar says of it", lambda: window.has_text("Recording is off: "))
    expect("the switch", has_state(switch, "checked"), False)

    window.press("check box", "Record")
    window.wait("recording", lambda: configuration()["state"] == "recording")
    window.wait("that the bar says no more", lambda: not window.has_text("Recording is off: "))
    window.wait_more()
    def in_force(name):
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        reply = bus.call_sync(f"org.memscope.Process.p{pid}", "/org/memscope/Tracker1",
                              "org.freedesktop.DBus.Properties", "Get",
                              GLib.Variant("(ss)", ("org.memscope.Tracker1", "Configuration")), None, 0, -1, None)
        values = reply.unpack()[0]
        return None if values["pending"] else values[name]

    window.take_keyboard(NAME)
    window.type_into("text", "Threads", "main")
    window.wait("the rule", lambda: in_force("threads") == "main")
    window.type_into("spin button", "Sample (%)", "50")
    window.wait("the rate", lambda: in_force("sampling-rate") == 0.5)
    window.type_into("spin button", "Sample one in (kB)", "64")
    window.wait("the interval, instead of the rate",
                lambda: in_force("sample-interval-bytes") == 64000 and in_force("sampling-rate") == 1)
    window.type_into("spin button", "Sample (%)", "50")
    window.wait("the rate, instead of the interval",
                lambda: in_force("sample-interval-bytes") == 0 and in_force("sampling-rate") == 0.5)
    # What cannot be is refused with the reason, which stands at the field, too, until it is put right.
    window.type_into("text", "Threads", "every:0")
    reason = '"every:0": every: needs a number above 0, as in every:4'
    window.wait("the refusal", lambda: len(window.names("label", lambda name: name == reason)) == 2)
    expect("the rule that was refused", in_force("threads"), "main")
    window.type_into("text", "Threads", "all")
    window.wait("all threads", lambda: in_force("threads") == "all")
    window.wait("nothing at the field", lambda: len(window.names("label", lambda name: name == reason)) < 2)
    window.wait_more()
    window.press("push button", "Detach")
    window.wait_gone("push button", "Live")
    window.wait_gone("push button", "Pause")
    expect("what runs", recording.recorder.poll(), None)
    expect("what is recorded", configuration()["state"], "recording")
    window.press("push button", starts="Peak at ")
    window.wait("a part", lambda: len(window.get_focus()) == 1)
    window.wait("its figures", lambda: any(" of " in text for text in window.get_summary()))
    window.close()


def save_snapshot(folder):
    """Of a flight recorder the latest events are saved from the header bar, and the toast opens them beside the window
    that goes on watching.  Of what keeps everything, nothing of the kind is offered."""
    plain = Recording(Path(folder) / "plain")
    window = Window(f"--attach={plain.wait_started()}")
    window.wait_cards()
    window.open_controls()
    expect("a snapshot of what keeps everything", window.has("push button", "Save Snapshot"), False)
    window.close()
    plain.stop()

    recording = Recording(Path(folder) / "ring", "--ring", "4M")
    window = Window(f"--attach={recording.wait_started()}")
    window.wait_cards()
    window.open_controls()
    window.take_keyboard(NAME)
    window.press("push button", "Save Snapshot")
    window.wait("that it is saved", lambda: window.has_text("Snapshot saved"))
    expect("snapshots", len(list(recording.get_trace().glob("**/memscope_trace.json"))), 2)
    window.press("push button", root=window.find("label", "Open").get_parent())
    window.wait("what was saved", lambda: any(name.startswith("recorded until ") for name in window.names("label")))
    window.wait("the program, still watched", lambda: any(name.startswith("running for ")
                                                          for name in window.names("label")))
    window.close()


def watch_over_bus_restart(folder):
    """The bus goes: it is said, and reading goes on.  It comes back: so does the agent.  A second window that is killed
    changes nothing for the program."""
    with Bus(str(Path(folder) / "bus")) as bus:
        recording = Recording(folder)
        window = Window(f"--attach={recording.wait_started()}")
        window.wait_cards()
        window.find("push button", "Live")
        bus.stop()
        window.wait("the news", lambda: window.has_text("The session bus or the program's agent has gone"))
        window.wait_more()
        bus.start()
        window.wait("the agent again", lambda: not window.has_text("The session bus or "))
        window.wait_more()

        second = Window(f"--attach={recording.wait_started()}")
        second.wait_cards()
        second.process.kill()
        second.process.wait()
        window.wait_more()
        expect("the recorder", recording.recorder.poll(), None)
        recording.kill()
        expect_figures_of_folder(window, recording)
        window.close()


def watch_without_agent(folder):
    """The program was started where there is no bus, as over ssh.  What is known and done through an agent is known and
    done through the folder."""
    with Bus(str(Path(folder) / "bus")) as bus:
        bus.stop()
        recording = Recording(folder, "--dormant")
        pid = recording.wait_started()
    window = Window(f"--attach={pid}")
    window.wait("what the bar says", lambda: window.has_text("Recording is off: "))
    window.open_controls()
    window.press("check box", "Record")
    window.wait("that the bar says no more", lambda: not window.has_text("Recording is off: "))
    window.wait_cards()
    window.wait_more()
    recording.kill()
    expect_figures_of_folder(window, recording)
    window.close()


def watch_from_sandbox(folder):
    """Where neither the folder nor the process can be seen, only the bus: everything comes as descriptors."""
    if shutil.which("bwrap") is None:
        print("no bwrap", file=sys.stderr)
        sys.exit(77)
    hidden = Path(folder) / "hidden"
    hidden.mkdir()
    recording = Recording(hidden)
    pid = recording.wait_started()
    box = ["bwrap", "--dev-bind", "/", "/", "--tmpfs", str(hidden), "--unshare-pid", "--proc", "/proc",
           "--die-with-parent"]
    if subprocess.run([*box, "true"]).returncode != 0:
        print("no sandbox can be made here", file=sys.stderr)
        recording.stop()
        sys.exit(77)
    window = Window(f"--attach={pid}", box=box)
    window.wait_cards()
    expect("what it says", window.get_end()[:12], "running for ")
    window.wait_more()
    recording.kill()
    expect_figures_of_folder(window, recording)
    window.close()


def open_from_sandbox(folder):
    """The folder can be read, as one that was chosen in the file chooser, and the process cannot be seen.  Where the
    bus knows it, it is watched; where it does not, nothing is said of it that is not known."""
    if shutil.which("bwrap") is None:
        print("no bwrap", file=sys.stderr)
        sys.exit(77)
    granted = Path(folder) / "granted"
    granted.mkdir()
    recording = Recording(granted)
    recording.wait_started()
    box = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", str(granted), str(granted), "--unshare-pid", "--proc", "/proc",
           "--die-with-parent"]
    if subprocess.run([*box, "true"]).returncode != 0:
        print("no sandbox can be made here", file=sys.stderr)
        recording.stop()
        sys.exit(77)
    # Neither the bus nor the registry that has it.
    empty = Path(folder) / "empty"
    empty.mkdir(mode=0o700)
    with Bus(str(Path(folder) / "bus")):
        alone = Window(recording.folder, box=[*box, "--setenv", "XDG_RUNTIME_DIR", str(empty)])
    alone.wait("what it says", alone.get_end)
    expect("what it says", alone.get_end()[:30], "no end recorded; may still run")
    alone.close()

    window = Window(recording.folder, box=box)
    window.wait_cards()
    window.wait("that it runs", lambda: window.get_end().startswith("running for "))
    window.find("push button", "Live")
    window.wait_more()
    recording.kill()
    expect_figures_of_folder(window, recording)
    window.close()


SCENES = {scene.__name__.replace("_", "-"): scene for scene in (watch_from_list, watch_by_number, change_recording,
     save_snapshot, watch_over_bus_restart, watch_without_agent, watch_from_sandbox, open_from_sandbox)}

if __name__ == "__main__":
    # What reads windows stays where it is, whichever bus programs use.
    os.environ["AT_SPI_BUS_ADDRESS"] = get_accessibility_address()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            SCENES[sys.argv[1]](scratch)
        finally:
            for started in Recording.all:
                started.stop()
