# SPDX-License-Identifier: MIT OR Apache-2.0
"""The page's script and style without what only its authors read: comments, indentation, spaces between tokens.

Nothing is renamed and no statement is changed, so what a browser reports can be found in the sources.  Strings,
templates and regular expressions stay as they are; a line that ends in anything but an open bracket, a comma or
an operator keeps its end, as there a semicolon may be understood.
"""
import re

TOKEN = re.compile(r"""
    (?P<gap>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
  | (?P<word>[\w$\u0080-\uffff]+(?:\.\d+\w*)?)
  | (?P<sign>=>|\?\?=|\?\?|\?\.|&&|\|\||\+\+|--|\*\*|===?|!==?|>>>|\.\.\.|[-+*/%<>&|^!~?:=.,;(){}\[\]])
""", re.X | re.S)
REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
GOES_ON = set("{([,;=?:&|+-*%<>!") | {"=>", "&&", "||", "??", "===", "!==", "==", "!=", "...", "?."}
BEFORE_VALUE = GOES_ON | {"}", ")"} - {")"}
VALUE_WORDS = {"return", "typeof", "case", "in", "of", "new"}


def template_end(text, at):
    """Behind the template that begins at `at`; what is put in may hold templates."""
    at += 1
    while text[at] != "`":
        if text[at] == "\\":
            at += 2
        elif text.startswith("${", at):
            depth, at = 1, at + 2
            while depth > 0:
                if text[at] == "`":
                    at = template_end(text, at)
                    continue
                if text[at] in "'\"":
                    at = TOKEN.match(text, at).end()
                    continue
                depth += {"{": 1, "}": -1}.get(text[at], 0)
                at += 1
        else:
            at += 1
    return at + 1


def tokens(text):
    """(text of the token, whether a line ended before it)"""
    at, before, line_ended = 0, ";", False
    while at < len(text):
        begins_value = before in BEFORE_VALUE or before in VALUE_WORDS
        if text[at] == "`":
            end = template_end(text, at)
        elif text[at] == "/" and begins_value and text[at + 1] not in "/*":
            end = REGEX.match(text, at).end()
        else:
            match = TOKEN.match(text, at)
            if match is None:
                raise ValueError(f"what is this: {text[at:at + 60]!r}")
            if match["gap"]:
                line_ended |= "\n" in match["gap"]
                at = match.end()
                continue
            end = match.end()
        yield text[at:end], line_ended
        at, before, line_ended = end, text[at:end], False


def smaller_script(text):
    parts, before = [], ""
    for token, line_ended in tokens(text):
        if line_ended and before and before not in GOES_ON and token[0] not in ".?:)]},":
            parts.append("\n")
        elif before and (re.match(r"[\w$\u0080-\uffff]", before[-1]) and re.match(r"[\w$\u0080-\uffff]", token)
                         or before[-1] in "+-" and token[0] == before[-1]):
            parts.append(" ")
        parts.append(token)
        before = token
    return "".join(parts) + "\n"


def smaller_style(text):
    """No string of the style sheets holds a bracket, a colon or a semicolon."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,]) ?", r"\1", text)
    text = re.sub(r"(?<=[\w-]): (?=[^{}]*[;}])", ":", text)
    return text.replace(";}", "}").replace("}", "}\n").strip() + "\n"
