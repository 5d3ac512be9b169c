#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the one-file page: assemble.py INDEX.html A.css … A.js … --output OUT

Style sheets are joined in the order given.  So are the modules: each is an ES module (node tests
them one by one), and here their `import` lines and `export` words are dropped and all share one
function scope, which works because top-level names are unique over all modules; that is checked.
The page's Content-Security-Policy gets the hashes of both, so nothing else can run in it.  @DATA@
stays: the exporter puts the data there.
"""
import base64
import hashlib
import re
import sys

IMPORT = re.compile(r"^import\s[^;]*?from '\./([\w-]+\.js)';\n", re.M)
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.M)


def strip_comments(text, css):
    """Only whole-line comments and indentation: nothing that needs a parser, as no string is of two lines."""
    comment = re.compile(r"^\s*/\*.*?\*/\n", re.M | re.S) if css else re.compile(r"^\s*//.*\n", re.M)
    return re.sub(r"^\s+", "", comment.sub("", text), flags=re.M)


def join_modules(paths):
    seen, owners, parts = [], {}, []
    for path in paths:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        name = path.rsplit("/", 1)[-1]
        for needed in IMPORT.findall(text):
            if needed not in seen:
                sys.exit(f"{path}: imports {needed}, which must come before it")
        if any(line.count("`") % 2 for line in text.splitlines()):
            sys.exit(f"{path}: a template string of two lines would lose its indentation")
        for symbol in TOP_LEVEL.findall(text):
            if symbol in owners:
                sys.exit(f"{path}: top-level name {symbol} is also in {owners[symbol]}")
            owners[symbol] = path
        body = re.sub(r"^export ", "", IMPORT.sub("", text), flags=re.M)
        if re.search(r"^\s*(import|export)\b", body, re.M):
            sys.exit(f"{path}: an import or export that this script does not know")
        seen.append(name)
        parts.append(strip_comments(body, css=False).strip())
    return "'use strict';\n(() => {\n" + "\n".join(parts) + "\n})();\n"


def csp_hash(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def main():
    index, *sources, option, out = sys.argv[1:]
    if option != "--output":
        sys.exit(__doc__)
    style = ""
    for path in sources:
        if path.endswith(".css"):
            with open(path, encoding="utf-8") as f:
                style += strip_comments(f.read(), css=True)
    script = join_modules([p for p in sources if p.endswith(".js")])
    if "</script" in script or "<!--" in script or "</style" in style:
        sys.exit("a source would end the element that it is put in")

    with open(index, encoding="utf-8") as f:
        page = f.read()
    for mark, text in (("@STYLE_HASH@", csp_hash(style)), ("@SCRIPT_HASH@", csp_hash(script)),
                       ("@STYLE@", style), ("@SCRIPT@", script)):
        if page.count(mark) != 1:
            sys.exit(f"{index}: {mark} must be there once")
        page = page.replace(mark, text)
    if page.count("@DATA@") != 1:
        sys.exit(f"{index}: @DATA@ must be there once")
    with open(out, "w", encoding="utf-8") as f:
        f.write(page)


main()
