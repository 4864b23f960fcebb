"""Walks every state that a call can be in, with the engine itself: what each input leads to, in every situation.

A state is walked without what cannot decide where it leads, which keeps the walk small and loses no call:

- `hop` counts turns and is read by one guard alone, which goes by the place and not by the way there. So each place is
  walked as if the call had just begun, and once more in each language with its turns used up, and with its grace used
  up. That every turn counts one on is looked at in every visit; so every call ends.
- The caller's number, the ringing used up and the opening hours are a `Circumstance`. A turn that looks up only menus,
  topics, announcements and goodbyes reads none of the three: it is run once and holds in all circumstances. Any other
  turn reads the hours of the locations that it looks up, and the ringing only where it deals with phones; it is run
  once for each way in which these can stand. An unanswered leg is run so once when it used up ringing, once when not.
- Turns that leave their place for the same other one, for the same reason, go on alike and in the same words: whatever
  enters a place forgets the tries and the part. Each of them is run in one circumstance, and one of them in all.

`tests/call_flow/test_explore_oracle.py` holds both against a walk that leaves out nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .acts import Act, acts
from .circumstance import RINGING, Circumstance, callers, view
from .engine import advance
from .events import KeyChosen, Rang, RingBudgetSpent, SentToPerson
from .model import (
    Announcement,
    Goodbye,
    Information,
    Line,
    Location,
    Menu,
    Routing,
    UrgentCall,
)
from .situations import Situation
from .turn import Arrived, Ask, CallState, DialEnded, HangUp, Join, Outcome, Record, Ring, Turn
from .watched import Watched

_MOST_ACTS = 64
_UNMOVED = (Menu, Information, Announcement, Goodbye)


Standing = tuple[int, int]  # the numbers of a state and of a circumstance
_Found = tuple[int | None, int | None]
_Views = dict[tuple[str, ...], dict[tuple[object, ...], _Found]]


@dataclass(frozen=True, slots=True)
class Visit:
    """One turn of the walk. `turn` is None when the engine failed; `fault` then names the exception.

    `asked` names the locations whose hours, and the urgent calls whose rota, the turn depends on, None when it holds
    in all circumstances; RINGING among them stands for the ringing used up.
    """

    standing: Standing
    state: CallState
    act: Act
    situation: Situation
    turn: Turn | None
    fault: str = ""
    asked: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Trail:
    """The shortest call that leads to a state: the line, its circumstance at the start, and what is heard."""

    line: Line
    start: Circumstance
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class _WayIn:
    """How a state was first reached in the circumstances `mask`; `circumstance` is the one before if it is known.

    Without it the circumstance stays as it is. `turns` counts them from the start of the call.
    """

    turns: int
    mask: int
    stand: int
    act: Act
    circumstance: int | None


class Explorer:
    """Walks a routing once. `done` of `known` states are walked so far; `turns` counts the engine's answers."""

    def __init__(self, routing: Routing, situations: Sequence[Situation]) -> None:
        self._places = Watched(routing.destinations)
        self.routing = replace(routing, destinations=self._places)
        self.situations = situations
        self.turns = self._level = 0
        self._walked: set[int] = set()
        self._circumstances: dict[Circumstance, int] = {}
        self._circumstance: list[Circumstance] = []
        self._stands: dict[CallState, int] = {}
        self._stand: list[CallState] = []
        self._acts: list[tuple[Act, ...]] = []
        self._reached: list[int] = []
        self._ways_in: list[list[_WayIn]] = []
        self._frontier: dict[int, int] = {}
        self._anywhere: dict[int, int | None] = {}  # a state's act that holds in all circumstances -> the next state
        self._alike: dict[tuple[object, ...], _Views] = {}  # turns that leave for the same place for the same reason
        self._views: dict[int, _Views] = {}
        self._idle_anywhere: dict[int, tuple[int, Act]] = {}
        self._idle: dict[Standing, dict[Standing, Act]] = {}

    @property
    def done(self) -> int:
        return len(self._walked)

    @property
    def known(self) -> int:
        return len(self._stand)

    def visits(self) -> Iterator[Visit]:
        """Every turn that can be, nearest to the start of a call first."""
        self._begin()
        while self._frontier:
            level, self._frontier = self._frontier, {}
            self._level += 1
            for stand, mask in level.items():
                for number, act in enumerate(self._acts[stand]):
                    yield from self._hear(stand, number, act, mask)
                self._walked.add(stand)

    def arrivals(self) -> Iterator[Standing]:
        """Every way in which a call can come in, once the walk is over."""
        for stand, state in enumerate(self._stand):
            if not state.place:
                yield from ((stand, circumstance) for circumstance in _bits(self._reached[stand]))

    def standings(self) -> Iterator[Standing]:
        """Every state and circumstance that a call can be in, once the walk is over; arrivals come first."""
        for stand in range(self.known):
            yield from ((stand, circumstance) for circumstance in _bits(self._reached[stand]))

    def state(self, standing: Standing, hop: int = 0) -> CallState:
        """The state with what its circumstance says."""
        now = self._circumstance[standing[1]]
        here = self._stand[standing[0]]
        return replace(
            here,
            hop=hop,
            withheld=now.withheld,
            textable=now.textable,
            guide_full=now.guide_full,
            rung_seconds=now.rung_seconds,
        )

    def idle(self, standing: Standing) -> Mapping[Standing, Act]:
        """Where a caller who does nothing can be next, and by what; empty at the end of the call."""
        stand, circumstance = standing
        if stand in self._idle_anywhere:
            onward, act = self._idle_anywhere[stand]
            return {(onward, circumstance): act}
        return self._idle.get(standing, {})

    def distance(self, standing: Standing) -> int:
        """How many turns the shortest call there takes."""
        stand, circumstance = standing
        return next((way.turns for way in self._ways_in[stand] if way.mask >> circumstance & 1), 0)

    def trail(self, standing: Standing) -> Trail:
        """The shortest call that leads to a state in its circumstance."""
        stand, circumstance = standing
        acts: list[Act] = []
        while self._stand[stand].place:
            way = next(way for way in self._ways_in[stand] if way.mask >> circumstance & 1)
            acts.append(way.act)
            stand = way.stand
            circumstance = circumstance if way.circumstance is None else way.circumstance
        line = self.routing.lines[self._stand[stand].line]
        return Trail(line, self._circumstance[circumstance], tuple(reversed(acts)))

    def _begin(self) -> None:
        """A call that has not arrived stands nowhere yet."""
        everything = 0
        for situation in self.situations:
            for withheld, textable, full in callers(self.routing):
                here = Circumstance(situation, withheld, textable=textable, guide_full=full)
                everything |= 1 << self._number(here)
        for line in self.routing.lines.values():
            acts = [Act(Arrived())]
            if line is self.routing.main_line:
                acts.append(Act(Arrived(known=False)))
            stand = self._stand_of(CallState(line.name, "", language=line.language), tuple(acts))
            self._reached[stand] = self._frontier[stand] = everything

    def _hear(self, stand: int, number: int, act: Act, mask: int) -> Iterator[Visit]:
        key = stand * _MOST_ACTS + number
        if key in self._anywhere:
            self._reach(self._anywhere[key], _WayIn(self._level, mask, stand, act, None), mask)
            return
        known = self._views.get(key)
        for at in _bits(mask):
            now = self._circumstance[at]
            found = _among(known, now) if known else None
            if found is None:
                visit = self._run((stand, at), act)
                yield visit
                found = self._follow(visit)
                if visit.asked is None:
                    self._anywhere[key] = found[0]
                    self._reach(found[0], _WayIn(self._level, mask, stand, act, None), mask)
                    return
                if known is None:
                    leaving = self._leaving(visit)
                    known = self._views[key] = self._alike.setdefault(leaving, {}) if leaving else {}
                known.setdefault(visit.asked, {})[view(now, visit.asked)] = found
            self._reach_in(found, (stand, at), act)

    def _run(self, standing: Standing, act: Act) -> Visit:
        state = self.state(standing, act.hop)
        situation = self._circumstance[standing[1]].situation
        self._places.seen.clear()
        self.turns += 1
        turn, fault = None, ""
        try:
            turn = advance(self.routing, state, act.heard, situation.at)
        except Exception as error:  # whatever it is, a caller would hear an apology: that is a finding
            fault = type(error).__name__
        return Visit(standing, state, act, situation, turn, fault, self._asked(act, turn))

    def _asked(self, act: Act, turn: Turn | None) -> tuple[str, ...] | None:
        """What the turn just run depends on. The ringing counts only where phones rang, might ring, or have rung."""
        seen = self._places.seen
        if all(isinstance(self._places.find(name), _UNMOVED) for name in seen):
            return None
        hours = tuple(
            dict.fromkeys(name for name in seen if isinstance(self._places.find(name), Location | UrgentCall))
        )
        match act.heard:
            case DialEnded(Outcome.ANSWERED | Outcome.CALLER_LEFT) if act.hop == 0:
                return ()  # the call is over, whatever the hour
            case DialEnded():
                return (RINGING, *hours)
            case _:
                rings = turn is None or any(isinstance(event, Rang | RingBudgetSpent) for event in turn.events)
                return (RINGING, *hours) if rings else hours

    def _leaving(self, visit: Visit) -> tuple[object, ...] | None:
        """The place that a turn leaves for and why, with all else that what follows depends on."""
        if isinstance(visit.act.heard, DialEnded) and not visit.act.hop:
            return visit.standing[0], visit.act.heard.outcome in (Outcome.NO_ANSWER, Outcome.DECLINED), visit.asked
        if visit.turn is None or len(self._places.seen) < 2:
            return None
        (own, to, *_), state = self._places.seen, visit.state
        for event in visit.turn.events:
            match event:
                case SentToPerson(_, _, why):
                    return to, why, state.line, state.language, state.pace
                # What a mailbox offers depends on the caller's number, so whether it is left does too.
                case KeyChosen(_, _, chosen) if chosen == to and isinstance(self._places.find(own), Menu | Information):
                    return to, "", state.line, state.language, state.pace
                case _:
                    pass
        return None

    def _follow(self, visit: Visit) -> _Found:
        """The state that a turn leads to, None for the end, and the ringing used up by then, None if untouched."""
        step = visit.turn.step if visit.turn else HangUp()
        match step:
            case Ask(resume) | Record(resume) | Ring(resume):
                bare = replace(resume, hop=0, withheld=False, textable=False, guide_full=False, rung_seconds=0)
                stand = self._stands.get(bare)
                if stand is None:
                    stand = self._stand_of(bare, acts(self.routing, step))
                return stand, resume.rung_seconds if visit.asked and RINGING in visit.asked else None
            case HangUp() | Join():
                return None, None

    def _reach_in(self, found: _Found, standing: Standing, act: Act) -> None:
        """Reach a state from one circumstance."""
        target, rung = found
        if target is None:
            return
        stand, at = standing
        before = self._circumstance[at]
        after = at
        if rung is not None and rung != before.rung_seconds:
            after = self._number(replace(before, rung_seconds=rung))
        if act.idle:
            self._idle.setdefault(standing, {}).setdefault((target, after), act)
        self._reach(target, _WayIn(self._level, 1 << after, stand, act, at), 1 << after)

    def _reach(self, target: int | None, way: _WayIn, mask: int) -> None:
        if target is None:
            return
        if way.circumstance is None and way.act.idle:
            self._idle_anywhere[way.stand] = target, way.act
        new = mask & ~self._reached[target]
        if new:
            self._reached[target] |= new
            self._ways_in[target].append(way)
            self._frontier[target] = self._frontier.get(target, 0) | new

    def _stand_of(self, bare: CallState, possible: tuple[Act, ...]) -> int:
        self._stand.append(bare)
        self._acts.append(possible)
        self._reached.append(0)
        self._ways_in.append([])
        return self._stands.setdefault(bare, len(self._stands))

    def _number(self, circumstance: Circumstance) -> int:
        if circumstance not in self._circumstances:
            self._circumstance.append(circumstance)
        return self._circumstances.setdefault(circumstance, len(self._circumstances))


def _among(known: _Views, now: Circumstance) -> _Found | None:
    return next((views[seen] for asked, views in known.items() if (seen := view(now, asked)) in views), None)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
