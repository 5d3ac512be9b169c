#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""document-headers.py ANNOTATIONS HEADER … --output OUT: comments that g-ir-scanner understands.

The headers say what each function, structure and member is, in plain comments for people who read C; ANNOTATIONS
says of functions what bindings have to know.  OUT has one block for each, with both, so that neither is written
twice and the reference of the library is what its headers say.
"""
import os
import re
import sys

COMMENT = r"/\*((?:(?!\*/).)*)\*/"
OBVIOUS = {"error": "return location", "domain": "of what memory", "cancellable": "(nullable): ends it early",
           "thread": "(nullable): one of its threads", "n_bins": "how many stretches", "max": "an array for the highest",
           "min": "(nullable): an array for the lowest", "bytes": "an array for the bytes",
           "stack": "less than ms_trace_get_n_stacks()", "frame": "less than the stack's depth",
           "address": "address in the object's own numbering", "index": "less than the number of them",
           "size": "of an allocation, in bytes"}
SELF = {"trace": "a trace", "thread": "a thread", "recording": "a recording"}


def clean(comment):
    """A comment's text in one line, without what is for the annotations to say."""
    text = re.sub(r"^\s*\*? ?", "", comment.strip(), flags=re.M).replace("\n", " ")
    text = re.sub(r"\((?:transfer|array|nullable|element-type)[^()]*\)", "", text)
    text = re.sub(r"\s+", " ", text).strip()
    return "" if text.startswith("---") else text


def read_annotations(path):
    """{name: [(parameter or None, text), …]} and what it returns."""
    blocks = {}
    with open(path, encoding="utf-8") as f:
        source = f.read()
    for body in re.findall(r"/\*\*\n(.*?)\n \*/", source, re.S):
        lines = [re.sub(r"^ \* ?", "", line) for line in body.split("\n")]
        name, _, rest = lines[0].partition(":")
        blocks[name] = [rest, *lines[1:]]
    return blocks


def members(body, separator):
    """{name: text} of a structure's or an enumeration's members: the comment behind each, or else before it."""
    said, latest, pending, is_behind = {}, [], "", False
    for comment, code in re.findall(rf"{COMMENT}|((?:(?!/\*).)+)", body, re.S):
        if code.strip():
            for declaration in filter(str.strip, code.split(separator)):
                parts = declaration.split(",") if separator == ";" else [declaration]
                latest = [re.findall(r"\w+", re.sub(r"\[.*|=.*", "", part, flags=re.S))[-1] for part in parts]
                said.update(dict.fromkeys(latest, pending))
                pending = ""
        if code:
            is_behind = code.rsplit("\n", 1)[-1].strip() != ""
        elif is_behind:
            said.update(dict.fromkeys(latest, clean(comment)))
            is_behind = False
        else:
            pending = clean(comment)
    return said


def blocks_of(header, annotations):
    with open(header, encoding="utf-8") as f:
        source = f.read()

    for match in re.finditer(rf"(?:{COMMENT}\n)?typedef (struct|enum) \{{(.*?)\}} (\w+);", source, re.S):
        comment, kind, body, name = match.groups()
        lines = [f"{name}:"]
        said = members(body, ";" if kind == "struct" else ",")
        for member, text in said.items():
            if member.startswith("MS_N_"):  # as meson.build has it renamed
                member = os.path.commonprefix([m for m in said if m != member]) + "N"
            lines += [f"@{member}: {text}"] if text else []
        yield [*lines, "", clean(comment or "")]

    for match in re.finditer(rf"(?:{COMMENT}\n)?#define (MS_\w+) (?:\d+|G_\w+)\n(?:#define (MS_\w+) \d+\n)?", source, re.S):
        for name in filter(None, match.groups()[1:]):
            yield [f"{name}:", "", clean(match[1] or "")]
    # A class is what the file is about.
    about = re.search(rf"^{COMMENT}\n#pragma once", source, re.M | re.S)
    for match in re.finditer(rf"(?:{COMMENT}\n)?#define MS_TYPE_\w+ .*\nMS_API\nG_DECLARE_FINAL_TYPE \((\w+)", source, re.S):
        yield [f"{match[2]}:", "", clean(match[1] or (about[1] if about else ""))]

    # A comment is of the declarations that follow it, until an empty line.
    function = rf"MS_API ([^;()]*?)(ms_\w+) \(([^;]*?)\);(?:[ \t]*{COMMENT})?"
    for paragraph in re.split(r"\n\n", source):
        last = ""
        for match in re.finditer(rf"{COMMENT}\n|{function}", paragraph, re.S):
            if match[3] is None:
                last = clean(match[1])
                continue
            own = clean(match[5] or "")
            text = ". ".join(filter(None, [last, own]))
            returns, name, parameters = match[2].strip(), match[3], match[4]
            said = annotations.pop(name, [""])
            yield function_block(name, returns, parameters, said, text)


def function_block(name, returns, parameters, said, text):
    lines = [f"{name}:{said[0]}"]
    documented = "\n".join(said)
    for parameter in re.findall(r"(\w+)(?:,|$)", parameters):
        given = re.search(rf"^@{parameter}:.*$", documented, re.M)
        if given:
            lines.append(given[0])
        elif parameter in OBVIOUS:
            lines.append(f"@{parameter}: " + OBVIOUS[parameter])
        elif parameter == "self":
            lines.append("@self: " + SELF[name.split("_")[1]])
        elif re.match(r"n(_|$)", parameter):
            lines.append(f"@{parameter}: how many there are")
    prose = re.sub(r"^(@|Returns:).*$", "", "\n".join(said[1:]), flags=re.M).strip()
    lines += ["", text or prose, ""]
    result = re.search(r"^Returns:.*$", documented, re.M)
    if result:
        lines.append(result[0])
    elif returns != "void" and text:
        lines.append("Returns: " + text)
    return lines


def main():
    annotations_path, *headers, option, out = sys.argv[1:]
    if option != "--output":
        sys.exit(__doc__)
    annotations = read_annotations(annotations_path)
    with open(out, "w", encoding="utf-8") as f:
        f.write("#pragma once\n")
        blocks = [block for header in headers for block in blocks_of(header, annotations)]
        blocks += [[f"{name}:{lines[0]}", *lines[1:]] for name, lines in annotations.items()]
        for block in blocks:
            f.write("\n/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in block) + " */\n")


main()
