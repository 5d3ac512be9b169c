#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the one-file page: assemble.py INDEX.html A.css … A.js … --output PAGE WORDS

Style sheets are joined in the order given.  So are the modules: each is an ES module (node tests
them one by one), and here their `import` lines and `export` words are dropped and all share one
function scope, which works because top-level names are unique over all modules; that is checked.
The page's Content-Security-Policy gets the hashes of both, so nothing else can run in it.  @DATA@,
@WORDS@, @LANGUAGE@ and @NOSCRIPT@ stay: the exporter puts them in.

Each text that is said (words.js) becomes a number; WORDS lists the texts, [context, text, plural], in
that order, for translate.py.
"""
import ast
import base64
import hashlib
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from smaller import smaller_script, smaller_style  # noqa: E402

IMPORT = re.compile(r"^import\s[^;]*?from '\./([\w-]+\.js)';\n", re.M)
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.M)
TEXT = r"('(?:[^'\\\n]|\\.)+')"
SAID = re.compile(rf"(?<![\w.$])(say|sayWith|sayIn|sayCount)\(\s*{TEXT}(?:,\s*{TEXT})?")
CALL = re.compile(r"(?<![\w.$])(?<!function )(?:say|sayWith|sayIn|sayCount)\(")
MARKS = ("@DATA@", "@WORDS@", "@LANGUAGE@", "@NOSCRIPT@")


class Words:
    def __init__(self):
        self.numbers, self.entries = {}, []

    def number(self, context, text, plural):
        key = (context, text)
        if key not in self.numbers:
            self.numbers[key] = len(self.entries)
            self.entries.append([context, text, plural])
        entry = self.entries[self.numbers[key]]
        if plural is not None and entry[2] is None:
            entry[2] = plural
        if entry[2] != plural:
            sys.exit(f"{text!r} is said both with and without a plural, or with two")
        return self.numbers[key]

    def replace_in(self, path, body):
        def by_number(match):
            kind, first, second = match[1], ast.literal_eval(match[2]), match[3] and ast.literal_eval(match[3])
            if kind == "sayCount":
                return f"sayCount({self.number(None, first, second)},0"
            if kind == "sayIn":
                return f"sayIn(0,{self.number(first, second, None)}"
            if match[3]:
                sys.exit(f"{path}: {match[0]}: one text, and an object of what is put in")
            return f"{kind}({self.number(None, first, None)}"

        if len(CALL.findall(body)) != len(SAID.findall(body)):
            left = next(m for m in CALL.finditer(body) if not SAID.match(body, m.start()))
            sys.exit(f"{path}: a text must be one plain string: {body[left.start():left.start() + 60]!r}")
        return SAID.sub(by_number, body)


def join_modules(paths, words):
    seen, owners, parts = [], {}, []
    for path in paths:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        name = path.rsplit("/", 1)[-1]
        for needed in IMPORT.findall(text):
            if needed not in seen:
                sys.exit(f"{path}: imports {needed}, which must come before it")
        for symbol in TOP_LEVEL.findall(text):
            if symbol in owners:
                sys.exit(f"{path}: top-level name {symbol} is also in {owners[symbol]}")
            owners[symbol] = path
        body = re.sub(r"^export ", "", IMPORT.sub("", text), flags=re.M)
        if re.search(r"^\s*(import|export)\b", body, re.M):
            sys.exit(f"{path}: an import or export that this script does not know")
        body = re.sub(r"^\s*//.*\n", "", body, flags=re.M)
        seen.append(name)
        parts.append(words.replace_in(path, body))
    return "'use strict';\n(() => {\n" + smaller_script("\n".join(parts)) + "})();\n"


def csp_hash(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def main():
    index, *sources, option, out, words_out = sys.argv[1:]
    if option != "--output":
        sys.exit(__doc__)
    style, words = "", Words()
    for path in sources:
        if path.endswith(".css"):
            with open(path, encoding="utf-8") as f:
                style += smaller_style(f.read())
    script = join_modules([p for p in sources if p.endswith(".js")], words)
    if "</script" in script or "<!--" in script or "</style" in style:
        sys.exit("a source would end the element that it is put in")

    with open(index, encoding="utf-8") as f:
        page = f.read()
    for mark, text in (("@STYLE_HASH@", csp_hash(style)), ("@SCRIPT_HASH@", csp_hash(script)),
                       ("@STYLE@", style), ("@SCRIPT@", script)):
        if page.count(mark) != 1:
            sys.exit(f"{index}: {mark} must be there once")
        page = page.replace(mark, text)
    for mark in MARKS:
        if page.count(mark) != 1:
            sys.exit(f"{index}: {mark} must be there once")
    with open(out, "w", encoding="utf-8") as f:
        f.write(page)
    with open(words_out, "w", encoding="utf-8") as f:
        json.dump(words.entries, f, ensure_ascii=False, indent=0)


main()
