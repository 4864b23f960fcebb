"""`report`: how many calls there were, what became of them, and what callers do in each menu."""

from __future__ import annotations

import calendar
import json
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import click

from ivr.call_log.counts import Counts, TopicHeard, counts, topics
from ivr.call_log.days import Days
from ivr.call_log.funnel import MenuFunnel, funnels

from .columns import duration, show_bars, show_table
from .records import day_option, records


@click.command("report")
@click.option("--week", "span", flag_value=7, type=int, default=7, help="The seven days that end today (the default).")
@click.option("--day", "span", flag_value=1, type=int, help="Today.")
@day_option("--until", "The last day, instead of today.")
@click.option("--location", default="", help="Only this location; menus and topics are left out then.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of bars.")
def command(span: int, until: date | None, location: str, *, as_json: bool) -> None:
    """Count closed calls by hour, weekday, location and what became of them, by the clinic's clock.

    The answer rate is the part that was answered of the calls in which somebody wanted a person.

    \b
    python -m ivr report --week
    python -m ivr report --day --until 2026-11-24 --location gilbert
    python -m ivr report --json
    """
    with records() as log:
        last = until or log.now.astimezone(log.zone).date()
        days = Days(last - timedelta(days=span - 1), last)
        found = counts(log.engine, days, log.zone, location=location)
        menus = () if location else funnels(log.engine, days)
        heard = () if location else topics(log.engine, days)
    if as_json:
        click.echo(json.dumps(_data(found, menus, heard), ensure_ascii=False, indent=2))
        return
    _show_counts(found, location)
    if found.calls and not location:
        show_bars("Topics heard", {each.topic: each.calls for each in heard})
        click.echo()
        _show_menus(menus)


def _show_counts(found: Counts, location: str) -> None:
    days = found.days
    when = f"{days.first}" if days.first == days.last else f"{days.first} to {days.last}"
    click.secho(f"{when}{f', {location}' if location else ''}: {_number(found.calls)}", bold=True)
    if not found.calls:
        return
    if found.answer_rate is not None:
        click.echo(f"  {found.answer_rate:.0%} of those who wanted a person got one")
    if found.median_wait_seconds is not None:
        click.echo(f"  half of them within {duration(round(found.median_wait_seconds))}")
    click.echo(f"  {duration(found.talk_seconds)} of talk\n")
    show_bars("What became of them", found.by_disposition)
    show_bars("By location", {name or "(none reached)": calls for name, calls in found.by_location.items()})
    show_bars("By language", found.by_language)
    if days.first != days.last:
        show_bars("By day", dict(zip(calendar.day_name, found.by_weekday, strict=True)))
    busy = [hour for hour, calls in enumerate(found.by_hour) if calls]
    show_bars("By hour", {f"{hour}:00": found.by_hour[hour] for hour in range(busy[0], busy[-1] + 1)})


def _show_menus(menus: tuple[MenuFunnel, ...]) -> None:
    rows = [
        (
            menu.menu,
            menu.version,
            f"{menu.visits:,}",
            ", ".join(f"{key}: {chosen:,}" for key, chosen in menu.keys.items()) or "-",
            f"{menu.hung_up:,}",
            f"{menu.no_input:,}",
            f"{menu.wrong_key:,}",
            "-" if menu.median_seconds is None else duration(round(menu.median_seconds)),
        )
        for menu in menus
    ]
    show_table(("menu", "version", "visits", "keys chosen", "hung up", "no input", "wrong key", "median"), rows)


def _data(found: Counts, menus: tuple[MenuFunnel, ...], heard: tuple[TopicHeard, ...]) -> dict[str, Any]:
    data = asdict(found)
    data["days"] = {"first": found.days.first.isoformat(), "last": found.days.last.isoformat()}
    data["by_day"] = {day.isoformat(): calls for day, calls in found.by_day.items()}
    return {**data, "menus": [asdict(menu) for menu in menus], "topics": [asdict(topic) for topic in heard]}


def _number(calls: int) -> str:
    return f"{calls:,} call" if calls == 1 else f"{calls:,} calls"
