"""Which phones a call rang, how each leg ended, and who was joined with the caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .events import CallAccepted, CallDeclined, LegEnded, Rang, RingingEnded, WhisperHeard
from .noted import Noted
from .turn import Outcome

AT_ONCE = {Outcome.BUSY, Outcome.FAILED}  # nobody waited for a ring
NEVER_JOINED = {Outcome.DECLINED, Outcome.ANSWERED}


@dataclass(frozen=True, slots=True)
class Leg:
    """One ringing of one phone. `outcome` is an Outcome's word, "" while it rings or talks.

    `ring_seconds` until somebody picked up or the ringing ended; `joined_at` is when caller and callee could talk.
    """

    hop: int
    phone: str
    group: str
    location: str
    rang_at: datetime
    outcome: str
    ring_seconds: int
    talk_seconds: int
    joined_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Phones rung together, and what was heard of it: from callees, the carrier, and in the caller's next turn."""

    rang: Rang
    hop: int
    at: datetime
    heard: Sequence[Noted]
    ended: RingingEnded | None
    ended_at: datetime | None

    def first(self, kind: type[WhisperHeard | CallAccepted | CallDeclined | LegEnded], phone: str) -> Noted | None:
        """The first word of this kind about a phone."""
        return next((each for each in self.heard if isinstance(each.event, kind) and each.event.phone == phone), None)

    def leg_ended(self, phone: str) -> LegEnded | None:
        found = self.first(LegEnded, phone)
        return found.event if found and isinstance(found.event, LegEnded) else None


def legs_of(lived: Sequence[Noted], over_at: datetime | None) -> tuple[Leg, ...]:
    """The legs of a call from its facts in lived order; `over_at` is when the call ended, None while under way."""
    attempts = [_attempt(each, lived) for each in lived if isinstance(each.event, Rang)]
    return tuple(leg for attempt in attempts for leg in _legs(attempt, lived, over_at))


def may_talk(lived: Sequence[Noted]) -> bool:
    """A person may be talking with the caller: joined, or rung without a whisper, and no word of its end."""
    rung = [each for each in lived if isinstance(each.event, Rang)]
    if not rung:
        return False
    attempt = _attempt(rung[-1], lived)
    if attempt.ended or any(each.hop > attempt.hop + 1 for each in lived):
        return False
    silent = [phone for phone in attempt.rang.phones if not attempt.first(LegEnded, phone)]
    accepted = [phone for phone in silent if attempt.first(CallAccepted, phone)]
    return bool(accepted) if attempt.rang.whisper else bool(silent)


def _attempt(noted: Noted, lived: Sequence[Noted]) -> _Attempt:
    """The words on a ringing carry the hop after it: the state it was to resume in."""
    assert isinstance(noted.event, Rang)
    heard = [each for each in lived if each.hop == noted.hop + 1]
    ended = next((each for each in heard if isinstance(each.event, RingingEnded)), None)
    outcome = ended.event if ended and isinstance(ended.event, RingingEnded) else None
    return _Attempt(noted.event, noted.hop, noted.at, heard, outcome, ended.at if ended else None)


def _legs(attempt: _Attempt, lived: Sequence[Noted], over_at: datetime | None) -> list[Leg]:
    winner = _winner(attempt)
    moved_on = any(each.hop > attempt.hop and not isinstance(each.event, _OF_A_LEG) for each in lived)
    ended_at = attempt.ended_at or over_at
    joined = _joined(attempt, winner, ended_at) if winner else None
    silent_at = attempt.at + timedelta(seconds=joined.ring_seconds) if joined else ended_at  # others stop ringing then
    legs = []
    for phone in dict.fromkeys(attempt.rang.phones):
        if joined and phone == winner:
            legs.append(joined)
        else:
            outcome = _outcome(attempt, phone, winner, moved_on=moved_on, over=over_at is not None)
            legs.append(_leg(attempt, phone, outcome, _ringing(attempt, phone, outcome, silent_at), 0, None))
    return legs


_OF_A_LEG = (WhisperHeard, CallAccepted, CallDeclined, LegEnded)


def _winner(attempt: _Attempt) -> str:
    """The phone that was joined with the caller; "" for none. The carrier's word on the whole ringing decides."""
    phones = attempt.rang.phones
    accepted = [phone for phone in phones if attempt.first(CallAccepted, phone)]
    answered = [
        phone
        for phone in phones
        if (ended := attempt.leg_ended(phone))
        and ended.outcome == Outcome.ANSWERED
        and not attempt.first(CallDeclined, phone)
    ]
    if attempt.ended is None:
        return next(iter(accepted if attempt.rang.whisper else [*accepted, *answered]), "")
    if attempt.ended.outcome != Outcome.ANSWERED:
        return ""
    return next(iter([*accepted, *answered, *phones]), "")


def _joined(attempt: _Attempt, phone: str, ended_at: datetime | None) -> Leg:
    accepted, whisper = attempt.first(CallAccepted, phone), attempt.first(WhisperHeard, phone)
    talk = _talk(attempt, phone, accepted, ended_at)
    spoke_from = ended_at - timedelta(seconds=talk) if ended_at else attempt.at
    joined_at = accepted.at if accepted else max(attempt.at, spoke_from)
    picked_up = whisper.at if whisper else joined_at
    over = ended_at is not None or attempt.leg_ended(phone) is not None
    outcome = Outcome.ANSWERED.value if over else ""
    return _leg(attempt, phone, outcome, _between(attempt, picked_up), talk, joined_at)


def _talk(attempt: _Attempt, phone: str, accepted: Noted | None, ended_at: datetime | None) -> int:
    """Seconds of talk: as the carrier tells for the ringing, else for the leg, else until the end."""
    if attempt.ended:
        return attempt.ended.talk_seconds
    if ended := attempt.leg_ended(phone):
        return ended.seconds
    return max(0, int((ended_at - accepted.at).total_seconds())) if ended_at and accepted else 0


def _outcome(attempt: _Attempt, phone: str, winner: str, *, moved_on: bool, over: bool) -> str:
    """How a leg ended that was not joined. A voicemail that answers and presses no key has declined."""
    leg = attempt.leg_ended(phone)
    if attempt.first(CallDeclined, phone) or (leg and leg.outcome in NEVER_JOINED):
        return Outcome.DECLINED
    if attempt.ended and attempt.ended.outcome == Outcome.CALLER_LEFT:
        return Outcome.CALLER_LEFT
    if attempt.ended and not winner and len(attempt.rang.phones) == 1:
        return attempt.ended.outcome
    if leg and leg.outcome in set(Outcome):
        return leg.outcome
    if attempt.ended or winner or moved_on:
        return Outcome.NO_ANSWER
    return Outcome.CALLER_LEFT if over else ""


def _ringing(attempt: _Attempt, phone: str, outcome: str, ended_at: datetime | None) -> int:
    if outcome in AT_ONCE:
        return 0
    whisper = attempt.first(WhisperHeard, phone)
    until = whisper.at if whisper else ended_at
    return _between(attempt, until) if until else 0


def _between(attempt: _Attempt, until: datetime) -> int:
    """Seconds of ringing: never more than was granted, for the words spoken before it pass in the same turn."""
    return max(0, min(attempt.rang.seconds, int((until - attempt.at).total_seconds())))


def _leg(
    attempt: _Attempt, phone: str, outcome: str, ring_seconds: int, talk_seconds: int, joined_at: datetime | None
) -> Leg:
    rang = attempt.rang
    return Leg(
        attempt.hop,
        phone,
        rang.group,
        rang.location,
        attempt.at,
        str(outcome),
        ring_seconds,
        talk_seconds,
        joined_at,
    )
