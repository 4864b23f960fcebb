"""A turn as plain text: what was done, what is heard, why, what rings, and what the call waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.call_flow.events import Rang
from ivr.call_flow.hunting import attempt_at
from ivr.call_flow.model import Phone, Routing
from ivr.call_flow.reasons import reasons
from ivr.call_flow.turn import Arrived, Ask, HangUp, Join, Outcome, Record, Ring, Turn
from ivr.call_flow.whispering import answer_callee
from ivr.call_flow.wishes import UrgentConfirmed

from .stories import (
    Action,
    CallEnds,
    DoesNotHear,
    Expectation,
    HangsUp,
    Hears,
    LandsIn,
    LeavesMessage,
    LeavesNoMessage,
    PhoneDoes,
    Presses,
    Rings,
    Says,
    StaysSilent,
    written,
)

PHONE_DID = {
    Outcome.ANSWERED: "The clinic answers.",
    Outcome.NO_ANSWER: "Nobody answers.",
    Outcome.BUSY: "The phone is busy.",
    Outcome.FAILED: "The phone cannot be reached.",
    Outcome.DECLINED: "The phone is picked up, and no key is pressed.",
    Outcome.CALLER_LEFT: "The caller hangs up.",
}
ONE_DID = {
    Outcome.ANSWERED: "answers",
    Outcome.NO_ANSWER: "does not answer",
    Outcome.BUSY: "is busy",
    Outcome.FAILED: "cannot be reached",
    Outcome.DECLINED: "is picked up, and no key is pressed",
}


@dataclass(frozen=True, slots=True)
class RingingPhone:
    """A phone that rings: its name and number from the configuration, for how long, and at which location ("").

    `on_call_until` is until when its owner is on call (ISO 8601), "" when this is not why it rings, or far away.
    """

    name: str
    number: str
    seconds: int
    location: str
    on_call_until: str = ""


@dataclass(frozen=True, slots=True)
class TurnText:
    """A turn in words. `says` pairs a language code with a phrase; `waits` is key, dial, message or nothing."""

    heard: str
    says: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    rings: tuple[RingingPhone, ...]
    waits: str


def turn_text(routing: Routing, action: Action | None, turn: Turn) -> TurnText:
    """A turn in words; `action` is what led to it, None for the arrival."""
    says = tuple((say.language, written(phrase)) for say in turn.say for phrase in say.phrases)
    told = [event for event in turn.events if not isinstance(event, Rang)]  # what rings is told apart
    return TurnText(did(action), says, tuple(reasons(routing, told)), rings(routing, turn), waits(turn))


def did(action: Action | Expectation | None) -> str:
    """What the caller, or the clinic's phone, did."""
    match action:
        case None:
            return "The call comes in."
        case Presses(key):
            return f"The caller presses {key}."
        case Says(words):
            return f'The caller says "{words}".'
        case StaysSilent():
            return "The caller stays silent."
        case PhoneDoes(outcome):
            return PHONE_DID[outcome]
        case LeavesMessage():
            return "The caller leaves a message."
        case LeavesNoMessage():
            return "The caller leaves no message."
        case HangsUp():
            return "The caller hangs up."
        case Hears() | DoesNotHear() | Rings() | LandsIn() | CallEnds():
            return ""


def phones_did(phones: Sequence[Phone], outcomes: Sequence[Outcome]) -> str:
    """What each of the phones that rang together did."""
    pairs = zip(phones, outcomes, strict=True)
    return " ".join(f"{phone.name} {ONE_DID.get(outcome, 'stops ringing')}." for phone, outcome in pairs)


def rings(routing: Routing, turn: Turn) -> tuple[RingingPhone, ...]:
    """The phones that ring after a turn, together."""
    step = turn.step
    if not isinstance(step, Ring):
        return ()
    title = _location_of(routing, step)
    return tuple(
        RingingPhone(phone.name, phone.number, step.seconds, title, _until(turn, phone)) for phone in step.phones
    )


def waits(turn: Turn) -> str:
    """What the call waits for after a turn: key, dial, message or nothing."""
    match turn.step:
        case Ask():
            return "key"
        case Ring():
            return "dial"
        case Record():
            return "message"
        case HangUp() | Join():
            return "nothing"


def whispered(routing: Routing, turn: Turn, at: datetime) -> tuple[tuple[str, str], ...]:
    """What whoever picks up hears before the two are joined: pairs of a language code and a phrase."""
    if not isinstance(turn.step, Ring) or not turn.step.whisper:
        return ()
    whisper = answer_callee(routing, turn.step.resume, 0, Arrived(), at)
    return tuple((say.language, written(phrase)) for say in whisper.say for phrase in say.phrases)


def _location_of(routing: Routing, ring: Ring) -> str:
    attempt = attempt_at(routing, routing.destinations.get(ring.resume.place), ring.resume.part)
    return attempt.location.title if attempt and attempt.location else ""


def _until(turn: Turn, phone: Phone) -> str:
    confirmed = (event for event in turn.events if isinstance(event, UrgentConfirmed))
    return next((event.until or "" for event in confirmed if event.on_call == phone.name), "")
