"""The console's pages over a full log, timed from the request to the last byte, without a network."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, update

from ivr.accounts.people import enter_practice, invite
from ivr.accounts.roles import Role
from ivr.accounts.sessions import begin
from ivr.app import create_app
from ivr.call_log.database import writing
from ivr.call_log.tables import CallRow
from ivr.call_log.work_rule import refresh
from tests.bench_log.history import Made, Plan, fake_seal
from tests.bench_log.questions import Figure, figure
from tests.bench_log.visitor import Visitor
from tests.conftest import ROOT, settings_for

A_PAGE_MS = 300.0
NUMBER = "+14805550147"
PROMPTS = "/routing/draft/file/prompts/en-US.yaml"
TAKEN = 10


def page_figures(engine: Engine, plan: Plan, last: Sequence[Made]) -> list[Figure]:
    """Every page that reads the call log, at noon of the day after the history; a call of it is the one looked at."""
    with _signed_in(engine, plan) as visitor:
        asked: list[tuple[str, Callable[[], object]]] = []
        asked += [(f"page: {what}", partial(visitor.look, to)) for what, to in addresses(last).items()]
        asked += [(f"poll: {what}", partial(visitor.poll, to)) for what, to in POLLED.items()]
        asked += [(f"form: {what}", ask) for what, ask in _forms(visitor).items()]
        return [figure(what, A_PAGE_MS, ask) for what, ask in asked]


def addresses(last: Sequence[Made]) -> dict[str, str]:
    """Where those pages are, by what they are called; a call of `last` is the one looked at."""
    told = next(str(made.call[0]) for made in reversed(last) if made.events)
    waiting = next(str(made.call[0]) for made in reversed(last) if made.message)
    return {
        "Today": "/",
        "Calls": "/calls",
        "Calls, missed in Gilbert": "/calls?became=missed&location=gilbert",
        "one call": f"/calls/{told}",
        "To call back": "/call-back",
        "To call back, three months": "/call-back?days=90",
        "To call back, a year": "/call-back?days=365",
        "To call back in Gilbert, a year": "/call-back?days=365&location=gilbert",
        "nobody took it yet": "/call-back?show=unclaimed",
        "what is mine": "/call-back?show=mine",
        "what is mine, a year": "/call-back?show=mine&days=365",
        "done this week": "/call-back?show=done",
        "done this week in Gilbert": "/call-back?show=done&location=gilbert",
        "one who waits": f"/call-back/{waiting}",
        "Reports, last week": "/reports?span=last-week",
        "Reports, four weeks": "/reports?span=four-weeks",
        "Reports, four weeks of Gilbert": "/reports?span=four-weeks&location=gilbert",
        "a chart of four weeks": "/reports/chart/hour.svg?span=four-weeks",
        "Routing": "/routing",
        "two versions compared": "/routing/compare",
        "the draft": "/routing/draft",
        "the draft: hours": "/routing/draft/hours/gilbert",
        "the draft: phones": "/routing/draft/phones",
        "the draft: prompts": "/routing/draft/prompts/en-US",
        "the draft: a file": "/routing/draft/file/clinic.yaml",
        "Try a call": "/try",
        "Notices": "/notices",
        "Health": "/health",
        "People": "/people",
        "Audit": "/audit",
    }


POLLED = {
    "Today": "/",
    "To call back": "/call-back",
    "To call back, a year": "/call-back?days=365",
    "what is mine": "/call-back?show=mine",
    "Health": "/health",
}


def _forms(visitor: Visitor) -> dict[str, Callable[[], object]]:
    """What is asked by forms. The number is that of the busiest caller; the call is tried with the draft."""
    number = {**visitor.form("/calls"), "number": NUMBER}
    tried = {**visitor.form("/try"), "what": "draft", "do": "call"}
    return {
        "search by number": lambda: visitor.send("/calls/search", number),
        "Try a call with the draft": lambda: visitor.send("/try", tried),
    }


def _worked_at(visitor: Visitor) -> None:
    """What the people of a clinic leave: two versions, a draft that differs from them, callers who are taken."""
    for words in ("One moment", "A moment"):
        _drafted(visitor, words)
        form = visitor.form("/routing/draft")
        visitor.send("/routing/draft/publish", {**form, "message": words})
    _drafted(visitor, "Just a moment")
    token = visitor.form("/calls")
    waiting = list(dict.fromkeys(re.findall(r"/call-back/(CA[0-9a-f]{32})/claim", visitor.look("/call-back"))))
    assert waiting, "nobody waits"
    for sid in waiting[:TAKEN]:
        visitor.send(f"/call-back/{sid}/claim", token)


def _drafted(visitor: Visitor, words: str) -> None:
    form = visitor.form(PROMPTS)
    text = (ROOT / "config" / "prompts" / "en-US.yaml").read_text("utf-8")
    visitor.send(PROMPTS, {**form, "text": f"{text}# {words}\n"})


def _named(engine: Engine, index: str) -> None:
    """The busiest caller gets a number by which they are found."""
    theirs = CallRow.caller_index == fake_seal(0)[1]
    with writing(engine) as connection:
        sids = connection.scalars(update(CallRow).where(theirs).values(caller_index=index).returning(CallRow.sid)).all()
        for start in range(0, len(sids), 1000):
            refresh(connection, sids[start : start + 1000])


@contextmanager
def _signed_in(engine: Engine, plan: Plan) -> Iterator[Visitor]:
    """An admin at the console of the sample clinic, where people have been at work."""
    noon = datetime.combine(plan.until, time(12), plan.zone)
    with tempfile.TemporaryDirectory(prefix="ivr-bench-pages-") as place:
        folder = Path(place)
        shutil.copytree(ROOT / "config", folder / "config")
        settings = replace(
            settings_for(folder, folder / "config"),
            database_url=engine.url.render_as_string(hide_password=False),
            doors=frozenset({"console"}),
            public_url="http://127.0.0.1:1",
        )
        app = create_app(settings, clock=lambda: noon, watch=False)
        person = enter_practice(engine, invite(engine, "", Role.ADMIN, actor="bench", now=noon), noon)
        assert person is not None
        client = app.test_client()
        client.set_cookie("ivr-practice", begin(engine, person, noon))
        _named(engine, app.extensions["ivr"].seal.index(NUMBER))
        visitor = Visitor(client)
        try:
            _worked_at(visitor)
            yield visitor
        finally:
            app.extensions["ivr-database"].dispose()
