"""Today, changes for a while, calls, one call, health, people, audit: what each is for, done by a form."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.accounts.people import people
from ivr.accounts.roles import Role
from ivr.app import create_app
from ivr.call_log.audit import deeds
from ivr.call_log.database import migrate
from ivr.call_log.queries import Filters, newest
from ivr.cli.telephone import Ringing
from ivr.publishing.overrides import bring_overrides, standing
from ivr.settings import DOORS
from tests.conftest import Clinic, Clock, settings_for

from .conftest import Desk
from .practice import CALLERS, drain, telephone

CLOSE = "/today/change/close/gilbert"
AT_FOUR = {"until": "2026-11-24T16:00", "reason": "Power outage"}


def test_today_says_who_is_open_and_until_when(desk: Desk) -> None:
    page = desk.signed_in().get("/").text
    assert "Gilbert is open. It closes on Tuesday, November 24 at 17:00." in page
    desk.clock.set("2026-11-24 18:30")
    assert (
        "Gilbert is closed. It opens again on Wednesday, November 25 at 9:00."
        in desk.signed_in(name="b2").get("/").text
    )


@pytest.mark.parametrize(
    ("keys", "where"),
    [("", "Main menu"), ("3", "Topics menu"), ("31", "Depression"), ("2", "Gilbert"), ("9", "Main menu")],
)
def test_today_says_in_words_where_a_caller_under_way_is(desk: Desk, keys: str, where: str) -> None:
    phone = telephone(desk)
    phone.dial()
    for key in keys:
        phone.press(key)
    drain(desk)
    page = desk.signed_in().get("/").text
    assert f"<td>{where}</td>" in page


def test_today_says_at_which_mailbox_a_caller_under_way_is(desk: Desk) -> None:
    phone = telephone(desk)
    phone.dial()
    phone.press("2")
    while isinstance(phone.moment.wait, Ringing):
        phone.nobody_answers()
    phone.press("1")
    drain(desk)
    page = desk.signed_in().get("/").text
    assert "<td>Gilbert mailbox</td>" in page


def test_closing_early_is_seen_before_it_is_done_and_heard_by_callers_after(desk: Desk) -> None:
    guest = desk.signed_in(Role.FRONT_DESK, "maria")
    looked = guest.post(CLOSE, {**AT_FOUR, "look": "yes"}, on=CLOSE)
    assert "Gilbert is closed right now. We open again today at 4 PM." in looked.text
    assert standing(desk.engine, desk.clock()) == []
    done = guest.post(CLOSE, {**AT_FOUR, "make": "yes"}, on=CLOSE)
    assert done.status_code == 303
    assert "Gilbert is closed until Tue 24 Nov 2026 16:00: Power outage." in guest.get("/").text
    services = desk.app.extensions["ivr"]
    bring_overrides(desk.engine, services.settings.data / "routing", desk.clock())
    services.live.refresh()
    caller = telephone(desk)
    caller.dial()
    assert "Gilbert is closed right now" in caller.press("2").words
    assert ("maria", "override") in [(deed.actor, deed.action) for deed in deeds(desk.engine)]


def test_a_change_can_be_ended_before_its_time(desk: Desk) -> None:
    guest = desk.signed_in(Role.FRONT_DESK)
    guest.post(CLOSE, {**AT_FOUR, "make": "yes"}, on=CLOSE)
    (made,) = standing(desk.engine, desk.clock())
    guest.post(f"/today/override/{made.override.id}/end", on="/")
    assert standing(desk.engine, desk.clock()) == []
    assert "Ended:" in guest.get("/").text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"until": "2026-11-24T09:00"}, "over before it begins"),
        ({"until": "garbage"}, "Say until when"),
        ({"until": "2026-11-24T16:00", "say-en-US": "We are at lunch."}, "es-US"),
        ({"until": "2026-11-24T16:00", "reason": "x" * 201}, "200"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_its_cure(desk: Desk, form: dict[str, str], said: str) -> None:
    answer = desk.signed_in(Role.FRONT_DESK).post(CLOSE, {**form, "make": "yes"}, on=CLOSE)
    assert answer.status_code == 422
    assert said in answer.text
    assert standing(desk.engine, desk.clock()) == []


@pytest.mark.parametrize("address", ["/today/change/close/atlantis", "/today/change/dance/gilbert", "/calls/CA1"])
def test_what_is_not_there_is_said_to_be_not_there(desk: Desk, address: str) -> None:
    assert desk.signed_in().get(address).status_code == 404


def test_calls_under_way_and_todays_figures_show(busy_desk: Desk) -> None:
    page = busy_desk.signed_in().get("/").text
    assert "<b>4</b><span>calls so far today" in page
    assert "Follow" in page
    assert "No worker runs on this host" in page


def test_the_list_of_calls_is_filtered_and_paged(busy_desk: Desk) -> None:
    guest = busy_desk.signed_in()
    assert guest.get("/calls").text.count(">Story<") == 9
    assert guest.get("/calls?became=message").text.count(">Story<") == 2
    assert guest.get("/calls?became=live").text.count(">Story<") == 1
    assert guest.get("/calls?language=es-US").text.count(">Story<") == 1
    assert guest.get("/calls?first=2026-11-24&last=2026-11-24&location=scottsdale").text.count(">Story<") == 3
    newest_two = newest(busy_desk.engine, Filters(), limit=2)
    assert guest.get(f"/calls?before={newest_two.more}").text.count(">Story<") == 7


@pytest.mark.parametrize("query", ["first=tomorrow", "last=9999-01-01", "became=' OR 1=1", "before=x"])
def test_a_filter_that_cannot_be_read_is_refused(busy_desk: Desk, query: str) -> None:
    assert busy_desk.signed_in().get(f"/calls?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["location='; DROP TABLE call", "line=%00", "language=xx", "before=99999999999999.CA"]
)
def test_a_filter_that_fits_nothing_shows_nothing_or_all(busy_desk: Desk, query: str) -> None:
    assert busy_desk.signed_in().get(f"/calls?{query}").status_code == 200


def test_a_caller_is_found_by_number_and_no_address_holds_it(busy_desk: Desk) -> None:
    guest = busy_desk.signed_in()
    found = guest.post("/calls/search", {"number": "(480) 555-0147"}, on="/calls")
    assert found.text.count(">Story<") == 2
    assert CALLERS[0] not in found.text
    assert "has not called" in guest.post("/calls/search", {"number": "480 555 0199"}, on="/calls").text
    wrong = guest.post("/calls/search", {"number": "my mother"}, on="/calls")
    assert wrong.status_code == 422
    assert "my mother" not in wrong.text


def test_a_search_by_number_goes_on_page_by_page_and_no_address_or_page_holds_it(desk: Desk) -> None:
    for _ in range(52):
        phone = telephone(desk)
        phone.dial()
        phone.hang_up(seconds=3)
        desk.clock.now += timedelta(minutes=1)
    telephone(desk, CALLERS[1]).dial()
    drain(desk)
    guest = desk.signed_in(Role.FRONT_DESK)
    first = guest.post("/calls/search", {"number": "(480) 555-0147"}, on="/calls").text
    assert "50 calls of this number, the newest. There are more." in first
    sealed, before = (re.findall(f'name="{name}" value="([^"]+)"', first)[0] for name in ("sealed", "before"))
    assert "5550147" not in first.replace("-", "")
    second = guest.post("/calls/search", {"sealed": sealed, "before": before}, on="/calls").text
    story = re.compile(r'href="/calls/(CA[0-9a-f]{32})"')
    assert (len(set(story.findall(first))), len(set(story.findall(second)))) == (50, 2)
    assert not set(story.findall(first)) & set(story.findall(second))
    assert "Older calls of this number" not in second
    assert "There are more" not in second
    for wrong in ({"sealed": "\u00e9\ud7ff", "before": before}, {"sealed": "x"}, {"sealed": sealed, "before": "x"}):
        assert guest.post("/calls/search", wrong, on="/calls").status_code == 400


def test_one_call_is_told_in_plain_words(busy_desk: Desk) -> None:
    sid = newest(busy_desk.engine, Filters(language="es-US")).calls[0].sid
    page = busy_desk.signed_in().get(f"/calls/{sid}").text
    assert "Spanish" in page
    assert "Scottsdale" in page
    assert "talked" in page


def test_a_number_is_shown_only_when_asked_for_and_that_is_written_down(busy_desk: Desk) -> None:
    guest = busy_desk.signed_in(Role.FRONT_DESK, "maria")
    sid = newest(busy_desk.engine, Filters(language="es-US")).calls[0].sid
    assert CALLERS[3] not in guest.get(f"/calls/{sid}").text
    answer = guest.post(f"/calls/{sid}/number", on=f"/calls/{sid}")
    assert CALLERS[3] in answer.text
    newest_deed = deeds(busy_desk.engine)[0]
    assert (newest_deed.actor, newest_deed.about) == ("maria", sid)
    assert CALLERS[3] not in guest.get(f"/calls/{sid}").text


def test_an_operator_sees_no_number(busy_desk: Desk) -> None:
    guest = busy_desk.signed_in(Role.OPERATOR)
    sid = newest(busy_desk.engine, Filters()).calls[0].sid
    assert "Show the number" not in guest.get(f"/calls/{sid}").text
    assert guest.post(f"/calls/{sid}/number", on="/account").status_code == 403


def test_health_shows_what_needs_a_look(busy_desk: Desk) -> None:
    page = busy_desk.signed_in(Role.OPERATOR).get("/health").text
    assert "No worker runs on this host" in page
    assert "all drained" in page
    assert "GB free" in page


def test_an_admin_invites_changes_and_disables(desk: Desk) -> None:
    admin = desk.signed_in(Role.ADMIN, "ana")
    desk.someone("maria", Role.FRONT_DESK)
    page = admin.post("/people", {"name": "omar", "role": "manager"}, on="/people").text
    assert "https://ivr.example.com/welcome/" in page
    admin.post("/people/maria", {"do": "role", "role": "manager"}, on="/people")
    assert {one.name: one.role for one in people(desk.engine)}["maria"] is Role.MANAGER
    admin.post("/people/maria", {"do": "disable"}, on="/people")
    assert "Enable" in admin.get("/people").text
    assert admin.post("/people/maria", {"do": "role", "role": "king"}, on="/people").status_code == 400


def test_the_last_admin_stays(desk: Desk) -> None:
    admin = desk.signed_in(Role.ADMIN, "ana")
    admin.post("/people/ana", {"do": "disable"}, on="/people")
    assert "only admin" in admin.get("/people").text
    assert people(desk.engine)[0].disabled_at is None


def test_an_empty_system_explains_itself(desk: Desk) -> None:
    guest = desk.signed_in()
    assert "Nobody is on the line" in guest.get("/").text
    assert "No calls yet" in guest.get("/calls").text
    assert "once its worker runs" in guest.get("/health").text


def test_a_database_that_is_away_gets_a_calm_page(desk: Desk) -> None:
    guest = desk.signed_in()
    with desk.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE lease")
    answer = guest.get("/health")
    assert answer.status_code == 503
    assert "Calls are answered all the same" in answer.text


def test_a_folder_of_the_database_that_cannot_be_made_costs_the_console_not_the_calls(
    tmp_path: Path, config: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    settings = replace(settings_for(tmp_path, config), database_url=f"sqlite:///{blocked}/log.db", doors=DOORS)
    clock = Clock("2026-11-24 10:00")
    clinic = Clinic(create_app(settings, clock=clock, watch=False), settings, clock)
    assert clinic.telephone().dial().words
    clinic.client.set_cookie("__Host-ivr", "a token", domain="ivr.example.com", secure=True)
    answer = clinic.client.get("/", base_url="https://ivr.example.com")
    assert answer.status_code == 503
    assert "Calls are answered all the same" in answer.text
    blocked.unlink()
    migrate(clinic.app.extensions["ivr-database"])
    assert clinic.client.get("/", base_url="https://ivr.example.com").status_code == 302  # to sign in
    clinic.app.extensions["ivr-database"].dispose()


def test_a_process_without_the_console_has_no_page_and_one_without_the_voice_takes_no_call(
    open_desk: Callable[..., Desk],
) -> None:
    console = open_desk(doors=frozenset({"console"}))
    assert console.stranger().client.post("/voice/incoming", base_url="https://ivr.example.com").status_code in (
        403,
        404,
    )
    assert console.stranger().get("/sign-in").status_code == 200
    assert "ivr-database" not in _voice_only(console)


def _voice_only(desk: Desk) -> dict[str, object]:
    from dataclasses import replace

    from ivr.app import create_app

    app = create_app(replace(desk.settings, doors=frozenset({"voice"})), clock=desk.clock, watch=False)
    assert app.test_client().get("/sign-in").status_code == 404
    return dict(app.extensions)


def test_every_block_of_the_style_sheet_is_closed() -> None:
    """One left open hides all rules after it from the screens its condition leaves out."""
    sheet = (Path(__file__).parents[2] / "ivr" / "console" / "static" / "console.css").read_text()
    depth = 0
    for number, line in enumerate(sheet.splitlines(), start=1):
        assert not (depth and line.startswith(("@media", "/*"))), f"line {number} stands inside an open block"
        depth += line.count("{") - line.count("}")

    assert depth == 0


def test_what_a_search_found_says_so_and_stands_under_calls(busy_desk: Desk) -> None:
    guest = busy_desk.signed_in()
    page = guest.post("/calls/search", {"number": CALLERS[0]}, on="/calls").text
    assert "The calls of one number, newest first." in page
    assert '<a href="/calls" aria-current="page">Calls</a>' in page
