"""Stories: stored calls. What the caller does, and what must then be heard and rung, in words that staff can write.

`story_text.py` reads and writes them. A story is run against a routing without a telephone: pure, at one
moment that does not pass. Expectations belong to the turn that the action above them brought about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.call_flow.engine import advance, arrival
from ivr.call_flow.events import GoodbyeSaid
from ivr.call_flow.model import Routing
from ivr.call_flow.turn import (
    Arrived,
    Ask,
    CallerDigits,
    CallState,
    DialEnded,
    HangUp,
    Heard,
    Join,
    MessageLeft,
    Outcome,
    Pressed,
    Record,
    Ring,
    Said,
    Silence,
    Turn,
)

from .listening import converse
from .problems import Spelling, quoted
from .zone import clinic_zone

MESSAGE_SECONDS = 10
TALK_SECONDS = 60
CALLERS_DIGITS = "(the last {count} digits of the caller's number)"

# What the caller does. -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Presses:
    key: str


@dataclass(frozen=True, slots=True)
class Says:
    words: str


@dataclass(frozen=True, slots=True)
class StaysSilent:
    pass


@dataclass(frozen=True, slots=True)
class PhoneDoes:
    """What becomes of the ringing."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class LeavesMessage:
    pass


@dataclass(frozen=True, slots=True)
class LeavesNoMessage:
    pass


@dataclass(frozen=True, slots=True)
class HangsUp:
    pass


Action = Presses | Says | StaysSilent | PhoneDoes | LeavesMessage | LeavesNoMessage | HangsUp

# What must come of it. -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hears:
    """Phrases spoken in this turn, in this order; each may be part of a sentence, upper and lower case are one."""

    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoesNotHear:
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rings:
    """Exactly these phones ring together."""

    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LandsIn:
    place: str


@dataclass(frozen=True, slots=True)
class CallEnds:
    pass


Expectation = Hears | DoesNotHear | Rings | LandsIn | CallEnds


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the conversation and the line of the file it stands on."""

    line: int
    item: Action | Expectation


@dataclass(frozen=True, slots=True)
class Story:
    """A stored call. `at` is wall time at the clinic, without a zone; `line` and `language` are "" for the usual."""

    file: str
    title: str
    at: datetime
    entries: tuple[Entry, ...]
    line: str = ""
    language: str = ""
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """An expectation that did not come true, or an action that could not be done, and why."""

    entry: Entry
    sentence: str


@dataclass(frozen=True, slots=True)
class StoryTurn:
    """One turn as it happened: the action that led to it (None for the arrival) and what was expected of it.

    `turn` is None when the action could not be done; the story stops there.
    """

    action: Entry | None
    expected: tuple[Entry, ...]
    turn: Turn | None
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class StoryResult:
    """A story and its turns. `fault` says why it could not even begin."""

    story: Story
    turns: tuple[StoryTurn, ...]
    fault: str = ""

    @property
    def passed(self) -> bool:
        return not self.fault and not any(turn.differences for turn in self.turns)


class DoesNotFit(ValueError):
    """The action cannot be done where the call stands; the text says why."""


def run_story(routing: Routing, story: Story) -> StoryResult:
    """Play a story against a routing and compare, turn by turn. Pure; raises nothing."""
    at = story.at.replace(tzinfo=clinic_zone(routing))
    try:
        turn = first_turn(routing, at, line=story.line, language=story.language, withheld=story.withheld)
    except DoesNotFit as fault:
        return StoryResult(story, (), str(fault))
    turns: list[StoryTurn] = []
    for action, expected in _chapters(story.entries):
        if action:
            try:
                turn = next_turn(routing, turn, action.item, at)
            except DoesNotFit as fault:
                turns.append(StoryTurn(action, expected, None, (Difference(action, str(fault)),)))
                break
        turns.append(StoryTurn(action, expected, turn, tuple(_differences(turn, expected))))
    return StoryResult(story, tuple(turns))


def first_turn(routing: Routing, at: datetime, *, line: str = "", language: str = "", withheld: bool = False) -> Turn:
    """What a caller hears on arrival at the aware moment `at`. Raises DoesNotFit for an unknown line or language."""
    if line and line not in routing.lines:
        raise DoesNotFit(f"no line is called {quoted(line)}. {Spelling(routing.lines).cure(line)}".rstrip())
    if language and language not in routing.languages:
        known = ", ".join(routing.languages)
        raise DoesNotFit(f"no language is called {quoted(language)}. There are: {known}.")
    state = arrival(routing, (routing.lines[line] if line else routing.main_line).number, withheld)
    return advance(routing, replace(state, language=language or state.language), Arrived(), at)


def next_turn(routing: Routing, turn: Turn, action: Action | Expectation, at: datetime) -> Turn:
    """What follows when the caller, or the clinic's phone, does `action` at the end of `turn`. Raises DoesNotFit."""
    match turn.step:
        case HangUp() | Join():
            raise DoesNotFit("the call has ended already.")
        case Ask(resume=state, listen=listens):
            heard = _heard_at_menu(action, listens)
        case Ring(resume=state):
            heard = _heard_while_ringing(action)
        case Record(resume=state):
            heard = _heard_while_recording(action)
    return Turn((), HangUp()) if heard is None else converse(routing, state, heard, at)


def spoken(turn: Turn) -> tuple[str, ...]:
    """Every phrase the caller hears in a turn, in order."""
    return tuple(written(phrase) for say in turn.say for phrase in say.phrases)


def written(phrase: str | CallerDigits) -> str:
    """A phrase as text. The caller's own digits are known to the door alone."""
    return CALLERS_DIGITS.format(count=phrase.count) if isinstance(phrase, CallerDigits) else phrase


def place_of(turn: Turn) -> str:
    """Where the caller is after a turn: the place that waits, or the one that said goodbye; "" if neither."""
    match turn.step:
        case Ask(resume=CallState() as state) | Ring(resume=state) | Record(resume=state):
            return state.place
        case HangUp() | Join():
            places = [event.place for event in turn.events if isinstance(event, GoodbyeSaid)]
            return places[-1] if places else ""


def ringing(turn: Turn) -> tuple[str, ...]:
    """The names of the phones that ring after a turn."""
    return tuple(phone.name for phone in turn.step.phones) if isinstance(turn.step, Ring) else ()


def _heard_at_menu(action: Action | Expectation, listens: bool) -> Heard | Said | None:
    match action:
        case Presses(key):
            return Pressed(key)
        case StaysSilent():
            return Silence()
        case Says(words) if listens:
            return Said(words)
        case Says():
            raise DoesNotFit("only keys are taken here, no words.")
        case HangsUp():
            return None
        case _:
            raise DoesNotFit("the call waits for a key here.")


def _heard_while_ringing(action: Action | Expectation) -> Heard:
    match action:
        case PhoneDoes(outcome):
            return DialEnded(outcome, TALK_SECONDS if outcome is Outcome.ANSWERED else 0)
        case HangsUp():
            return DialEnded(Outcome.CALLER_LEFT)
        case _:
            raise DoesNotFit("a phone is ringing here: say what it does.")


def _heard_while_recording(action: Action | Expectation) -> Heard | None:
    match action:
        case LeavesMessage():
            return MessageLeft("", MESSAGE_SECONDS)
        case LeavesNoMessage() | StaysSilent():
            return Silence()
        case HangsUp():
            return None
        case _:
            raise DoesNotFit("a message is being recorded here.")


def _chapters(entries: tuple[Entry, ...]) -> Iterator[tuple[Entry | None, tuple[Entry, ...]]]:
    """Each action with the expectations below it; the first chapter is the arrival."""
    action: Entry | None = None
    expected: list[Entry] = []
    for entry in entries:
        if isinstance(entry.item, Hears | DoesNotHear | Rings | LandsIn | CallEnds):
            expected.append(entry)
            continue
        yield action, tuple(expected)
        action, expected = entry, []
    yield action, tuple(expected)


def _differences(turn: Turn, expected: tuple[Entry, ...]) -> Iterator[Difference]:
    heard = _plain(" ".join(spoken(turn)))
    position = 0
    for entry in expected:
        match entry.item:
            case Hears(phrases):
                for phrase in phrases:
                    found = heard.find(_plain(phrase), position)
                    if found >= 0:
                        position = found + len(_plain(phrase))
                    else:
                        when = "at this point" if _plain(phrase) in heard else "in this turn"
                        yield Difference(entry, f"{quoted(phrase)} is not heard {when}.")
            case DoesNotHear(phrases):
                for phrase in phrases:
                    if _plain(phrase) in heard:
                        yield Difference(entry, f"{quoted(phrase)} is heard.")
            case item:
                yield from _other_difference(turn, entry, item)


def _other_difference(turn: Turn, entry: Entry, item: Action | Expectation) -> Iterator[Difference]:
    match item:
        case Rings(phones) if set(phones) != set(ringing(turn)):
            yield Difference(entry, f"{', '.join(ringing(turn)) or 'nothing'} rings.")
        case LandsIn(place) if place != place_of(turn):
            yield Difference(entry, f"the caller is in {quoted(place_of(turn))}.")
        case CallEnds() if not isinstance(turn.step, HangUp):
            yield Difference(entry, "the call goes on.")


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
