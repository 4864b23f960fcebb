"""Today: who answers now and until when, what was changed for a while, calls under way, today's figures, alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from ivr.accounts.roles import Right
from ivr.call_flow.duty import lasts_until, on_call, rotas_of
from ivr.call_flow.hours import Opening, look
from ivr.call_flow.model import Location, Menu
from ivr.call_flow.overrides import sending
from ivr.call_flow.standing import on_call_sentence, opening_sentence
from ivr.call_flow.tree import title_of
from ivr.call_flow.way import spot_of
from ivr.call_log.counts import Counts, counts
from ivr.call_log.days import Days
from ivr.call_log.missed import missed_callers
from ivr.call_log.queries import Call, Filters, newest
from ivr.publishing.override_told import told
from ivr.publishing.overrides import Made, end, locations_of, standing

from .alarms import alarms
from .door import Door, fragment_only, the_person

UNDER_WAY = Filters(dispositions=("",))
MOST_UNDER_WAY = 20
WEEKS = 4


@dataclass(frozen=True, slots=True)
class LocationNow:
    """How a location stands at this moment."""

    location: Location
    opening: Opening
    sentence: str
    sent_to: str


@dataclass(frozen=True, slots=True)
class Usual:
    """Today's calls so far beside what the same weekday had by this hour in the last weeks (None: no such weeks)."""

    today: Counts
    calls: float | None
    answer_rate: float | None


def add(door: Door) -> None:
    """Hang the pages."""

    @door.page("/", Right.SEE, title="Today")
    def today() -> str:
        page = "today_now.html" if fragment_only() else "today.html"
        return render_template(page, **_found(door))

    @door.page("/today/override/<int:number>/end", Right.OVERRIDE, methods=("POST",))
    def end_override(number: int) -> Response:
        try:
            made = end(door.engine, number, actor=the_person().name, now=door.services.clock())
        except LookupError:
            flash("This change is not there any more.")
        else:
            flash(f"Ended: {_told(door, made)} Callers notice within two seconds.")
        return redirect(url_for("console.today"), 303)


def _found(door: Door) -> dict[str, object]:
    now = door.now()
    day = Days(now.date(), now.date())
    since, until = day.moments(door.zone)
    under_way = newest(door.engine, UNDER_WAY, limit=MOST_UNDER_WAY).calls
    missed = [one for one in missed_callers(door.engine, since, until) if one.settled_at is None]
    return {
        "locations": [_now(door, place) for place in locations_of(door.routing).values()],
        "rotas": {
            rota.name: on_call_sentence(on_call(rota, now), lasts_until(rota, now))
            for rota in rotas_of(door.routing).values()
        },
        "standing": [(made, _told(door, made)) for made in standing(door.engine, door.services.clock())],
        "under_way": [(call, _where(door, call)) for call in under_way],
        "usual": _usual(door),
        "missed": len(missed),
        "alarms": alarms(door, the_person()),
    }


def _now(door: Door, location: Location) -> LocationNow:
    now = door.now()
    sent = sending(location.schedule, now)
    to = locations_of(door.routing).get(sent.to) if sent else None
    return LocationNow(location, look(location.schedule, now), opening_sentence(location, now), to.title if to else "")


def _where(door: Door, call: Call) -> str:
    """The place a caller under way is at, as it is called on paper."""
    name = spot_of(call.path) or call.location
    if not name:
        return "at the greeting"
    place = door.routing.destinations.get(name)
    title = title_of(place, name)
    return f"{title} menu" if isinstance(place, Menu) and not title.endswith("menu") else title


def _usual(door: Door) -> Usual:
    now = door.now()
    today = counts(door.engine, Days(now.date(), now.date()), door.zone)
    before = []
    for weeks in range(1, WEEKS + 1):
        day = now.date() - timedelta(weeks=weeks)
        before.append(counts(door.engine, Days(day, day), door.zone))
    known = [each for each in before if each.calls]
    rates = [each.answer_rate for each in known if each.answer_rate is not None]
    by_now = [sum(each.by_hour[: now.hour + 1]) for each in known]
    return Usual(today, fmean(by_now) if by_now else None, fmean(rates) if rates else None)


def _told(door: Door, made: Made) -> str:
    return told(door.routing, made.override, door.zone, door.services.clock())
