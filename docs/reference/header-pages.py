#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""header-pages.py --check HEADER …: fails where a header that is installed does not say what one of its symbols is.
header-pages.py --output FOLDER NAME:TITLE HEADER … [NAME:TITLE HEADER …]: the pages NAME.md of the reference.

A header says what it is about in the comment at its top.  A comment stands before the declarations that it is of, up to
the next empty line, or behind one.  A page has for each header that opening, then each declaration as C has it, with what
is said of it; nothing is said twice, and nothing here.
"""
import html
import os
import re
import sys

# What names say by themselves, in a library that follows GLib.
ENDINGS = {"_free": "Frees it, and what belongs to it.  NULL is allowed.", "_unref": "Gives a reference back.",
           "_ref": "Takes another reference.", "_get_type": "Its type in GLib's type system.",
           "_error_quark": "The domain of its errors."}
TOKEN = re.compile(r"""(?P<comment>/\*.*?\*/)|(?P<macro>^[ \t]*\#(?:[^\n]*\\\n)*[^\n]*\n)|(?P<empty>\n[ \t]*(?=\n))
                       |(?P<open>\{)|(?P<close>\})|(?P<end>;)|(?P<other>[^/#{};\n]+|.)""", re.S | re.M | re.X)
NOT_SHOWN = re.compile(r"\s*(?:G_BEGIN_DECLS|G_END_DECLS|extern \"C\" \{|\}|MS_API|)\s*$")


class Declaration:
    def __init__(self, code, said):
        self.code, self.said = code.strip(), said
        self.bare = re.sub(r"/\*.*?\*/", "", self.code, flags=re.S)
        self.name, self.kind = self._identify()

    def _identify(self):
        for kind, pattern in (("macro", r"#define (\w+)"), ("class", r"G_DECLARE_\w+ \((\w+)"),
                              ("cleanup", r"G_DEFINE_AUTOPTR_CLEANUP_FUNC \((\w+)"),
                              ("callback", r"typedef .*\(\s*\*\s*(\w+)\)"), ("type", r"typedef .*?\b(\w+)\s*;\s*$"),
                              ("function", r"\b(\w+) \([^;]*\)[^;()]*;$"), ("constant", r"\b(\w+)(?:\[\w*\])?;$")):
            found = re.search(pattern, self.bare, re.S)
            if found:
                return found[1], kind
        return None, None


def clean(comment):
    body = re.sub(r"^/\*\*?<?|\*/$", "", comment.strip())
    return re.sub(r"^[ \t]*\*(?: |$)", "", body, flags=re.M).strip("\n").strip()


def read(path):
    """(the opening comment, [Declaration, …])"""
    with open(path, encoding="utf-8") as f:
        source = f.read()
    comments = re.findall(r"^/\*.*?\*/", source, re.S | re.M)
    opening = next(c for c in comments if "SPDX" not in c)
    source = source[source.index(opening) + len(opening):]
    found, code, said, depth = [], "", "", 0
    for token in TOKEN.finditer(source):
        kind, text = token.lastgroup, token[0]
        if kind == "open" and NOT_SHOWN.match(code + text):
            code = ""
            continue
        if depth or (code.strip() and kind not in ("end", "macro", "empty")):
            code += text
            depth += {"open": 1, "close": -1}.get(kind, 0)
            continue
        if kind == "comment":
            is_behind = found and not code.strip() and "\n" not in source[found[-1].end:token.start()]
            if is_behind:
                found[-1].said = (found[-1].said + "\n" + clean(text)).strip()
            else:
                said = clean(text)
        elif kind == "empty":
            said = "" if not code.strip() else said
        elif kind == "macro":
            declaration = Declaration(text, said)
            declaration.end = token.end() - 1
            if declaration.kind == "macro":
                found.append(declaration)
        elif kind == "end":
            declaration = Declaration(code + text, said)
            declaration.end = token.end()
            found.append(declaration)
            code = ""
        else:
            code += text
            depth += kind == "open"
        if NOT_SHOWN.match(code):
            code = ""
    return clean(opening), found


def members_are_said(declaration):
    """Each member has a comment behind it or before it, or there are none."""
    body = re.search(r"\{(.*)\}", declaration.code, re.S)
    if body is None:
        return False
    lines = re.sub(r"/\*.*?\*/", "\x01", body[1], flags=re.S).split("\n")
    previous = ""
    for line in filter(str.strip, lines):
        if line.strip() != "\x01" and "\x01" not in line + previous.replace("\x01", "\x01" if previous.strip() == "\x01" else ""):
            return False
        previous = line
    return True


def is_public(declaration, opening):
    """Not what the header needs for itself: how it is compiled, how the compiler cleans up."""
    if declaration.kind in (None, "cleanup") or declaration.name.startswith("_"):
        return False
    # The cast and the type macros of a class go with its declaration.
    return not (declaration.kind == "macro" and re.match(r"MS_TYPE_|MEMSCOPE_(?:API|TRACKER_H)|MS_API", declaration.name))


def what_is_said(declaration, opening, others):
    """None: nothing.  "": it is part of what is said of the whole header, or by its members."""
    if declaration.said:
        return declaration.said
    for ending, text in ENDINGS.items():
        if declaration.kind == "function" and declaration.name.endswith(ending):
            return text
    if re.search(rf"\b{declaration.name}\b", "\n".join([opening, *others])):
        return ""
    if declaration.kind == "class":
        return ""  # what the file is about
    if declaration.kind == "type" and (members_are_said(declaration) or "{" not in declaration.code):
        return ""
    return None


def check(headers):
    n, missing = 0, []
    for path in headers:
        opening, declarations = read(path)
        others = [d.said for d in declarations]
        for declaration in declarations:
            if not is_public(declaration, opening):
                continue
            n += 1
            if what_is_said(declaration, opening, others) is None:
                missing.append(f"{path}: nothing is said of {declaration.name}")
    print(*missing, f"{n} symbols of {len(headers)} headers, {len(missing)} not documented", sep="\n")
    return not missing and n > len(headers)


def escape(prose):
    """Names as code; between them no character of a markup."""
    parts = re.split(r"(@\w+|\b(?:ms|memscope)_\w+(?: ?\(\))?|\b(?:MS|MEMSCOPE)_\w+|\bMs[A-Z]\w+)", prose)
    return "".join(f"`{part.lstrip('@')}`" if i % 2 else re.sub(r"([\\`*_\[\]#|])", r"\\\1", html.escape(part, quote=False))
                   for i, part in enumerate(parts))


def page(title, headers):
    lines = [f"Title: {title}", "", f"# {title}", ""]
    for path in headers:
        opening, declarations = read(path)
        others = [d.said for d in declarations]
        lines += [f"## {os.path.basename(path)}", "", "```", opening, "```", ""]
        for declaration in declarations:
            if not is_public(declaration, opening):
                continue
            marked = re.match(r"(?:MS_API|MEMSCOPE_API)\s*", declaration.code)
            code = declaration.code[marked.end() if marked else 0:]
            if marked:  # arguments stay one below the other
                code = code.replace("\n" + " " * marked.end(), "\n")
            lines += [f"### {declaration.name}".replace("_", "\\_"), "", "```c", code, "```", ""]
            lines += [escape(what_is_said(declaration, opening, others) or ""), ""]
    return "\n".join(lines) + "\n"


def write(folder, arguments):
    pages = []
    for argument in arguments:
        if re.fullmatch(r"[a-z-]+:.*", argument):
            pages.append((argument.split(":", 1), []))
        else:
            pages[-1][1].append(argument)
    for (name, title), headers in pages:
        with open(os.path.join(folder, f"{name}.md"), "w", encoding="utf-8") as f:
            f.write(page(title, headers))


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "--check":
        sys.exit(not check(sys.argv[2:]))
    if len(sys.argv) > 4 and sys.argv[1] == "--output":
        write(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(__doc__)
