"""A change that ends by itself: close early, reopen, send calls across, say a message, swap who is on call.

Seen before it is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.accounts.roles import Right
from ivr.call_flow.duty import on_call, rotas_of
from ivr.call_flow.model import Override, OverrideKind
from ivr.call_flow.overrides import with_overrides
from ivr.publishing.override_told import callers_hear, does, told
from ivr.publishing.overrides import Wanted, locations_of, make, refusals, standing, titles_of, usual_end

from .door import Door, answer, the_person

UNTIL = "%Y-%m-%dT%H:%M"
EVERYWHERE = "all"
TITLES = {
    OverrideKind.CLOSE: "Close {}",
    OverrideKind.OPEN: "Open {}",
    OverrideKind.SEND: "Send the calls of {} elsewhere",
    OverrideKind.SAY: "Play a message first at {}",
    OverrideKind.EMERGENCY: "Close {} for an emergency",
    OverrideKind.SWAP: "Swap who is on call in {}",
}
TO_COME = 0  # the number of an override that is not made yet


@dataclass(frozen=True, slots=True)
class Preview:
    """What the change does, and the words callers will hear, by language code."""

    does: str
    heard: dict[str, str]


def add(door: Door) -> None:
    """Hang the page."""

    @door.page("/today/change/<kind>/<location>", Right.OVERRIDE, methods=("GET", "POST"))
    def change(kind: str, location: str) -> Response | str:
        wanted, typed_badly = _wanted(door, _kind(kind), _place(door, _kind(kind), location))
        problems = typed_badly or refusals(
            door.routing, wanted, standing(door.engine, door.services.clock()), door.services.clock()
        )
        if request.method == "POST" and not problems and "make" in request.form:
            made = make(door.engine, wanted, actor=the_person().name, now=door.services.clock())
            sentence = told(door.routing, made.override, door.zone, door.services.clock())
            flash(f"{sentence} Callers notice within two seconds.")
            return redirect(url_for("console.today"), 303)
        shown = problems if request.method == "POST" else []
        page = render_template("change.html", **_shown(door, wanted, location, shown, is_sound=not problems))
        return answer(page, 422 if shown else 200)


def _kind(text: str) -> OverrideKind:
    if text not in {kind.value for kind in OverrideKind}:
        abort(404)
    return OverrideKind(text)


def _place(door: Door, kind: OverrideKind, text: str) -> str:
    """The location or rota in the address; aborts with 404 when there is none."""
    if kind is OverrideKind.SWAP:
        if text not in rotas_of(door.routing):
            abort(404)
        return text
    if text == EVERYWHERE:
        return ""
    if text not in locations_of(door.routing):
        abort(404)
    return text


def _wanted(door: Door, kind: OverrideKind, location: str) -> tuple[Wanted, list[str]]:
    """What the form asks for, and what in it cannot be read."""
    now = door.now()
    form = request.form
    usual = usual_end(door.routing, kind, location, now)
    try:
        ends = datetime.strptime(form["until"], UNTIL).replace(tzinfo=door.zone) if form.get("until") else usual
    except ValueError:
        ends = None
    others = _others(door, kind, location)
    to = form.get("to", next(iter(others), "")) if kind in (OverrideKind.SEND, OverrideKind.SWAP) else ""
    words = {code: form.get(f"say-{code}", "").strip() for code in door.routing.languages}
    say = {code: text for code, text in words.items() if text}
    wanted = Wanted(kind, location, now, ends or now, form.get("reason", "").strip(), say, to)
    return wanted, [] if ends else ["Say until when: a day and a time."]


def _others(door: Door, kind: OverrideKind, place: str) -> dict[str, str]:
    """What may be chosen in place of what is: locations by name with their titles, or the people of a rota."""
    if kind is OverrideKind.SWAP:
        rota = rotas_of(door.routing)[place]
        whose = on_call(rota, door.now())
        return {one.name: one.name for one in rota.people if one.enabled and one.name != whose}
    return {name: one.title for name, one in locations_of(door.routing).items() if name != place}


def _shown(door: Door, wanted: Wanted, location: str, problems: list[str], *, is_sound: bool) -> dict[str, object]:
    titles = titles_of(door.routing)
    where = titles.get(wanted.location, wanted.location) or "every location"
    swaps = wanted.kind is OverrideKind.SWAP
    return {
        "title": TITLES[wanted.kind].format(where),
        "wanted": wanted,
        "location": location,
        "until": wanted.ends.astimezone(door.zone).strftime(UNTIL) if wanted.ends > wanted.begins else "",
        "others": _others(door, wanted.kind, wanted.location),
        "swaps": swaps,
        "languages": [] if swaps else list(door.routing.languages),
        "problems": problems,
        "preview": _preview(door, wanted) if is_sound else None,
    }


def _preview(door: Door, wanted: Wanted) -> Preview:
    override = Override(
        TO_COME, wanted.kind, wanted.location, wanted.begins, wanted.ends, wanted.reason, wanted.say, wanted.to
    )
    if wanted.kind is OverrideKind.SWAP:
        return Preview(does(door.routing, override), {})
    routing = with_overrides(door.routing, (*door.routing.overrides, override))
    place = wanted.location or next(iter(locations_of(routing)), "")
    heard = {code: " ".join(callers_hear(routing, place, code, wanted.begins)) for code in routing.languages}
    if not wanted.location and wanted.say:
        heard = dict(wanted.say)
    return Preview(does(door.routing, override), {code: words for code, words in heard.items() if words})
