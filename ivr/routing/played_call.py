"""A call that is played without a telephone: how it begins, all its turns, and the story that is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.call_flow.model import Routing
from ivr.call_flow.moments import full_date
from ivr.call_flow.turn import HangUp, Outcome, Ring, Turn

from .stories import (
    Action,
    CallEnds,
    DoesNotFit,
    Entry,
    Expectation,
    Hears,
    LandsIn,
    Rings,
    Story,
    first_turn,
    next_turn,
    place_of,
    ringing,
    run_story,
    spoken,
)
from .story_text import read_story, write_story
from .text import Limits

Played = tuple[Action | None, Turn]  # a turn, and what led to it: None for the arrival


class NotKept(ValueError):
    """The call cannot be kept as a story: read back, it would not pass."""


@dataclass(frozen=True, slots=True)
class Start:
    """How a call begins; `at` is aware, `line` and `language` are "" for the usual."""

    at: datetime
    line: str
    language: str
    withheld: bool


@dataclass(frozen=True, slots=True)
class PlayedCall:
    """A call as far as it could be played. `fault` says why the next action could not be done, "" if all were."""

    start: Start
    played: tuple[Played, ...]
    fault: str = ""

    @property
    def last(self) -> Turn:
        return self.played[-1][1]


def play(routing: Routing, start: Start, actions: Sequence[Action]) -> PlayedCall:
    """Play a call from its beginning, one turn for each action. Raises DoesNotFit when it cannot even begin."""
    turn = first_turn(routing, start.at, line=start.line, language=start.language, withheld=start.withheld)
    played: list[Played] = [(None, turn)]
    for action in actions:
        try:
            turn = next_turn(routing, turn, action, start.at)
        except DoesNotFit as fault:
            return PlayedCall(start, tuple(played), str(fault))
        played.append((action, turn))
    return PlayedCall(start, tuple(played))


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """What becomes of phones that ring together: one that answers takes the call, and only all alike are alike."""
    if Outcome.ANSWERED in outcomes:
        return Outcome.ANSWERED
    return outcomes[0] if len(set(outcomes)) == 1 else Outcome.NO_ANSWER


def story_of(routing: Routing, start: Start, played: Sequence[Played], file: str) -> Story:
    """A story of a call as it was walked: each action, and everything that came of it."""
    items: list[Action | Expectation] = []
    place = ""
    for action, turn in played:
        items.extend([action] if action else [])
        items.extend(_everything(turn, place))
        place = place_of(turn)
    title = f"A call on {full_date(start.at)}"
    at = start.at.replace(tzinfo=None)
    line = "" if start.line == routing.main_line.name else start.line
    entries = tuple(Entry(0, item) for item in items)
    return Story(file, title, at, entries, line, start.language, start.withheld)


def kept(routing: Routing, start: Start, played: Sequence[Played], file: str, limits: Limits) -> str:
    """The text of a story of the call, proven to read back and to pass. Raises NotKept."""
    text = write_story(story_of(routing, start, played, file))
    story = read_story(file, text.encode(), limits)
    if isinstance(story, list) or not run_story(routing, story).passed:
        raise NotKept("This call cannot be kept as a story: it would not pass.")
    return text


def _everything(turn: Turn, place_before: str) -> Iterator[Expectation]:
    if words := spoken(turn):
        yield Hears(words)
    if isinstance(turn.step, Ring):
        yield Rings(ringing(turn))
    elif isinstance(turn.step, HangUp):
        yield CallEnds()
    elif place_of(turn) != place_before:
        yield LandsIn(place_of(turn))
