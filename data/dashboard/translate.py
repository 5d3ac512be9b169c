#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The page’s words in every language: translate.py WORDS --output OUT LANGUAGE.po …

WORDS is what assemble.py made; the name of a .po file without its end is its language.  OUT has a section for
each language, English first, in lines of fields with tabs between them:

  language  de
  decimal   ,                                   the sign between whole and part
  plural    0 1011…                             the form of whole millions, those of 0 … 199
  html      Diese Seite …                       what stands where scripts are off
  words     "language":"de","plural":{…},"words":[…]
  text      not measured  it was not tracked  es wurde nicht verfolgt

`text` are the fixed texts of the data, from the sources of the libraries: context, text, and its forms.  What is
not translated is in English.
"""
import gettext
import html
import json
import os
import re
import sys

# The others have a point.  Node's Intl, which has them from CLDR, is what this is tested with.
COMMA = {"ast", "bg", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "gl", "hr", "hu", "id", "is", "it", "lt",
         "lv", "nb", "nl", "nn", "oc", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "tr", "uk", "vi"}
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def unquote(line):
    return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[0]), line[line.index('"') + 1:line.rindex('"')])


def read_po(path):
    """{(context, text): (forms, places)}; the heading is that of (None, '')."""
    entries, entry, field = {}, {}, None

    def finish():
        if "msgid" in entry and not entry.get("fuzzy"):
            forms = [entry[f"msgstr[{i}]"] for i in range(10) if f"msgstr[{i}]" in entry] or [entry.get("msgstr", "")]
            entries[(entry.get("msgctxt"), entry["msgid"])] = (forms, entry.get("places", ""))

    with open(path, encoding="utf-8") as f:
        for line in f:
            line = line.strip()
            if line.startswith("#~") or not line:
                continue
            if line.startswith("#") or line.startswith(("msgctxt", "msgid ")):
                if field is not None and field.startswith("msgstr"):
                    finish()
                    entry, field = {}, None
            if line.startswith("#:"):
                entry["places"] = entry.get("places", "") + line
            elif line.startswith("#,") and "fuzzy" in line:
                entry["fuzzy"] = True
            elif line.startswith("msg"):
                field = line.split(None, 1)[0]
                entry[field] = unquote(line)
            elif line.startswith('"') and field:
                entry[field] += unquote(line)
    finish()
    return entries


def plural_of(heading):
    """(how many forms, the form of whole millions, those of 0 … 199)"""
    found = re.search(r"nplurals\s*=\s*(\d+)\s*;\s*plural\s*=\s*([^;\n]+)", heading)
    if not found:
        return 2, 1, "".join("0" if n == 1 else "1" for n in range(200))
    form = gettext.c2py(found[2])
    return int(found[1]), form(1000000), "".join(str(form(n)) for n in range(200))


def section(language, words, entries):
    n_forms, millions, of = plural_of(entries.get((None, ""), ([""], ""))[0][0])

    def say(context, text, plural):
        forms = entries.get((context, text), ([], ""))[0]
        if plural is None:
            return forms[0] if forms and forms[0] else text
        if len(forms) == n_forms and all(forms):
            return forms
        return [text] + [plural] * max(1, n_forms - 1)

    said = [say(*entry) for entry in words]
    block = json.dumps({"language": language.replace("_", "-"), "plural": {"of": of, "millions": millions}, "words": said},
                       ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    without_script = next(i for i, entry in enumerate(words) if "which is switched off here" in entry[1])
    lines = [("language", language), ("decimal", "," if language.split("_")[0] in COMMA else "."), ("plural", millions, of),
             ("html", html.escape(said[without_script])), ("words", block[1:-1])]
    for (context, text), (forms, places) in entries.items():
        if text and all(forms) and "libtracker/" in places:
            lines.append(("text", context or "", text, *forms))
    return "".join("\t".join(str(field).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t") for field in line) + "\n"
                   for line in lines)


def main():
    words_path, _, out, *catalogues = sys.argv[1:]
    with open(words_path, encoding="utf-8") as f:
        words = json.load(f)
    text = section("en", words, {})
    for path in catalogues:
        text += section(os.path.basename(path)[:-3], words, read_po(path))
    with open(out, "w", encoding="utf-8") as f:
        f.write(text)


main()
