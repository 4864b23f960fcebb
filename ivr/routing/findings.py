"""Collects problems and finds the line each belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from .problems import Problem
from .text import Group, Items, Value, line_of

Path = tuple[str | int, ...]
# More than anyone reads; without an end a hostile file could make its own report expensive.
MOST_KEPT = 1_000


class Findings:
    """The problems found so far in files that were read as text. Files go by their short names, such as menus.yaml.

    Of errors and of warnings at most 1,000 each are kept.
    """

    def __init__(self, folder: str, documents: Mapping[str, Group]) -> None:
        self.problems: list[Problem] = []
        self._folder = folder
        self._documents = documents
        self._errors = 0
        self._warnings = 0

    def error(self, file: str, path: Path, sentence: str, cure: str = "") -> None:
        if not self.is_full:
            self.add(self._problem(file, path, sentence, cure, warning=False))

    def warn(self, file: str, path: Path, sentence: str, cure: str = "") -> None:
        self._warnings += 1
        if self._warnings <= MOST_KEPT:
            self.problems.append(self._problem(file, path, sentence, cure, warning=True))

    def add(self, problem: Problem) -> None:
        """An error that knows its own place."""
        if not self.is_full:
            self._errors += 1
            self.problems.append(problem)

    @property
    def is_full(self) -> bool:
        """Whether another error would not be kept."""
        return self._errors >= MOST_KEPT

    def shown(self, file: str) -> str:
        """The file's name as problems print it."""
        return f"{self._folder}/{file}" if self._folder else file

    def line(self, file: str, path: Path) -> int:
        """The line of a setting, 0 when its file was not read."""
        return line_of(self._documents.get(file, Group()), path)

    def _problem(self, file: str, path: Path, sentence: str, cure: str, *, warning: bool) -> Problem:
        document = self._documents.get(file, Group())
        return Problem(self.shown(file), line_of(document, path), _spoken(document, path), sentence, cure, warning)


def _spoken(value: Value, path: Path) -> tuple[str, ...]:
    """The path as staff count: items of a list from 1; no number where a single value stands for a list."""
    words: list[str] = []
    for part in path:
        match value, part:
            case Items(), int():
                words.append(str(part + 1))
                value = value[part] if part < len(value) else ""
            case Group(), str():
                words.append(part)
                value = value.get(part, "")
            case _, str():
                words.append(part)
            case _:
                pass
    # A key and where it leads are one thing to staff: the key is enough.
    return tuple(words[:-1] if words[-1:] == ["to"] else words)
