#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""check-large-page.py FIXTURE_PROGRAM: pages of two thousand threads, of names of hundreds of characters and of
nothing: their size, that each part of a link works, that sorting and searching find what they should, on a wide
screen, on a phone and on paper.  How long it took is printed and not judged.

Where npm's axe-core is installed, it looks at each tab, and nothing serious may be wrong.
Exits 77 without Chromium.
"""
import base64
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from headless_browser import Browser, find_program
from node_packages import find_in_package

MOST_BYTES = 1_000_000
TABS = ("overview", "threads", "timeline", "memory", "system")
FIXTURES = ("crowd", "many", "hostile", "empty", "threadless")
INPUT = "(t => { const i = document.querySelector('#tab-threads input'); i.value = t; i.dispatchEvent(new Event('input')); })"
ROWS = "document.querySelectorAll('#tab-threads tbody tr[data-row-id]').length"
FIRST = "document.querySelector('#tab-threads tbody bdi').textContent"


def expect(is_true, what, *seen):
    if not is_true:
        raise AssertionError(f"{what}: {' '.join(map(repr, seen))[:900]}")


def timed(page, what, action):
    took = page.evaluate(f"(() => {{ const start = performance.now(); {action}; document.body.offsetHeight; return performance.now() - start; }})()")
    print(f"{what}: {took:.0f} ms")


def check_table(page):
    page.evaluate("document.getElementById('show-threads').click()")
    expect(page.evaluate(ROWS) == 100, "rows at first", page.evaluate(ROWS))
    timed(page, "sorted by name", "document.querySelector('#tab-threads th button').click()")
    expect(page.evaluate(FIRST) == "pool-0/worker", "first by name", page.evaluate(FIRST))
    timed(page, "searched", f"{INPUT}('pool-1999')")
    expect(page.evaluate(ROWS) == 1, "found", page.evaluate(ROWS))
    timed(page, "all again", f"{INPUT}('')")
    for rows in (200, 300):
        timed(page, f"{rows} rows", "document.querySelector('#tab-threads .scroll + button').click()")
        expect(page.evaluate(ROWS) == rows, "more rows", page.evaluate(ROWS))
    timed(page, "a thread behind the others", "selectThread(1500)")
    expect(page.evaluate("document.querySelector('.detail bdi').textContent") == "pool-1500/worker", "in full")


def check_link(browser, url):
    """As a sender made it; what is not there is left out."""
    page = browser.open(f"{url}#tab=timeline&thread=700&range=4..8", still=True)
    expect(page.evaluate("document.querySelectorAll('#pills .pill').length") == 2, "pills of a link")
    expect("pool-700/worker" in page.evaluate("document.getElementById('pills').textContent"), "the thread of a link")
    expect("range=4." in page.evaluate("location.hash"), "the range of a link", page.evaluate("location.hash"))
    page.evaluate("location.hash = '#thread=99999999&range=x..y&tab=nowhere'")
    page.wait_for("document.querySelectorAll('#pills .pill').length === 1")
    page.close()


def check_paper(page, what):
    """All figures, in ink on white, nothing that only moves or opens."""
    page.call("Emulation.setEmulatedMedia", media="print")
    shown = page.evaluate("[...document.querySelectorAll('.tab-panel')].filter(p => p.getClientRects().length > 0).length")
    expect(shown == 5, f"{what}: every tab is on paper", shown)
    page.evaluate("selectThread(document.querySelector('.card').dataset.threadId); document.getElementById('show-overview').click()")
    look = page.evaluate("[getComputedStyle(document.getElementById('page'), '::before').display, getComputedStyle(document.querySelector('.card.selected')).transform, "
                         "...[...document.querySelectorAll('.card')].map(c => getComputedStyle(c).opacity)].filter((v, i, all) => all.indexOf(v) === i)")
    expect(look == ["none", "1"], f"{what}: not dimmed on paper", look)
    pdf = base64.b64decode(page.call("Page.printToPDF", printBackground=False)["data"])
    expect(pdf.startswith(b"%PDF") and len(pdf) > 5000, f"{what}: printed", len(pdf))
    page.call("Emulation.setEmulatedMedia", media="")
    page.evaluate("handleBackgroundClick()")


def check_axe(page, axe, what):
    """`axe` is its program's text."""
    page.evaluate(axe + "; 0")
    for tab in TABS * 2:
        page.evaluate(f"document.getElementById('show-{tab}').click()")
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] }).then(r => r.violations.map(v => [v.id, v.impact, v.nodes[0].html.slice(0, 200)]))")
        expect([f for f in found if f[1] in ("serious", "critical")] == [], f"{what}, {tab}: axe", found)
        if tab == TABS[-1]:  # and in the other colours
            page.evaluate("document.getElementById('theme').click()")
    print(f"{what}: axe-core {page.evaluate('axe.version')} finds nothing serious in {len(TABS)} tabs, light and dark")


def main():
    if not find_program():
        print("Chromium is not installed")
        sys.exit(77)
    axe = find_in_package("axe-core", "axe.min.js")
    axe = axe and axe.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as out, Browser() as browser:
        for fixture in FIXTURES:
            subprocess.run([sys.argv[1], fixture, out, "html"], check=True)
            path = pathlib.Path(out) / f"{fixture}_dashboard.html"
            size = path.stat().st_size
            print(f"{fixture}: {size} bytes")
            expect(size < MOST_BYTES, f"{fixture}: size", size)
            for width in (1400, 390):
                page = browser.open(path.as_uri(), width=width, still=True)
                ready = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
                print(f"{fixture}, {width} px: answers after {ready:.0f} ms")
                for tab in TABS:
                    page.evaluate(f"document.getElementById('show-{tab}').click()")
                    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    expect(wider <= 0, f"{fixture}, {tab}, {width} px: wider than the window", wider)
                if fixture == "crowd" and width == 1400:
                    check_table(page)
                if fixture == "threadless":
                    expect("This recording is empty" in page.evaluate("document.getElementById('tab-overview').textContent"), "the page without threads says so")
                if fixture == "empty":
                    expect("Nothing was allocated" in page.evaluate("document.getElementById('tab-overview').textContent"), "the empty page says so")
                if width == 1400 and fixture != "threadless":
                    check_paper(page, fixture)
                if axe and (fixture != "crowd" or width == 390):
                    check_axe(page, axe, f"{fixture}, {width} px")
                expect(page.problems == [], f"{fixture}: console", page.problems)
                expect([r for r in page.requests if not r.startswith(("file:", "data:"))] == [], f"{fixture}: requests", page.requests)
                page.close()
        check_link(browser, (pathlib.Path(out) / "crowd_dashboard.html").as_uri())


main()
