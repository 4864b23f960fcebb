"""A way whose other side does not answer, or asked to be left alone, rests for a while and keeps no other waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.call_flow.notice_rules import Way

from .parcel import Failed, Result

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class _Pause:
    """`length` is what we chose; it doubles each time."""

    until: datetime
    length: timedelta


class Pauses:
    """The ways that rest, as one sender sees them. Moments are aware."""

    def __init__(self) -> None:
        self._pauses: dict[Way, _Pause] = {}

    def rests(self, way: Way, now: datetime) -> bool:
        """Whether nothing is to be handed over by a way yet."""
        pause = self._pauses.get(way)
        return pause is not None and now < pause.until

    def note(self, way: Way, result: Result, now: datetime) -> None:
        """Begin, lengthen or end the rest of a way by what came of an attempt.

        Twice as long each time, two minutes at most, unless the other side asked for longer: that is kept to.
        """
        if not isinstance(result, Failed) or not result.blocked:
            self._pauses.pop(way, None)
            return
        before = self._pauses.get(way)
        length = min(before.length * 2, LONGEST_PAUSE) if before else FIRST_PAUSE
        self._pauses[way] = _Pause(now + max(length, timedelta(seconds=result.wait_seconds)), length)
