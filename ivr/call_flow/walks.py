"""A call as a script that staff can follow with a telephone in hand: what to do, what is heard, where the call stands.

The call is played anew on the routing as it is, so that the script shows the words callers hear.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from .acts import Act
from .engine import advance, arrival
from .explore import Trail
from .model import Routing
from .overrides import in_force
from .phrases import emergency
from .turn import (
    Arrived,
    Ask,
    CallState,
    CrisisHeard,
    DialEnded,
    HangUp,
    Join,
    MessageLeft,
    NotUnderstood,
    Outcome,
    PinChecked,
    Pressed,
    Record,
    Ring,
    Say,
    Silence,
    Step,
    Turn,
    Understood,
)

LONGEST_QUOTE = 60
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PHONES = {
    Outcome.ANSWERED: "The clinic answers",
    Outcome.NO_ANSWER: "Nobody answers",
    Outcome.BUSY: "The phone is busy",
    Outcome.FAILED: "The phone cannot be reached",
    Outcome.DECLINED: "The phone is picked up, and no key is pressed",
    Outcome.CALLER_LEFT: "Hang up while it rings",
}


def script(routing: Routing, trail: Trail, more: tuple[Act, ...] = ()) -> tuple[str, ...]:
    """One line for each turn of a call along `trail`, and then `more`. A turn that fails is the last line."""
    lines: list[str] = []
    start = trail.start
    state = arrival(routing, trail.line.number, start.withheld, textable=start.textable, guide_full=start.guide_full)
    for number, act in enumerate((*trail.acts, *more)):
        begins = f"Call {_line(routing, trail)}{_when(routing, trail.start.situation.at)}"
        did = _called(begins, trail, act) if number == 0 else _did(act)
        try:
            turn = advance(routing, replace(state, hop=act.hop or state.hop), act.heard, trail.start.situation.at)
        except Exception as error:
            return (*lines, f"{did}: the call fails ({type(error).__name__}).")
        lines.append(f"{did}: {heard_then(turn)}")
        onward = resumes(turn.step)
        if onward is None:
            break
        state = onward
    return tuple(lines)


def heard_then(turn: Turn) -> str:
    """What is heard and where the call stands: `"Please hold." Front desk rings for 20 seconds.`"""
    onward = resumes(turn.step)
    words = _words(turn.say, onward.language if onward else "")
    return " ".join([*([f'"{words}"'] if words else []), _stands(turn.step)])


def resumes(step: Step) -> CallState | None:
    """The state in which the next turn begins; None when nothing follows."""
    match step:
        case Ask(resume) | Record(resume) | Ring(resume):
            return resume
        case HangUp() | Join():
            return None


def day_and_time(at: datetime) -> str:
    """Thu 26 Nov 2026 10:00, whatever the machine's own language."""
    return f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year} {at:%H:%M}"


def _when(routing: Routing, at: datetime) -> str:
    """The moment; or, of an override that nobody has made yet, what it does."""
    drilled = in_force(routing.overrides, at)
    return f"while {drilled[0].reason}" if drilled else f"at {day_and_time(at)}"


def _line(routing: Routing, trail: Trail) -> str:
    return "" if len(routing.lines) == 1 else f"the line {trail.line.name} "


def _called(begins: str, trail: Trail, act: Act) -> str:
    known = not isinstance(act.heard, Arrived) or act.heard.known
    hidden = ", your number withheld" if trail.start.withheld else ""
    texts = ", from a phone that gets texts" if trail.start.textable else ""
    full = ", when no further guide is texted" if trail.start.guide_full else ""
    return f"{begins}{hidden}{texts}{full}{'' if known else ', forwarded from another number'}"


def _did(act: Act) -> str:
    after = f"After {act.hop} turns: " if act.hop else ""
    match act.heard:
        case Pressed(key):
            did = f"Press {key}" if key else "Press two keys at once"
        case Understood(key):
            did = f"Say what key {key} stands for"
        case NotUnderstood():
            did = "Say something else"
        case CrisisHeard():
            did = "Say words of crisis"
        case Silence():
            did = "Stay silent"
        case PinChecked(verdict):
            did = f"Type a PIN ({verdict})"
        case DialEnded(outcome):
            did = _PHONES[outcome]
        case MessageLeft(recording):
            did = "Leave a message" if recording else "Leave a message that gets lost"
        case Arrived():
            did = "Call"
    return f"{after}{did}"


def _words(says: tuple[Say, ...], language: str) -> str:
    """The first words that are this turn's own, in the call's language if any are."""
    own = [say for say in says if say.language == language] or says
    spoken = [phrase for say in own for phrase in say.phrases if isinstance(phrase, str)]
    spoken = [phrase for phrase in spoken if phrase != emergency(own[0].language)] or spoken
    if not spoken:
        return ""
    words = spoken[0] if len(spoken[0]) <= LONGEST_QUOTE else f"{spoken[0][: LONGEST_QUOTE - 3].rstrip()}..."
    return words if len(spoken) == 1 else f"{words} ..."


def _stands(step: Step) -> str:
    match step:
        case Ask(resume):
            return f"{resume.place} waits for a key."
        case Record(resume):
            return f"{resume.place} records."
        case Ring() as ring:
            names = ", ".join(_names(ring))
            return f"{names} {'rings' if len(ring.phones) == 1 else 'ring'} for {ring.seconds} seconds."
        case HangUp():
            return "The call ends."
        case Join():
            return "The two are joined."


def _names(ring: Ring) -> Iterator[str]:
    return (phone.name for phone in ring.phones)
