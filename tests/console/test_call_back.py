"""The list of callers to call back, and messages that are listened to: through the door, as people use them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from ivr.accounts.roles import Right, Role
from ivr.app import examiner
from ivr.call_flow.model import Routing
from ivr.call_flow.turn import Turn
from ivr.call_log.audit import deeds
from ivr.call_log.database import writing
from ivr.call_log.queries import Filters, Message, newest, one_call
from ivr.call_log.tables import MessageRow
from ivr.console.pages import add_console
from tests.carrier.test_playing import MP3, RECORDING, Answer, Api, answering, giving

from .conftest import Desk, Guest
from .practice import CALLERS, answered, drain, gave_up, left_a_message, telephone

POLL = {"HX_Request": "true", "HX_Polled": "1"}


def call(desk: Desk, caller: str, place: Callable[..., None], at: str = "2026-11-24 09:00") -> str:
    """Somebody calls at a time; the call's id."""
    before = desk.clock.now
    desk.clock.set(at)
    phone = telephone(desk, caller)
    place(phone)
    drain(desk)
    desk.clock.now = before
    return newest(desk.engine, Filters(), limit=1).calls[0].sid


@pytest.fixture
def waiting(desk: Desk) -> str:
    """A caller who gave up an hour ago."""
    return call(desk, CALLERS[2], gave_up)


def test_an_empty_list_says_what_will_show_there(desk: Desk) -> None:
    assert (
        "Whoever gets nobody, leaves a message or asks for a call shows here" in desk.signed_in().get("/call-back").text
    )


def test_a_caller_is_one_card_with_what_is_wanted_and_no_whole_number(desk: Desk, waiting: str) -> None:
    again = call(desk, CALLERS[2], left_a_message, "2026-11-24 09:30")
    call(desk, CALLERS[0], answered, "2026-11-24 09:40")
    page = desk.signed_in(Role.FRONT_DESK).get("/call-back")
    assert page.text.count("<article") == 1
    for words in ("1 caller waits.", "Caller ... 13", "left a message", "missed", "Gilbert", "2 calls", "1 h"):
        assert words in page.text, words
    assert f"/call-back/{again}" in page.text
    assert CALLERS[2] not in page.text
    assert CALLERS[2][1:] not in page.text


def test_a_poll_brings_the_entries_alone(desk: Desk, waiting: str) -> None:
    page = desk.signed_in().get("/call-back", **POLL).text
    assert waiting in page
    assert "<html" not in page


def test_callers_who_wait_longer_than_the_list_goes_back_are_told_of(desk: Desk) -> None:
    old = call(desk, CALLERS[1], left_a_message, "2026-10-01 09:00")
    call(desk, CALLERS[0], gave_up, "2026-02-02 09:00")
    maria = desk.signed_in(Role.FRONT_DESK)
    page = maria.get("/call-back").text
    assert "Nobody of the last 30 days waits" in page
    assert "1 more caller waits since before that" in page
    assert 'href="/call-back?days=90"' in page
    assert old in maria.get("/call-back?days=90").text
    assert 'href="/call-back?days=365"' in maria.get("/call-back?days=90").text
    call(desk, CALLERS[2], gave_up)
    for show in ("", "&show=unclaimed"):
        page = maria.get(f"/call-back?days=30{show}").text
        assert "1 caller waits. This counts calls of the last 30 days." in page
        assert "1 more caller waits since before that" in page
    assert "since before that" not in maria.get("/call-back?show=mine").text, "none of them is taken"
    assert "since before that" not in maria.get("/call-back?days=365").text


def test_a_span_without_more_callers_is_passed_over(desk: Desk, waiting: str) -> None:
    again = call(desk, CALLERS[2], left_a_message, "2026-10-01 09:00")
    maria = desk.signed_in(Role.FRONT_DESK)
    assert "since before that" not in maria.get("/call-back").text, "this caller is on the list already"
    call(desk, CALLERS[0], gave_up, "2026-02-02 09:00")
    assert 'href="/call-back?days=365"' in maria.get("/call-back").text
    done(maria, waiting, "called")
    assert again not in maria.get("/call-back?days=365").text


def test_an_entry_is_taken_noted_and_done_and_can_be_put_back(desk: Desk, waiting: str) -> None:
    maria, on = desk.signed_in(Role.FRONT_DESK, "maria"), f"/call-back/{waiting}"
    assert maria.post(f"{on}/claim", on=on).status_code == 303
    assert "you, since" in maria.get(on).text
    maria.post(f"{on}/note", {"text": "Wants <b>Friday</b>"}, on=on)
    assert "Wants &lt;b&gt;Friday&lt;/b&gt;" in maria.get(on).text
    assert done(maria, waiting, "left word").headers["Location"].endswith("/call-back")
    assert "Nobody of the last 30 days waits" in maria.get("/call-back").text
    assert "left word" in maria.get("/call-back?show=done").text
    assert "Nothing is open" not in maria.get(on).text
    assert maria.post(f"{on}/undo", on=on).status_code == 303
    assert waiting in maria.get("/call-back").text
    said = [(deed.actor, deed.action) for deed in reversed(deeds(desk.engine)) if deed.action.startswith("call back")]
    assert said == [("maria", f"call back {action}") for action in ("claimed", "noted", "done", "reopened")]


def done(guest: Guest, sid: str, outcome: str) -> TestResponse:
    """Press one of the buttons, with what the page held."""
    on = f"/call-back/{sid}"
    return guest.post(f"{on}/done", {"seen": seen_on(guest, on), "outcome": outcome}, on=on)


def seen_on(guest: Guest, page: str) -> str:
    """Up to when a page told what the log knew."""
    return guest.get(page).text.partition('name="seen" value="')[2].partition('"')[0]


def test_the_second_who_claims_is_told_calmly_who_was_faster(desk: Desk, waiting: str) -> None:
    maria, ben = desk.signed_in(Role.FRONT_DESK, "maria"), desk.signed_in(Role.FRONT_DESK, "ben")
    on = f"/call-back/{waiting}"
    seen = seen_on(ben, on)
    maria.post(f"{on}/claim", on=on)
    finished = ben.post(f"{on}/done", {"seen": seen, "outcome": "called"}, on=on)
    for answer in (ben.post(f"{on}/claim", on=on), ben.post(f"{on}/release", on=on), finished):
        assert answer.status_code == 409
        assert "<strong>maria</strong> has this caller since" in answer.text
    assert [deed.about for deed in deeds(desk.engine) if deed.action == "not allowed"] == [Right.RELEASE.value]
    page = ben.get(on).text
    assert "maria is on it" in page
    assert "Give it back" not in page


def test_a_manager_gives_back_what_somebody_else_claimed(desk: Desk, waiting: str) -> None:
    on = f"/call-back/{waiting}"
    desk.signed_in(Role.FRONT_DESK, "maria").post(f"{on}/claim", on=on)
    boss = desk.signed_in(Role.MANAGER, "boss")
    assert "Give it back for maria" in boss.get(on).text
    assert boss.post(f"{on}/release", on=on).status_code == 303
    assert "nobody yet" in boss.get(on).text


def test_the_list_is_narrowed_by_its_form(desk: Desk, waiting: str) -> None:
    maria, on = desk.signed_in(Role.FRONT_DESK, "maria"), f"/call-back/{waiting}"
    maria.post(f"{on}/claim", on=on)
    for query, there in (
        ("show=mine", True),
        ("show=unclaimed", False),
        ("location=scottsdale", True),
        ("location=gilbert", False),
        ("location=none", False),
        ("days=90", True),
    ):
        assert (waiting in maria.get(f"/call-back?{query}").text) is there, query
    for query in ("show=nonsense", "location=nowhere", "days=31", "limit=0", "limit=501"):
        assert maria.get(f"/call-back?{query}").status_code == 400, query


def test_a_number_is_shown_on_request_and_written_down(desk: Desk, waiting: str) -> None:
    maria, on = desk.signed_in(Role.FRONT_DESK, "maria"), f"/call-back/{waiting}"
    assert CALLERS[2] not in maria.get(on).text
    assert CALLERS[2] in maria.post(f"{on}/number", on=on).text
    assert (deeds(desk.engine)[0].action, deeds(desk.engine)[0].about) == ("number revealed", waiting)


def test_an_entry_that_is_not_there_is_said_to_be_gone(desk: Desk, waiting: str) -> None:
    maria, nobody = desk.signed_in(Role.FRONT_DESK, "maria"), "CA" + "f" * 32
    assert maria.get(f"/call-back/{nobody}").status_code == 404
    late: list[tuple[str, dict[str, str]]] = [("claim", {}), ("undo", {}), ("done", {"outcome": "called", "seen": "1"})]
    for deed, form in late:
        assert maria.post(f"/call-back/{nobody}/{deed}", form, on="/call-back").status_code == 409
    for form in (
        {"outcome": "called"},
        {"seen": "1"},
        {"outcome": "x", "seen": "1"},
        {"outcome": "called", "seen": "-1"},
    ):
        assert maria.post(f"/call-back/{waiting}/done", form, on="/call-back").status_code == 400


def test_an_operator_neither_works_the_list_nor_listens(desk: Desk, waiting: str) -> None:
    operator = desk.signed_in(Role.OPERATOR)
    for address in ("/call-back", f"/call-back/{waiting}", f"/call-back/message/{RECORDING}"):
        assert operator.get(address).status_code == 403


# Messages. -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def message(desk: Desk) -> Message:
    """A message of half a minute."""
    whole = one_call(desk.engine, call(desk, CALLERS[1], left_a_message))
    assert whole is not None
    return whole.messages[0]


def unrendered(_routing: Routing, _turn: Turn, _caller: str) -> str:
    """No page of the list shows TwiML."""
    return ""


def listening(desk: Desk, api: Api) -> Guest:
    """Somebody at the same console, with a carrier that answers."""
    app, services = Flask("ivr", static_folder=None), desk.app.extensions["ivr"]
    add_console(app, services, desk.engine, examiner(services.settings), unrendered, api.player())
    return replace(desk, app=app).signed_in(Role.FRONT_DESK, "maria")


def play(
    desk: Desk, message: Message, answer: Answer | None = None, **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    """What a browser gets for a message when the carrier answers so: with a sound, if nothing else is said."""
    with answering(answer or giving(MP3)) as api:
        heard = listening(desk, api).get(f"/call-back/message/{message.recording}", **headers)
        return heard.status_code, heard.data, dict(heard.headers)


def test_a_message_is_sent_as_sound_that_nobody_keeps_and_each_play_is_written_down(
    desk: Desk, message: Message
) -> None:
    status, data, headers = play(desk, message)
    assert (status, data) == (200, MP3)
    assert headers["Content-Type"] == "audio/mpeg"
    assert headers["Content-Disposition"] == "attachment; filename=message.mp3"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    (played,) = [deed for deed in deeds(desk.engine) if deed.action == "message played"]
    assert (played.actor, played.about, played.detail) == (
        "maria",
        message.call_sid,
        {"recording": message.recording},
    )


def test_a_player_stands_beside_the_message_where_there_is_sound(desk: Desk, message: Message) -> None:
    address = f'src="/call-back/message/{message.recording}"'
    with answering(giving(MP3)) as api:
        assert address in listening(desk, api).get(f"/call-back/{message.call_sid}").text
    practice = desk.signed_in().get(f"/call-back/{message.call_sid}").text
    assert address not in practice
    assert "Practice messages have no sound" in practice


def test_a_message_can_be_heard_from_its_call_when_its_entry_is_done(desk: Desk, message: Message) -> None:
    maria = desk.signed_in(Role.FRONT_DESK, "ana")
    done(maria, message.call_sid, "called")
    assert f'href="/calls/{message.call_sid}"' in maria.get(f"/call-back/{message.call_sid}").text
    address = f'src="/call-back/message/{message.recording}"'
    with answering(giving(MP3)) as api:
        here = listening(desk, api)
        assert address in here.get(f"/calls/{message.call_sid}").text
        assert here.get(f"/call-back/message/{message.recording}").data == MP3
        operator = here.desk.signed_in(Role.OPERATOR)
        assert "<audio" not in operator.get(f"/calls/{message.call_sid}").text
    assert "Practice messages have no sound" in maria.get(f"/calls/{message.call_sid}").text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"erased_at": datetime(2026, 11, 24, 9, 30, tzinfo=UTC)}, "erased since"),
        ({"status": "absent"}, "nothing was recorded"),
    ],
)
def test_a_message_that_is_not_there_has_no_player_and_is_said_so(
    desk: Desk, message: Message, values: dict[str, object], said: str
) -> None:
    with writing(desk.engine) as connection:
        connection.execute(update(MessageRow).where(MessageRow.recording == message.recording).values(values))
    with answering(giving(MP3)) as api:
        page = listening(desk, api).get(f"/calls/{message.call_sid}").text
    assert said in page
    assert "<audio" not in page


@pytest.mark.parametrize(
    ("asked", "status", "piece"),
    [
        ("bytes=0-", 206, MP3),
        ("bytes=10-19", 206, MP3[10:20]),
        ("bytes=-5", 206, MP3[-5:]),
        ("bytes=99999-", 416, None),
        ("bytes=0-1,5-6", 416, None),
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(0, 2000, 2)), 416, None),
        ("bytes=5-1", 416, None),
        ("lines=1-2", 416, None),
        ("nonsense", 416, None),
    ],
)
def test_one_piece_is_handed_out_and_never_many(
    desk: Desk, message: Message, asked: str, status: int, piece: bytes | None
) -> None:
    found, data, headers = play(desk, message, Range=asked)
    assert found == status
    if piece is not None:
        assert data == piece
        assert headers["Content-Range"].endswith(f"/{len(MP3)}")
        assert headers["Cache-Control"] == "no-store"


def test_only_messages_of_the_log_that_are_not_erased_are_asked_for(desk: Desk, message: Message) -> None:
    with writing(desk.engine) as connection:
        connection.execute(update(MessageRow).values(erased_at=desk.clock()))
    with answering(giving(MP3)) as api:
        guest = listening(desk, api)
        for recording in (message.recording, RECORDING, "RE1", "x%2F..%2Fy", "RE" + "G" * 32):
            assert guest.get(f"/call-back/message/{recording}").status_code == 404
    assert api.asked == []


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (giving(b"{}", 404), 404),
        (giving(b"", 302, Location="http://169.254.169.254/"), 502),
        (giving(b"<html>out of order</html>"), 502),
        (giving(MP3, 500), 502),
    ],
    ids=["gone", "redirect", "no sound", "fault"],
)
def test_a_message_that_cannot_be_had_is_explained_and_not_accounted_as_heard(
    desk: Desk, message: Message, answer: Answer, status: int
) -> None:
    found, data, headers = play(desk, message, answer)
    assert found == status
    assert headers["Content-Type"].startswith("text/html")
    assert b"message" in data
    assert not [deed for deed in deeds(desk.engine) if deed.action == "message played"]


def test_practice_messages_are_said_to_have_no_sound(desk: Desk, message: Message) -> None:
    answer = desk.signed_in().get(f"/call-back/message/{message.recording}")
    assert answer.status_code == 404
    assert "Practice messages have no sound" in answer.text
