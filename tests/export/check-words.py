#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""check-words.py SOURCE_ROOT WORDS FIXTURE_PROGRAM [PICTURES]: the page in another language.

 1. The texts that were found as the page was assembled (WORDS) are those that xgettext finds in the modules.
 2. In a language made here, in which every text is longer and in ⟦brackets⟧, the page has no text outside of
    them but names and figures: nothing was left in English.  Its forms of number and its decimal sign are
    those of a language with three forms and a comma.  At 1 400 and 390 px it is no wider than the window.

Exits 77 without Chromium or xgettext.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from headless_browser import Browser, find_program

KEYWORDS = ("--keyword=say", "--keyword=sayWith", "--keyword=sayIn:1c,2", "--keyword=sayCount:1,2", "--keyword=N_", "--keyword=NC_:1c,2",
            "--keyword=ms_sentence_new:1c,2", "--keyword=ms_sentence_new_plural:1c,2,3")
TABS = ("overview", "threads", "timeline", "memory", "system")
HEADING = ('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : '
           'n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"\n\n')
LETTERS = str.maketrans("aeioucnsAEIOUCNS", "àéîöüçñšÀÉÎÖÜÇÑŠ")


def expect(is_true, what, *seen):
    if not is_true:
        raise AssertionError(f"{what}: {' '.join(map(repr, seen))[:900]}")


def extract(root, files, out, only_new=True):
    subprocess.run(["xgettext", "--from-code=UTF-8", "--add-location=file", "-k", *KEYWORDS, "-o", out, *files], cwd=root, check=True)
    sys.path.insert(0, str(root / "data" / "dashboard"))
    entries, entry, field = [], {}, None
    for line in pathlib.Path(out).read_text(encoding="utf-8").splitlines() + [""]:
        if not line and entry:
            entries.append(entry)
            entry = {}
        elif line.startswith("#:"):
            entry["places"] = entry.get("places", "") + line
        elif line.startswith("msg"):
            field, text = line.split(None, 1)
            entry[field] = json.loads(text)
        elif line.startswith('"'):
            entry[field] += json.loads(line)
    return [e for e in entries if e.get("msgid")]


def stretch(text, n=""):
    """Longer by a third, other letters, what is put in kept."""
    pieces = re.split(r"(\{\w+\}|%\d?\$?s|%%)", text)
    said = "".join(p if i % 2 else p.translate(LETTERS) for i, p in enumerate(pieces))
    return f"⟦{n}{said}{'·' * (len(text) // 3)}⟧"


def write_po(entries, path):
    with open(path, "w", encoding="utf-8") as f:
        f.write(HEADING)
        for e in entries:
            f.write(e.get("places", "") + "\n")
            if "msgctxt" in e:
                f.write(f"msgctxt {json.dumps(e['msgctxt'], ensure_ascii=False)}\n")
            f.write(f"msgid {json.dumps(e['msgid'], ensure_ascii=False)}\n")
            if "msgid_plural" in e:
                f.write(f"msgid_plural {json.dumps(e['msgid_plural'], ensure_ascii=False)}\n")
                for i in range(3):
                    f.write(f"msgstr[{i}] {json.dumps(stretch(e['msgid_plural'], i), ensure_ascii=False)}\n")
            else:
                f.write(f"msgstr {json.dumps(stretch(e['msgid']), ensure_ascii=False)}\n")
            f.write("\n")


# Text nodes with a word in them that no text of the language made here is around, and attributes that are read out.
LEFT = r"""(() => {
  const found = new Set(), outside = (s) => s.replace(/⟦[^⟦⟧]*(?:⟦[^⟦⟧]*⟧[^⟦⟧]*)*⟧/g, '').replace(/\b(?:B|kB|MB|GB|s|ms|µs|ns|min|h|MB\/s|kB\/s|B\/s)\b/g, '');
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    if (node.nodeType === Node.TEXT_NODE) {
      const e = node.parentElement;
      if (e.closest('script, noscript, .brand, bdi, text, .facts dd, .lives title') || e.closest('[lang]') !== document.documentElement)
        continue;
      let whole = e;
      while (whole.parentElement && !/⟦/.test(whole.textContent) && whole.childNodes.length === 1)
        whole = whole.parentElement;
      if (/[A-Za-z]{3,}/.test(outside(node.data)) && !/⟦.*⟧/s.test(e.textContent))
        found.add(`${e.tagName}.${e.getAttribute('class')}: ${node.data}`);
    } else
      for (const name of ['aria-label', 'title', 'placeholder', 'aria-roledescription'])
        if (node.hasAttribute(name) && !node.closest('bdi') && node.tagName !== 'BDI' && /[A-Za-z]{3,}/.test(outside(node.getAttribute(name))))
          found.add(`${node.tagName} ${name}: ${node.getAttribute(name)}`);
  }
  return [...found];
})()"""


def check_page(browser, path, fixture, width, pictures):
    page = browser.open(path.as_uri(), width=width, still=True)
    expect(page.evaluate("document.documentElement.lang") == "xx", "the page's language", page.evaluate("document.documentElement.lang"))
    for tab in TABS:
        page.evaluate(f"document.getElementById('show-{tab}').click()")
        left = page.evaluate(LEFT)
        expect(left == [], f"{fixture}, {tab}: left in English", left)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        expect(wider <= 0, f"{fixture}, {tab}, {width} px: wider than the window", wider)
        if pictures:
            page.picture(f"{pictures}/words-{fixture}-{width}-{tab}.png")
    page.evaluate("document.getElementById('show-overview').click(); selectThread(document.querySelector('.card').dataset.threadId); document.getElementById('show-threads').click()")
    left = page.evaluate(LEFT)
    expect(left == [], f"{fixture}, a thread: left in English", left)
    expect(page.problems == [], f"{fixture}: console", page.problems)
    page.close()


def main():
    root, words_path, program = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    pictures = sys.argv[4] if len(sys.argv) > 4 else None
    if not shutil.which("xgettext"):
        print("xgettext is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as out:
        modules = sorted(str(p.relative_to(root)) for p in (root / "data" / "dashboard").glob("*.js"))
        found = extract(root, modules, f"{out}/modules.pot")
        assembled = {tuple(entry) for entry in json.loads(words_path.read_text(encoding="utf-8"))}
        extracted = {(e.get("msgctxt"), e["msgid"], e.get("msgid_plural")) for e in found}
        expect(assembled == extracted, "xgettext and assemble.py find the same texts", assembled ^ extracted)
        expect(len(assembled) > 300, "texts", len(assembled))
        print(f"{len(assembled)} texts")

        sources = [f for f in (root / "po" / "POTFILES").read_text().split() if f.startswith(("libtracker/", "data/dashboard/"))]
        write_po(extract(root, sources, f"{out}/all.pot"), f"{out}/xx.po")
        overlay = pathlib.Path(out) / "overlay"
        overlay.mkdir()
        subprocess.run([sys.executable, root / "data/dashboard/translate.py", words_path, "--output", overlay / "dashboard-words.txt", f"{out}/xx.po"], check=True)
        environment = {**os.environ, "G_RESOURCE_OVERLAYS": f"/org/memscope/Memscope/export={overlay}"}
        if not find_program():
            print("Chromium is not installed")
            sys.exit(77)
        with Browser() as browser:
            for fixture in ("measured", "plain", "untracked", "sampled", "many"):
                subprocess.run([program, fixture, out, "html", "language=xx"], check=True, env=environment)
                page = pathlib.Path(out) / f"{fixture}_dashboard.html"
                for width in (1400, 390):
                    check_page(browser, page, fixture, width, pictures)
                print(f"{fixture}: all of it translated")
            subprocess.run([program, "plain", out, "html", "language=xx"], check=True, env=environment)
            page = browser.open((pathlib.Path(out) / "plain_dashboard.html").as_uri(), still=True)
            pills = page.evaluate("document.getElementById('pills').textContent")
            expect(pills.startswith("⟦1"), "three threads: the second form", pills)
            page.close()


main()
