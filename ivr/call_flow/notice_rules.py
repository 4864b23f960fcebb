"""Whom the clinic wants told of what: plain data that a routing carries along. No call ever looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

UNANSWERED_CALLS = 3
URGENT_MINUTES, URGENT_TIMES = 10, 36


class NoticeKind(StrEnum):
    """What somebody may be told of; the value is how staff write it."""

    MESSAGE_LEFT = "message left"
    CALLBACK_REQUESTED = "callback requested"
    MISSED_CALL = "missed call"
    URGENT_CALL = "urgent call"
    PHONES_UNANSWERED = "phones unanswered"
    OVERRIDE_ENDING = "override ending"
    OVERRIDE_ENDED = "override ended"
    CONFIGURATION_REFUSED = "configuration refused"
    JOURNAL_BEHIND = "journal behind"
    WORKER_SILENT = "worker silent"
    DOCTOR_FINDING = "doctor finding"
    DATABASE_LOST = "database lost"
    FALLBACK_USED = "fallback used"
    TEST_CALL_UNHEARD = "test call unheard"


def read_kind(written: str) -> NoticeKind | str:
    """A kind as a row has it. What a newer release wrote, before somebody went back to this one, stays a mere word."""
    try:
        return NoticeKind(written)
    except ValueError:
        return written


class Way(StrEnum):
    """How somebody is told."""

    MAIL = "mail"
    TEXT = "text"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who may be told. `mail` and `text` (E.164) are "" when there is none.

    In `quiet` nothing is sent but what may pass: from a minute of the clinic's day to another, over 1440 on the next.
    """

    name: str
    mail: str = ""
    text: str = ""
    quiet: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Who of `people` (names) is told of which kinds, by which ways.

    No `locations` means all of them. `times` are minutes after midnight at which one digest is sent; none means at
    once. With `despite_quiet` quiet hours are no reason to wait.
    """

    people: tuple[str, ...]
    kinds: frozenset[NoticeKind]
    ways: tuple[Way, ...] = (Way.MAIL,)
    locations: frozenset[str] = frozenset()
    times: tuple[int, ...] = ()
    despite_quiet: bool = False


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """All rules. After `unanswered_calls` calls in a row that nobody took, a location's phones count as unanswered.

    An urgent call that nobody took is told every `urgent_minutes` until somebody acknowledges it, `urgent_times` times
    at most.
    """

    people: Mapping[str, Told] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    unanswered_calls: int = UNANSWERED_CALLS
    urgent_minutes: int = URGENT_MINUTES
    urgent_times: int = URGENT_TIMES

    @property
    def ways(self) -> frozenset[Way]:
        """Every way that some rule uses."""
        return frozenset(way for rule in self.rules for way in rule.ways)
