"""The call log's tables, the same on SQLite and PostgreSQL. `migrations/` creates them; a test holds the two together.

Moments are aware in Python and whole milliseconds since 1970 (UTC) in the database, so that both engines order and
subtract them alike. Callers' numbers stand in two columns of `call`, encrypted and as a keyed
hash, and so in `text_tables.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect, ForeignKey, Index, Integer, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
# SQLite counts by itself only in a column of its own integer type.
BIG_ID = BigInteger().with_variant(Integer, "sqlite")

SID = String(34)
NAME = String(200)


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept as milliseconds since 1970 in UTC. A naive one is a ValueError."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a moment must be aware")
        return (value - EPOCH) // MILLISECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(milliseconds=value)


class Table(DeclarativeBase):
    """What all tables share."""

    type_annotation_map = {datetime: Moment, str: Text, Any: JSON}  # noqa: RUF012  SQLAlchemy reads it off the class


class Outgoing:
    """What rows share that are on their way to somebody outside.

    `state`: waiting, sending, sent, dead. While sending a row belongs to `holder` until `held_until`. `unsure`: an
    earlier attempt may have arrived. `fault` says why it was not sent, without an address.
    """

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    state: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    give_up_at: Mapped[datetime]
    attempts: Mapped[int]
    unsure: Mapped[bool]
    holder: Mapped[str] = mapped_column(NAME)
    held_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    carrier_id: Mapped[str] = mapped_column(SID)
    fault: Mapped[str]


class EventRow(Table):
    """A fact as the journal told it. `key` is unique within its call, so that telling it twice changes nothing.

    `hop` and `nth` order the facts of a call as the caller lived them, whatever the order in which they arrived here.
    """

    __tablename__ = "event"
    __table_args__ = (Index("event_at", "at"), {"sqlite_with_rowid": False})

    call_sid: Mapped[str] = mapped_column(SID, primary_key=True)
    key: Mapped[str] = mapped_column(NAME, primary_key=True)
    hop: Mapped[int]
    nth: Mapped[int]
    at: Mapped[datetime]
    version: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[Any] = mapped_column(JSON)


class CallRow(Table):
    """One call of one patient. Computed from its events alone; computing it again gives the same row.

    `disposition` is empty while the call is under way. `caller` is encrypted, `caller_index` its keyed hash; both are
    empty when the number is withheld or forgotten. `closed_by` says who told us of the end: carrier, reconciler,
    worker, or "last turn" for our own goodbye. `last_heard_at` is when this log last learned something new of the call.
    `draft`: a tester heard the draft, or this service called its own line; such a call is here, and in no statistic.
    `path`, `topics` ([{topic, heard, parts}]) and `visits` ([{menu, version, outcome, seconds}], for the funnel) are
    lists.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index("call_started", "started_at"),
        Index("call_location", "location", "started_at"),
        Index("call_location_disposition", "location", "disposition", "started_at"),
        # With the rest of it, missed callers are counted without a look at a single call.
        Index("call_disposition_caller", "disposition", "started_at", "location", "draft", "caller_index"),
        Index("call_line", "line", "started_at"),
        Index("call_language", "language", "started_at"),
        Index("call_caller", "caller_index", "started_at"),
    )

    sid: Mapped[str] = mapped_column(SID, primary_key=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    last_heard_at: Mapped[datetime]
    line: Mapped[str] = mapped_column(NAME)
    location: Mapped[str] = mapped_column(NAME)
    language: Mapped[str] = mapped_column(String(40))
    pace: Mapped[str] = mapped_column(String(20))
    version: Mapped[str] = mapped_column(String(40))
    disposition: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(40))
    hung_up_by: Mapped[str] = mapped_column(String(20))
    closed_by: Mapped[str] = mapped_column(String(20))
    wait_seconds: Mapped[int]
    ring_seconds: Mapped[int]
    talk_seconds: Mapped[int]
    total_seconds: Mapped[int]
    withheld: Mapped[bool]
    path: Mapped[Any] = mapped_column(JSON)
    topics: Mapped[Any] = mapped_column(JSON)
    visits: Mapped[Any] = mapped_column(JSON)
    caller: Mapped[str | None]
    caller_index: Mapped[str | None] = mapped_column(String(32))
    number_forgotten_at: Mapped[datetime | None]
    reconciled_at: Mapped[datetime | None]
    draft: Mapped[bool]
    urgent: Mapped[bool]


class LegRow(Table):
    """One ringing of one phone within a call. `phone` is the phone's configured name, never its number."""

    __tablename__ = "leg"

    call_sid: Mapped[str] = mapped_column(SID, ForeignKey("call.sid", ondelete="CASCADE"), primary_key=True)
    hop: Mapped[int] = mapped_column(primary_key=True)
    phone: Mapped[str] = mapped_column(NAME, primary_key=True)
    group: Mapped[str] = mapped_column(NAME)
    location: Mapped[str] = mapped_column(NAME)
    rang_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(20))
    ring_seconds: Mapped[int]
    talk_seconds: Mapped[int]


class MessageRow(Table):
    """A message a caller left. The recording itself stays with the carrier; `recording` is its id there."""

    __tablename__ = "message"
    __table_args__ = (
        Index("message_taken", "taken_at"),
        Index("message_call", "call_sid"),
    )

    recording: Mapped[str] = mapped_column(SID, primary_key=True)
    call_sid: Mapped[str] = mapped_column(SID, ForeignKey("call.sid", ondelete="CASCADE"))
    mailbox: Mapped[str] = mapped_column(NAME)
    location: Mapped[str] = mapped_column(NAME)
    taken_at: Mapped[datetime]
    seconds: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))
    erased_at: Mapped[datetime | None]


class CallbackRequestRow(Table):
    """A caller who asked to be called back on their own number."""

    __tablename__ = "callback_request"
    __table_args__ = (Index("callback_requested", "requested_at"),)

    call_sid: Mapped[str] = mapped_column(SID, ForeignKey("call.sid", ondelete="CASCADE"), primary_key=True)
    destination: Mapped[str] = mapped_column(NAME)
    location: Mapped[str] = mapped_column(NAME)
    requested_at: Mapped[datetime]


BY_KEY = {"sqlite_with_rowid": False}  # SQLite keeps the sums in the order of their keys, and nothing beside

# Roll-ups: sums that keep reports quick. They hold closed calls only and move in the call's own transaction. ---------


class CallCount(Table):
    """Calls that began in one quarter of an hour (the finest step in which clocks of the world differ)."""

    __tablename__ = "call_count"
    __table_args__ = BY_KEY

    quarter: Mapped[datetime] = mapped_column(primary_key=True)
    line: Mapped[str] = mapped_column(NAME, primary_key=True)
    location: Mapped[str] = mapped_column(NAME, primary_key=True)
    language: Mapped[str] = mapped_column(String(40), primary_key=True)
    disposition: Mapped[str] = mapped_column(String(40), primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)
    talk_seconds: Mapped[int] = mapped_column(BigInteger)


class WaitCount(Table):
    """Answered calls by how long the caller waited, so that a median is exact; `seconds` is at most 600."""

    __tablename__ = "wait_count"
    __table_args__ = BY_KEY

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    location: Mapped[str] = mapped_column(NAME, primary_key=True)
    seconds: Mapped[int] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)


class MenuCount(Table):
    """Visits of one menu by what came of them; `outcome` is key:N, hung up, no input, wrong key, or left otherwise."""

    __tablename__ = "menu_count"
    __table_args__ = BY_KEY

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    menu: Mapped[str] = mapped_column(NAME, primary_key=True)
    version: Mapped[str] = mapped_column(String(40), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(40), primary_key=True)
    seconds: Mapped[int] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(BigInteger)


class TopicCount(Table):
    """Calls that heard exactly the first `parts` parts of a topic."""

    __tablename__ = "topic_count"
    __table_args__ = BY_KEY

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    topic: Mapped[str] = mapped_column(NAME, primary_key=True)
    language: Mapped[str] = mapped_column(String(40), primary_key=True)
    parts: Mapped[int] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)


# The worker's own. ---------------------------------------------------------------------------------------------------


class Lease(Table):
    """Who may do a named job until when; and how it went last."""

    __tablename__ = "lease"

    job: Mapped[str] = mapped_column(NAME, primary_key=True)
    holder: Mapped[str] = mapped_column(NAME)
    expires_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    fault: Mapped[str]


class Host(Table):
    """A host that drains its journal: when it was last alive, how far behind it is, what it serves."""

    __tablename__ = "host"

    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    seen_at: Mapped[datetime]
    drained_at: Mapped[datetime | None]
    behind_bytes: Mapped[int] = mapped_column(BigInteger)
    behind_seconds: Mapped[int]
    version: Mapped[str] = mapped_column(String(40))


class SetAside(Table):
    """A journal line that could not be used. The line itself stays on its host's disk, where the journal stood."""

    __tablename__ = "set_aside"

    host: Mapped[str] = mapped_column(NAME, primary_key=True)
    file: Mapped[str] = mapped_column(NAME, primary_key=True)
    offset: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime]
    reason: Mapped[str]


class Reconciliation(Table):
    """One comparison with the carrier's own list."""

    __tablename__ = "reconciliation"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    since: Mapped[datetime]
    until: Mapped[datetime]
    calls_seen: Mapped[int]
    calls_added: Mapped[int]
    calls_corrected: Mapped[int]
    recordings_seen: Mapped[int]
    recordings_added: Mapped[int]


# Accounts given. -----------------------------------------------------------------------------------------------------


class Audit(Table):
    """Who looked at or changed what. Rows are only ever added. `about` names a call or a filter, never a number."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_at", "at"),)

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(NAME)
    action: Mapped[str] = mapped_column(String(40))
    about: Mapped[str]
    detail: Mapped[Any] = mapped_column(JSON)


class Erasure(Table):
    """The proof that something was erased: what, how much of it, everything up to when."""

    __tablename__ = "erasure"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(40))
    up_to: Mapped[datetime]
    count: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(NAME)
