"""Story files: rewriting what they expect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz, process

from ivr.call_flow.turn import Turn
from ivr.routing.stories import (
    Action,
    DoesNotHear,
    Entry,
    Expectation,
    Hears,
    LandsIn,
    Rings,
    StoryResult,
    place_of,
    ringing,
    spoken,
)
from ivr.routing.story_text import write_item


def updated(text: str, result: StoryResult, *, whole_turns: bool = False) -> str:
    """A story's text with every expectation that differed rewritten to what happened; actions and comments stay.

    With `whole_turns`, the words of a turn that differed are replaced by all that is heard in it.
    """
    lines = text.splitlines()
    for entry, turn, full in reversed(list(_to_rewrite(result, whole_turns))):
        first = entry.line - 1
        last = _end_of_item(lines, first)
        item = _actual(entry.item, turn, full)
        lines[first:last] = [] if item is None else write_item(item).splitlines()
    return "\n".join(lines) + "\n"


def _to_rewrite(result: StoryResult, whole_turns: bool) -> Iterator[tuple[Entry, Turn, bool | None]]:
    """Entries that differ, with their turn. The last value: True for all words, None to drop the words."""
    for turn in result.turns:
        if turn.turn is None or not turn.differences:
            continue
        differing = {difference.entry.line for difference in turn.differences}
        hearing = [entry for entry in turn.expected if isinstance(entry.item, Hears)]
        redo = whole_turns and any(entry.line in differing for entry in hearing)
        for entry in turn.expected:
            if redo and entry in hearing:
                yield entry, turn.turn, True if entry is hearing[0] else None
            elif entry.line in differing:
                yield entry, turn.turn, False


def _end_of_item(lines: Sequence[str], first: int) -> int:
    """The index after the item's last line: what follows and is not indented more is not the item's."""
    dash = _indent(lines[first])
    last = first + 1
    for number in range(first + 1, len(lines)):
        bare = lines[number].partition("#")[0]
        if not bare.strip():
            continue  # an empty line or a comment is the item's only when more of the item follows
        if _indent(bare) <= dash:
            break
        last = number + 1
    return last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _actual(item: Action | Expectation, turn: Turn, full: bool | None) -> Expectation | None:
    match item:
        case Hears(phrases):
            words = spoken(turn) if full else _closest(phrases, turn)
            return Hears(words) if words and full is not None else None
        case DoesNotHear(phrases):
            heard = " ".join(spoken(turn)).casefold()
            left = tuple(phrase for phrase in phrases if phrase.casefold() not in heard)
            return DoesNotHear(left) if left else None
        case Rings():
            return Rings(ringing(turn)) if ringing(turn) else None
        case LandsIn():
            return LandsIn(place_of(turn)) if place_of(turn) else None
        case _:
            return None


def _closest(phrases: Sequence[str], turn: Turn) -> tuple[str, ...]:
    """The phrases that are still heard, and for each other one the likeliest of those heard in its place."""
    heard = spoken(turn)
    places = _places(phrases, heard)
    found: list[str] = []
    after = 0
    for number, phrase in enumerate(phrases):
        place = places[number]
        if place is not None:
            found.append(phrase)
            after = place + 1
            continue
        before = next((later for later in places[number + 1 :] if later is not None), len(heard))
        if match := process.extractOne(phrase, heard[after:before], scorer=fuzz.ratio):
            found.append(heard[after + match[2]])
            after += match[2] + 1
    return tuple(found)


def _places(phrases: Sequence[str], heard: Sequence[str]) -> list[int | None]:
    """Where each phrase is heard, in order; None for one that is not."""
    places: list[int | None] = []
    start = 0
    for phrase in phrases:
        within = (place for place in range(start, len(heard)) if phrase.casefold() in heard[place].casefold())
        place = next(within, None)
        places.append(place)
        start = start if place is None else place
    return places
