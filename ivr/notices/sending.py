"""The worker's round: decide whom to tell, hand over what is due, give up what is too old."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from ivr.call_flow.model import Routing
from ivr.call_flow.notice_rules import NoticeRules, Way
from ivr.call_log.leases import GoOn, always

from .addressing import MOST_AN_HOUR, address
from .outbox import Letter, bury, claim, postpone, settle
from .parcel import Failed, Parcel, Refused, Result
from .pauses import Pauses
from .rules import may_leave_at
from .ways import Ways
from .wording import parcel

log = logging.getLogger("ivr.notices")


@dataclass(frozen=True, slots=True)
class Words:
    """What letters are written with: rules, names and times of the routing that is live, and where people sign in."""

    rules: NoticeRules
    clinic: str
    titles: Mapping[str, str]
    zone: ZoneInfo
    console: str

    def parcel(self, letter: Letter, to: str) -> Parcel:
        """A letter in these words."""
        return parcel(letter, to, clinic=self.clinic, titles=self.titles, zone=self.zone, console=self.console)

    @classmethod
    def of(cls, routing: Routing, titles: Mapping[str, str], zone: ZoneInfo, console: str) -> Words:
        return cls(routing.notices, routing.clinic, titles, zone, console)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did."""

    addressed: int = 0
    tried: int = 0
    buried: int = 0


class Sender:
    """Sends one host's share of the letters. `holder` names this process; `clock` gives aware moments."""

    def __init__(
        self,
        engine: Engine,
        ways: Ways,
        holder: str,
        clock: Callable[[], datetime],
        *,
        at_once: int = 1,
        most_an_hour: int = MOST_AN_HOUR,
    ) -> None:
        self._engine = engine
        self._ways = ways
        self._holder = holder
        self._clock = clock
        self._at_once = at_once
        self._most_an_hour = most_an_hour
        self._pauses = Pauses()

    def run(self, words: Words, go_on: GoOn = always) -> Round:
        """One round; ends early when `go_on` says so. Raises SQLAlchemyError."""
        addressed = address(self._engine, words.rules, words.zone, self._clock(), most_an_hour=self._most_an_hour)
        tried = 0
        while go_on():
            letters = claim(self._engine, self._holder, self._open(), self._clock(), limit=self._at_once)
            if not letters:
                break
            for letter in letters:
                self._send(letter, words)
                tried += 1
        buried = bury(self._engine, self._clock())
        if buried:
            log.warning("%s letters were given up: they waited for a day", buried)
        return Round(addressed, tried, buried)

    def _send(self, letter: Letter, words: Words) -> None:
        now, told = self._clock(), [(notice.kind, notice.location) for notice in letter.notices]
        # It was due in time, but may be tried again, or sent again, in somebody's quiet hours.
        leaves_at = may_leave_at(words.rules, (letter.person, letter.way), told, words.zone, now)
        if leaves_at > now:
            postpone(self._engine, letter, self._holder, leaves_at)
            return
        result = self._result(letter, words)
        settle(self._engine, letter, self._holder, result, self._clock())
        if isinstance(result, Refused):
            log.warning("letter %s by %s is dead: %s", letter.id, letter.way, result.why)
        self._pauses.note(letter.way, result, self._clock())

    def _result(self, letter: Letter, words: Words) -> Result:
        to = address_of(words.rules, letter.person, letter.way)
        if to is None:
            return Refused(f"clinic.yaml names no {letter.way} address for {letter.person} any more")
        try:
            return self._ways[letter.way](words.parcel(letter, to))
        except Exception as fault:  # a letter that cannot be written must not keep all others from being sent
            log.error("letter %s failed: %s", letter.id, type(fault).__name__)
            return Failed(f"it could not be written: {type(fault).__name__}", unsure=True)

    def _open(self) -> list[Way]:
        now = self._clock()
        return [way for way in self._ways if not self._pauses.rests(way, now)]


def address_of(rules: NoticeRules, person: str, way: Way) -> str | None:
    """Where somebody is told now; "" for the webhook, None when the rules know no such address."""
    told = rules.people.get(person)
    match way:
        case Way.WEBHOOK:
            return ""
        case Way.MAIL:
            return (told and told.mail) or None
        case Way.TEXT:
            return (told and told.text) or None
