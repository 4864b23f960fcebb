"""A small notation for phrases, and the matcher that finds them among the words of a prompt.

The wording rules are lists of phrases, one a line, instead of regular expressions: a clinician can read them, hundreds
are ready within milliseconds, and no text can make the matcher slow: it tries a phrase at all places of a text at once.
In a phrase, words are parted by spaces and

    a|b        is one of these words
    heal*      is any word that begins so
    give_up    is these words in a row, as one of several choices
    just?      may be missing (in a|b? the whole choice may be)
    #          is a number, in figures or in words
    @medicine  is a named list of words
    ~ or ~2    is a gap of up to four (or two) words inside one clause
    ^3         is a gap of up to three words or commas, none of which denies

"," and "." are words of their own in the text that is searched. A phrase begins with a word that may not be missing,
and ends at a full stop at the latest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

_PLAIN_GAP = 4
_STOPS = frozenset(",.")


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """What `@name`, `#` and `^` stand for in one language; lists of words parted by "|"."""

    named: Mapping[str, str]
    numbers: str
    denials: str


@dataclass(frozen=True, slots=True, eq=False)
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


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Up to `most` words that do not matter, over commas too when `denials` names the words it may not hold."""

    most: int
    denials: frozenset[str] | None


Parts = tuple[Choice | Gap, ...]


class Entry(NamedTuple):
    """The rest of a phrase after its first word, its block's number, and words of which a text must hold one."""

    rest: Parts
    block: int
    needs: frozenset[str] = frozenset()


class Text(list[str]):
    """The words of a text, which remembers where each stands, and where the rest of a phrase can.

    Places are the bits of a whole number, the lowest for the first word: one step of a phrase is taken at all of them.
    """

    __slots__ = ("_choices", "_everywhere", "_ordered", "_places", "_rests", "_words")

    def __init__(self, words: Iterable[str] = ()) -> None:
        super().__init__(words)
        self._places: dict[str, int] = {}
        for at, word in enumerate(self):
            self._places[word] = self._places.get(word, 0) | 1 << at
        self._everywhere = (1 << len(self) + 1) - 1  # after the last word too
        self._words = frozenset(self._places)
        self._ordered: list[str] = []
        self._choices: dict[Choice | Gap, int] = {}
        self._rests: dict[Parts, int] = {}

    def holds_one_of(self, words: frozenset[str]) -> bool:
        """Whether one of the words is in the text, or none is asked for."""
        return not words or not words.isdisjoint(self._words)

    def places(self) -> Iterable[tuple[str, int]]:
        """Every word, once, and its places."""
        return self._places.items()

    def where(self, rest: Parts) -> int:
        """The places at which the rest of a phrase begins."""
        found = self._rests.get(rest)
        if found is None:
            found = self._everywhere
            for part in reversed(rest):
                found = self._before_gap(part, found) if isinstance(part, Gap) else self._before_choice(part, found)
            self._rests[rest] = found
        return found

    def _before_gap(self, gap: Gap, onward: int) -> int:
        passable = self._choices.get(gap)
        if passable is None:
            stops = _STOPS if gap.denials is None else (*gap.denials, ".")
            passable = self._choices[gap] = self._everywhere & ~self._any_of(stops)
        found = step = onward
        for _ in range(gap.most):
            step = (step >> 1) & passable
            found |= step
        return found

    def _before_choice(self, choice: Choice, onward: int) -> int:
        taken = self._choices.get(choice)
        if taken is None:
            taken = self._choices[choice] = self._taken_by(choice)
        found = (onward >> 1) & taken | (onward if choice.optional else 0)
        for run in choice.runs:
            here = onward >> len(run)
            for number, word in enumerate(run):
                here &= self._places.get(word, 0) >> number
            found |= here
        return found

    def _taken_by(self, choice: Choice) -> int:
        found = self._any_of(choice.words & self._words)
        if choice.stems and not self._ordered:
            self._ordered = sorted(self._words)
        for stem in choice.stems:
            first = bisect_left(self._ordered, stem)
            for word in self._ordered[first:]:
                if not word.startswith(stem):
                    break
                found |= self._places[word]
        if choice.number:
            found |= self._any_of(filter(str.isdecimal, self._words))
        return found

    def _any_of(self, words: Iterable[str]) -> int:
        found = 0
        for word in words:
            found |= self._places.get(word, 0)
        return found


@dataclass(frozen=True, slots=True)
class Book:
    """Blocks of phrases, each filed under its first word; an entry is the rest of a phrase and its block's number.

    `looked_up` remembers the entries of each word met, so a book is for one run over a set of texts, not for keeping.
    """

    by_word: Mapping[str, Sequence[Entry]]
    by_stem: Mapping[str, Sequence[Entry]]
    by_number: Sequence[Entry]
    longest_stem: int
    looked_up: dict[str, Sequence[Entry]] = field(default_factory=dict)

    def found(self, text: Text) -> dict[int, list[Entry]]:
        """The entries that stand somewhere in the text, by the place of their first word, which is in no order."""
        hits: dict[int, list[Entry]] = {}
        for word, places in text.places():
            for entry in self._entries(word):
                if not text.holds_one_of(entry.needs):
                    continue
                starts = (text.where(entry.rest) >> 1) & places
                while starts:
                    at = starts.bit_length() - 1
                    starts ^= 1 << at
                    hits.setdefault(at, []).append(entry)
        return hits

    def at(self, words: Sequence[str], start: int) -> list[tuple[int, int]]:
        """(end, block number) of each phrase that stands at `start`."""
        return ends(self._entries(words[start]), words, start)

    def first(self, words: Sequence[str]) -> tuple[int, int] | None:
        """Start and end of the first phrase in the words, whichever block it is of."""
        hits = self.found(words if isinstance(words, Text) else Text(words))
        if not hits:
            return None
        start = min(hits)
        return start, ends(hits[start], words, start)[0][0]

    def _entries(self, word: str) -> Sequence[Entry]:
        entries = self.looked_up.get(word)
        if entries is None:
            entries = self.looked_up[word] = self._starting_with(word)
        return entries

    def _starting_with(self, word: str) -> list[Entry]:
        entries = [*self.by_word.get(word, ()), *(self.by_number if word.isdecimal() else ())]
        for length in range(1, min(len(word), self.longest_stem) + 1):
            entries += self.by_stem.get(word[:length], ())
        return entries


def ends(entries: Iterable[Entry], words: Sequence[str], start: int) -> list[tuple[int, int]]:
    """(end, block number) of each of the entries whose rest stands after the word at `start`."""
    found = ((_end(entry.rest, 0, words, start + 1), entry.block) for entry in entries)
    return [(end, block) for end, block in found if end is not None]


def book(blocks: Iterable[str], lists: Lists) -> Book:
    """The blocks' phrases (one a line), ready to be looked for. Raises ValueError for a phrase it cannot file."""
    by_word: dict[str, list[Entry]] = {}
    by_stem: dict[str, list[Entry]] = {}
    by_number: list[Entry] = []
    for number, block in enumerate(blocks):
        for line in filter(None, map(str.strip, block.splitlines())):
            first, *rest = (_part(text, lists) for text in line.split())
            if any("." in part for part in line.split()[:-1]):
                raise ValueError(f"a phrase ends at a full stop: {line}")
            if isinstance(first, Gap) or first.optional:
                raise ValueError(f"a phrase must begin with a word that may not be missing: {line}")
            entry = Entry(tuple(rest), number, _needs(rest))
            for word in first.words:
                by_word.setdefault(word, []).append(entry)
            for word, *others in first.runs:
                by_word.setdefault(word, []).append(_after_run(others, entry))
            for stem in first.stems:
                by_stem.setdefault(stem, []).append(entry)
            if first.number:
                by_number.append(entry)
    return Book(by_word, by_stem, by_number, max(map(len, by_stem), default=0))


def _after_run(others: Iterable[str], entry: Entry) -> Entry:
    rest = (*map(_exactly, others), *entry.rest)
    return Entry(rest, entry.block, _needs(rest))


def _needs(rest: Iterable[Choice | Gap]) -> frozenset[str]:
    """The fewest words of which one must follow, so that most phrases are passed over at once; none when stems do."""
    plain = (part for part in rest if isinstance(part, Choice) and not part.optional)
    sets = (part.words for part in plain if not part.stems and not part.runs and not part.number)
    return min(sets, key=len, default=frozenset())


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


@cache
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
