"""What is wrong with a configuration, as sentences: where it stands, what was found, and the cure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

MOST_SHOWN = 200
_LIKENESS = 75
_LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding. `line` counts from 1, 0 means the whole file. A warning does not keep a file from being used."""

    file: str
    line: int
    path: tuple[str, ...]
    sentence: str
    cure: str = ""
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        parts = [place, *(["warning"] if self.warning else []), " > ".join(self.path), self.sentence]
        text = ": ".join(part for part in parts if part)
        return printable(f"{text} {self.cure}" if self.cure else text)


def render(problems: Iterable[Problem]) -> str:
    """The problems as text, one a line, by file and line; at most 200 of them, then how many more there are."""
    found = sorted(problems)
    lines = [str(problem) for problem in found[:MOST_SHOWN]]
    if len(found) > MOST_SHOWN:
        lines.append(f"... and {len(found) - MOST_SHOWN} more")
    return "".join(f"{line}\n" for line in lines)


def quoted(text: str) -> str:
    """Staff's own text between quotation marks, shortened when it is long."""
    short = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "..."
    return f'"{short}"'


class Spelling:
    """The names that exist, asked for the closest one. Answers the first 200 questions: no more are ever shown."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = {name.casefold(): name for name in known}
        self._left = MOST_SHOWN

    def cure(self, wrong: str) -> str:
        """A cure that names the closest known name, or nothing when none is close."""
        if not wrong or len(wrong) > _LONGEST_QUOTE or not self._left:
            return ""
        self._left -= 1
        found = process.extractOne(wrong.casefold(), self._known.keys(), scorer=fuzz.ratio, score_cutoff=_LIKENESS)
        return f"Did you mean {quoted(self._known[found[0]])}?" if found else ""


def printable(text: str) -> str:
    """The text with everything that could disturb a terminal or a page written as an escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
