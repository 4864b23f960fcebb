"""How moments, spans and names of the tables are written on every page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from ivr.call_log.days import Days
from ivr.call_log.story import LANGUAGES, span

DISPOSITIONS = {
    "": "under way",
    "abandoned_in_menu": "hung up in the menu",
    "abandoned_while_ringing": "hung up while ringing",
    "abandoned_in_information": "hung up in information",
    "information_only": "information only",
    "no_answer": "nobody answered",
}

# How a version went live.
ACTIONS = {"first": "first", "publish": "published", "edited": "edited in config/", "rollback": "made live again"}


def clock(moment: datetime) -> str:
    """14:05"""
    return f"{moment:%H:%M}"


def day(moment: datetime) -> str:
    """Tuesday 24 November 2026"""
    return f"{moment:%A} {moment.day} {moment:%B} {moment.year}"


def day_and_clock(moment: datetime) -> str:
    """Tue 24 Nov, 14:05"""
    return f"{moment:%a} {moment.day} {moment:%b}, {moment:%H:%M}"


def report_day(day: date) -> str:
    """24 Nov 2026"""
    return f"{day.day} {day:%b} {day.year}"


def report_days(days: Days) -> str:
    """24 Nov, or 23 – 29 Nov, or 30 Nov – 6 Dec; with the years where they differ."""
    first, last = days.first, days.last
    end = f"{last.day} {last:%b}"
    if first == last:
        return end
    if first.year != last.year:
        return f"{report_day(first)} – {report_day(last)}"
    return f"{first.day}{'' if first.month == last.month else f' {first:%b}'} – {end}"


def disposition(name: str) -> str:
    return DISPOSITIONS.get(name.replace(" ", "_"), name)


def language(code: str) -> str:
    """English, for en-US; the code itself for a language we have no word for; nothing when it is not known yet."""
    return LANGUAGES.get(code.split("-")[0], code)


def publication(action: str) -> str:
    return ACTIONS.get(action, action)


def ago(moment: datetime, now: datetime) -> str:
    """3 min ago"""
    return f"{span(max(int((now - moment).total_seconds()), 0))} ago"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "clock": clock,
    "day": day,
    "day_and_clock": day_and_clock,
    "report_day": report_day,
    "report_days": report_days,
    "disposition": disposition,
    "language": language,
    "publication": publication,
    "span": span,
    "ago": ago,
}
