"""When a call began and ended, who told us so, and who hung up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .events import (
    Apologised,
    CallAccepted,
    CallArrived,
    CallDeclined,
    CallEnded,
    CameThroughFallback,
    GoodbyeSaid,
    LegEnded,
    RecordingReady,
    RingingEnded,
    WhisperHeard,
)
from .noted import Noted
from .turn import Outcome

WORDS_OF_THE_END = ("reconciler", "carrier", "worker")  # whose word counts most
LAST_TURN = "last turn"
SILENT = "silent"
BEFORE_THE_FIRST_WORD = {"canceled", "no-answer"}
GOODBYE_SECONDS = 2  # who hears this much of our goodbye after a talk did not hang up first


@dataclass(frozen=True, slots=True)
class Ending:
    """`ended_at` is None while the call is under way. `status` is the carrier's final word, "" without one.

    `closed_by`: reconciler, carrier, worker, "last turn" (our goodbye, the carrier being silent yet) or "".
    """

    started_at: datetime
    ended_at: datetime | None
    status: str
    closed_by: str


def ending_of(facts: Sequence[Noted], lived: Sequence[Noted], first_at: datetime) -> Ending:
    """From all facts and those of the caller's own time, both in lived order; `first_at` is the earliest moment known.

    The carrier's duration outweighs the moment its callback reached us, which may be hours late.
    """
    end = _best_word(facts)
    if end is None:
        started_at = _arrived_at(lived) or first_at
        last = lived[-1] if lived else None
        over = last and (isinstance(last.event, GoodbyeSaid) or _caller_left(last))
        return Ending(started_at, last.at if last and over else None, "", LAST_TURN if over else "")
    noted, word = end
    seconds = timedelta(seconds=word.seconds)
    started_at = _arrived_at(lived) or min(first_at, noted.at - seconds)
    last_at = max((each.at for each in facts if not isinstance(each.event, _TOLD_LATE)), default=started_at)
    if word.status == SILENT:
        ended_at = max([last_at, *(each.at for each in facts if not isinstance(each.event, CallEnded))])
    else:
        ended_at = max(last_at, started_at + seconds if word.seconds else noted.at)
    return Ending(started_at, ended_at, word.status, word.told_by)


def hung_up_by(lived: Sequence[Noted], ending: Ending, *, answered: bool) -> str:
    """caller, clinic, us, or "" when unknown or under way."""
    if ending.ended_at is None or not lived:
        return "caller" if ending.status in BEFORE_THE_FIRST_WORD else ""
    last = lived[-1]
    if _caller_left(last) or ending.status in BEFORE_THE_FIRST_WORD:
        return "caller"
    if isinstance(last.event, GoodbyeSaid):
        if not answered:
            return "us"
        heard_goodbye = ending.ended_at - last.at >= timedelta(seconds=GOODBYE_SECONDS)
        return "clinic" if heard_goodbye else ""
    unsure = answered or any(isinstance(each.event, Apologised | CameThroughFallback) for each in lived)
    return "caller" if ending.status == "completed" and not unsure else ""


_TOLD_LATE = (CallEnded, RecordingReady, LegEnded, WhisperHeard, CallAccepted, CallDeclined)


def _best_word(facts: Sequence[Noted]) -> tuple[Noted, CallEnded] | None:
    """The word on the end that counts: by who told it, then the earliest, so that an end never changes its mind."""
    words = [(each, each.event) for each in facts if isinstance(each.event, CallEnded)]
    return min(words, key=lambda pair: (_weight(pair[1]), pair[0].at, pair[1].status, -pair[1].seconds), default=None)


def _weight(word: CallEnded) -> int:
    return WORDS_OF_THE_END.index(word.told_by) if word.told_by in WORDS_OF_THE_END else len(WORDS_OF_THE_END)


def _arrived_at(lived: Sequence[Noted]) -> datetime | None:
    return min((each.at for each in lived if isinstance(each.event, CallArrived)), default=None)


def _caller_left(noted: Noted) -> bool:
    return isinstance(noted.event, RingingEnded) and noted.event.outcome == Outcome.CALLER_LEFT
