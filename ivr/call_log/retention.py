"""Erases what has been kept long enough, and leaves proof: what, how many, up to when, by whom.

Everything goes in small transactions of its own, oldest first as far as it matters, each with its share of the proof:
a run that is stopped half way has proof of exactly what it erased, and the next run goes on. Two runs at once share
the work, and nothing is counted by both. Counts in the roll-ups stay; they name nobody.

Each `forget` asks `go_on` before every batch and every recording, and stops where it answers False.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, CursorResult, Engine, delete, insert, or_, select, update

from ivr.call_flow.model import Retention

from .database import reading, wait_for_others, writing
from .leases import GoOn, always
from .placing import forget_calls_out
from .tables import CallRow, Erasure, EventRow, MessageRow
from .text_numbers import erase_text_numbers
from .work_rule import refresh
from .work_tables import WorkClaimRow, WorkNoteRow

BATCH = 1000
MOST_REFUSALS = 5
NUMBERS, EVENTS, MESSAGES, NOTES = "numbers", "events", "messages", "notes"
TEXTS, CALLS_BACK = "numbers of texts", "calls back"

ONE_AT_A_TIME = 4_870_251_996  # any number of our own among PostgreSQL's advisory locks

EraseRecording = Callable[[str], bool]
Erase = Callable[[Connection], int]


@dataclass(frozen=True, slots=True)
class Erased:
    """What one run erased of a kind.

    `left` are those the carrier did not confirm, or that were not reached: the next run tries them.
    """

    what: str
    up_to: datetime
    count: int
    left: int = 0


def newest_call(engine: Engine) -> datetime | None:
    """When the newest call began; None without any. Raises SQLAlchemyError."""
    with reading(engine) as connection:
        return connection.scalar(select(CallRow.started_at).order_by(CallRow.started_at.desc()).limit(1))


def forget(
    engine: Engine,
    keep: Retention,
    *,
    now: datetime,
    actor: str,
    erase_recording: EraseRecording,
    go_on: GoOn = always,
) -> tuple[Erased, ...]:
    """Erase numbers, those of texts too, events, messages, notes and calls back that are older than `keep` says.

    `now` is aware. `erase_recording` gets a recording's id and answers True once the carrier has confirmed that it is
    gone; until then the message counts as kept. It may raise OSError when the carrier cannot be reached.
    """
    numbers, events = now - timedelta(days=keep.numbers_days), now - timedelta(days=keep.events_days)
    messages = now - timedelta(days=keep.messages_days)
    return (
        forget_numbers(engine, numbers, now=now, actor=actor, go_on=go_on),
        forget_events(engine, events, now=now, actor=actor, go_on=go_on),
        forget_messages(engine, messages, now=now, actor=actor, erase_recording=erase_recording, go_on=go_on),
        forget_notes(engine, numbers, now=now, actor=actor, go_on=go_on),
        forget_texts(engine, numbers, now=now, actor=actor, go_on=go_on),
        forget_calls_back(engine, events, now=now, actor=actor, go_on=go_on),
    )


def forget_numbers(engine: Engine, up_to: datetime, *, now: datetime, actor: str, go_on: GoOn = always) -> Erased:
    """Erase callers' numbers and their hashes in calls that began before `up_to`. The calls themselves stay."""

    def erase(connection: Connection) -> int:
        # By the hash's own index, which holds the numbers still kept and no others: old calls are not walked again.
        old = select(CallRow.sid).where(CallRow.caller_index.is_not(None), CallRow.started_at < up_to)
        old = old.order_by(CallRow.caller_index)
        gone = {"caller": None, "caller_index": None, "number_forgotten_at": now}
        forgotten = update(CallRow).where(CallRow.sid.in_(old.limit(BATCH))).values(gone).returning(CallRow.sid)
        sids = connection.scalars(forgotten).all()
        refresh(connection, sids)  # an open call's entry bears the hash too
        return len(sids)

    return _in_batches(engine, _Proof(NUMBERS, up_to, now, actor), go_on, erase)


def forget_events(engine: Engine, up_to: datetime, *, now: datetime, actor: str, go_on: GoOn = always) -> Erased:
    """Erase the single facts of calls last heard of before `up_to`: whole calls only. Their rows and sums stay."""

    def erase(connection: Connection) -> int:
        over = or_(CallRow.sid.is_(None), CallRow.last_heard_at < up_to)
        old = (
            select(EventRow.call_sid, EventRow.at)
            .outerjoin(CallRow, CallRow.sid == EventRow.call_sid)
            .where(EventRow.at < up_to, over)
            .order_by(EventRow.at)
            .limit(BATCH)
        )
        calls = {row[0] for row in connection.execute(old)}
        return _count(connection.execute(delete(EventRow).where(EventRow.call_sid.in_(calls)))) if calls else 0

    return _in_batches(engine, _Proof(EVENTS, up_to, now, actor), go_on, erase)


def forget_messages(
    engine: Engine,
    up_to: datetime,
    *,
    now: datetime,
    actor: str,
    erase_recording: EraseRecording,
    go_on: GoOn = always,
) -> Erased:
    """Have recordings taken before `up_to` erased at the carrier, and mark those it confirms.

    After five refusals in a row the rest waits for the next run: the carrier is away, and each try may take seconds.
    """
    proof = _Proof(MESSAGES, up_to, now, actor)
    gone = count = refusals = 0
    messages = list(_messages_to_erase(engine, up_to))
    for recording in messages:
        if refusals == MOST_REFUSALS or not go_on():
            break
        if not _confirmed(erase_recording, recording):
            refusals += 1
            continue
        refusals, gone = 0, gone + 1
        with writing(engine) as connection:
            kept = update(MessageRow).where(MessageRow.recording == recording, MessageRow.erased_at.is_(None))
            if _count(connection.execute(kept.values(erased_at=now))):  # another run may have been quicker
                proof.add(connection, 1)
                count += 1
    return Erased(MESSAGES, up_to, count, left=len(messages) - gone)


def forget_notes(engine: Engine, up_to: datetime, *, now: datetime, actor: str, go_on: GoOn = always) -> Erased:
    """Erase what was noted about callers before `up_to`, and claims from then, which bear the hash of a number."""

    def erase(connection: Connection) -> int:
        connection.execute(delete(WorkClaimRow).where(WorkClaimRow.claimed_at < up_to))
        old = select(WorkNoteRow.id).where(WorkNoteRow.at < up_to).order_by(WorkNoteRow.at).limit(BATCH)
        return _count(connection.execute(delete(WorkNoteRow).where(WorkNoteRow.id.in_(old))))

    return _in_batches(engine, _Proof(NOTES, up_to, now, actor), go_on, erase)


def forget_texts(engine: Engine, up_to: datetime, *, now: datetime, actor: str, go_on: GoOn = always) -> Erased:
    """Erase the numbers and hashes of texts made before `up_to`. That they were sent, and how many, stays."""
    proof = _Proof(TEXTS, up_to, now, actor)
    return _in_batches(engine, proof, go_on, lambda each: erase_text_numbers(each, up_to, BATCH))


def forget_calls_back(engine: Engine, up_to: datetime, *, now: datetime, actor: str, go_on: GoOn = always) -> Erased:
    """Erase who called whom back when, where it was asked for before `up_to`."""
    proof = _Proof(CALLS_BACK, up_to, now, actor)
    return _in_batches(engine, proof, go_on, lambda each: forget_calls_out(each, up_to, BATCH))


@dataclass(slots=True)
class _Proof:
    """One row of proof, written with the first batch and counted up with each further one."""

    what: str
    up_to: datetime
    at: datetime
    actor: str
    row: int | None = None

    def add(self, connection: Connection, count: int) -> None:
        if self.row is None:
            values = {"at": self.at, "what": self.what, "up_to": self.up_to, "count": count, "actor": self.actor}
            self.row = connection.execute(insert(Erasure).values(values).returning(Erasure.id)).scalar_one()
        else:
            raised = update(Erasure).where(Erasure.id == self.row).values(count=Erasure.count + count)
            connection.execute(raised)


def _in_batches(engine: Engine, proof: _Proof, go_on: GoOn, erase: Erase) -> Erased:
    total = 0
    while go_on():
        with writing(engine) as connection:
            # Two runs would choose the same rows; whoever waits for a row would change and count it a second time.
            wait_for_others(connection, ONE_AT_A_TIME)
            count = erase(connection)
            if not count:
                break
            proof.add(connection, count)
        total += count
    return Erased(proof.what, proof.up_to, total)


def _messages_to_erase(engine: Engine, up_to: datetime) -> Iterator[str]:
    old = select(MessageRow.recording).where(MessageRow.taken_at < up_to, MessageRow.erased_at.is_(None))
    with reading(engine) as connection:
        yield from connection.scalars(old.order_by(MessageRow.taken_at, MessageRow.recording))


def _confirmed(erase_recording: EraseRecording, recording: str) -> bool:
    try:
        return erase_recording(recording)
    except OSError:
        return False


def _count(result: CursorResult[object]) -> int:
    return result.rowcount
