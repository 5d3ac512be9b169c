#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""check-dashboard.py FIXTURE_PROGRAM [PICTURES]: exports the fixtures and uses their pages in a real
browser, as a person would.  With a second argument, pictures of every tab go into that folder.

Exits 77 without Chromium.  No step waits for a time: each waits for what it expects.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from headless_browser import Browser, find_program

TABS = ("overview", "threads", "timeline", "memory", "system")
MOST_CARDS = 64


def expect(value, wanted, what):
    if value != wanted:
        raise AssertionError(f"{what}: {value!r}, expected {wanted!r}")


def names_of(folder, fixture):
    document = json.loads((folder / f"{fixture}_comprehensive.json").read_text(encoding="utf-8"))
    return [t["name"] for t in document["memory_analysis"]["thread_stats"].values()]


def check_quiet(page, what):
    """No error in the console, nothing asked of any network, nothing of the data was run."""
    expect(page.problems, [], f"{what}: console")
    expect([r for r in page.requests if not r.startswith(("file:", "data:"))], [], f"{what}: requests")
    expect(page.evaluate("typeof pwned"), "undefined", f"{what}: code from a name")


def check_tabs(page, what):
    for tab in TABS:
        page.evaluate(f"document.getElementById('show-{tab}').click()")
        expect(page.evaluate("[...document.querySelectorAll('.tab-panel')].filter(p => !p.hidden).map(p => p.id).join()"),
               f"tab-{tab}", f"{what}: visible panel")
        page.wait_for("document.querySelector('.tab-panel:not([hidden])').clientHeight > 10")
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if width > 0:
            raise AssertionError(f"{what}: {tab} is {width} px wider than the window")
        wrong = page.evaluate(f"document.getElementById('tab-{tab}').innerText.match(/.*\\b(NaN|undefined|null|Infinity)\\b.*/g)")
        expect(wrong, None, f"{what}: {tab} shows what is no figure")
        apart = page.evaluate("((a, b) => a.right <= b.left || a.bottom <= b.top)(...['.brand bdi', '#tabs button']"
                              ".map(s => document.querySelector(s).getBoundingClientRect()))")
        expect(apart, True, f"{what}: the program's name beside the tabs")
    page.evaluate("document.getElementById('show-overview').click()")


def check_names(page, names, what):
    """Every name is text where it is shown, and no element came out of one."""
    shown = page.evaluate("[...document.querySelectorAll('.card .who bdi')].map(b => b.textContent)")
    expect(len(shown), min(len(names), MOST_CARDS), f"{what}: cards")
    for name in names[:MOST_CARDS]:
        plain = "".join(c if c.isprintable() else "" for c in name)
        if plain == name and "\u202e" not in name and name not in shown:
            raise AssertionError(f"{what}: no card says {name!r}")
    expect(page.evaluate("document.querySelectorAll('main img, main script, main iframe').length"), 0, f"{what}: markup")
    expect(page.evaluate("document.scripts.length"), 3, f"{what}: scripts")


def check_figures_fit(page, what):
    """Figures are never cut, whatever the width of a card."""
    cut = page.evaluate("[...document.querySelectorAll('.card .how span:not(.unseen), .card .big')]"
                        ".filter(s => s.scrollWidth > s.clientWidth + 1).map(s => s.textContent)")
    expect(cut, [], f"{what}: figures that do not fit")


def check_focus(page, what):
    card = "document.querySelector('.card.selected')"
    ids = page.evaluate("[...document.querySelectorAll('.card')].map(c => c.dataset.threadId)")
    expect(page.evaluate(f"selectThread({ids[-1]})"), True, f"{what}: selectThread")
    page.wait_for(f"{card} && getComputedStyle({card}).transform.startsWith('matrix(1.15,')")
    expect(page.evaluate(f"{card}.dataset.threadId"), ids[-1], f"{what}: selected card")
    if len(ids) > 1:
        page.wait_for("[...document.querySelectorAll('.card:not(.selected)')].every(c => getComputedStyle(c).opacity === '0.3')")
    page.wait_for("getComputedStyle(document.getElementById('page'), '::before').opacity === '1'")
    expect(page.evaluate("document.querySelectorAll('tr.selected').length"), 1, f"{what}: row of the table")
    expect(page.evaluate("location.hash"), f"#thread={ids[-1]}", f"{what}: address")
    inside = page.evaluate(f"(r => r.left >= 0 && r.right <= innerWidth)({card}.getBoundingClientRect())")
    expect(inside, True, f"{what}: the selected card is within the window")

    page.press("Escape")
    expect(page.evaluate(card), None, f"{what}: Escape leaves")
    page.evaluate(f"selectThread('{ids[0]}')")
    page.evaluate("document.getElementById('page').click()")
    expect(page.evaluate(card), None, f"{what}: a click on the background leaves")
    page.evaluate(f"selectThread({ids[0]}); handleBackgroundClick()")
    expect(page.evaluate(card), None, f"{what}: handleBackgroundClick")
    expect(page.evaluate("selectThread(987654)"), False, f"{what}: a thread that is not there")
    page.evaluate("document.querySelector('.card').click()")
    expect(page.evaluate(f"{card}.dataset.threadId"), ids[0], f"{what}: a click on a card")
    page.evaluate(f"{card}.click()")
    expect(page.evaluate(card), None, f"{what}: a second click")


def check_table(page, n_threads, what):
    page.evaluate("document.getElementById('show-threads').click()")
    rows = "document.querySelectorAll('#tab-threads tbody tr').length"
    first = "document.querySelector('#tab-threads tbody bdi').textContent"
    search = "(t => { const i = document.querySelector('#tab-threads input'); i.value = t; i.dispatchEvent(new Event('input')); })"
    expect(page.evaluate(rows), min(n_threads, 100), f"{what}: rows")
    if what == "plain":
        page.evaluate("document.querySelector('#tab-threads th button').click()")
        expect(page.evaluate(first), "main", "sorted by name")
        page.evaluate("document.querySelector('#tab-threads th button').click()")
        expect(page.evaluate(first), "writer", "sorted by name, falling")
        page.evaluate(f"{search}('READ')")
        expect([page.evaluate(rows), page.evaluate(first)], [1, "reader"], "search")
        page.evaluate(f"{search}('')")
    page.evaluate("document.getElementById('show-overview').click()")


def check_plain(page):
    """The figures that a person reads, known by hand."""
    text = page.evaluate("document.querySelector('.tiles').innerText").replace("\u00a0", " ").replace("\u202f", " ")
    for figure in ("20.0 MB", "at 50.0 ms", "13", "1.00 kB", "1 block", "55.0 ms"):
        if figure not in text:
            raise AssertionError(f"tiles do not say {figure!r}: {text!r}")
    card = page.evaluate("document.querySelector('[data-thread-id=\"1\"]').innerText").replace("\u00a0", " ")
    for figure in ("reader", "20.0 MB", "10 allocs", "50.0 %", "not measured"):
        if figure not in card:
            raise AssertionError(f"the card of reader does not say {figure!r}: {card!r}")
    expect(page.evaluate("document.querySelector('.headline').textContent"),
           "reader holds 100 % of the peak of 20.0 MB, from read_all (read.c:2), freed by writer.", "the first sentence")
    heads = page.evaluate("[...document.querySelectorAll('#tab-threads th')].map(th => th.textContent)")
    expect([h for h in heads if h in ("Score", "Memory efficiency", "Returned", "CPU efficiency")],
           ["Score", "Memory efficiency", "Returned"], "columns of scores: without what nothing measured")
    cell = f"document.querySelector('#tab-threads tr[data-row-id=\"1\"]').cells[{heads.index('Returned')}].textContent"
    expect(page.evaluate(cell), "100", "what reader gave back")
    page.evaluate("document.getElementById('show-memory').click()")
    page.wait_for("document.querySelectorAll('.flame g.node').length === 3")
    sizes = page.evaluate("[...document.querySelectorAll('.bins')].map(t => [...t.tBodies[0].rows].map(r => [r.cells[0].textContent, r.cells[2].textContent]))")[0]
    expect([[cell.replace("\u00a0", " ") for cell in row] for row in (sizes[0], sizes[1], sizes[-1])],
           [["256 B", "2"], ["512 B", "1"], ["1.05 MB", "10"]], "sizes of blocks")
    expect(len(sizes), 13, "sizes between them, which no block has")
    expect(page.evaluate("[...document.querySelectorAll('h2')].some(h => h.textContent.startsWith('Blocks that realloc'))"), False, "no growth")
    expect(page.evaluate("document.querySelector('td.site').closest('tr').textContent").replace("\u00a0", " "), "readerwriter20.0 MB10", "who frees whose")
    page.evaluate("document.getElementById('show-system').click()")
    system = page.evaluate("document.getElementById('tab-system').innerText").replace("\u00a0", " ")
    for figure in ("Nothing that was measured reaches its threshold.", "Not judged: ", "5.00 MB, at most 9.07 MB", "1.00 kB in 1 block"):
        if figure not in system:
            raise AssertionError(f"System Summary does not say {figure!r}: {system!r}")
    page.evaluate("document.getElementById('show-memory').click()")
    expect(page.evaluate("document.querySelector('.sites tbody button').textContent"), "read_all", "first site")
    page.evaluate("document.querySelector('.sites tbody button').click()")
    expect(page.evaluate("document.querySelectorAll('.sites tr.frames li').length"), 2, "frames of a stack")
    page.evaluate("document.querySelector('.flame svg').focus()")
    page.press("ArrowUp")
    expect("main" in page.evaluate("document.querySelector('.flame .said').textContent"), True, "walking up the flame graph")
    page.evaluate("document.getElementById('show-overview').click()")


def check_mappings(page):
    """By kind and by stack: at the peak, mapped in all, mappings, left at the end."""
    cells = page.evaluate("[...document.querySelectorAll('.mappings tbody tr')].map(r => [...r.cells].map(c => c.textContent))")
    plain = [[cell.replace("\u00a0", " ") for cell in row] for row in cells]
    expect(plain, [["Anonymous", "8.00 MB", "8.00 MB", "1", "4.00 MB"],
                   ["Files", "1.00 MB", "1.00 MB", "1", "1.00 MB"],
                   ["Thread stacks", "65.5 kB", "65.5 kB", "1", "0 B"],
                   [plain[3][0], "Anonymous, Files, Thread stacks", "9.07 MB", "9.07 MB", "3", "5.00 MB"]], "mappings")
    expect(plain[3][0].startswith("make_table"), True, "the stack that mapped")


def check_sampled(page):
    """Blocks of 1 000 and 600 bytes with p = 1/4: each adds 12 Z² to the variance."""
    text = page.evaluate("document.querySelector('.tiles').innerText").replace("\u00a0", " ")
    for figure in ("4.16 kB ± 5.22 kB", "4.00 kB ± 3.46 kB"):
        if figure not in text:
            raise AssertionError(f"tiles do not say {figure!r}: {text!r}")


def check_hostile(page):
    """A block that grew, at a place whose name is markup."""
    row = page.evaluate("[...document.querySelectorAll('section')].find(s => s.textContent.startsWith('Blocks that realloc')).querySelector('tbody tr').textContent")
    expect("<script>" in row, True, "the place is text")
    expect(row.replace("\u00a0", " ").endswith("35 B13.05 B40 B"), True, f"what grew: {row!r}")


def check_untracked(page):
    """A thread that was not recorded has no figures, not zeros."""
    text = page.evaluate("document.querySelector('.card').textContent")
    expect(text, "main1000not recordedNot tracked", "the card of an untracked thread")
    tiles = page.evaluate("[...document.querySelectorAll('#tab-overview .tile')].map(t => t.textContent)")
    expect(tiles[:3], ["Peak memory–not recorded", "Allocations–not recorded", "Leaked–not recorded"], "the tiles")
    heads = page.evaluate("[...document.querySelectorAll('#tab-threads th')].map(th => th.textContent)")
    expect([h for h in heads if h in ("Thread", "Life", "Peak", "Allocated", "Leaked", "Score")], ["Thread", "Life"], "columns")
    expect("Allocations were not recorded" in page.evaluate("document.getElementById('tab-memory').textContent"), True, "no memory")
    page.evaluate("document.getElementById('show-timeline').click()")
    page.wait_for("document.querySelectorAll('.lane .missing').length >= 8")
    everything = page.evaluate("[...document.querySelectorAll('#orientation, main, #strip')].map(e => e.textContent).join()").replace("\u00a0", " ")
    expect([w for w in ("0 B", "0 allocs", "nothing was live", "every allocation") if w in everything], [], "zeros of what was not recorded")


def check_fixture(browser, folder, fixture, pictures):
    url = (folder / f"{fixture}_dashboard.html").as_uri()
    names = names_of(folder, fixture)
    for width, dark in ((1400, False), (1400, True), (1000, False), (400, False)):
        what = f"{fixture}, {width} px, {'dark' if dark else 'light'}"
        page = browser.open(url, width=width, dark=dark)
        expect(page.evaluate("document.documentElement.dataset.theme"), "dark" if dark else "light", f"{what}: theme")
        check_names(page, names, what)
        check_figures_fit(page, what)
        check_tabs(page, what)
        check_focus(page, what)
        check_table(page, len(names), fixture)
        if fixture == "plain":
            check_plain(page)
            check_mappings(page)
        if fixture == "hostile":
            check_hostile(page)
        if fixture == "sampled":
            check_sampled(page)
        if fixture == "untracked":
            check_untracked(page)
        if fixture == "ring":
            check_ring(page)
        check_quiet(page, what)
        page.close()
        print(f"{what}: good")
        if pictures:
            take_pictures(browser, url, pictures, f"{fixture}-{width}-{'dark' if dark else 'light'}", width, dark)


def check_ring(page):
    """Of a flight recorder every tab that is about live bytes says that they are not known, and none says a number."""
    for tab, least in (("overview", 3), ("timeline", 1)):
        text = page.evaluate(f"document.getElementById('tab-{tab}').textContent")
        if text.count("not available in ring mode") < least:
            raise AssertionError(f"ring, {tab}: {text[:600]}")
    about = page.evaluate("document.getElementById('about').textContent")
    if " are kept" not in about:
        raise AssertionError(f"ring: {about}")


NARROW = "t => t.replace(/[\\u00a0\\u202f]/g, ' ')"


def check_range(browser, folder):
    """A link to a range, the handles, dragging, and what every tab says of it."""
    page = browser.open((folder / "measured_dashboard.html").as_uri() + "#range=0.05..0.075&tab=overview", still=True)
    expect(page.evaluate("document.querySelectorAll('#pills .pill').length"), 2, "a pill for the range")
    expect(page.evaluate(f"({NARROW})(document.querySelector('.tiles b').textContent)"), "20.0 MB", "the peak in the range")
    expect(page.evaluate("document.querySelector('[data-thread-id=\"1\"] .how').textContent.includes('alloc')"), False, "no counts of a part")
    start = "document.querySelector('.handle.start')"
    expect(page.evaluate(f"{start}.getAttribute('role')"), "slider", "a handle")
    before = int(page.evaluate(f"{start}.getAttribute('aria-valuenow')"))
    page.evaluate(f"{start}.focus()")
    page.press("ArrowRight")
    expect(int(page.evaluate(f"{start}.getAttribute('aria-valuenow')")), before + 1, "a handle by keyboard")
    hash_now = page.evaluate("location.hash")
    expect(hash_now.startswith("#range=0.05"), True, f"the address: {hash_now}")
    page.press("End")
    expect(page.evaluate(f"{start}.getAttribute('aria-valuenow') < document.querySelector('.handle.end').getAttribute('aria-valuenow')"), True, "handles do not cross")
    page.evaluate("document.getElementById('show-timeline').click()")
    page.wait_for("document.querySelectorAll('.lane').length >= 9")
    page.evaluate("[...document.querySelectorAll('#tab-timeline .button')].find(b => b.textContent === 'Whole recording').click()")
    expect(page.evaluate("location.hash"), "#tab=timeline", "the whole recording again")
    box = page.evaluate("(r => [r.left, r.top, r.width])(document.querySelector('.lane svg').getBoundingClientRect())")
    page.drag(box[0] + box[2] * 0.25, box[1] + 20, box[0] + box[2] * 0.5, box[1] + 20)
    page.wait_for("location.hash.includes('range=')")
    fragment = page.evaluate("location.hash.replace('#tab=timeline&range=', '')")
    duration = 0.1
    for wanted, shown in zip((0.25, 0.5), map(float, fragment.split(".."))):
        if abs(shown - wanted * duration) > duration / 200:
            raise AssertionError(f"dragged to {wanted} of it: {fragment}")
    lanes = page.evaluate("[...document.querySelectorAll('.lane h2')].map(h => h.textContent).join()")
    expect(lanes, "Live memory,Allocation rate,Processor,Cores,Resident memory,I/O calls,Network,GPU,Threads", "lanes")
    expect(page.evaluate("document.querySelectorAll('.lane .missing').length"), 0, "all of them are measured")
    check_quiet(page, "range")
    page.close()
    page = browser.open((folder / "plain_dashboard.html").as_uri() + "#tab=timeline", still=True)
    page.wait_for("document.querySelectorAll('.lane .missing').length === 6")
    page.close()


def check_scatter(browser, folder):
    """Points of threads and of samples; what is refused is said in words."""
    page = browser.open((folder / "measured_dashboard.html").as_uri() + "#tab=threads", still=True)
    points = "document.querySelectorAll('.scatter .point').length"
    page.wait_for(f"{points} === 2")
    expect("fewer than eight points" in page.evaluate("document.querySelector('.scatter .side').textContent"), True, "refused in words")
    page.evaluate("document.querySelector('.scatter .point').dispatchEvent(new MouseEvent('click', { bubbles: true }))")
    expect(page.evaluate("location.hash.includes('thread=')"), True, "a point focuses its thread")
    expect(page.evaluate("document.querySelectorAll('.point.faded').length"), 1, "the others step back")
    page.press("Escape")
    page.evaluate("document.querySelector('[data-mode=samples]').click()")
    if page.evaluate(points) < 10:
        raise AssertionError("a sample is a point")
    expect("does not vary" in page.evaluate("document.querySelector('.scatter .side').textContent"), True, "refused over time")
    page.evaluate("document.querySelector('.scatter svg[tabindex]').focus()")
    page.press("ArrowRight")
    expect("of a core" in page.evaluate("document.querySelector('.scatter .said').textContent"), True, "walking the points")
    check_quiet(page, "scatter")
    page.close()


def check_pages_of_parts(browser, program, folder):
    """Of a part, and redacted: it says so, and no figure is nonsense."""
    for word, wanted in (("part", "35 ms to 75 ms"), ("redact", "program")):
        out = folder / word
        subprocess.run([program, "measured" if word == "redact" else "plain", out, word], check=True)
        page = browser.open(next(out.glob("*.html")).as_uri(), width=1400)
        expect(wanted in page.evaluate("document.querySelector('body').innerText"), True, f"{word}: the page says so")
        check_tabs(page, word)
        page.evaluate("selectThread(1); document.getElementById('show-threads').click()")
        expect(page.evaluate("/NaN|undefined|null/.test(document.querySelector('.detail').innerText)"), False, f"{word}: detail")
        check_quiet(page, word)
        page.close()


def check_links(browser, folder):
    page = browser.open((folder / "plain_dashboard.html").as_uri() + "#tab=memory&thread=1", still=True)
    expect(page.evaluate("document.getElementById('tab-memory').hidden"), False, "a link to a tab")
    expect(page.evaluate("document.querySelector('#pills').innerText").startswith("reader"), True, "a link to a thread")
    page.evaluate("document.getElementById('show-overview').click()")
    expect(page.evaluate("getComputedStyle(document.querySelector('.card')).transitionDuration"), "0s", "reduced motion")
    page.close()


def take_pictures(browser, url, pictures, name, width, dark):
    for tab in TABS:
        page = browser.open(f"{url}#tab={tab}", width=width, dark=dark, still=True)
        page.picture(f"{pictures}/{name}-{tab}.png")
        page.close()


def main():
    if not find_program():
        print("Chromium is not installed")
        sys.exit(77)
    program, pictures = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as out, Browser() as browser:
        folder = pathlib.Path(out)
        for fixture in ("plain", "hostile", "many", "sampled", "untracked", "ring", "measured"):
            subprocess.run([program, fixture, out], check=True)
            check_fixture(browser, folder, fixture, pictures)
        check_links(browser, folder)
        check_range(browser, folder)
        check_scatter(browser, folder)
        check_pages_of_parts(browser, program, folder)


main()
