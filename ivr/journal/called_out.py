"""Facts of calls that this service placed itself. They go by the journal, and into a table of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from .entry import Entry

KIND = "CalledOut"
MOST_SECONDS = 24 * 3600


class What(StrEnum):
    """What became known of a call of ours."""

    ANSWERED = "answered"
    """The phone that rang first was picked up."""

    ACCEPTED = "accepted"
    """Whoever picked up pressed the key; the other one is called now."""

    DIALLED = "dialled"
    """Calling the other one is over; `outcome` says how it went."""

    ENDED = "ended"
    """The first leg is over; `outcome` is the carrier's final word."""


@dataclass(frozen=True, slots=True)
class CalledOut:
    """A fact about the errand `errand` (its row's id), on the leg `leg` (CallSid), at an aware moment."""

    errand: int
    leg: str
    what: What
    at: datetime
    outcome: str = ""
    seconds: int = 0


def to_entry(fact: CalledOut) -> Entry:
    """The fact as a line of the journal; telling it twice gives the same key."""
    at = fact.at.astimezone(UTC)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    data = {"errand": fact.errand, "what": fact.what.value, "outcome": fact.outcome, "seconds": fact.seconds}
    return Entry(f"{fact.leg}:0:{fact.what}:{KIND}", fact.leg, 0, 0, at, "", KIND, data)


def of_entry(entry: Entry) -> CalledOut | None:
    """The fact in an entry of this kind; None when something in it cannot be."""
    errand, seconds, outcome = (entry.data.get(name) for name in ("errand", "seconds", "outcome"))
    what = entry.data.get("what")
    if (
        not isinstance(what, str)
        or not isinstance(errand, int)
        or not isinstance(seconds, int)
        or not isinstance(outcome, str)
    ):
        return None
    if what not in {each.value for each in What} or not 0 < errand < 2**63 or not 0 <= seconds <= MOST_SECONDS:
        return None
    return CalledOut(errand, entry.call, What(what), entry.at, outcome, seconds)
