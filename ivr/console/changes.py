"""A figure beside the one before it, and the difference in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ivr.call_log.story import span

NOTHING = "–"
Kind = Literal["number", "rate", "seconds"]


@dataclass(frozen=True, slots=True)
class Change:
    """`now`, `before` and `words` as they are shown."""

    name: str
    now: str
    before: str
    words: str


def change_of(name: str, now: float | None, before: float | None, *, kind: Kind = "number") -> Change:
    """How a figure changed. None where there was nothing to tell it from; rates are from 0 to 1."""
    write = _WRITTEN[kind]
    both = now is not None and before is not None
    words = _words(now or 0, before or 0, kind) if both else "cannot be compared"
    return Change(name, _or_nothing(write, now), _or_nothing(write, before), words)


def _or_nothing(write: Callable[[float], str], figure: float | None) -> str:
    return NOTHING if figure is None else write(figure)


def _words(now: float, before: float, kind: Kind) -> str:
    write = _WRITTEN[kind]
    if write(now) == write(before):
        return "the same"
    more = now > before
    if kind == "rate":
        points = abs(round(now * 100) - round(before * 100))
        return f"{points} {'point' if points == 1 else 'points'} {'higher' if more else 'lower'}"
    told = f"{write(abs(now - before))} {_MORE[kind] if more else _LESS[kind]}"
    return f"{told} ({100 * abs(now - before) / before:.0f} %)" if before else told


def _seconds(figure: float) -> str:
    return span(round(figure))


def _rate(figure: float) -> str:
    return f"{figure * 100:.0f} %"


def _number(figure: float) -> str:
    return f"{figure:,.0f}"


_WRITTEN: dict[Kind, Callable[[float], str]] = {"number": _number, "rate": _rate, "seconds": _seconds}
_MORE: dict[Kind, str] = {"number": "more", "rate": "higher", "seconds": "longer"}
_LESS: dict[Kind, str] = {"number": "fewer", "rate": "lower", "seconds": "shorter"}
