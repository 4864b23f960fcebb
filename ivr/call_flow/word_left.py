"""What a caller left behind: messages and wishes to be called back, and for which location."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .events import FoundClosed, KeyChosen, MailboxHeard, MenuHeard, MessageTaken, Rang, RecordingReady, SentToPerson
from .noted import Noted
from .wishes import CallbackRequested, GuideRequested

READY = "completed"
LONGEST_ID = 34


@dataclass(frozen=True, slots=True)
class Message:
    """A message left. `recording` is the carrier's id; `status` its word on the recording, "" until it came."""

    recording: str
    mailbox: str
    location: str
    taken_at: datetime
    seconds: int
    status: str


@dataclass(frozen=True, slots=True)
class Callback:
    """The caller's wish to be called back."""

    destination: str
    location: str
    requested_at: datetime


def location_of(lived: Sequence[Noted]) -> str:
    """The last location rung or found closed; at a mailbox that follows ringing, the location rung first."""
    location = first = ""
    for each in lived:
        match each.event:
            case Rang(location=rung) if rung:
                location, first = rung, first or rung
            case FoundClosed(closed):
                location, first = closed, ""
            case MailboxHeard():
                location, first = first or location, ""
            case MenuHeard() | KeyChosen() | SentToPerson():
                first = ""
            case _:
                pass
    return location


def messages_of(facts: Sequence[Noted], lived: Sequence[Noted]) -> tuple[Message, ...]:
    """Each recording once; a message whose recording the carrier gave no usable id cannot be heard and is none.

    One the carrier finished counts even when the caller's own turn never told of it.
    """
    ready = _ready(facts)
    found: dict[str, Message] = {}
    for index, each in enumerate(lived):
        if isinstance(each.event, MessageTaken) and _is_id(each.event.recording):
            taken = each.event
            seconds, status = _told(ready.get(taken.recording), taken.seconds)
            where = location_of(lived[:index])
            found[taken.recording] = Message(taken.recording, taken.mailbox, where, each.at, seconds, status)
    mailbox = next((each.event.mailbox for each in reversed(lived) if isinstance(each.event, MailboxHeard)), "")
    for recording, (at, word) in ready.items():
        if recording not in found and word.status == READY and word.seconds:
            found[recording] = Message(recording, mailbox, location_of(lived), at, word.seconds, READY)
    return tuple(found.values())


def callback_of(lived: Sequence[Noted]) -> Callback | None:
    """The first wish to be called back."""
    for index, each in enumerate(lived):
        if isinstance(each.event, CallbackRequested):
            return Callback(each.event.destination, location_of(lived[:index]), each.at)
    return None


def guide_asked_of(lived: Sequence[Noted]) -> datetime | None:
    """When the caller first asked for the guide by text."""
    return next((each.at for each in lived if isinstance(each.event, GuideRequested)), None)


def _ready(facts: Sequence[Noted]) -> dict[str, tuple[datetime, RecordingReady]]:
    """The carrier's word on each recording; that it is there outweighs any other."""
    ready: dict[str, tuple[datetime, RecordingReady]] = {}
    for each in facts:
        if isinstance(each.event, RecordingReady) and _is_id(each.event.recording):
            known = ready.get(each.event.recording)
            if known is None or (each.event.status == READY and known[1].status != READY):
                ready[each.event.recording] = (each.at, each.event)
    return ready


def _is_id(recording: str) -> bool:
    return 0 < len(recording) <= LONGEST_ID


def _told(ready: tuple[datetime, RecordingReady] | None, seconds: int) -> tuple[int, str]:
    return (ready[1].seconds or seconds, ready[1].status) if ready else (seconds, "")
