"""One call's facts summed up: everything its record holds, from its events alone.

The same facts give the same summary, whatever the order in which they arrived and however often.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .disposition import disposition_of
from .ending import Ending, ending_of, hung_up_by
from .events import CallArrived, CallEnded, LanguageChosen, PaceChosen, RecordingReady
from .legs import Leg, legs_of, may_talk
from .noted import Noted, ordered, restore
from .turn import Pace
from .way import Topic, Visit, path_of, topics_of, visits_of
from .wishes import TextAnnounced, UrgentConfirmed
from .word_left import Callback, Message, callback_of, guide_asked_of, location_of, messages_of

__all__ = ["CallSummary", "Callback", "Leg", "Message", "Noted", "Topic", "Visit", "ordered", "restore", "summarise"]

NOTHING_RECORDED = {"absent", "failed"}
TOLD_BY_THE_CARRIER = (CallEnded, RecordingReady)


@dataclass(frozen=True, slots=True)
class CallSummary:
    """One call. `disposition` is "" and `ended_at` None while it is under way.

    `location` is where the call was answered, else the last one rung, found closed, or whose mailbox was reached.
    `wait_seconds` run from arrival to being joined with a person, else to the end. `hung_up_by`: caller, clinic, us, or
    "" when unknown. `closed_by`: see `Ending`. `draft`: a test, by a tester or our own. `may_talk`: a person may be
    talking with the caller now. `urgent`: the caller confirmed that it cannot wait, and nobody took the call so far.
    `guide_asked_at` is when the guide was asked for by text; `text_announced`: the caller was told that one may follow
    a missed call.
    """

    started_at: datetime
    ended_at: datetime | None
    last_sign_at: datetime
    line: str
    location: str
    language: str
    pace: str
    version: str
    disposition: str
    status: str
    hung_up_by: str
    closed_by: str
    wait_seconds: int
    ring_seconds: int
    talk_seconds: int
    total_seconds: int
    withheld: bool
    draft: bool
    path: tuple[str, ...]
    topics: tuple[Topic, ...]
    visits: tuple[Visit, ...]
    legs: tuple[Leg, ...]
    messages: tuple[Message, ...]
    callback: Callback | None
    may_talk: bool
    urgent: bool = False
    guide_asked_at: datetime | None = None
    text_announced: bool = False


def summarise(noted: Iterable[Noted]) -> CallSummary:
    """Sum up one call. Raises ValueError when there is nothing to sum up."""
    noted = list(noted)
    if not noted:
        raise ValueError("a call without a single fact cannot be summed up")
    facts = ordered(noted)
    lived = [each for each in facts if not isinstance(each.event, TOLD_BY_THE_CARRIER)]
    moments = [each.at for each in noted]
    ending = ending_of(facts, lived, min(moments))
    return _summary(facts, lived, ending, max(moments))


def _summary(facts: Sequence[Noted], lived: Sequence[Noted], ending: Ending, last_sign_at: datetime) -> CallSummary:
    legs, messages = legs_of(lived, ending.ended_at), messages_of(facts, lived)
    joined = [leg for leg in legs if leg.joined_at]
    ended_by = hung_up_by(lived, ending, answered=bool(joined))
    now = ending.ended_at or last_sign_at
    return CallSummary(
        started_at=ending.started_at,
        ended_at=ending.ended_at,
        last_sign_at=last_sign_at,
        line=next((each.event.line for each in lived if isinstance(each.event, CallArrived)), ""),
        location=next((leg.location for leg in joined if leg.location), "") or location_of(lived),
        language=_language(lived),
        pace=_pace(lived),
        version=next((each.version for each in lived if each.version), ""),
        disposition=_disposition(lived, ending, messages, answered=bool(joined)),
        status=ending.status,
        hung_up_by=ended_by,
        closed_by=ending.closed_by,
        wait_seconds=_seconds(ending.started_at, min((leg.joined_at or now for leg in joined), default=now)),
        ring_seconds=_ringing(legs),
        talk_seconds=sum(leg.talk_seconds for leg in legs),
        total_seconds=_seconds(ending.started_at, now),
        withheld=any(isinstance(each.event, CallArrived) and each.event.withheld for each in lived),
        draft=any(isinstance(each.event, CallArrived) and (each.event.draft or each.event.test) for each in lived),
        path=path_of(lived),
        topics=topics_of(lived),
        visits=visits_of(lived, ending.ended_at, hung_up=ended_by == "caller"),
        legs=legs,
        messages=messages,
        callback=callback_of(lived),
        may_talk=ending.ended_at is None and may_talk(lived),
        urgent=not joined and any(isinstance(each.event, UrgentConfirmed) for each in lived),
        guide_asked_at=guide_asked_of(lived),
        text_announced=any(isinstance(each.event, TextAnnounced) for each in lived),
    )


def _disposition(lived: Sequence[Noted], ending: Ending, messages: Sequence[Message], *, answered: bool) -> str:
    if ending.ended_at is None:
        return ""
    events = [each.event for each in lived if each.event]
    recorded = sum(message.status not in NOTHING_RECORDED for message in messages)
    return disposition_of(events, answered=answered, messages=recorded, status=ending.status).value


def _language(lived: Sequence[Noted]) -> str:
    spoken = (each.event.language for each in reversed(lived) if isinstance(each.event, LanguageChosen | CallArrived))
    return next(spoken, "")


def _pace(lived: Sequence[Noted]) -> str:
    chosen = (each.event.pace for each in reversed(lived) if isinstance(each.event, PaceChosen))
    return str(next(chosen, Pace.NORMAL.value))


def _ringing(legs: Sequence[Leg]) -> int:
    """Seconds in which at least one phone rang: those of one attempt ring together."""
    attempts: dict[int, int] = {}
    for leg in legs:
        attempts[leg.hop] = max(attempts.get(leg.hop, 0), leg.ring_seconds)
    return sum(attempts.values())


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, int((until - since).total_seconds()))
