"""To call back: callers who got nobody or left word, one entry a caller, each taken, noted and done by one person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.accounts.roles import Right
from ivr.call_log.calling_back import BECAME, NotNow
from ivr.call_log.numbers import shown
from ivr.call_log.queries import one_call
from ivr.call_log.tables import EPOCH
from ivr.call_log.work_list import HORIZON, NO_LOCATION, Sought, WorkList, count_only, entry_of, work_list
from ivr.call_log.work_marks import (
    LONGEST_NOTE,
    UNDO_FOR,
    Held,
    NothingOpen,
    Outcome,
    add_note,
    claim,
    finish,
    finished,
    release,
    undo,
)
from ivr.publishing.overrides import locations_of, titles_of

from .call import revealed
from .calling import ask_for, panel, panels
from .door import Door, answer, fragment_only, note_missing, the_person

A_PAGE, MOST = 50, 500
DAYS = (HORIZON.days, 90, 365)
SHOWS = {"": "All that is open", "unclaimed": "Nobody took it yet", "mine": "Mine", "done": "Done this week"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the filter form."""

    show: str = ""
    location: str = ""
    days: int = HORIZON.days
    limit: int = A_PAGE

    def as_query(self) -> dict[str, str | int]:
        """What belongs in an address that asks the same."""
        usual = Asked()
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) != getattr(usual, name)}


@dataclass(frozen=True, slots=True)
class Longer:
    """A longer span that holds more: so many more callers, None where too many wait to be counted."""

    days: int
    callers: int | None


def add(door: Door) -> None:
    """Hang the pages."""

    @door.page("/call-back", Right.WORK, title="To call back")
    def work() -> str:
        asked = _asked(door)
        page = "call_back_list.html" if fragment_only() else "call_back.html"
        return render_template(page, asked=asked, shows=SHOWS, all_days=DAYS, **_listed(door, asked), **_shared(door))

    @door.page("/call-back/<sid>", Right.WORK)
    def work_entry(sid: str) -> str:
        return _entry(door, sid)

    @door.page("/call-back/<sid>/number", Right.REVEAL, methods=("POST",))
    def work_number(sid: str) -> str:
        return _entry(door, sid, revealed(door, sid))

    @door.page("/call-back/<sid>/calls", Right.WORK)
    def work_calls(sid: str) -> Response | str:
        """How the calls back to this caller stand: asked for again while one is under way."""
        if not fragment_only():
            return redirect(url_for("console.work_entry", sid=sid), 303)
        return render_template("call_back_calls.html", sid=sid, desk=panel(door, sid), became_back=BECAME)

    _add_deeds(door)


def _add_deeds(door: Door) -> None:
    @door.page("/call-back/<sid>/claim", Right.WORK, methods=("POST",))
    def work_claim(sid: str) -> Response:
        def take() -> str:
            claim(door.engine, sid, actor=the_person().name, now=door.services.clock())
            return "It is yours. Give it back when you cannot call."

        return _done(door, sid, take, to="console.work_entry")

    @door.page("/call-back/<sid>/release", Right.WORK, methods=("POST",))
    def work_release(sid: str) -> Response:
        def give_back() -> str:
            person = the_person()
            anybodys = person.may(Right.RELEASE)
            try:
                release(door.engine, sid, actor=person.name, anybodys=anybodys, now=door.services.clock())
            except Held:
                note_missing(door, Right.RELEASE)  # it may have changed hands a moment ago, and it may not
                raise
            return "Given back: anybody may take it now."

        return _done(door, sid, give_back, to="console.work_entry")

    @door.page("/call-back/<sid>/call", Right.CALL, methods=("POST",))
    def work_call(sid: str) -> Response:
        return _done(door, sid, lambda: ask_for(door, sid), to="console.work_entry")

    @door.page("/call-back/<sid>/note", Right.WORK, methods=("POST",))
    def work_note(sid: str) -> Response:
        def write() -> str:
            text = request.form.get("text", "")
            noted = add_note(door.engine, sid, text, actor=the_person().name, now=door.services.clock())
            return "Noted." if noted else "There was nothing to note."

        return _done(door, sid, write, to="console.work_entry")

    _add_endings(door)


def _add_endings(door: Door) -> None:
    @door.page("/call-back/<sid>/done", Right.WORK, methods=("POST",))
    def work_done(sid: str) -> Response:
        outcome, seen = _outcome(), _seen()

        def mark() -> str:
            now = door.services.clock()
            finish(door.engine, sid, outcome, seen=EPOCH + seen, actor=the_person().name, now=now)
            if entry_of(door.engine, sid, door.services.clock() - HORIZON):
                return f"Done: {outcome}. This caller called again meanwhile and stays on the list."
            return f"Done: {outcome}. You find it under “{SHOWS['done']}” for {UNDO_FOR.days} days."

        return _done(door, sid, mark, to="console.work")

    @door.page("/call-back/<sid>/undo", Right.WORK, methods=("POST",))
    def work_undo(sid: str) -> Response:
        def open_again() -> str:
            undo(door.engine, sid, actor=the_person().name, now=door.services.clock())
            return "Back on the list."

        return _done(door, sid, open_again, to="console.work_entry")


def _done(door: Door, sid: str, deed: Callable[[], str], *, to: str) -> Response:
    """Do what a form asked for and go on; a calm page when somebody was faster."""
    try:
        flash(deed())
    except NotNow as reason:
        flash(str(reason))
    except Held as held:
        page = render_template("call_back_held.html", by=held.by, at=held.at.astimezone(door.zone), sid=sid)
        return answer(page, 409)
    except NothingOpen:
        return answer(render_template("call_back_held.html", by="", sid=sid), 409)
    return redirect(url_for(to, sid=sid) if to == "console.work_entry" else url_for(to), 303)


def _entry(door: Door, sid: str, number: str = "") -> str:
    now = door.services.clock()
    entry = entry_of(door.engine, sid, now - HORIZON)
    whole = one_call(door.engine, sid) if entry is None else None
    if entry is None and (whole is None or whole.call.draft):
        abort(404)
    return render_template(
        "call_back_entry.html",
        entry=entry,
        call=entry.call if entry else whole and whole.call,
        seen=(entry.seen - EPOCH) // timedelta(milliseconds=1) if entry else 0,
        done=finished(door.engine, now - UNDO_FOR, sid=sid),
        number=number,
        outcomes=list(Outcome),
        longest_note=LONGEST_NOTE,
        sid=sid,
        desk=panel(door, sid),
        **_shared(door),
    )


def _listed(door: Door, asked: Asked) -> dict[str, object]:
    now, me = door.services.clock(), the_person().name
    if asked.show == "done":
        done = finished(door.engine, now - UNDO_FOR, location=asked.location, limit=asked.limit)
        return {"done": done, "entries": (), "total": len(done)}
    sought = Sought(
        now - timedelta(days=asked.days),
        asked.location,
        claimed_by=me if asked.show == "mine" else "",
        unclaimed=asked.show == "unclaimed",
    )
    found = work_list(door.engine, sought, limit=asked.limit)
    return {
        "done": (),
        "entries": found.entries,
        "total": found.total,
        "more": found.more,
        "desks": panels(door, found.entries),
        "longer": _longer(door, sought, asked.days, found, now),
    }


def _longer(door: Door, sought: Sought, days: int, found: WorkList, now: datetime) -> Longer | None:
    """The shortest of the longer spans in which more callers wait; None when nobody does."""
    for wider in (each for each in DAYS if each > days):
        if found.more:
            return Longer(wider, None)
        all_of_it = count_only(door.engine, replace(sought, since=now - timedelta(days=wider)))
        if all_of_it.more:
            return Longer(wider, None)
        if all_of_it.total > found.total:
            return Longer(wider, all_of_it.total - found.total)
    return None


def _asked(door: Door) -> Asked:
    show, location = request.args.get("show", ""), request.args.get("location", "")
    days, limit = request.args.get("days", HORIZON.days, int), request.args.get("limit", A_PAGE, int)
    known = {"", NO_LOCATION, *locations_of(door.routing)}
    if show not in SHOWS or location not in known or days not in DAYS or not 1 <= limit <= MOST:
        abort(400)
    return Asked(show, location, days, limit)


def _outcome() -> Outcome:
    try:
        return Outcome(request.form.get("outcome", ""))
    except ValueError:
        abort(400)


def _seen() -> timedelta:
    """Up to when the log had learned of what the form's page showed."""
    text = request.form.get("seen", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 14):
        abort(400)
    return timedelta(milliseconds=int(text))


def _shared(door: Door) -> dict[str, object]:
    return {
        "masked": lambda call: shown(door.services.seal, call),
        "locations": titles_of(door.routing),
        "no_location": NO_LOCATION,
        "has_sound": door.player is not None,
        "me": the_person().name,
        "page_step": A_PAGE,
        "became_back": BECAME,
    }
