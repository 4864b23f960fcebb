"""The routing: what is live, the hours of two weeks as they really apply, whose phones ring, and every version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from flask import abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from ivr.accounts.roles import Right
from ivr.call_flow.calendar import CalendarDay, Stretch, calendar
from ivr.call_flow.duty import Shift, rotas_of, shifts
from ivr.call_flow.model import HuntGroup, Location, Rota
from ivr.publishing.comparison import Comparison, compare
from ivr.publishing.override_told import does
from ivr.publishing.overrides import locations_of
from ivr.publishing.publish import SeenNoMore, Unchanged, rollback
from ivr.publishing.set_back import set_back
from ivr.publishing.versions import Publication, files_of, live, publications, versions

from .door import Door, answer, the_person
from .drawing import drawing

A_PAGE = 15
DAYS = 14
MOST_VERSIONS = 200
LATEST = 24 * 60


@dataclass(frozen=True, slots=True)
class Bar:
    """An open stretch in a drawing of a day: minutes after midnight."""

    begins: int
    length: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar as it is shown: its bars, its hours in words, and why they are not the usual ones."""

    day: CalendarDay
    bars: tuple[Bar, ...]
    hours: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A location with its two weeks. `unanswered` is where calls go that nobody takes, in order."""

    location: Location
    weeks: tuple[tuple[Day, ...], ...]
    unanswered: tuple[str, ...]


class RollbackForm(FlaskForm):
    """Why, and what its author saw as live."""

    message = StringField(
        "Why?", validators=[InputRequired("Say why, in a few words."), Length(max=200, message="Say it in 200 signs.")]
    )
    seen = HiddenField(validators=[Regexp("^[0-9]{1,9}$")])


def add(door: Door) -> None:
    """Hang the pages."""

    @door.page("/routing", Right.SEE, title="Routing")
    def routing() -> str:
        return render_template("routing.html", **_found(door))

    @door.page("/routing/compare", Right.SEE)
    def compare_versions() -> str:
        listed = versions(door.engine, limit=MOST_VERSIONS)
        newest = listed[0].number if listed else 0
        old, new = _number("a", newest - 1), _number("b", newest)
        compared = _compared(door, old, new) if listed and old else None
        return render_template("compare.html", old=old, new=new, compared=compared, versions=listed)

    @door.page("/routing/roll-back/<int:number>", Right.EDIT, methods=("GET", "POST"))
    def roll_back(number: int) -> Response | str:
        now_live, form = live(door.engine), RollbackForm()
        if now_live is None:
            abort(404)
        if request.method == "POST" and form.validate_on_submit():
            _roll_back(door, number, str(form.message.data), int(str(form.seen.data)))
            return redirect(url_for("console.routing"), 303)
        form.seen.data = str(now_live.id)
        compared = _compared(door, now_live.number, number)
        page = render_template("roll_back.html", number=number, live=now_live, compared=compared, form=form)
        return answer(page, 422 if request.method == "POST" else 200)


def _roll_back(door: Door, number: int, message: str, seen: int) -> None:
    settings, now = door.services.settings, door.services.clock()
    try:
        done = rollback(door.engine, number, actor=the_person().name, message=message, now=now, seen=seen)
    except LookupError:
        abort(404)
    except SeenNoMore:
        abort(409)
    if isinstance(done, Unchanged):
        flash(f"Version {number} is live already.")
        return
    kept = None
    if settings.autopublish:
        kept = set_back(settings.config, settings.data, files_of(door.engine, number), door.examiner.limits, now)
    flash(
        f"Version {number} is live again. New calls take it within seconds; calls under way keep theirs."
        + (f" config/ holds its files now; what stood there is kept in {kept}." if kept else "")
    )


def _found(door: Door) -> dict[str, object]:
    found = publications(door.engine, limit=A_PAGE + 1, before=_number("before", 0) or None)
    routing, now_live = door.routing, live(door.engine)
    places = [_place(door, each) for each in locations_of(routing).values()]
    days = [day for place in places for week in place.weeks for day in week]
    begin, end = _window(days)
    return {
        "live": now_live,
        "tree": drawing(routing, routing.main_line),
        "served": routing.version,
        "places": places,
        "rotas": {name: _turns(door, rota) for name, rota in rotas_of(routing).items()},
        "groups": [each for each in routing.destinations.values() if isinstance(each, HuntGroup)],
        "begin": begin,
        "end": end,
        "ticks": range(begin // 60, end // 60 + 1, 2 if end - begin <= LATEST // 2 else 4),
        "history": found[:A_PAGE],
        "before": _before_each(found),
        "more": found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        "paged": bool(request.args.get("before")),
    }


def _place(door: Door, location: Location) -> Place:
    days = [_day(door, each) for each in calendar(location.schedule, door.now().date(), DAYS)]
    others = locations_of(door.routing)
    ways = [*(others[name].title for name in location.overflow if name in others), "the mailbox"]
    return Place(location, (tuple(days[:7]), tuple(days[7:])), tuple(ways))


def _turns(door: Door, rota: Rota) -> list[Shift]:
    """Who is on call in the days that the calendar shows, swaps included, in the clinic's time."""
    found = shifts(rota, door.now(), door.now() + timedelta(days=DAYS))
    zone = door.zone
    return [Shift(each.name, each.begins.astimezone(zone), each.ends.astimezone(zone)) for each in found]


def _day(door: Door, day: CalendarDay) -> Day:
    bars = tuple(_bar(each) for each in day.stretches if each.open)
    hours = ", ".join(f"{each.begins:%H:%M}–{_end_of(each)}" for each in day.opened) or "closed"
    return Day(day, bars, hours, (*day.names, *(_reason(door, each) for each in day.changed)))


def _bar(stretch: Stretch) -> Bar:
    begins, ends = _minute(stretch.begins), _minute(stretch.ends) or LATEST
    return Bar(begins, max(ends - begins, 0), stretch.override is not None or stretch.sent is not None)


def _reason(door: Door, stretch: Stretch) -> str:
    """What an override does in this stretch: "14:00–17:00 Gilbert is closed: power outage"."""
    override = stretch.sent or stretch.override
    assert override is not None
    reason = f": {override.reason}" if override.reason else ""
    return f"{stretch.begins:%H:%M}–{_end_of(stretch)} {does(door.routing, override)}{reason}"


def _window(days: list[Day]) -> tuple[int, int]:
    """The hours a drawing shows, as minutes: all that are open, in whole even hours."""
    bars = [bar for day in days for bar in day.bars]
    first = min((bar.begins for bar in bars), default=8 * 60)
    last = max((bar.begins + bar.length for bar in bars), default=18 * 60)
    return first // 120 * 120, min(-(-last // 120) * 120, LATEST)


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _end_of(stretch: Stretch) -> str:
    return f"{stretch.ends:%H:%M}" if _minute(stretch.ends) else "24:00"


def _before_each(found: list[Publication]) -> dict[int, int]:
    """The number that was live before each publication, by its id."""
    return {later.id: earlier.number for later, earlier in pairwise(found)}


def _compared(door: Door, old: int, new: int) -> Comparison:
    try:
        files = files_of(door.engine, old), files_of(door.engine, new)
    except LookupError:
        abort(404)
    return compare(*files, door.services.clock(), door.examiner.limits, live=door.examiner.live)


def _number(name: str, usual: int) -> int:
    """A number in the address; aborts with 400 for anything else."""
    text = request.args.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        abort(400)
    return int(text)
