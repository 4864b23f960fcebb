"""The routing's page: what is live, two weeks of hours as they apply, versions compared in words, and rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ivr.accounts.roles import Role
from ivr.call_flow.model import OverrideKind
from ivr.call_log.audit import deeds
from ivr.publishing.overrides import Wanted, bring_overrides, make
from ivr.publishing.publish import publish
from ivr.publishing.versions import Publication, live
from ivr.routing.folder import read_folder
from tests.call_log.conftest import sqlite_template  # noqa: F401
from tests.console.office import Office, opened_office
from tests.publishing.conftest import edited, examined

FRIDAY = "friday: 9:00-17:00", "friday: 9:00-15:00"


@pytest.fixture
def office(tmp_path: Path, config: Path, sqlite_template: Path) -> Iterator[Office]:  # noqa: F811
    with opened_office(tmp_path, config, sqlite_template) as opened:
        yield opened


@pytest.fixture
def published(office: Office) -> Office:
    """Version 1 as it is in config/, and version 2, in which Gilbert closes early on Fridays; 2 is live."""
    files = read_folder(office.settings.config)[0]
    changed = edited(files, "clinic.yaml", *FRIDAY)
    for number, (each, message) in enumerate(((files, "As it was found"), (changed, "Short Fridays"))):
        now = office.clock() - timedelta(days=2 - number)
        done = publish(
            office.engine, each, examined(each), parent=number or None, author="maria", message=message, now=now
        )
        assert isinstance(done, Publication)
        (office.settings.config / "clinic.yaml").write_bytes(each["clinic.yaml"])
    return office


def day_of(page: str, date: str, nth: int = 0) -> str:
    """What stands in a day's row, of the first location (0) or a later one."""
    return page.split(f'<span class="date">{date}')[nth + 1].split("</li>")[0]


def test_what_is_live_is_told_with_its_author_and_message(published: Office) -> None:
    page = published.someone(Role.FRONT_DESK).get("/routing").text
    assert "Version 2" in page
    assert "Short Fridays" in page
    assert "published by maria, Mon 23 Nov, 10:00" in page
    assert "Scottsdale front desk" in page
    assert "one after another" in page
    assert page.index("<h1>Routing") < page.index("Scottsdale, the next two weeks") < page.index("What was live when")


def test_before_the_first_version_the_page_says_how_there_will_be_one(office: Office) -> None:
    page = office.someone(Role.ADMIN).get("/routing").text
    assert "Not published yet" in page
    assert "python -m ivr worker" in page
    assert "No version yet" in page
    assert "nothing to compare yet" in office.someone(Role.ADMIN).get("/routing/compare").text


def test_each_day_of_two_weeks_shows_its_hours_and_the_holiday_by_name(office: Office) -> None:
    page = office.someone(Role.ADMIN).get("/routing").text
    assert page.count('<span class="date">') == 2 * 14
    assert "08:00–12:00, 13:00–17:00" in day_of(page, "Tue 24 Nov")
    thanksgiving = day_of(page, "Thu 26 Nov")
    assert "closed" in thanksgiving
    assert "Thanksgiving Day" in thanksgiving
    assert 'class="bar' not in thanksgiving
    short = day_of(page, "Fri 27 Nov", nth=1)
    assert "09:00–12:00" in short
    assert "Day After Thanksgiving" in short
    assert day_of(page, "Tue 24 Nov").count('class="bar') == 2
    assert "Mon 7 Dec" in page
    assert "Tue 8 Dec" not in page


def test_an_override_stands_in_its_day_with_its_reason(office: Office) -> None:
    begins = office.clock() + timedelta(hours=4)
    early = Wanted(OverrideKind.CLOSE, "gilbert", begins, begins + timedelta(hours=19), "power outage")
    make(office.engine, early, actor="maria", now=office.clock())
    bring_overrides(office.engine, office.settings.data / "routing", office.clock())
    office.app.extensions["ivr"].live.refresh()
    page = office.someone(Role.ADMIN).get("/routing").text
    assert "09:00–14:00" in day_of(page, "Tue 24 Nov", nth=1)
    assert "14:00–24:00 Gilbert is closed: power outage" in day_of(page, "Tue 24 Nov", nth=1)
    assert "power outage" not in day_of(page, "Tue 24 Nov")
    assert "power outage" not in day_of(page, "Thu 26 Nov", nth=1)


def test_two_versions_are_compared_in_words_and_in_their_text(published: Office) -> None:
    client = published.someone(Role.FRONT_DESK)
    page = client.get("/routing/compare?a=1&b=2").text
    assert "Gilbert" in page
    assert "15:00" in page
    assert "-      friday: 9:00-17:00" in page
    assert "+      friday: 9:00-15:00" in page
    assert client.get("/routing/compare").text.count("+      friday: 9:00-15:00") == 1
    assert "both hold the same files" in client.get("/routing/compare?a=2&b=2").text
    assert client.get("/routing/compare?a=1&b=7").status_code == 404
    assert client.get("/routing/compare?a=one").status_code == 400


def test_rolling_back_shows_the_difference_first_and_then_does_it(published: Office) -> None:
    client = published.someone(Role.MANAGER)
    page = client.get("/routing/roll-back/1").text
    assert "+      friday: 9:00-17:00" in page
    assert live_number(published) == 2
    missing = client.post("/routing/roll-back/1", data={"seen": seen(published), "message": ""})
    assert missing.status_code == 422
    assert "Say why" in missing.text
    assert live_number(published) == 2
    done = client.post("/routing/roll-back/1", data={"seen": seen(published), "message": "Fridays are long again"})
    assert (done.status_code, done.headers["Location"]) == (303, "/routing")
    assert live_number(published) == 1
    assert b"friday: 9:00-17:00" in (published.settings.config / "clinic.yaml").read_bytes()
    deed = deeds(published.engine)[0]
    assert (deed.actor, deed.action, deed.about) == ("kim", "rollback", "version 1")
    page = client.get("/routing").text
    assert "Version 1 is live again" in page
    assert "Fridays are long again" in page


def test_a_rollback_over_a_change_its_author_has_not_seen_is_refused(published: Office) -> None:
    client = published.someone(Role.MANAGER)
    form = {"seen": seen(published), "message": "Back"}
    assert client.post("/routing/roll-back/1", data=form).status_code == 303
    assert client.post("/routing/roll-back/2", data=form).status_code == 409
    assert live_number(published) == 1


def test_who_may_not_edit_sees_no_way_to_and_is_refused(published: Office) -> None:
    client = published.someone(Role.FRONT_DESK)
    page = client.get("/routing").text
    assert "/routing/draft" not in page
    assert "roll-back" not in page
    assert client.get("/routing/roll-back/1").status_code == 403
    assert client.post("/routing/roll-back/1", data={"seen": "2", "message": "x"}).status_code == 403
    assert live_number(published) == 2
    manager = published.someone(Role.ADMIN).get("/routing").text
    assert 'href="/routing/draft"' in manager
    assert 'href="/routing/roll-back/1"' in manager


def test_a_long_history_goes_on_page_by_page(published: Office) -> None:
    client = published.someone(Role.ADMIN)
    for number in range(16):
        form = {"seen": seen(published), "message": f"turn {number}"}
        assert client.post(f"/routing/roll-back/{number % 2 + 1}", data=form).status_code == 303
    page = client.get("/routing").text
    assert "turn 15" in page
    assert "Short Fridays" not in page
    older = older_page(client, page)
    assert "Short Fridays" in older
    assert "As it was found" in older
    assert "turn 15" not in older


def older_page(client: FlaskClient, page: str) -> str:
    address = page.split('href="/routing?before=')[1].split('"')[0]
    return client.get(f"/routing?before={address}").text


def seen(office: Office) -> str:
    found = live(office.engine)
    assert found is not None
    return str(found.id)


def live_number(office: Office) -> int:
    found = live(office.engine)
    assert found is not None
    return found.number
