"""One call: its story in plain words, legs, messages, the version it ran on, and its number when it is asked for."""

from __future__ import annotations

from flask import abort, render_template

from ivr.accounts.roles import Right
from ivr.call_flow.summary import NOTHING_RECORDED
from ivr.call_log.calling_back import BECAME, calls_back
from ivr.call_log.database import reading
from ivr.call_log.facts import facts_of
from ivr.call_log.numbers import NoNumber, reveal, shown
from ivr.call_log.queries import one_call
from ivr.call_log.story import tell
from ivr.notices.patient_shown import texts_of, with_texts
from ivr.publishing.overrides import titles_of
from ivr.publishing.versions import versions

from .door import Door, the_person


def add(door: Door) -> None:
    """Hang the pages."""

    @door.page("/calls/<sid>", Right.SEE)
    def call(sid: str) -> str:
        return _page(door, sid, "")

    @door.page("/calls/<sid>/number", Right.REVEAL, methods=("POST",))
    def reveal_number(sid: str) -> str:
        return _page(door, sid, revealed(door, sid))


def revealed(door: Door, sid: str) -> str:
    """The whole number, "" for none, in the answer to a form: no address holds it and no browser keeps it."""
    try:
        return reveal(door.engine, door.services.seal, sid, actor=the_person().name, now=door.services.clock())
    except NoNumber:
        return ""


def _page(door: Door, sid: str, number: str) -> str:
    whole = one_call(door.engine, sid)
    if whole is None:
        abort(404)
    titles = titles_of(door.routing)
    with reading(door.engine) as connection:
        facts = facts_of(connection, [sid]).get(sid, [])
    numbers = {each.hash: each.number for each in versions(door.engine, limit=1000)}
    return render_template(
        "call.html",
        whole=whole,
        steps=with_texts(tell(facts, door.zone, titles), texts_of(door.engine, sid), door.zone),
        titles=titles,
        number=number,
        masked=shown(door.services.seal, whole.call),
        calls_back=calls_back(door.engine, sid),
        became_back=BECAME,
        version=numbers.get(whole.call.version),
        has_sound=door.player is not None,
        nothing_recorded=NOTHING_RECORDED,
    )
