"""Answers kept ready: what a menu says depends on nothing but where the call stands and which key was heard.

Such an answer is worked out once and then given again with another hop in its address. Whatever depends on the moment,
on the caller's number or on more than a key is worked out each time, and so is all that staff hear after their keys.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.call_flow.model import Override, Routing, StaffMenu
from ivr.call_flow.turn import Arrived, Ask, CallerDigits, CallState, Heard, Pressed, Said, Silence, Turn
from ivr.journal.entry import Ready

_WITHOUT_WORDS = (Arrived, Pressed, Silence)
MOST_ANSWERS = 20_000  # some 2 kB each; the sample clinic has a few hundred


@dataclass(frozen=True, slots=True)
class Known:
    """An answer whose document is cut at each place where the next hop is written. True below hop `hops` only.

    `ready` is what the journal gets.
    """

    hops: int
    ready: Ready
    pieces: tuple[str, ...]

    def document(self, hop: int) -> str:
        """The answer to a call at `hop`."""
        return str(hop + 1).join(self.pieces)


class KnownAnswers:
    """The answers that hold under the overrides of the moment; other overrides begin anew."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._shelf = Shelf(base, ())

    def under(self, overrides: tuple[Override, ...]) -> Shelf:
        """What is known while exactly these are on this host."""
        shelf = self._shelf
        if shelf.overrides is not overrides:
            shelf = self._shelf = Shelf(self._base, overrides)
        return shelf


class Shelf:
    """By the address without its hop, and what was heard. Threads share it; the worst of a race is double work."""

    def __init__(self, base: str, overrides: tuple[Override, ...]) -> None:
        self.overrides = overrides
        self._mark = f"{base}/voice/turn/"
        self._answers: dict[tuple[str, Heard | Said], Known] = {}

    def find(self, place: str, heard: Heard | Said, hop: int) -> Known | None:
        known = self._answers.get((place, heard))
        return known if known is not None and hop < known.hops else None

    def learn(self, place: str, state: CallState, heard: Heard | Said, routing: Routing, turn: Turn, text: str) -> None:
        """Keep an answer if it would be the same for every call that stands there."""
        hops = routing.budgets.hops
        if not (_repeats(heard, turn) and state.hop < hops and place.startswith(f"{routing.version}/")):
            return
        if _is_of_staff(routing, state, turn):
            return
        pieces = tuple(text.split(f"{self._mark}{state.hop + 1}/"))
        if len(pieces) != 3:  # the Gather's action and the Redirect after it
            return
        if len(self._answers) >= MOST_ANSWERS:
            self._answers.clear()
        before, between, after = pieces
        pieces = (before + self._mark, f"/{between}{self._mark}", f"/{after}")
        self._answers[place, heard] = Known(hops, Ready(routing.version, turn.events), pieces)


def _is_of_staff(routing: Routing, state: CallState, turn: Turn) -> bool:
    """Whether the call is, or comes to be, where staff make changes: there every answer is worked out anew."""
    places = (state.place, turn.step.resume.place) if isinstance(turn.step, Ask) else (state.place,)
    return any(isinstance(routing.destinations.get(place), StaffMenu) for place in places)


def _repeats(heard: Heard | Said, turn: Turn) -> bool:
    may = turn.timeless and isinstance(turn.step, Ask) and isinstance(heard, _WITHOUT_WORDS)
    return may and not any(isinstance(phrase, CallerDigits) for say in turn.say for phrase in say.phrases)
