"""Who may do a named job, and when it is due again: one row a job, one statement to take it, on any number of hosts.

Time is the database's own clock: one clock for all hosts, so that a host whose clock is wrong neither takes a lease
that still holds nor keeps one for ever. On SQLite that is this machine's clock, and there is only this machine. When
that clock is set back, what was done or claimed ahead of it counts as long ago.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Connection, Engine, cast, func, literal, or_, update

from .database import writing
from .statements import insert_into
from .tables import EPOCH, MILLISECOND, Lease

SECOND = 1000  # moments are milliseconds in the database
LONGEST_FAULT = 200
SLACK_SECONDS = 60.0

GoOn = Callable[[], bool]  # asked between the steps of something long; after its first False it answers nothing else


def always() -> bool:
    """The answer for a run that nobody stops."""
    return True


def claim(
    engine: Engine, job: str, holder: str, *, seconds: float, every: float = 0.0, now: datetime | None = None
) -> bool:
    """Take the lease on `job` for so many seconds; False when another holds it or the job is not due.

    A job is due when nobody has finished it within `every` seconds. Whoever holds the lease may claim it again.
    `now` stands in for the database's clock.
    """
    with writing(engine) as connection:
        moment = _now(connection, now)
        insert = insert_into(connection, Lease).values(
            job=job, holder=holder, expires_at=_after(moment, seconds), fault=""
        )
        # What lies further ahead than it can have been put was put before the clock was set back.
        free = or_(
            Lease.holder == holder,
            _stored(Lease.expires_at) <= moment,
            _stored(Lease.expires_at) > _after(moment, seconds + SLACK_SECONDS),
        )
        due = or_(
            Lease.done_at.is_(None),
            _stored(Lease.done_at) > _after(moment, SLACK_SECONDS),
            _stored(Lease.done_at) + int(every * SECOND) <= moment,
            (Lease.holder == holder) & (_stored(Lease.expires_at) > moment),
        )
        taken = insert.on_conflict_do_update(
            index_elements=[Lease.job],
            set_={"holder": insert.excluded.holder, "expires_at": insert.excluded.expires_at},
            where=free & due,
        ).returning(Lease.job)
        return connection.execute(taken).first() is not None


def finish(engine: Engine, job: str, holder: str, *, fault: str = "", now: datetime | None = None) -> bool:
    """Give the lease back and note how the job went; a fault leaves it due.

    False, and nothing changed, when the lease has passed to another holder meanwhile.
    """
    with writing(engine) as connection:
        moment = _now(connection, now)
        went = {"failed_at": moment, "fault": fault[:LONGEST_FAULT]} if fault else {"done_at": moment, "fault": ""}
        return _changed(connection, job, holder, {"expires_at": moment, **went})


def release(engine: Engine, job: str, holder: str, *, now: datetime | None = None) -> bool:
    """Give the lease back with the job undone, so that another may begin at once; False as in `finish`."""
    with writing(engine) as connection:
        return _changed(connection, job, holder, {"expires_at": _now(connection, now)})


def keep(engine: Engine, job: str, holder: str, *, seconds: float, now: datetime | None = None) -> bool:
    """Hold the lease for so many seconds from now; False when it has passed to another holder, even if for a moment.

    To claim would not do: another may have got it, done the job and given it back meanwhile.
    """
    with writing(engine) as connection:
        return _changed(connection, job, holder, {"expires_at": _after(_now(connection, now), seconds)})


def _changed(connection: Connection, job: str, holder: str, values: dict[str, object]) -> bool:
    done = update(Lease).where(Lease.job == job, Lease.holder == holder).values(values).returning(Lease.job)
    return connection.execute(done).first() is not None


def _now(connection: Connection, given: datetime | None) -> ColumnElement[int]:
    """Milliseconds since 1970 at this moment, not at the transaction's beginning: it may have waited for a lock."""
    if given is not None:
        return literal((given - EPOCH) // MILLISECOND, BigInteger)
    if connection.dialect.name == "sqlite":
        return cast(func.round((func.julianday("now") - 2440587.5) * 86_400_000), BigInteger)
    return cast(func.extract("epoch", func.clock_timestamp()) * SECOND, BigInteger)


def _after(moment: ColumnElement[int], seconds: float) -> ColumnElement[int]:
    return moment + int(seconds * SECOND)


def _stored(column: object) -> ColumnElement[int]:
    """A moment's column as the number that is in the database."""
    return cast(column, BigInteger)
