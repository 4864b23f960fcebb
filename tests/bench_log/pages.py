"""The console's pages over a full log, timed from the request to the last byte, without a network."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Engine

from ivr.accounts.people import enter_practice, invite
from ivr.accounts.roles import Role
from ivr.accounts.sessions import begin
from ivr.app import create_app
from tests.bench_log.history import Made, Plan
from tests.bench_log.questions import Figure, figure
from tests.conftest import ROOT, settings_for

A_PAGE_MS = 300.0


def page_figures(engine: Engine, plan: Plan, last: Sequence[Made]) -> list[Figure]:
    """Every page that reads the call log, at noon of the day after the history; a call of it is the one looked at."""
    with _signed_in(engine, plan) as client:

        def asking(address: str) -> None:
            answer = client.get(address)
            assert answer.status_code == 200, f"{address}: {answer.status}"

        pages = addresses(last).items()
        return [figure(f"page: {what}", A_PAGE_MS, lambda to=to: asking(to)) for what, to in pages]  # type: ignore[misc]  # bound at once


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
        "one who waits": f"/call-back/{waiting}",
        "Reports, last week": "/reports?span=last-week",
        "Reports, four weeks": "/reports?span=four-weeks",
        "a chart of four weeks": "/reports/chart/hour.svg?span=four-weeks",
        "Routing": "/routing",
        "the draft": "/routing/draft",
        "Try a call": "/try",
        "Health": "/health",
        "People": "/people",
        "Audit": "/audit",
    }


@contextmanager
def _signed_in(engine: Engine, plan: Plan) -> Iterator[FlaskClient]:
    """An admin at the console of the sample clinic."""
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
        try:
            yield client
        finally:
            app.extensions["ivr-database"].dispose()
