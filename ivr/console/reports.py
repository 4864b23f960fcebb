"""Reports: what the calls of some days came to, beside the days before, as figures, charts and a map of the menus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Response, abort, render_template, request
from markupsafe import Markup

from ivr.accounts.roles import Right
from ivr.call_flow.model import Information, Routing
from ivr.call_log import definitions
from ivr.call_log.counts import Counts, counts
from ivr.call_log.days import Days
from ivr.call_log.report import DAYS_OF_MISSED, MOST_DAYS, WEEK, WEEKDAYS, Report, download, report
from ivr.publishing.overrides import locations_of, titles_of

from .changes import Change, change_of
from .charts import Bars, svg_of
from .door import Door, the_person
from .drawing import drawing
from .menu_visits import MenuVisits, visits_on_map
from .words import disposition

SPANS = {
    "this-week": "This week",
    "last-week": "Last week",
    "four-weeks": "The last 4 weeks",
    "own": "Own dates",
}
CHARTS = ("hour", "weekday", "day", "disposition", "location")
FEW_DAYS = 2  # fewer make no chart by day
LYING = frozenset({"disposition", "location"})
TITLES = {
    "hour": "Calls by hour",
    "weekday": "Calls by weekday",
    "day": "Calls by day",
    "disposition": "What became of them",
    "location": "Calls by location",
}
# Charts are pages of their own, with their look inside; nothing else is allowed in them.
CHART_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the form: a span, its dates when they are one's own, and a location ("" is every one)."""

    span: str
    first: str
    last: str
    location: str
    days: Days

    def as_query(self) -> dict[str, str]:
        """What belongs in an address that asks the same."""
        own = {"first": self.first, "last": self.last} if self.span == "own" else {}
        return {"span": self.span, **own, **({"location": self.location} if self.location else {})}


@dataclass(frozen=True, slots=True)
class Heard:
    """A topic as the page tells it: `parts` maps how far callers listened to how many did."""

    title: str
    calls: int
    parts: Mapping[str, int]
    to_the_end: int


def add(door: Door) -> None:
    """Hang the pages."""

    @door.page("/reports", Right.SEE, title="Reports")
    def reports() -> str:
        asked = _asked(door)
        found = report(door.engine, asked.days, door.zone, location=asked.location)
        return render_template("reports.html", **_shown(door, asked, found))

    @door.page("/reports/chart/<name>.svg", Right.SEE)
    def chart(name: str) -> Response:
        if name not in CHARTS:
            abort(404)
        asked = _asked(door)
        found = counts(door.engine, asked.days, door.zone, location=asked.location)
        picture = svg_of(_bars(name, found, titles_of(door.routing)))
        return Response(picture, mimetype="image/svg+xml", headers={"Content-Security-Policy": CHART_POLICY})

    @door.page("/reports.csv", Right.EXPORT)
    def reports_csv() -> Response:
        asked = _asked(door)
        found = report(door.engine, asked.days, door.zone, location=asked.location)
        text = download(door.engine, found, actor=the_person().name, now=door.services.clock())
        name = f"calls-{asked.days.first}-to-{asked.days.last}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(text, mimetype="text/csv", headers=headers)


def _asked(door: Door) -> Asked:
    """What the address asks for. Aborts with 400 for a span, a day or a location that is none."""
    span, location = request.args.get("span", "this-week"), request.args.get("location", "")
    if span not in SPANS or (location and location not in locations_of(door.routing)):
        abort(400)
    first, last = request.args.get("first", ""), request.args.get("last", "")
    days = _own_days(first, last) if span == "own" else days_of(span, door.now().date())
    return Asked(span, days.first.isoformat(), days.last.isoformat(), location, days)


def days_of(span: str, today: date) -> Days:
    """The days of a named span: weeks begin on Mondays, and the one that is not over ends today."""
    monday = today - timedelta(days=today.weekday())
    match span:
        case "last-week":
            return Days(monday - timedelta(weeks=1), monday - timedelta(days=1))
        case "four-weeks":
            return Days(monday - timedelta(weeks=4), monday - timedelta(days=1))
        case _:
            return Days(monday, today)


def _own_days(first: str, last: str) -> Days:
    try:
        days = Days(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        abort(400)
    if not (days.first.year >= 2000 and days.last.year <= 2999) or (days.last - days.first).days >= MOST_DAYS:
        abort(400)
    return days


def _shown(door: Door, asked: Asked, found: Report) -> dict[str, object]:
    routing = door.routing
    titles, visits = titles_of(routing), visits_on_map(routing, found.menus)
    return {
        "asked": asked,
        "found": found,
        "spans": SPANS,
        "titles": titles,
        "changes": _changes(found),
        "charts": {name: _bars(name, found.now, titles) for name in _charts(asked.days)},
        "definitions": definitions,
        "heard": _heard(door, found),
        "maps": _maps(routing, visits),
        "visits": visits,
        "days_of_missed": DAYS_OF_MISSED,
        "weeks_before": (found.now.days.first - found.before.days.first).days // WEEK,
        "today": door.now().date(),
    }


def _changes(found: Report) -> list[Change]:
    now, before = found.now, found.before
    return [
        change_of("Calls", now.calls, before.calls),
        change_of("Reached a person", now.answer_rate, before.answer_rate, kind="rate"),
        change_of("Median wait", now.median_wait_seconds, before.median_wait_seconds, kind="seconds"),
        change_of("Callers missed", found.missed, found.missed_before),
        change_of("Talk", now.talk_seconds, before.talk_seconds, kind="seconds"),
    ]


def _bars(name: str, found: Counts, titles: Mapping[str, str]) -> Bars:
    match name:
        case "hour":
            calls = {f"{hour}:00": number for hour, number in enumerate(found.by_hour)}
        case "weekday":
            calls = {name[:3]: number for name, number in zip(WEEKDAYS, found.by_weekday, strict=True)}
        case "day":
            calls = {f"{day.day} {day:%b}": found.by_day.get(day, 0) for day in _each(found.days)}
        case "location":
            calls = {titles.get(place, place) or "none reached": number for place, number in found.by_location.items()}
        case _:
            calls = {disposition(word): number for word, number in found.by_disposition.items()}
    return Bars(TITLES[name], calls, lying=name in LYING)


def _charts(days: Days) -> tuple[str, ...]:
    """Which charts tell anything of these days."""
    few = (days.last - days.first).days < FEW_DAYS
    return tuple(name for name in CHARTS if not (few and name in ("day", "weekday")))


def _each(days: Days) -> list[date]:
    return [days.first + timedelta(days=number) for number in range((days.last - days.first).days + 1)]


def _maps(routing: Routing, visits: MenuVisits) -> dict[str, Markup]:
    """A drawing for each line that leads elsewhere than those before it, with the visits of its menus."""
    maps: dict[tuple[str, str], tuple[str, Markup]] = {}
    for line in routing.lines.values():
        alike = line.start, line.person
        if alike not in maps:
            maps[alike] = line.name, drawing(routing, line, visits.menus)
    return dict(maps.values())


def _heard(door: Door, found: Report) -> list[Heard]:
    listed = []
    for each in found.topics:
        place = door.routing.destinations.get(each.topic)
        parts = len(place.parts) if isinstance(place, Information) else max(each.stopped_after, default=1)
        told = {f"part {part}": calls for part, calls in each.stopped_after.items() if part < parts}
        ended = sum(calls for part, calls in each.stopped_after.items() if part >= parts)
        listed.append(Heard(each.topic.replace("_", " ").capitalize(), each.calls, told, ended))
    return listed
