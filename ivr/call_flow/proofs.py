"""The proof that no caller is stranded: every state a call can be in is visited and held against every claim.

What is found comes with the shortest call that shows it. The claims of single turns are in `turn_claims.py`; here are
those of whole calls, and of the callee's side.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from .acts import KEYS, Act
from .drills import drills
from .engine import HOPS_OF_GRACE
from .explore import Explorer, Standing, Visit
from .finding import Claim, Finding
from .idling import rounds_and_lengths
from .model import Routing
from .overrides import with_overrides
from .sentences import marked
from .situations import DAYS_AHEAD, situations
from .turn import Arrived, Ask, Join, Pressed, Ring, Silence, Turn
from .turn_claims import Fault, TurnClaims, Weigh
from .walks import resumes, script
from .whispering import answer_callee

MOST_FINDINGS = 100
MOST_LINES = 16
EVERY = 200  # states between two reports of progress

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Proof:
    """What was walked, and every broken claim, shortest call first. No finding: the routing is proved."""

    findings: tuple[Finding, ...]
    situations: int
    states: int
    turns: int


def prove(
    routing: Routing,
    since: datetime,
    *,
    days: int = DAYS_AHEAD,
    weigh: Weigh | None = None,
    progress: Progress | None = None,
) -> Proof:
    """Walk every call that can be made from the aware moment `since` on, for `days` days, and judge each turn.

    Overrides that may be made any day are walked too; those the routing has are not.

    `weigh` says why the carrier would refuse a turn's document, None if it takes it. `progress` is told from time to
    time how many states are walked, of how many known so far. At most 100 findings are kept. Raises
    `zoneinfo.ZoneInfoNotFoundError` for an unknown time zone, which the loader refuses.
    """
    routing = with_overrides(routing, drills(routing, since + timedelta(days=days)))
    glass, incomplete = marked(routing)
    walk = Explorer(glass, situations(glass, since, days))
    court = _Court(routing, walk, TurnClaims(glass, weigh, since, incomplete=incomplete))
    reported = 0
    for visit in walk.visits():
        court.judge(visit)
        if progress and walk.done - reported >= EVERY:
            reported = walk.done
            progress(walk.done, walk.known)
    court.judge_idle()
    if progress:
        progress(walk.done, walk.known)
    return Proof(tuple(court.findings), len(walk.situations), walk.known, walk.turns)


class _Court:
    """Keeps the first fault of each kind, and has the call that leads to it written down."""

    def __init__(self, routing: Routing, walk: Explorer, claims: TurnClaims) -> None:
        self.findings: list[Finding] = []
        self._routing = routing
        self._walk = walk
        self._claims = claims
        self._told: set[tuple[Claim, str]] = set()
        self._whispered: set[tuple[str, int, str]] = set()

    def judge(self, visit: Visit) -> None:
        for fault in self._claims.faults(visit):
            self._tell(fault, visit.standing, (visit.act,), visit.turn)
        if visit.turn and isinstance(visit.turn.step, Ring) and visit.turn.step.whisper:
            for fault in self._whisper(visit.turn.step, visit.situation.at):
                self._tell(fault, visit.standing, (visit.act,), visit.turn)

    def judge_idle(self) -> None:
        """Nobody who does nothing goes round, nor is cut off by the guard before a mailbox or a goodbye."""
        rounds, longest = rounds_and_lengths(self._walk.standings(), lambda standing: tuple(self._walk.idle(standing)))
        nearest: dict[str, list[Standing]] = {}
        for found in map(self._turned, rounds):
            other = nearest.setdefault(self._round(found).subject, found)
            if self._walk.distance(found[0]) < self._walk.distance(other[0]):
                nearest[self._round(found).subject] = found
        for found in sorted(nearest.values(), key=lambda walked: self._walk.distance(walked[0])):
            self._tell(self._round(found), found[0], self._acts_along([*found, found[0]]))
        most = self._routing.budgets.hops + HOPS_OF_GRACE
        for standing in () if rounds else self._walk.arrivals():
            if longest[standing] >= most:
                line = self._walk.state(standing).line
                what = f"a caller who does nothing is cut off after {most} turns, before a mailbox or a goodbye."
                cure = "Ring fewer phones one after another, or all at once; or raise budgets > hops."
                self._tell(Fault(Claim.NO_ROUND, line, what, cure, line), standing, self._longest(standing, longest))

    def _whisper(self, ring: Ring, now: datetime) -> Iterator[Fault]:
        """Every phone of a leg hears how to take the call, and any key takes it."""
        state = ring.resume
        heard = (state.place, state.part, state.language)
        if heard in self._whispered:
            return
        self._whispered.add(heard)
        for number, phone in enumerate(ring.phones):
            asked = answer_callee(self._walk.routing, state, number, Arrived(), now)
            yield from self._claims.words(asked, state.place)
            keys = [answer_callee(self._walk.routing, state, number, Pressed(key), now) for key in KEYS]
            silent = answer_callee(self._walk.routing, state, number, Silence(), now)
            if not _can_be_taken(asked, keys) or isinstance(silent.step, Join):
                what = f"whoever picks up {phone.name} cannot take the call, or takes it without a key."
                yield Fault(Claim.WHISPER, f"{state.place} {phone.name}", what, "", state.place)

    def _round(self, found: list[Standing]) -> Fault:
        names = list(dict.fromkeys(self._walk.state(standing).place for standing in found))
        what = f"a caller who does nothing goes round and round: {' > '.join((*names, names[0]))}."
        cure = "Let calls to a person end at a mailbox, or let `person` lead to a location or a phone."
        return Fault(Claim.NO_ROUND, " ".join(sorted(names)), what, cure, names[0])

    def _turned(self, walked: list[Standing]) -> list[Standing]:
        """The round from where it is first met."""
        first = min(range(len(walked)), key=lambda number: self._walk.distance(walked[number]))
        return walked[first:] + walked[:first]

    def _longest(self, standing: Standing, longest: dict[Standing, int]) -> tuple[Act, ...]:
        walked = [standing]
        while onward := self._walk.idle(walked[-1]):
            walked.append(max(onward, key=longest.__getitem__))
        return self._acts_along(walked)

    def _acts_along(self, walked: list[Standing]) -> tuple[Act, ...]:
        return tuple(self._walk.idle(one)[other] for one, other in itertools.pairwise(walked))

    def _tell(self, fault: Fault, standing: Standing, more: tuple[Act, ...], turn: Turn | None = None) -> None:
        if (fault.claim, fault.subject) in self._told or len(self.findings) >= MOST_FINDINGS:
            return
        self._told.add((fault.claim, fault.subject))
        lines = script(self._routing, self._walk.trail(standing), more)
        state = (resumes(turn.step) if turn else None) or self._walk.state(standing)
        self.findings.append(
            Finding(fault.claim, fault.what, fault.place, state.language, _shortened(lines), fault.cure)
        )


def _can_be_taken(asked: Turn, keyed: list[Turn]) -> bool:
    return isinstance(asked.step, Ask) and bool(asked.say) and all(isinstance(turn.step, Join) for turn in keyed)


def _shortened(lines: tuple[str, ...]) -> tuple[str, ...]:
    if len(lines) <= MOST_LINES:
        return lines
    first, last = MOST_LINES // 2, MOST_LINES // 2 - 1
    return (*lines[:first], f"... {len(lines) - first - last} more turns ...", *lines[-last:])
