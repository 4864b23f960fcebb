"""`status`: how this host and its fellows stand: routing, journal, worker, database, jobs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from ivr.call_flow.model import Override
from ivr.call_flow.overrides import in_force
from ivr.call_log.database import DatabaseFault, open_database
from ivr.call_log.hosts import HostReport, LeaseReport, Overview, overview
from ivr.call_log.lost import Lost, read_lost
from ivr.journal.drainer import DRAINED, SET_ASIDE, Lag, lag_of
from ivr.journal.following import journal_files
from ivr.routing.override_file import UnreadableOverrides
from ivr.routing.phone_overrides import read_all_overrides
from ivr.routing.problems import printable
from ivr.routing.versions import Versions
from ivr.settings import Settings, SettingsFault, read_settings
from ivr.telemetry.journal_word import JournalWord, journal_word
from ivr.telemetry.logs import name_of
from ivr.telemetry.worker_file import SILENT_SECONDS, WorkerState, read_worker_file

LOCK_SECONDS = 2.0
LATE_SECONDS = 60
NO_LONGER_TRIED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that is shown. `database` is None when it cannot be asked, and `fault` says why."""

    now: datetime
    host: str
    routing: str | None
    lag: Lag
    word: JournalWord
    drained_files: int
    set_aside_files: int
    worker: WorkerState | None
    overrides: tuple[Override, ...]
    lost: Lost | None
    database: Overview | None
    fault: str

    @property
    def is_well(self) -> bool:
        return not self.needs

    @property
    def needs(self) -> tuple[str, ...]:
        """What needs a look, in words."""
        running = self.worker is not None and not self.worker.is_silent(self.now)
        found = {
            "no worker runs on this host": not running,
            "the database cannot be reached": self.database is None,
            "no routing is live on this host": self.routing is None,
            "the journal is not drained": self.lag.seconds > LATE_SECONDS,
            "the journal could not be written at the last turn": self.word.refused,
            "lines were set aside on this host": self.set_aside_files > 0,
            "a damaged database was set aside (docs/operations.md)": self.lost is not None,
        }
        failing = tuple(f"{name} fails: {fault}" for name, fault in self.failing.items())
        return (*(words for words, is_so in found.items() if is_so), *failing)

    @property
    def failing(self) -> dict[str, str]:
        """Jobs whose last try failed, here or, where one host does them for all, anywhere; by name, with the fault.

        How such a job went is the lease's to say: another host may have done it since it failed here. A failing job is
        tried again within minutes; one that was not for an hour is done by nobody any more, such as after a setting.
        """
        leases = self.database.leases if self.database else ()
        lately = self.now - NO_LONGER_TRIED
        failed = {each.job: each.fault for each in leases if each.fault and each.failed_at and each.failed_at > lately}
        for_all = {each.job for each in leases}
        here = self.worker.jobs.items() if self.worker and not self.worker.is_silent(self.now) else ()
        return {**failed, **{name: job.fault for name, job in here if job.fault and name not in for_all}}


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """Show how the service stands: the live routing, the journal, the worker of each host, the database, the jobs.

    Exit code 1 when something needs a look: no worker here, a database that cannot be reached, a journal that is not
    drained or not written, lines set aside here, a job that fails. The last lines name it.

    \b
    python -m ivr status
    python -m ivr status --json
    """
    try:
        settings = read_settings(os.environ)
        status = look(settings, datetime.now(UTC))
    except (SettingsFault, DatabaseFault) as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(json.dumps(as_data(status), indent=2) if as_json else "\n".join(as_text(status)))
    ctx.exit(0 if status.is_well else 1)


def look(settings: Settings, now: datetime) -> Status:
    """Ask this host's disk and the database. Raises DatabaseFault for an address of no use."""
    journal = settings.data / "journal"
    database, fault = _ask(settings)
    return Status(
        now=now,
        host=settings.host_name,
        routing=_live_version(settings.data),
        lag=lag_of(journal, now),
        word=journal_word(settings.data),
        drained_files=len(journal_files(journal / DRAINED)),
        set_aside_files=len(journal_files(journal / SET_ASIDE)),
        worker=read_worker_file(settings.data),
        overrides=in_force(_overrides(settings.data), now),
        lost=read_lost(settings.data),
        database=database,
        fault=fault,
    )


def as_data(status: Status) -> dict[str, object]:
    """The status as plain data; moments in ISO form."""
    worker = status.worker
    return {
        "well": status.is_well,
        "needs": status.needs,
        "host": status.host,
        "routing": {"live": status.routing},
        "journal": {
            **asdict(status.lag),
            **asdict(status.word),
            "drained_files": status.drained_files,
            "set_aside": status.set_aside_files,
        },
        "worker": None if worker is None else {"alive": not worker.is_silent(status.now), **asdict(worker)},
        "overrides": [_plain(asdict(override)) for override in status.overrides],
        "lost": None if status.lost is None else _plain(asdict(status.lost)),
        "database": {"reachable": status.database is not None, "fault": status.fault},
        "hosts": [_plain(asdict(host)) for host in status.database.hosts] if status.database else [],
        "leases": [_plain(asdict(lease)) for lease in status.database.leases] if status.database else [],
        "set_aside": status.database.set_aside if status.database else {},
    }


def as_text(status: Status) -> list[str]:
    """The status as lines for a terminal."""
    lag = status.lag
    behind = f"{lag.bytes:,} bytes behind, the oldest line {lag.seconds} s old" if lag.bytes else "all drained"
    lost = f", {status.word.lost:,} entries lost since the service began" if status.word.lost else ""
    aside = f", {status.set_aside_files} files with lines set aside" if status.set_aside_files else ""
    lines = [
        f"Host      {status.host}",
        f"Routing   {status.routing or 'none has been served from this folder yet'}",
        f"Journal   {behind}, {status.drained_files} drained files kept{aside}{lost}",
        f"Worker    {_worker_text(status)}",
        *(f"Override  {_override_text(override)}" for override in status.overrides),
        f"Database  {'reachable' if status.database else f'not reachable: {status.fault}'}",
    ]
    if status.lost:
        lines.append(
            f"Lost      {_ago(status.lost.at, status.now)}: {printable(status.lost.what)}; {status.lost.kept_as}"
        )
    if status.database:
        lines += ["", *_table(("Host", "Seen", "Behind", "Routing", "Set aside"), _host_rows(status, status.database))]
        lines += ["", *_table(("Job", "Done", "Failed", "Holder", "Fault"), _lease_rows(status, status.database))]
    if status.needs:
        lines += ["", "Needs a look:", *(f"  {words}" for words in status.needs)]
    return lines


def _ask(settings: Settings) -> tuple[Overview | None, str]:
    engine = open_database(settings.database_url, lock_seconds=LOCK_SECONDS)
    try:
        return overview(engine), ""
    except SQLAlchemyError as error:
        return None, name_of(error)
    finally:
        engine.dispose()


def _live_version(data: Path) -> str | None:
    try:
        return Versions(data / "routing").live()
    except OSError:
        return None


def _overrides(data: Path) -> tuple[Override, ...]:
    try:
        return read_all_overrides(data / "routing")
    except (OSError, UnreadableOverrides):
        return ()


def _override_text(override: Override) -> str:
    """`close gilbert until Tue 24 Nov 2026 08:00 UTC: power outage`: the clinic's own clock is not known here."""
    where = " ".join(filter(None, (override.kind, override.location or "all", override.to and f"to {override.to}")))
    reason = f": {printable(override.reason)}" if override.reason else ""
    return f"{override.id}: {where}, until {override.ends:%Y-%m-%d %H:%M %Z}{reason}"


def _worker_text(status: Status) -> str:
    worker = status.worker
    if worker is None:
        return "never seen on this host: python -m ivr worker"
    seen = _ago(datetime.fromisoformat(worker.seen_at), status.now)
    if worker.is_silent(status.now):
        return f"not running, last seen {seen}: python -m ivr worker"
    return f"running as process {worker.pid}, {worker.drained:,} lines drained since it began, {worker.faults} faults"


def _host_rows(status: Status, found: Overview) -> list[tuple[str, ...]]:
    return [_host_row(host, status.now, found.set_aside.get(host.name, 0)) for host in found.hosts]


def _host_row(host: HostReport, now: datetime, aside: int) -> tuple[str, ...]:
    silent = (now - host.seen_at).total_seconds() > SILENT_SECONDS
    seen = _ago(host.seen_at, now) + (" (silent)" if silent else "")
    return host.name, seen, f"{host.behind_bytes:,} bytes", host.version, str(aside)


def _lease_rows(status: Status, found: Overview) -> list[tuple[str, ...]]:
    return [_lease_row(lease, status.now) for lease in found.leases]


def _lease_row(lease: LeaseReport, now: datetime) -> tuple[str, ...]:
    holder = lease.holder if lease.expires_at > now else "-"
    return lease.job, _ago(lease.done_at, now), _ago(lease.failed_at, now), holder, lease.fault


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]


def _ago(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "never"
    seconds = max(int((now - moment).total_seconds()), 0)
    for size, word in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {word} ago"
    return f"{seconds} s ago"


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
