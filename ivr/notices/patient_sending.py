"""Sends texts to callers: each handed over at most once, and looked at once more before it is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from ivr.call_flow.model import Routing
from ivr.call_flow.notice_rules import Way
from ivr.call_flow.text_rules import TextKind
from ivr.call_flow.text_words import body_of, given_in
from ivr.call_log.database import writing
from ivr.call_log.leases import GoOn, always
from ivr.call_log.missed import SETTLED
from ivr.call_log.statements import insert_into
from ivr.call_log.tables import CallRow
from ivr.call_log.text_tables import PatientTextRow, TextOptOutRow
from ivr.call_log.work_tables import WorkDoneRow
from ivr.journal.sealing import Seal, SealBroken
from ivr.routing.zone import clinic_zone

from .births import MISSED
from .outgoing import give_up_late, is_due, put_down, take
from .parcel import Failed, Refused, Result, Text
from .patient_texts import OFF, STOPPED, has_stopped, in_hours
from .pauses import Pauses

TOO_LATE = "it could not be sent in time: are texts set up?"
NO_NUMBER, NIGHT, REACHED = "its number is gone", "it is too late in the day", "the caller was reached meanwhile"

KINDS = [kind.value for kind in TextKind]

log = logging.getLogger("ivr.notices")


@dataclass(frozen=True, slots=True)
class PatientText:
    """A text that is ours to send. `number` is encrypted, None when it was forgotten."""

    id: int
    call_sid: str
    kind: TextKind
    language: str
    line: str
    number: str | None
    attempts: int
    unsure: bool
    made_at: datetime
    give_up_at: datetime


class TextSender:
    """Sends for all hosts. `send` hands a text over, None when texts are not set up; `holder` names this process."""

    def __init__(
        self,
        engine: Engine,
        send: Callable[[Text], Result] | None,
        seal: Seal,
        holder: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._hand_over = send
        self._seal = seal
        self._holder = holder
        self._clock = clock
        self._pauses = Pauses()

    def run(self, routing: Routing, go_on: GoOn = always) -> int:
        """Send what is due; how many attempts that took. Ends early when `go_on` says so, or Twilio wants no more.

        Raises SQLAlchemyError.
        """
        tried = 0
        while self._may_send() and go_on() and (given := self._claim(routing)):
            row, ready = given
            self._settle(row, ready if isinstance(ready, Refused) else self._send(ready))
            tried += 1
        give_up_late(self._engine, PatientTextRow, self._clock(), TOO_LATE)
        return tried

    def _may_send(self) -> bool:
        return self._hand_over is not None and not self._pauses.rests(Way.TEXT, self._clock())

    def _claim(self, routing: Routing) -> tuple[PatientText, Text | Refused] | None:
        """The next text and its words, or why it is not to be sent after all; None when nothing is due."""
        now, row = self._clock(), PatientTextRow
        # What is too old is given up below, not sent; so is, in the end, what a newer release wrote.
        wanted = row.give_up_at > now, row.kind.in_(KINDS)
        if not is_due(self._engine, row, now, *wanted):
            return None
        with writing(self._engine) as connection:
            numbers = take(connection, row, self._holder, now, *wanted)
            if not numbers:
                return None
            text = _read(connection, numbers[0])
            return text, self._ready(connection, text, routing, now)

    def _ready(self, connection: Connection, row: PatientText, routing: Routing, now: datetime) -> Text | Refused:
        try:
            number = self._seal.unseal(row.number) if row.number else ""
        except SealBroken:
            number = ""
        if not number:
            return Refused(NO_NUMBER)
        hashes = self._seal.indexes(number)
        if has_stopped(connection, hashes):
            return Refused(STOPPED)
        if row.kind is TextKind.MISSED_CALL and (why := _why_no_more(connection, row, hashes, routing, now)):
            return Refused(why)
        words = body_of(routing, row.kind, row.language, row.line)
        sign = given_in(routing, row.kind, row.line)
        return Text(number, words, (sign,), row.made_at, row.unsure) if words else Refused(OFF)

    def _send(self, text: Text) -> Result:
        assert self._hand_over is not None, "nothing is claimed without a way to send"
        try:
            result = self._hand_over(text)
        except Exception as fault:  # one text must not keep all others from being sent
            log.error("a text to a caller failed: %s", type(fault).__name__)
            return Failed(f"it failed: {type(fault).__name__}", unsure=True)
        self._pauses.note(Way.TEXT, result, self._clock())
        return result

    def _settle(self, row: PatientText, result: Result) -> None:
        now = self._clock()
        with writing(self._engine) as connection:
            put_down(connection, PatientTextRow, row, self._holder, result, now)
            if isinstance(result, Refused) and result.opted_out and row.number:
                self._remember(connection, row.number, now)
        if isinstance(result, Refused):
            log.info("text %s to a caller was not sent: %s", row.id, result.why)

    def _remember(self, connection: Connection, sealed: str, now: datetime) -> None:
        """Never again to this number."""
        index = self._seal.index(self._seal.unseal(sealed))
        values = {"number_index": index, "number": sealed, "at": now}
        connection.execute(insert_into(connection, TextOptOutRow).values(values).on_conflict_do_nothing())


def _read(connection: Connection, number: int) -> PatientText:
    row = PatientTextRow
    columns = (row.id, row.call_sid, row.kind, row.language, row.line, row.number, row.attempts, row.unsure)
    found = connection.execute(select(*columns, row.made_at, row.give_up_at).where(row.id == number)).one()
    return PatientText(
        found.id,
        found.call_sid,
        TextKind(found.kind),
        found.language,
        found.line,
        found.number,
        found.attempts,
        found.unsure,
        found.made_at,
        found.give_up_at,
    )


def _why_no_more(
    connection: Connection, row: PatientText, hashes: tuple[str, ...], routing: Routing, now: datetime
) -> str:
    """Why a missed call needs no text any more: they are off, it is night, the caller was reached or calls now."""
    if routing.texts is None:
        return OFF
    if not in_hours(routing.texts, now, clinic_zone(routing)):
        return NIGHT
    call = CallRow
    missed = select(call.started_at).where(call.sid == row.call_sid, call.disposition.in_(MISSED))
    began = connection.scalar(missed)
    if began is None:
        return REACHED
    served = call.disposition.in_([*SETTLED, ""])
    since = select(call.sid).where(call.caller_index.in_(hashes), call.started_at > began, served)
    done = select(WorkDoneRow.call_sid).where(WorkDoneRow.call_sid == row.call_sid)
    reached = any(connection.execute(each).first() is not None for each in (since, done))
    return REACHED if reached else ""
