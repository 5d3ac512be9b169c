#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""time-page.py EXPORT-FIXTURE [FIXTURE…] [--times N] [--profile FILE]: how long the dashboard takes to open, in Chromium.

For each fixture (the largest pages: crowd, of 2 000 threads, and many, of the most call stacks), medians in ms from
the beginning of navigation until

    answers   the script has run: selectThread() is there, buttons and the address work
    drawn     the first frame is on the screen, laid out and painted

and of what the first click on each tab takes, with its layout.  "every tab at once" is answers and drawn of a page that
has to make all its tabs, as for the printer.  For a machine that does other things too:

    chrt -r 50 tests/export/time-page.py build/tests/export/export-fixture

--profile writes Chromium's processor profile of one opening (DevTools reads it).  No test: nothing is judged.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from headless_browser import Browser  # noqa: E402

TABS = ("threads", "timeline", "memory", "system")
DRAWN = """new Promise(done => new PerformanceObserver(list => {
  for (const entry of list.getEntries())
    if (entry.name === 'first-contentful-paint')
      done(entry.startTime);
}).observe({ type: 'paint', buffered: true }))"""
ANSWERS = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
TAKEN = "(() => {{ const start = performance.now(); {action}; document.body.offsetHeight; return performance.now() - start; }})()"


def measure(browser, url):
    page = browser.open(url)
    took = {"answers": page.evaluate(ANSWERS), "drawn": page.evaluate(DRAWN)}
    for tab in TABS:
        took[tab] = page.evaluate(TAKEN.format(action=f"document.getElementById('show-{tab}').click()"))
    assert page.problems == [], page.problems
    page.close()
    page = browser.open(url)
    page.evaluate(DRAWN)
    took["every tab at once"] = took["drawn"] + page.evaluate(TAKEN.format(action="dispatchEvent(new Event('beforeprint'))"))
    page.close()
    return took


def write_profile(browser, url, path):
    """Of a page that navigates while the profiler runs."""
    page = browser.open("data:text/html,<script>function selectThread() {}</script>")
    page.call("Profiler.enable")
    page.call("Profiler.setSamplingInterval", interval=200)
    page.call("Profiler.start")
    page.call("Page.navigate", url=url)
    page.wait_for("document.readyState === 'complete' && document.title.endsWith('Memscope')")
    page.evaluate(DRAWN)
    path.write_text(json.dumps(page.call("Profiler.stop")["profile"]), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("fixtures", nargs="*", default=["crowd", "many"])
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--profile", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as out, Browser() as browser:
        for fixture in options.fixtures:
            subprocess.run([options.program, fixture, out, "html"], check=True)
            path = pathlib.Path(out) / f"{fixture}_dashboard.html"
            measure(browser, path.as_uri())  # the browser's own beginnings
            runs = [measure(browser, path.as_uri()) for _ in range(options.times)]
            print(f"{fixture}, {path.stat().st_size} bytes, medians of {options.times}:")
            for key in runs[0]:
                print(f"  {key:18}{statistics.median(run[key] for run in runs):7.0f} ms  ({min(run[key] for run in runs):.0f} to {max(run[key] for run in runs):.0f})")
            if options.profile:
                write_profile(browser, path.as_uri(), options.profile)


if __name__ == "__main__":
    main()
