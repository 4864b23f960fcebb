"""The list of calls: filters, pages, search by a caller's number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import abort, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from ivr.accounts.roles import Right
from ivr.call_flow.disposition import Disposition
from ivr.call_log.days import begin_of
from ivr.call_log.missed import MISSED
from ivr.call_log.numbers import LONGEST_TYPED, NotANumber, look_up, shown
from ivr.call_log.queries import Filters, Page, Place, newest, read_place
from ivr.journal.sealing import SealBroken
from ivr.publishing.overrides import titles_of

from .door import Door, answer, fragment_only

A_PAGE = 50
MISSED_ALL = "missed"
LIVE = "live"


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the filter form, as it was typed. The caller's number is sent in a form's body, never here."""

    first: str = ""
    last: str = ""
    location: str = ""
    line: str = ""
    language: str = ""
    became: str = ""

    def as_query(self) -> dict[str, str]:
        """What belongs in an address that asks the same."""
        return {name: text for name in self.__slots__ if (text := getattr(self, name))}


def add(door: Door) -> None:
    """Hang the pages."""

    @door.page("/calls", Right.SEE, title="Calls")
    def calls() -> str:
        asked = asked_in(request.args)
        page = newest(door.engine, filters_of(door, asked), limit=A_PAGE, before=_before(request.args))
        template = "calls_rows.html" if fragment_only() else "calls.html"
        return render_template(template, page=page, asked=asked, **_shared(door))

    @door.page("/calls/search", Right.SEE, methods=("POST",))
    def search() -> Response | str:
        """By number: it is sent in the body and looked up by its keyed hash, so that no address holds it."""
        number, before = _number(door), _before(request.form)
        try:
            found = look_up(door.services.seal, number)
        except NotANumber as fault:
            nobody = Page((), None)
            return answer(
                render_template("calls.html", page=nobody, asked=Asked(), problem=fault, **_shared(door)), 422
            )
        page = newest(door.engine, Filters(callers=found), limit=A_PAGE, before=before)
        sealed = door.services.seal.seal(number) if page.more else ""
        return render_template(
            "calls.html", page=page, asked=Asked(), searched=True, before=before, sealed=sealed, **_shared(door)
        )


def asked_in(args: MultiDict[str, str]) -> Asked:
    """The filters in an address; names nobody knows are left out."""
    return Asked(**{name: args.get(name, "")[:100] for name in Asked.__slots__})


def filters_of(door: Door, asked: Asked) -> Filters:
    """The query that was asked for. Aborts with 400 for a day that is none."""
    first, last = _day(asked.first), _day(asked.last)
    became: tuple[str, ...] = ()
    match asked.became:
        case "":
            pass
        case "live":
            became = ("",)
        case "missed":
            became = MISSED
        case other if other in {each.value for each in Disposition}:
            became = (other,)
        case _:
            abort(400)
    return Filters(
        since=begin_of(first, door.zone) if first else None,
        until=begin_of(last + timedelta(days=1), door.zone) if last else None,
        location=asked.location,
        line=asked.line,
        language=asked.language,
        dispositions=became,
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        abort(400)
    if not 2000 <= day.year <= 2999:
        abort(400)
    return day


def _number(door: Door) -> str:
    """The number searched for: as it was typed, or sealed in the form that asks for older calls."""
    sealed = request.form.get("sealed", "")
    try:
        return door.services.seal.unseal(sealed) if sealed else request.form.get("number", "")[:LONGEST_TYPED]
    except SealBroken:
        abort(400)


def _before(given: MultiDict[str, str]) -> Place | None:
    text = given.get("before", "")
    if not text:
        return None
    try:
        return read_place(text)
    except ValueError:
        abort(400)


def _shared(door: Door) -> dict[str, object]:
    routing = door.routing
    return {
        "masked": lambda call: shown(door.services.seal, call),
        "locations": titles_of(routing),
        "lines": list(routing.lines),
        "languages": list(routing.languages),
        "dispositions": [each.value for each in Disposition],
    }
