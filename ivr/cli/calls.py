"""`calls`: the newest calls, and whom to call back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import click

from ivr.call_log.days import Days, begin_of
from ivr.call_log.missed import MISSED, MissedCaller, MissedFilters, missed_callers
from ivr.call_log.numbers import NotANumber, look_up, shown
from ivr.call_log.queries import Call, Filters, newest

from .columns import duration, show_table
from .records import Records, day_option, records, short

MOST = 10_000
LIVE = ("",)
MISSED_DAYS = 7
HEADS = ("began", "caller", "line", "location", "language", "what became of it", "wait", "talk", "call")


@click.command("calls")
@click.option("--live", is_flag=True, help="Calls under way.")
@click.option("--missed", is_flag=True, help="Calls in which a caller reached nobody and left no word.")
@click.option(
    "--by-caller",
    is_flag=True,
    help="With --missed: one line a caller, and whether it was settled since; the last seven days.",
)
@click.option("--draft", is_flag=True, help="Tests, which no statistic counts: testers' drafts and our own test calls.")
@click.option("--today", is_flag=True, help="Calls of today.")
@day_option("--from", "The first day, such as 2026-11-24.")
@day_option("--to", "The last day.")
@click.option("--location", default="", help="Only this location.")
@click.option("--line", default="", help="Only this line.")
@click.option("--language", default="", help="Only this language, such as es-US.")
@click.option("--disposition", default="", help="Only calls that ended so, such as answered.")
@click.option("--caller", default="", metavar="NUMBER", help="Only calls from this number.")
@click.option("--limit", default=50, type=click.IntRange(1, MOST), help="How many at most; 50 if left out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(*, as_json: bool, by_caller: bool, limit: int, **asked: Any) -> None:
    """Show the newest calls first, by the clinic's clock. Callers' numbers are masked.

    \b
    python -m ivr calls --today
    python -m ivr calls --missed --by-caller --location gilbert
    python -m ivr calls --live --json
    """
    if by_caller and not asked["missed"]:
        raise click.UsageError("--by-caller goes with --missed.")
    if by_caller and asked["draft"]:
        raise click.UsageError("--by-caller goes without --draft: nobody has to be called back for a test.")
    with records() as log:
        filters = _filters(log, **asked)
        if by_caller:
            _show_missed(log, filters, limit, as_json=as_json)
            return
        calls = newest(log.engine, filters, limit=limit).calls
        if as_json:
            _print([call_data(log, call) for call in calls])
        elif calls:
            show_table(HEADS, (_row(log, call) for call in calls))
        else:
            click.echo("No such calls.")


def call_data(log: Records, call: Call) -> dict[str, Any]:
    """A call as `--json` prints it: moments in the clinic's zone, the number masked."""
    return {
        "call_sid": call.sid,
        "line": call.line,
        "location": call.location,
        "disposition": call.disposition,
        "live": call.live,
        "language": call.language,
        "pace": call.pace,
        "started_at": _iso(log, call.started_at),
        "ended_at": _iso(log, call.ended_at) if call.ended_at else None,
        "path": call.path,
        "topics": call.topics,
        "wait_seconds": call.wait_seconds,
        "ring_seconds": call.ring_seconds,
        "talk_seconds": call.talk_seconds,
        "total_seconds": call.total_seconds,
        "hung_up_by": call.hung_up_by,
        "version": call.version,
        "draft": call.draft,
        "caller": shown(log.seal, call),
    }


def _filters(log: Records, **asked: Any) -> Filters:
    since, until = _moments(log, asked["from"], asked["to"], today=asked["today"])
    chosen = [name for name in ("live", "missed", "disposition") if asked[name]]
    if len(chosen) > 1:
        raise click.UsageError(f"--{chosen[0]} and --{chosen[1]} exclude each other.")
    ended = (asked["disposition"],) if asked["disposition"] else ()
    try:
        callers = look_up(log.seal, asked["caller"]) if asked["caller"] else ()
    except NotANumber as fault:
        raise click.UsageError(str(fault)) from None
    return Filters(
        since=since,
        until=until,
        location=asked["location"],
        line=asked["line"],
        language=asked["language"],
        dispositions=LIVE if asked["live"] else MISSED if asked["missed"] else ended,
        callers=callers,
        draft=True if asked["draft"] else False if asked["missed"] else None,
    )


def _moments(
    log: Records, first: date | None, last: date | None, *, today: bool
) -> tuple[datetime | None, datetime | None]:
    if today and (first or last):
        raise click.UsageError("--today goes without --from and --to.")
    if today:
        first = last = log.now.astimezone(log.zone).date()
    since = begin_of(first, log.zone) if first else None
    return since, begin_of(last + timedelta(days=1), log.zone) if last else None


def _show_missed(log: Records, filters: Filters, limit: int, *, as_json: bool) -> None:
    since, until = _missed_moments(log, filters)
    wanted = MissedFilters(filters.location, filters.line, filters.language, filters.callers)
    missed = missed_callers(log.engine, since, until, filters=wanted, limit=limit)
    if as_json:
        _print([_missed_data(log, each) for each in missed])
    elif missed:
        rows = [
            (
                short(log, each.last.started_at),
                shown(log.seal, each.last),
                str(each.calls),
                each.last.location or "-",
                each.last.disposition,
                short(log, each.settled_at) if each.settled_at else "no",
                each.last.sid,
            )
            for each in missed
        ]
        show_table(("last", "caller", "missed", "location", "what became of it", "settled", "call"), rows)
    else:
        click.echo("Nobody was missed.")


def _missed_moments(log: Records, filters: Filters) -> tuple[datetime, datetime]:
    """The days asked for: without a last one up to today, without a first one the usual seven up to the last."""
    tomorrow = log.now.astimezone(log.zone).date() + timedelta(days=1)
    end = filters.until.astimezone(log.zone).date() if filters.until else tomorrow
    usual = Days(end - timedelta(days=MISSED_DAYS), end - timedelta(days=1)).moments(log.zone)
    return filters.since or usual[0], filters.until or usual[1]


def _missed_data(log: Records, each: MissedCaller) -> dict[str, Any]:
    return {
        "caller": shown(log.seal, each.last),
        "calls": each.calls,
        "first_at": _iso(log, each.first_at),
        "last": call_data(log, each.last),
        "settled_at": _iso(log, each.settled_at) if each.settled_at else None,
    }


def _row(log: Records, call: Call) -> tuple[str, ...]:
    return (
        short(log, call.started_at),
        shown(log.seal, call),
        call.line,
        call.location or "-",
        call.language,
        (call.disposition or "under way") + (", a test" if call.draft else ""),
        duration(call.wait_seconds),
        duration(call.talk_seconds),
        call.sid,
    )


def _iso(log: Records, moment: datetime) -> str:
    return moment.astimezone(log.zone).isoformat(timespec="seconds")


def _print(found: Sequence[dict[str, Any]]) -> None:
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))
