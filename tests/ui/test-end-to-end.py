#!/usr/bin/python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""test-end-to-end.py MEMSCOPE MEMSCOPE-GUI: a person with the application, from the demonstration's trace to
the file that is sent to a colleague.

Records the demonstration, opens it, focuses the thread with the highest peak, looks whether every page
shows only that thread, selects ranges of time with keys and with the pointer, leaves, and exports.  Each
figure that is read off the window or out of the exported file is compared with what `memscope report
--json` says of the same thread and range.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from accessible_window import LIMIT_S, NotSo, Program, find_all, get_extents, get_names, get_text, has_state

PAGES = ("Overview", "Threads", "Timeline", "Correlation", "Memory", "System", "Compare")
# Of the process in the exported file, under the names of the report.
SUMMARY_FIGURES = (
    "allocations", "deallocations", "reallocations", "allocated_bytes", "peak_bytes", "peak_time_ns",
    "leaked_allocations", "leaked_bytes", "temporary_allocations", "foreign_frees", "inherited_frees",
    "prior_frees", "unmatched_frees")
THREAD_FIGURES = (
    "id", "tid", "name", "tracked", "io_operations", "role", "alert", "allocations", "deallocations",
    "allocated_bytes", "freed_bytes_of_own", "peak_bytes", "live_bytes", "temporary_allocations")
STACK_FIGURES = ("allocations", "allocated_bytes", "peak_bytes", "leaked_bytes", "frames")
TRACE_FIGURES = ("state", "exit_status", "ends_early", "duration_ns", "sampled", "dropped_events")


def expect(what, seen, wanted):
    if seen != wanted:
        raise NotSo(f"{what}: {seen!r} instead of {wanted!r}")


class Session:
    def __init__(self, memscope, gui, folder):
        self.memscope = memscope
        self.gui = gui
        self.trace = str(Path(folder) / "demo")
        self.exported = Path(folder) / "exported"

    # --- what is true ---

    def record(self):
        subprocess.run([self.memscope, "demo", "-o", self.trace], check=True, capture_output=True)
        self.exported.mkdir()

    def report(self, *options):
        text = subprocess.run([self.memscope, "report", "--json", *options, self.trace], check=True,
                              capture_output=True, text=True).stdout
        return json.loads(text)

    # --- what the window shows ---

    def open(self):
        self.program = Program([self.gui, self.trace], "memscope-gui")
        self.find_card("")
        self.program.take_keyboard("Memscope")

    def find_card(self, name):
        threads = self.program.find("panel", "Threads", root=self.find_page("Overview"))
        return self.program.find("push button", starts=f"{name}, thread " if name else None, root=threads)

    def find_page(self, title):
        """Its panel: the outermost of that name."""
        return self.program.find("panel", title)

    def show_page(self, title):
        self.program.press("page tab", title)
        self.program.wait(f"{title} in front", lambda: any(
            has_state(tab, "selected") for tab in find_all(self.program.root, "page tab", title)))
        return self.find_page(title)

    def get_filters(self):
        return get_names(self.program.root, "push button", "Remove filter: ")

    def wait_for_filters(self, *wanted):
        """@wanted: regular expressions, one a pill."""

        def look():
            pills = self.get_filters()
            return len(pills) == len(wanted) and all(map(re.fullmatch, wanted, pills))

        self.program.wait(f"filters {wanted}", look)
        return self.get_filters()

    def wait_for_card(self, page, title, pattern):
        """A summary card is called “TITLE: FIGURE, NOTE”."""

        def look():
            for name in get_names(page, "panel", f"{title}: "):
                if re.match(pattern, name[len(title) + 2:]):
                    return True
            return False

        self.program.wait(f"“{title}: {pattern}”", look)

    def wait_for_rows(self, page, table, wanted):
        """@wanted: a list for each row of the table of what must stand in it, the other rows being
        none."""

        def look():
            tables = find_all(page, "tree table", table)
            rows = find_all(tables[0], "table row")[1:] if tables else []
            seen = [get_names(row, "label") for row in rows]
            return len(seen) == len(wanted) and all(
                set(cells) <= set(row) for cells, row in zip(wanted, seen))

        self.program.wait(f"table “{table}” with the rows {wanted}", look)


def figure(count):
    """A count as it stands on the screen: with narrow spaces between thousands."""
    return f"{count:,}".replace(",", "\u202f")


def figure_of_bytes(n):
    """Three digits, as the plots say it; for what is between 1 and 999 MB."""
    megabytes = n / 1e6
    digits = 2 - len(str(int(megabytes))) + 1
    return f"{megabytes:.{max(digits, 0)}f}\u202fMB"


# --- the steps ---------------------------------------------------------------------------------------


def check_focus(session, thread):
    """Every page shows that thread, and no other."""
    name, report = thread["name"], session.report("--thread", thread["name"])
    expect("threads of the report", [row["name"] for row in report["threads"]], [name])
    stacks = sorted((stack["allocations"] for stack in report["stacks"]), reverse=True)
    allocations = figure(report["allocations"])

    page = session.show_page("Overview")
    session.wait_for_card(page, "Threads", "1, ")
    session.wait_for_card(page, "Allocations", f"{allocations}, ")
    session.program.find("label", starts=f"{name} holds ", root=page)

    page = session.show_page("Threads")
    session.wait_for_rows(page, "Threads", [[name, str(thread["tid"]), allocations]])
    session.program.find(starts=f"Heaviest call stacks of {name}", root=page)

    page = session.show_page("Timeline")
    plot = session.program.find("image", "Timeline", root=page)
    highest = figure_of_bytes(report["peak_bytes"])
    session.program.wait(f"a timeline with a peak of {highest}",
                         lambda: f" peak {highest} at " in plot.get_description())

    page = session.show_page("Correlation")
    session.program.find("label", starts=f"{name} through time", root=page)

    page = session.show_page("Memory")
    session.wait_for_rows(page, "Allocations", [[figure(count)] for count in stacks])

    page = session.show_page("System")
    session.wait_for_card(page, "Threads", "1, ")
    scores = session.program.find("list", "Efficiency", root=page)
    expect("threads with scores", get_names(scores, "list item"), [name])

    page = session.show_page("Compare")
    session.wait_for_rows(page, "Thread", [[name]])


def expect_range(session, start_ns, end_ns, thread=None):
    """The figures of the overview are those of the range."""
    options = ["--range", f"{start_ns}ns..{end_ns}ns"]
    if thread is not None:
        options += ["--thread", thread["name"]]
    report = session.report(*options)
    page = session.show_page("Overview")
    session.wait_for_card(page, "Allocations", f"{figure(report['allocations'])}, ")
    return report


def select_by_keys(session, thread):
    """On the timeline: P goes to the peak, Shift and Home select all before it."""
    peak_ns = session.report("--thread", thread["name"])["peak_time_ns"]
    page = session.show_page("Timeline")
    plot = session.program.find("image", "Timeline", root=page)
    extents = get_extents(plot)
    session.program.click_at(extents.x + extents.width // 2, extents.y + 60)
    session.program.wait("keys for the timeline", lambda: has_state(plot, "focused"))
    session.program.type_keys("p")
    session.program.type_keys("shift+Home")
    session.wait_for_filters(f"Remove filter: thread {re.escape(thread['name'])}",
                             r"Remove filter: range 0.*–.*")
    expect_range(session, 0, peak_ns, thread)


def select_by_pointer(session, thread, whole):
    """A drag over the middle of the timeline: less than the whole, and not the range from before."""
    page = session.show_page("Timeline")
    plot = session.program.find("image", "Timeline", root=page)
    extents = get_extents(plot)
    before = session.get_filters()
    session.program.drag(extents.x + extents.width * 2 // 5, extents.x + extents.width * 3 // 5,
                         extents.y + 60)
    session.program.wait("another range", lambda: len(session.get_filters()) == 2
                         and session.get_filters()[1] != before[1])
    pill = session.get_filters()[1]
    start, end = map(float, re.fullmatch(r"Remove filter: range ([\d.]+)–([\d.]+)\u202fs", pill).groups())
    duration_s = whole["duration_ns"] / 1e9
    expect(f"a range within the recording: {pill}", 0 < start < end < duration_s, True)

    # What is shown of it lies within what rounding to one decimal allows.
    least = session.report("--thread", thread["name"], "--range", f"{start + .05}s..{end - .05}s")
    most = session.report("--thread", thread["name"], "--range", f"{start - .05}s..{end + .05}s")
    page = session.show_page("Overview")

    def look():
        for name in get_names(page, "panel", "Allocations: "):
            shown = int(re.sub(r"[^\d]", "", name.split(",")[0]))
            return least["allocations"] <= shown <= most["allocations"]
        return False

    session.program.wait(f"allocations of the range, {least['allocations']} to {most['allocations']}", look)


def leave(session):
    """Escape: first the thread goes, then the range."""
    session.program.type_keys("Escape")
    session.wait_for_filters(r"Remove filter: range .*–.*")
    session.program.type_keys("Escape")
    session.wait_for_filters()


def select_peak(session, whole):
    """The button “Peak at …” selects a tenth of the recording around it, which its pill ends."""
    length_ns = whole["duration_ns"] // 10
    start_ns = min(max(whole["peak_time_ns"] - length_ns // 2, 0), whole["duration_ns"] - length_ns)
    session.program.press("push button", starts="Peak at ")
    pill = session.wait_for_filters(r"Remove filter: range .*–.*")[0]
    expect_range(session, start_ns, start_ns + length_ns)
    session.program.press("push button", pill)
    session.wait_for_filters()


def export(session):
    """Main menu, Export, JSON…: the folder's name typed into the dialog."""
    session.program.press("push button", "Main Menu")
    session.program.press("menu item", "Export")
    session.program.press("menu item", "JSON…")
    dialog = session.program.find(name="Export to Folder")
    session.program.take_keyboard("Export to Folder")
    session.program.type_keys("slash")
    entry = session.program.find("text", root=dialog)
    session.program.wait("keys for the entry", lambda: has_state(entry, "focused"))
    session.program.type_text(str(session.exported)[1:])
    session.program.wait("the folder's name", lambda: get_text(entry).rstrip("/") == str(session.exported))
    session.program.press("push button", "_Export Export", root=dialog)
    session.program.wait("two files", lambda: len(list(session.exported.glob("*.json"))) == 2)
    session.program.find("label", "2 files are written")


def compare_export(session, whole):
    path = next(session.exported.glob("*_comprehensive.json"))
    exported = json.loads(path.read_text())
    memory = exported["memory_analysis"]
    for name in SUMMARY_FIGURES:
        expect(name, memory["summary"][name], whole[name])
    for name in TRACE_FIGURES:
        expect(name, exported["trace"][name], whole[name])
    expect("threads", sorted(map(int, memory["thread_stats"])), [row["id"] for row in whole["threads"]])
    for row in whole["threads"]:
        exported_row = memory["thread_stats"][str(row["id"])]
        for name in THREAD_FIGURES:
            expect(f"{row['name']}: {name}", exported_row[name], row[name])

    def list_stacks(stacks):
        return sorted(json.dumps([stack[name] for name in STACK_FIGURES]) for stack in stacks)

    expect("stacks", list_stacks(memory["hottest_call_stacks"]), list_stacks(whole["stacks"]))
    expect("resources", exported["resources"], whole["resources"])


def quit_by_key(session):
    """The keyboard has not stayed with the menu or the dialog."""
    session.program.take_keyboard("Memscope")
    session.program.type_keys("ctrl+q")
    expect("exit status", session.program.process.wait(LIMIT_S), 0)


def main():
    memscope, gui = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        session = Session(memscope, gui, folder)
        session.record()
        whole = session.report()
        thread = max(whole["threads"], key=lambda row: row["peak_bytes"] or 0)

        session.open()
        try:
            session.program.press("push button", starts=f"{thread['name']}, thread {thread['tid']}, ")
            session.wait_for_filters(f"Remove filter: thread {re.escape(thread['name'])}")
            check_focus(session, thread)
            select_by_keys(session, thread)
            select_by_pointer(session, thread, whole)
            leave(session)
            select_peak(session, whole)
            export(session)
            compare_export(session, whole)
            quit_by_key(session)
        finally:
            if session.program.process.poll() is None:
                session.program.process.kill()
                session.program.process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
