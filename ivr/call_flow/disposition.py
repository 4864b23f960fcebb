"""How a call ended, in one word. Computed once, when the call is over, and stored."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from .events import (
    AnnouncementHeard,
    Apologised,
    CallArrived,
    CameThroughFallback,
    Event,
    FoundClosed,
    GoodbyeSaid,
    InformationHeard,
    MailboxHeard,
    MenuHeard,
    PinAccepted,
    Rang,
    RingBudgetSpent,
    RingingEnded,
)
from .turn import Outcome
from .wishes import CallbackRequested, GuideAddressHeard, GuideRequested

OUR_FAULT = {"hops", "loop", "vanished"}  # why a goodbye was said
NEVER_BEGAN = {"canceled", "no-answer"}  # the carrier's words for a caller who hung up before we answered


class Disposition(StrEnum):
    """How a call ended. The definitions, the first that fits, are in docs/operations.md."""

    ANSWERED = "answered"
    """A person of the clinic was joined with the caller."""

    MESSAGE = "message"
    """The caller left a message, and the carrier has not said that nothing was recorded."""

    CALLBACK = "callback"
    """The caller confirmed that the clinic shall call back."""

    FAILED = "failed"
    """Our fault: the apology was heard, the call ended on the fallback, it led nowhere, or we know nothing of it but
    that there was one."""

    ABANDONED_WHILE_RINGING = "abandoned while ringing"
    """The caller hung up while the last phones rang."""

    NO_ANSWER = "no answer"
    """Phones rang, nobody took the call, and the caller left no word."""

    CLOSED = "closed"
    """The last location asked for was closed, and the caller left no word."""

    INFORMATION_ONLY = "information only"
    """No person was asked for; a topic was heard to its last part, the guide was asked for or its address heard, an
    announcement was the last thing heard, or staff called, who gave their PIN."""

    ABANDONED_IN_INFORMATION = "abandoned in information"
    """No person was asked for; the caller hung up within a topic before its last part."""

    ABANDONED_IN_MENU = "abandoned in menu"
    """The caller hung up before any of this: in a menu, at an invitation to leave word, or before the first words."""


def disposition_of(events: Sequence[Event], *, answered: bool, messages: int, status: str = "") -> Disposition:
    """How a call that is over ended.

    `events` are in the order the caller lived them; `answered`: a leg was joined; `messages`: how many were left;
    `status` is the carrier's final word, "" when there is none.
    """
    if answered:
        return Disposition.ANSWERED
    if messages:
        return Disposition.MESSAGE
    if any(isinstance(event, CallbackRequested) for event in events):
        return Disposition.CALLBACK
    if _failed(events, status):
        return Disposition.FAILED
    return _after_asking(events) or _among_ourselves(events)


def _failed(events: Sequence[Event], status: str) -> bool:
    if any(isinstance(event, Apologised) for event in events):
        return True
    if events and isinstance(events[-1], CameThroughFallback):  # after it nobody told us anything
        return True
    if any(isinstance(event, GoodbyeSaid) and event.why in OUR_FAULT for event in events):
        return not any(isinstance(event, Rang | FoundClosed) for event in events)
    served = any(not isinstance(event, CallArrived) for event in events)
    return not served and status not in NEVER_BEGAN


def _after_asking(events: Sequence[Event]) -> Disposition | None:
    """What became of the last location asked for; None when none was."""
    for event in reversed(events):
        match event:
            case Rang() | RingingEnded(outcome=Outcome.CALLER_LEFT):
                return Disposition.ABANDONED_WHILE_RINGING
            case RingingEnded() | RingBudgetSpent():
                return Disposition.NO_ANSWER
            case FoundClosed():
                return Disposition.CLOSED
            case _:
                pass
    return None


def _among_ourselves(events: Sequence[Event]) -> Disposition:
    """Where a caller who asked for nobody was when the call ended."""
    if any(isinstance(event, PinAccepted | GuideRequested | GuideAddressHeard) for event in events):
        return Disposition.INFORMATION_ONLY
    if any(isinstance(event, InformationHeard) and event.part >= event.parts for event in events):
        return Disposition.INFORMATION_ONLY
    for event in reversed(events):
        match event:
            case AnnouncementHeard() | GoodbyeSaid(why="goodbye"):
                return Disposition.INFORMATION_ONLY
            case InformationHeard():
                return Disposition.ABANDONED_IN_INFORMATION
            case MenuHeard() | MailboxHeard():
                return Disposition.ABANDONED_IN_MENU
            case _:
                pass
    return Disposition.ABANDONED_IN_MENU
