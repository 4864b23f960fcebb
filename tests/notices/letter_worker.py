"""A worker that sends what is in the outbox, in a process of its own: `python -m tests.notices.letter_worker ORDER`.

It may be killed at any moment. Its clock moves on by a second an attempt, and by a minute when nothing is due; where it
stands is in a file, as is what the worker learned of each attempt that failed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, func, select

from ivr.call_flow.notice_rules import NoticeKind, NoticeRules, Rule, Told, Way
from ivr.call_log.database import open_database, reading
from ivr.carrier.client import rest_client
from ivr.notices.mail import Mailer, Patience
from ivr.notices.outgoing import State
from ivr.notices.parcel import Deliver, Failed, Parcel, Result
from ivr.notices.sending import Sender, Words
from ivr.notices.tables import LetterRow
from ivr.notices.text import Texter
from ivr.settings_notices import MailServer
from tests.carrier.twilio_double import ACCOUNT, TOKEN, Double

FROM = "+14805550100"
ANY_NUMBER = 1_000_000  # of letters an hour to one person
BREATH_SECONDS = 0.02  # of real time for a minute of waiting: who is killed or restarted meanwhile is not late by a day


@dataclass(frozen=True, slots=True)
class Order:
    """Whom to tell, where the servers are, how long to be patient with them, and where clock and failures stand."""

    database: str
    holder: str
    people: int
    smtp: int
    twilio: int
    patience: float
    clock: str
    failures: str


class FileClock:
    """A clock that moves when it is told to, and stands in a file for whoever comes after us."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR)
        self.now = stands_at(path)

    def __call__(self) -> datetime:
        return self.now

    def later(self, by: timedelta) -> None:
        self.now += by
        os.pwrite(self._file, written(self.now), 0)


def written(moment: datetime) -> bytes:
    """A moment as the file has it: always as long, so that it is replaced by one write."""
    return moment.isoformat(timespec="microseconds").encode()


def stands_at(path: Path) -> datetime:
    """The moment in a clock's file."""
    return datetime.fromisoformat(path.read_text())


def crowd(people: int) -> NoticeRules:
    """So many people, all of whom are told of messages by mail and by text."""
    told = {
        f"person{number}": Told(f"P{number}", f"p{number}@example.com", f"+1480555{number:04d}")
        for number in range(people)
    }
    return NoticeRules(told, (Rule(tuple(told), frozenset({NoticeKind.MESSAGE_LEFT}), (Way.MAIL, Way.TEXT)),))


@dataclass(frozen=True, slots=True)
class Attempts:
    """A way that takes a second an attempt, and writes down which failed: at once, before anything else knows."""

    way: Deliver
    clock: FileClock
    failures: int

    def __call__(self, given: Parcel) -> Result:
        result = self.way(given)
        self.clock.later(timedelta(seconds=1))
        if isinstance(result, Failed):
            line = {"reference": given.reference, "unsure": result.unsure, "why": result.why}
            os.write(self.failures, (json.dumps(line) + "\n").encode())
        return result


def work(order: Order) -> None:
    """Send until every letter is over."""
    engine, clock = open_database(order.database), FileClock(Path(order.clock))
    failures = os.open(order.failures, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    server, patience = MailServer("smtp", "127.0.0.1", order.smtp), Patience(order.patience, 2 * order.patience)
    twilio = rest_client(ACCOUNT, TOKEN, Double(port=order.twilio).client(order.patience))
    ways = {
        Way.MAIL: Attempts(Mailer(server, "desk@clinic.example", patience=patience), clock, failures),
        Way.TEXT: Attempts(Texter(twilio, FROM), clock, failures),
    }
    sender = Sender(engine, ways, order.holder, clock, most_an_hour=ANY_NUMBER)
    zone = ZoneInfo("America/Phoenix")
    words = Words(crowd(order.people), "Sample Clinic", {"gilbert": "Gilbert"}, zone, "https://ivr.example.com")
    while sender.run(words).tried or _open(engine):
        clock.later(timedelta(minutes=1))
        time.sleep(BREATH_SECONDS)


def _open(engine: Engine) -> int:
    open_ones = LetterRow.state.in_([State.WAITING.value, State.SENDING.value])
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).where(open_ones)) or 0


if __name__ == "__main__":
    work(Order(**json.loads(sys.argv[1])))
