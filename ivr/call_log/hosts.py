"""The hosts that answer calls, as they report themselves, and the few figures that every host shows its operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from .database import reading, writing
from .statements import insert_into
from .tables import CallRow, Host, Lease, SetAside


@dataclass(frozen=True, slots=True)
class HostReport:
    """How a host stands: its journal's lag, when it last drained, which routing version it serves."""

    name: str
    seen_at: datetime
    drained_at: datetime | None
    behind_bytes: int
    behind_seconds: int
    version: str


@dataclass(frozen=True, slots=True)
class LeaseReport:
    """Who holds a job's lease until when, and how the job went last."""

    job: str
    holder: str
    expires_at: datetime
    done_at: datetime | None
    failed_at: datetime | None
    fault: str


@dataclass(frozen=True, slots=True)
class Overview:
    """All hosts, all leases, and how many journal lines were set aside on each host."""

    hosts: tuple[HostReport, ...]
    leases: tuple[LeaseReport, ...]
    set_aside: dict[str, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """Calls under way, and calls ended since a moment by their disposition; of all hosts, testers' drafts left out."""

    live_calls: int
    dispositions: dict[str, int]


def report(engine: Engine, host: HostReport) -> None:
    """Write down how a host stands, in place of what it said before."""
    columns = ("seen_at", "drained_at", "behind_bytes", "behind_seconds", "version")
    values = {name: getattr(host, name) for name in columns}
    with writing(engine) as connection:
        insert = insert_into(connection, Host).values(name=host.name, **values)
        connection.execute(insert.on_conflict_do_update(index_elements=[Host.name], set_=values))


def overview(engine: Engine) -> Overview:
    """How all hosts and jobs stand."""
    with reading(engine) as connection:
        hosts = connection.execute(select(Host.__table__).order_by(Host.name)).mappings()
        leases = connection.execute(select(Lease.__table__).order_by(Lease.job)).mappings()
        counts = connection.execute(select(SetAside.host, func.count()).group_by(SetAside.host))
        return Overview(
            tuple(HostReport(**row) for row in hosts),
            tuple(LeaseReport(**row) for row in leases),
            dict(counts.all()),
        )


def figures(engine: Engine, since: datetime) -> Figures:
    """Calls under way now, and those that began since a moment and have ended, by disposition."""
    counted = CallRow.draft.is_(False)
    with reading(engine) as connection:
        live = connection.scalar(select(func.count()).where(CallRow.disposition == "", counted))
        ended = select(CallRow.disposition, func.count()).where(CallRow.started_at >= since, CallRow.disposition != "")
        counts = connection.execute(ended.where(counted).group_by(CallRow.disposition))
        return Figures(live or 0, dict(counts.all()))
