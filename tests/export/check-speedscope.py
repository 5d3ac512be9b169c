#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""check-speedscope.py EXPORT-FIXTURE: the files for speedscope, imported by speedscope itself.

It is opened in Chromium as its command opens it, each file is handed to its importer, and what it has then in memory
is taken with its own Export: the same profiles, units, samples by name of function, and sums, which are those of
<prefix>_comprehensive.json.  Exits 77 without Chromium or npm's speedscope.
"""
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from headless_browser import Browser, find_program  # noqa: E402
from node_packages import find_in_package  # noqa: E402

FIXTURES = ("plain", "hostile", "many", "measured")
SUMS = (("Live at the peak", "peak_bytes"), ("Allocated", "allocated_bytes"), ("Allocations", "allocations"),
        ("Live at the end", "leaked_bytes"), ("Temporary allocations", "temporary_allocations"))
# Its Export makes a link to a blob and clicks it: the blob is caught.
CATCH = """URL.createObjectURL = blob => { blob.text().then(text => { window.exported = text; }); return '#'; };
           [...document.querySelectorAll('div')].filter(d => d.textContent.endsWith('Export') && d.children.length < 2).pop().click(); 0"""


def expect(is_true, what, *seen):
    if not is_true:
        raise AssertionError(f"{what}: {' '.join(map(repr, seen))[:900]}")


def pieces_of(profile):
    """(frames from the outermost, weight) of a profile of either kind: we write samples, its Export opens and closes."""
    if profile["type"] == "sampled":
        yield from zip(profile["samples"], profile["weights"])
        return
    stack, before = [], profile["startValue"]
    for event in profile["events"]:
        if event["at"] > before:
            yield list(stack), event["at"] - before
        before = event["at"]
        if event["type"] == "O":
            stack.append(event["frame"])
        else:
            expect(stack.pop() == event["frame"], "frames close in the order in which they opened")


def weights_by_path(file):
    """{profile: (unit, {functions from the outermost: weight})}"""
    names, found = [frame["name"] for frame in file["shared"]["frames"]], {}
    for profile in file["profiles"]:
        weights = {}
        for frames, weight in pieces_of(profile):
            path = tuple(names[i] for i in frames)
            weights[path] = weights.get(path, 0) + weight
        found[profile["name"]] = (profile["unit"], {path: weight for path, weight in weights.items() if weight > 0})
    return found


def read_with_speedscope(browser, page_file, path, scratch):
    """What speedscope makes of the file."""
    script = scratch / "hand-over.js"
    content = base64.b64encode(path.read_bytes()).decode()
    script.write_text(f"speedscope.loadFileFromBase64({json.dumps(path.name)}, {json.dumps(content)})", encoding="utf-8")
    page = browser.open(f"{page_file.as_uri()}#localProfilePath={script}", ready="document.body.innerText.includes('Export')")
    page.evaluate(CATCH)
    page.wait_for("typeof exported === 'string'")
    read = json.loads(page.evaluate("exported"))
    page.close()
    return read


def main():
    page_file = find_in_package("speedscope", "dist/release/index.html")
    if not page_file or not find_program():
        print("Chromium or speedscope is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as temporary, Browser() as browser:
        folder = pathlib.Path(temporary)
        for name in FIXTURES:
            subprocess.run([sys.argv[1], name, temporary, "speedscope"], check=True)
            path = folder / f"{name}.speedscope.json"
            read = weights_by_path(read_with_speedscope(browser, page_file, path, folder))
            ours = weights_by_path(json.loads(path.read_text(encoding="utf-8")))
            expect(list(read) == list(ours), f"{name}: profiles", list(read), list(ours))
            for profile, (unit, weights) in ours.items():
                expect(read[profile][0] == unit, f"{name}, {profile}: unit", read[profile][0], unit)
                expect(read[profile][1] == weights, f"{name}, {profile}: weights", sum(read[profile][1].values()), sum(weights.values()))
            truth = json.loads((folder / f"{name}_comprehensive.json").read_text(encoding="utf-8"))["memory_analysis"]["summary"]
            for profile, figure in SUMS:
                total = sum(read[profile][1].values())
                expect(total == (truth[figure] or 0), f"{name}, {profile}: sum", total, truth[figure])
            print(f"ok {name}: {len(read)} profiles, {sum(read['Allocated'][1].values())} bytes allocated")


main()
