"""Facts of one call as they were written down, and the order in which the caller lived them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, get_args

from .events import (
    Apologised,
    CallAccepted,
    CallDeclined,
    CallEnded,
    CameThroughFallback,
    Event,
    LegEnded,
    RecordingReady,
    WhisperHeard,
)

LARGEST = 2**31 - 1  # what a whole number of a database column holds on both engines
BEYOND = 2**31  # after every hop
OF_NO_TURN = (Apologised, CameThroughFallback)  # told without a hop: no turn of ours was had

KINDS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}


@dataclass(frozen=True, slots=True)
class Noted:
    """A fact with its place: the turn's `hop`, `nth` within the turn, an aware moment, the routing's `version`.

    `event` is None for a fact this release does not know; it still shows when the call was last heard of.
    """

    hop: int
    nth: int
    at: datetime
    event: Event | None
    version: str = ""


def restore(kind: str, data: object) -> Event | None:
    """The event that was written down as a kind and its fields.

    None for an unknown kind, a missing field or a value of the wrong type; a field we do not know is left out, since a
    newer release may have added it. Never raises.
    """
    known = KINDS.get(kind)
    if known is None or not isinstance(data, Mapping):
        return None
    values: dict[str, object] = {}
    for name, fits, needed in _fields(kind):
        if name not in data:
            if needed:
                return None
            continue
        value = data[name]
        if not fits(value):
            return None
        values[name] = tuple(value) if type(value) is list else value
    event: Event = known(**values)
    return event


def ordered(noted: Iterable[Noted]) -> list[Noted]:
    """Each known fact once, as the caller lived them, whatever the order in which they were handed in.

    What a callee heard and how a leg ended come before the turn that tells the caller so. An apology and
    word of the fallback stand after the turns before them in time. The carrier's words about recordings and the end
    come last.
    """
    facts = {each for each in noted if each.event is not None}
    hops = {each: _hop_before(each, facts) for each in facts if isinstance(each.event, OF_NO_TURN)}
    placed = [(_place(each, hops), each) for each in facts]
    if len({place for place, _ in placed}) < len(placed):  # two facts for one place: any order, but always the same
        placed = [((*place, repr(each.event), each.version), each) for place, each in placed]
    return [each for _, each in sorted(placed, key=lambda pair: pair[0])]


def _place(noted: Noted, hops: Mapping[Noted, int]) -> tuple[Any, ...]:
    match noted.event:
        case WhisperHeard(_, phone):
            return noted.hop, 0, noted.at, 0, phone
        case CallAccepted(_, phone) | CallDeclined(_, phone):
            return noted.hop, 0, noted.at, 1, phone
        case LegEnded(_, phone):
            return noted.hop, 0, noted.at, 2, phone
        case CameThroughFallback():
            return hops[noted], 2, noted.at, 0, ""
        case Apologised():
            return hops[noted], 2, noted.at, 1, ""
        case RecordingReady(recording):
            return BEYOND, 0, noted.at, 0, recording
        case CallEnded(_, _, told_by):
            return BEYOND, 1, noted.at, 0, told_by
        case event:
            return noted.hop, 1, noted.nth, noted.at, type(event).__name__


def _hop_before(told: Noted, facts: Iterable[Noted]) -> int:
    """The turn after which it was; -1 for a fallback that brought the call to us in the first place."""
    outside = (*OF_NO_TURN, CallEnded, RecordingReady)
    first = isinstance(told.event, CameThroughFallback)
    before = [each for each in facts if not isinstance(each.event, outside)]
    hops = (each.hop for each in before if each.at < told.at or (each.at == told.at and not first))
    return max(hops, default=-1 if first else 0)


def _is_whole(value: object) -> bool:
    return type(value) is int and 0 <= value <= LARGEST


def _is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


_CHECKS: Mapping[str, Callable[[object], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": _is_whole,
    "str | None": lambda value: value is None or isinstance(value, str),
    "int | None": lambda value: value is None or _is_whole(value),
    "tuple[str, ...]": _is_texts,
}


@cache
def _fields(kind: str) -> tuple[tuple[str, Callable[[object], bool], bool], ...]:
    """Each field's name, what fits it, and whether it must be there."""
    return tuple((each.name, _CHECKS[str(each.type)], each.default is MISSING) for each in fields(KINDS[kind]))
