"""One imagined call, walked through the routing by the real engine: what the journal would have told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from ivr.call_flow.engine import advance, arrival
from ivr.call_flow.events import Apologised, CallEnded, Event, LegEnded, RecordingReady
from ivr.call_flow.model import Routing
from ivr.call_flow.spoken import spoken_seconds
from ivr.call_flow.turn import (
    Arrived,
    Ask,
    CallState,
    DialEnded,
    HangUp,
    Join,
    MessageLeft,
    Outcome,
    Pace,
    Pressed,
    Record,
    Ring,
    Silence,
    Turn,
)
from ivr.call_flow.whispering import answer_callee, callee
from ivr.journal.entry import Entry, entries_for
from ivr.journal.sealing import Seal
from ivr.routing.listening import converse

from .imagined_caller import Somebody, Wish, at_a_question, at_the_phone

MOST_TURNS = 60
VOICEMAIL_SECONDS = 12
REAL_FAULT = "OperationalError"


@dataclass(frozen=True, slots=True)
class Planned:
    """A call to be imagined. `at` is aware; `line` is its name.

    `busy`: hardly anybody has a hand free for it; `fails`: something breaks on our side.
    """

    sid: str
    who: Somebody
    line: str
    at: datetime
    wish: Wish
    busy: bool = False
    fails: bool = False


def imagine(routing: Routing, planned: Planned, seal: Seal, chance: Random) -> tuple[Entry, ...]:
    """The journal's entries of one call, from its arrival to the carrier's word that it is over."""
    call = _Call(routing, planned, chance, planned.at)
    state = arrival(routing, routing.lines[planned.line].number, withheld=not planned.who.number)
    turn = advance(routing, state, Arrived(), call.now)
    call.note(state.hop, turn.events)
    if planned.fails:
        call.listen(turn, 0.6)
        call.note(0, (Apologised(REAL_FAULT),), version="")
        call.wait(8, 40)
    else:
        for _ in range(MOST_TURNS):
            after = call.go_on(turn)
            if after is None:
                break
            turn = after
    call.end()
    first, *others = call.entries
    if number := planned.who.number:
        first = replace(first, sealed={"caller": seal.seal(number), "caller_index": seal.index(number)})
    return (first, *others)


def reached_nobody(entries: Sequence[Entry]) -> bool:
    """Whether the caller asked for a location in vain and left no word; such people call again."""
    kinds = {entry.kind for entry in entries}
    asked = kinds & {"Rang", "FoundClosed"}
    return bool(asked) and not kinds & {"CallAccepted", "MessageTaken", "CallbackRequested"}


@dataclass(slots=True)
class _Call:
    """A call under way: its clock runs with what is said and done."""

    routing: Routing
    planned: Planned
    chance: Random
    now: datetime
    entries: list[Entry] = field(default_factory=list)

    def note(self, hop: int, events: Sequence[Event], *, tag: str = "", version: str | None = None) -> None:
        """Write events down, as the journal would."""
        known = self.routing.version if version is None else version
        self.entries.extend(entries_for(self.planned.sid, hop, self.now, known, events, tag))

    def go_on(self, turn: Turn) -> Turn | None:
        """What follows when the caller, or the clinic's phone, acts; None when the call is over."""
        match turn.step:
            case Ask() as ask:
                return self._asked(turn, ask)
            case Ring() as ring:
                return self._ringing(turn, ring)
            case Record(resume=state, seconds=most):
                return self._recording(turn, state, most)
            case HangUp() | Join():
                self.listen(turn, 1.0)
                return None

    def end(self) -> None:
        """The carrier's last word."""
        seconds = int((self.now - self.planned.at).total_seconds())
        self.note(0, (CallEnded("completed", seconds),), tag="completed:", version="")

    def listen(self, turn: Turn, share: float) -> None:
        """The caller hears a part of what is said, from 0 to 1."""
        words = " ".join(phrase for say in turn.say for phrase in say.phrases if isinstance(phrase, str))
        slow = any(say.pace is Pace.SLOW for say in turn.say)
        self.now += timedelta(seconds=spoken_seconds(words, slow) * share)

    def wait(self, low: float, high: float) -> float:
        """Some seconds pass; how many."""
        seconds = self.chance.uniform(low, high)
        self.now += timedelta(seconds=seconds)
        return seconds

    def _answer(self, state: CallState, heard: DialEnded | MessageLeft | Silence) -> Turn:
        turn = advance(self.routing, state, heard, self.now)
        self.note(state.hop, turn.events)
        return turn

    def _asked(self, turn: Turn, ask: Ask) -> Turn | None:
        act = at_a_question(self.routing, ask, self.planned.who, self.planned.wish, self.chance)
        if act is None:
            self.listen(turn, self.chance.uniform(0.2, 1.0))
            return None
        # Whoever knows the menu presses its key before everything is read out.
        self.listen(turn, self.chance.uniform(0.35, 1.0) if isinstance(act, Pressed) else 1.0)
        self.wait(ask.seconds, ask.seconds) if isinstance(act, Silence) else self.wait(0.5, 2.5)
        after = converse(self.routing, ask.resume, act, self.now)
        self.note(ask.resume.hop, after.events)
        return after

    def _recording(self, turn: Turn, state: CallState, most: int) -> Turn:
        self.listen(turn, 1.0)
        if self.chance.random() < 0.06:
            self.wait(3, 8)
            return self._answer(state, Silence())
        seconds = min(most, round(self.chance.triangular(8, 75, 24)))
        recording = f"RE{self.chance.getrandbits(128):032x}"
        self.wait(seconds, seconds)
        after = self._answer(state, MessageLeft(recording, seconds))
        self.note(0, (RecordingReady(recording, seconds, "completed"),), tag=f"{recording}:", version="")
        return after

    def _ringing(self, turn: Turn, ring: Ring) -> Turn | None:
        self.listen(turn, 1.0)
        state, outcome = ring.resume, at_the_phone(ring.resume.part, self.chance, busy=self.planned.busy)
        talked = 0
        match outcome:
            case Outcome.ANSWERED:
                talked = self._joined(ring)
            case Outcome.DECLINED:
                self.wait(6, max(7, ring.seconds - VOICEMAIL_SECONDS))
                self._picked_up(ring, 0, Silence(), VOICEMAIL_SECONDS)
                self._legs_end(ring, {0: (Outcome.ANSWERED, VOICEMAIL_SECONDS)}, Outcome.NO_ANSWER)
            case Outcome.BUSY | Outcome.FAILED:
                self.wait(0.5, 2)
                self._legs_end(ring, {}, outcome)
            case Outcome.CALLER_LEFT:
                self.wait(4, ring.seconds)
                self._legs_end(ring, {}, Outcome.NO_ANSWER)
            case Outcome.NO_ANSWER:
                self.wait(ring.seconds, ring.seconds)
                self._legs_end(ring, {}, Outcome.NO_ANSWER)
        after = self._answer(state, DialEnded(outcome, talked))
        if outcome is Outcome.ANSWERED and self.chance.random() < 0.8:
            return None  # both hang up; few stay for our goodbye
        return after

    def _joined(self, ring: Ring) -> int:
        """A person takes the call; for how many seconds they talk."""
        taker = self.chance.randrange(len(ring.phones))
        self.wait(3, max(4, ring.seconds - 4))
        if ring.whisper:
            self._picked_up(ring, taker, Pressed("1"), self.chance.uniform(4, 8))
        talked = round(self.chance.triangular(25, 540, 110))
        self.wait(talked, talked)
        self._legs_end(ring, {taker: (Outcome.ANSWERED, talked)}, Outcome.NO_ANSWER)
        return talked

    def _picked_up(self, ring: Ring, phone: int, does: Pressed | Silence, after: float) -> None:
        """A callee hears the whisper, and then presses a key or does not."""
        for heard in (Arrived(), does):
            turn = answer_callee(self.routing, ring.resume, phone, heard, self.now)
            self.note(ring.resume.hop, turn.events, tag=f"leg{phone}:")
            if isinstance(heard, Arrived):
                self.wait(after, after)

    def _legs_end(self, ring: Ring, own: dict[int, tuple[Outcome, int]], others: Outcome) -> None:
        for phone in range(len(ring.phones)):
            outcome, seconds = own.get(phone, (others, 0))
            group, name = callee(self.routing, ring.resume, phone)
            self.note(ring.resume.hop, (LegEnded(group, name, outcome, seconds),), tag=f"leg{phone}:")
