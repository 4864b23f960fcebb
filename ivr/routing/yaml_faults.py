"""Why a file is no YAML, in a receptionist's words, and on which line the cure is needed."""

from __future__ import annotations

import re

import yaml

from .problems import quoted


def explained(text: str, error: yaml.MarkedYAMLError, quotation: tuple[int, int]) -> tuple[int, str, str]:
    """The line, the finding and the cure of what the parser could not read; line 0 where it tells none.

    `quotation` is the first and last line of the newest text between quotation marks.
    """
    mark = error.problem_mark or error.context_mark
    problem = error.problem or ""
    # What was opened and never closed is noticed far below the place where it was opened.
    opened = error.context_mark if (error.context or "").startswith(_OPENED) else None
    line = (opened or mark).line + 1 if mark else 0
    if not opened and line == quotation[1]:
        return quotation[0], *_behind_a_quotation(*quotation)
    if unfinished := _unfinished_above(text, mark, problem):
        return unfinished, "this line has no colon with a blank after its name.", "Write it like name: value."
    return line, *_in_plain_words(problem, _character_at(text, mark))


_NAMED = re.compile(r"[ ]*(?:- )?[^\s:#][^:#]*:(?:\s|$)")
_OPENED = ("while scanning a quoted scalar", "while parsing a flow")
_YAML_WORDS = (
    (
        "mapping values are not allowed",
        "a colon stands where none can.",
        "Put the text between quotation marks, or check the indentation.",
    ),
    (
        "could not find expected ':'",
        "this line has no colon with a blank after its name, or the line above is unfinished.",
        "Write it like name: value.",
    ),
    ("did not find expected key", "the indentation does not fit the lines above.", ""),
    ("did not find expected '-' indicator", "an item of a list was expected here, or the indentation is wrong.", ""),
    ("did not find expected ',' or", "a bracket is opened and not closed.", ""),
    ("found unexpected end of stream", "a quotation mark is opened and not closed.", ""),
    ("found unexpected document indicator", "a quotation mark is opened and not closed.", ""),
    ("found unknown escape character", "a backslash stands in a text with double quotation marks.", "Use single ones."),
    ("invalid Unicode character escape", "an escape names a character that does not exist.", "Take it out."),
    (
        "did not find expected alphabetic or numeric character",
        "a value cannot start with & or *.",
        "Put the text between quotation marks.",
    ),
    (
        "did not find expected comment or line break",
        "text stands on the same line as a | or >.",
        "Put it on the next line, further in, or between quotation marks.",
    ),
    ("found undefined tag handle", "tags (!) are not used here.", "Write the value without it."),
    ("block sequence entries are not allowed", "a list cannot start here.", "Start it on a line of its own."),
)


def _behind_a_quotation(first: int, last: int) -> tuple[str, str]:
    """What stands behind a text between quotation marks, on its last line, and cannot be read."""
    if first < last:
        sentence = f"a quotation mark is opened here, and the next one stands on line {last}."
        return sentence, "Close it where the text ends."
    return "something stands behind a closing quotation mark.", "Put the whole text between one pair of them."


def _unfinished_above(text: str, mark: yaml.Mark | None, problem: str) -> int:
    """The line above a good one that has no colon and blank behind its name, and so swallows it; 0 for none."""
    if mark is None or "mapping values are not allowed" not in problem:
        return 0
    lines = text.split("\n", mark.line + 1)[: mark.line + 1]
    if not _NAMED.match(lines.pop()):
        return 0
    above = next((number for number in range(len(lines), 0, -1) if lines[number - 1].strip()), 0)
    line = lines[above - 1] if above else ""
    return 0 if _NAMED.match(line) or line.lstrip().startswith(("#", "-", '"', "'")) else above


def _in_plain_words(problem: str, char: str) -> tuple[str, str]:
    if "cannot start any token" in problem:
        if char == "\t":
            return "a tab stands where spaces must.", "Indent with spaces."
        return f"a value cannot start with {quoted(char)}.", "Put the text between quotation marks."
    for words, sentence, cure in _YAML_WORDS:
        if words in problem:
            return sentence, cure
    return f"this is not YAML that can be read ({problem}).", ""


def _character_at(text: str, mark: yaml.Mark | None) -> str:
    if mark is None:
        return ""
    lines = text.split("\n", mark.line + 1)
    line = lines[mark.line] if mark.line < len(lines) else ""
    return line[mark.column : mark.column + 1]
