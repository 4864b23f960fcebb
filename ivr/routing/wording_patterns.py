"""A small notation for phrases, and the matcher that finds them among the words of a prompt.

The wording rules are lists of phrases, one a line, instead of regular expressions: a clinician can read them, hundreds
are ready within milliseconds, and no text can make the matcher slow. In a phrase, words are parted by spaces and

    a|b        is one of these words
    heal*      is any word that begins so
    give_up    is these words in a row, as one of several choices
    just?      may be missing (in a|b? the whole choice may be)
    #          is a number, in figures or in words
    @medicine  is a named list of words
    ~ or ~2    is a gap of up to four (or two) words inside one clause
    ^3         is a gap of up to three words or commas, none of which denies

"," and "." are words of their own in the text that is searched. A phrase begins with a word that may not be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

_PLAIN_GAP = 4
_STOPS = frozenset(",.")


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """What `@name`, `#` and `^` stand for in one language; lists of words parted by "|"."""

    named: Mapping[str, str]
    numbers: str
    denials: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words, beginnings of words or runs of words; `number` takes figures too."""

    words: frozenset[str]
    stems: tuple[str, ...]
    runs: tuple[tuple[str, ...], ...]
    number: bool
    optional: bool

    def takes(self, word: str) -> bool:
        """Whether this one word will do."""
        return (
            word in self.words
            or (bool(self.stems) and word.startswith(self.stems))
            or (self.number and word.isdecimal())
        )


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to `most` words that do not matter, over commas too when `denials` names the words it may not hold."""

    most: int
    denials: frozenset[str] | None


Parts = tuple[Choice | Gap, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """Blocks of phrases, each filed under its first word; an entry is the rest of a phrase and its block's number.

    `looked_up` remembers the entries of each word met, so a book is for one run over a set of texts, not for keeping.
    """

    by_word: Mapping[str, Sequence[tuple[Parts, int]]]
    by_stem: Mapping[str, Sequence[tuple[Parts, int]]]
    by_number: Sequence[tuple[Parts, int]]
    longest_stem: int
    looked_up: dict[str, Sequence[tuple[Parts, int]]] = field(default_factory=dict)

    def at(self, words: Sequence[str], start: int) -> list[tuple[int, int]]:
        """(end, block number) of each phrase that stands at `start`."""
        word = words[start]
        entries = self.looked_up.get(word)
        if entries is None:
            entries = self.looked_up[word] = self._starting_with(word)
        if not entries:
            return []
        ends = ((_end(parts, 0, words, start + 1), block) for parts, block in entries)
        return [(end, block) for end, block in ends if end is not None]

    def first(self, words: Sequence[str]) -> tuple[int, int] | None:
        """Start and end of the first phrase in the words, whichever block it is of."""
        for start, word in enumerate(words):
            if self.looked_up.get(word, True) and (found := self.at(words, start)):
                return start, found[0][0]
        return None

    def _starting_with(self, word: str) -> list[tuple[Parts, int]]:
        entries = [*self.by_word.get(word, ()), *(self.by_number if word.isdecimal() else ())]
        for length in range(1, min(len(word), self.longest_stem) + 1):
            entries += self.by_stem.get(word[:length], ())
        return entries


def book(blocks: Iterable[str], lists: Lists) -> Book:
    """The blocks' phrases (one a line), ready to be looked for. Raises ValueError for a phrase it cannot file."""
    by_word: dict[str, list[tuple[Parts, int]]] = {}
    by_stem: dict[str, list[tuple[Parts, int]]] = {}
    by_number: list[tuple[Parts, int]] = []
    for number, block in enumerate(blocks):
        for line in filter(None, map(str.strip, block.splitlines())):
            first, *rest = (_part(text, lists) for text in line.split())
            if isinstance(first, Gap) or first.optional:
                raise ValueError(f"a phrase must begin with a word that may not be missing: {line}")
            entry = (tuple(rest), number)
            for word in first.words:
                by_word.setdefault(word, []).append(entry)
            for word, *others in first.runs:
                by_word.setdefault(word, []).append(((*map(_exactly, others), *rest), number))
            for stem in first.stems:
                by_stem.setdefault(stem, []).append(entry)
            if first.number:
                by_number.append(entry)
    return Book(by_word, by_stem, by_number, max(map(len, by_stem), default=0))


@cache  # grows with the rules, which are constants, never with the texts they are looked for in
def _part(text: str, lists: Lists) -> Choice | Gap:
    if text[0] == "~":
        return Gap(int(text[1:] or _PLAIN_GAP), None)
    if text[0] == "^":
        return Gap(int(text[1:]), frozenset(lists.denials.split("|")))
    optional = text.endswith("?")
    pieces = [piece for name in text.removesuffix("?").split("|") for piece in _spelt_out(name, lists)]
    return Choice(
        words=frozenset(piece for piece in pieces if "_" not in piece and not piece.endswith("*")),
        stems=tuple(piece.removesuffix("*") for piece in pieces if "_" not in piece and piece.endswith("*")),
        runs=tuple(tuple(piece.split("_")) for piece in pieces if "_" in piece),
        number="#" in text,
        optional=optional,
    )


def _exactly(word: str) -> Choice:
    return Choice(frozenset({word}), (), (), number=False, optional=False)


def _spelt_out(name: str, lists: Lists) -> list[str]:
    if name == "#":
        return lists.numbers.split("|")
    return lists.named[name[1:]].split("|") if name.startswith("@") else [name]


def _end(parts: Parts, index: int, words: Sequence[str], at: int) -> int | None:
    """Where the rest of a phrase ends when it goes on at `at`, or None. Gaps are as short as they can be."""
    while index < len(parts):
        part = parts[index]
        index += 1
        if isinstance(part, Choice) and not part.runs and not part.optional:
            if at == len(words) or not part.takes(words[at]):
                return None
            at += 1
            continue
        places = _over(part, words, at) if isinstance(part, Gap) else _after(part, words, at)
        ends = (_end(parts, index, words, place) for place in places)
        return next((end for end in ends if end is not None), None)
    return at


def _over(gap: Gap, words: Sequence[str], at: int) -> list[int]:
    """Where a phrase may go on after the gap, the nearest place first."""
    places = [at]
    for position in range(at, min(at + gap.most, len(words))):
        word = words[position]
        if word == "." or word in (_STOPS if gap.denials is None else gap.denials):
            break
        places.append(position + 1)
    return places


def _after(choice: Choice, words: Sequence[str], at: int) -> list[int]:
    """Where a phrase may go on after the choice, the longest run first."""
    places = [at + len(run) for run in choice.runs if tuple(words[at : at + len(run)]) == run]
    if at < len(words) and choice.takes(words[at]):
        places.append(at + 1)
    if choice.optional:
        places.append(at)
    return places
