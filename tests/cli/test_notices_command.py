"""`notices`, as it is typed: what was sent, what is off, a test through a real server, sending again."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine
from twilio.http import HttpClient
from twilio.http.response import Response

from ivr.call_flow.notice_rules import NoticeRules, Rule, Told, Way
from ivr.call_log.audit import deeds
from ivr.call_log.database import migrate, open_database
from ivr.cli.commands import ivr
from ivr.notices.addressing import address
from ivr.notices.outbox import claim, settle
from ivr.notices.parcel import Refused
from ivr.notices.patient_sending import TextSender
from tests.conftest import LINE, ZONE
from tests.notices.conftest import EVERYTHING, note
from tests.notices.mail_server import mail_server
from tests.notices.patients import ASKED, CALLER, SEAL, Phones, a_call, sid, written_down
from tests.notices.patients import routing as texting

from .conftest import Type

NOTICES = """
notices:
  people:
    maria:
      name: Maria Lopez
      mail: maria@example.com
    sam:
      mail: sam@example.com
  rules:
    - tell: [maria, sam]
      about: everything
"""
ACCOUNT = "AC" + "0" * 32
LIVE = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": "0123456789abcdef0123456789abcdef",
    "TWILIO_API_SECRET": "a secret",
    "PUBLIC_URL": "https://127.0.0.1:9",
    "SECRET_KEY": "a long secret of the tests",
    "TEXT_FROM": LINE,
}
NAMES = ("SMTP_URL", "MAIL_FROM", "TEXT_FROM", "NOTICE_WEBHOOK_URL", "NOTICE_WEBHOOK_SECRET")

STOP = Refused("this phone has answered STOP (Twilio error 21610)", opted_out=True)


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch, command_line: Type) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/log.db")
    with (config / "clinic.yaml").open("a") as file:
        file.write(NOTICES)


@pytest.fixture
def dead(tmp_path: Path) -> Engine:
    """A call log with one letter that was given up."""
    engine = open_database(f"sqlite:///{tmp_path}/log.db")
    migrate(engine)
    now = datetime.now(UTC)
    note(engine, at=now)
    people = {"maria": Told("Maria Lopez", "maria@example.com")}
    address(engine, NoticeRules(people, (Rule(("maria",), EVERYTHING),)), ZONE, now)
    (letter,) = claim(engine, "one", [Way.MAIL], now)
    settle(engine, letter, "one", Refused("the mail server answered 550"), now)
    return engine


def test_a_way_that_is_used_but_off_is_said_and_is_exit_code_1(command_line: Type) -> None:
    typed = command_line("notices")
    assert typed.code == 1
    assert "Mail     off: set SMTP_URL and MAIL_FROM" in typed.out
    assert "Notices by mail are off, but clinic.yaml uses them: set SMTP_URL and MAIL_FROM." in typed.out
    assert "Nobody was told of anything yet." in typed.out
    checked = command_line("check")
    assert checked.code == 0
    assert "Notices by mail are off here: set SMTP_URL and MAIL_FROM for the worker." in checked.out


def test_dead_letters_are_listed_with_their_reason_and_sent_again(command_line: Type, dead: Engine) -> None:
    typed = command_line("notices", "--dead")
    assert "maria" in typed.out
    assert "message left" in typed.out
    assert "the mail server answered 550" in typed.out
    told = json.loads(command_line("notices", "--dead", "--json").out)
    assert told["ways"]["mail"] == "set SMTP_URL and MAIL_FROM"
    assert [(each["letter"], each["state"], each["attempts"]) for each in told["letters"]] == [(1, "dead", 1)]
    assert "Letter 1 is sent again." in command_line("notices", "again", "1").out
    assert "still on its way" in command_line("notices", "again", "1").out
    assert "No letter was given up." in command_line("notices", "--dead").out
    assert deeds(dead)[0].action == "notice sent again"


def test_a_letter_that_does_not_exist_is_a_sentence(command_line: Type) -> None:
    typed = command_line("notices", "again", "7")
    assert typed.code == 1
    assert "There is no letter 7." in typed.err


def test_a_test_goes_through_the_real_server(command_line: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as server:
        monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{server.port}")
        monkeypatch.setenv("MAIL_FROM", "desk@clinic.example")
        typed = command_line("notices", "test", "maria")
        server.handler.receiver.append("550 no")
        refused = command_line("notices", "test", "maria", "--json")
    assert (typed.code, typed.out) == (0, "mail: handed over\n")
    (mail,) = server.handler.taken
    assert mail["Subject"] == "Sample Clinic: this is a test notice, nothing happened"
    assert refused.code == 1
    assert json.loads(refused.out)["results"] == {"mail": "the mail server answered 550"}
    assert command_line("notices").code == 0


def test_a_test_by_text_asks_twilio_with_the_api_key_as_the_worker_does(
    command_line: Type, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Heard(HttpClient):  # type: ignore[misc]  # the SDK carries no types here
        """Takes every text, and remembers who asked."""

        def __init__(self) -> None:
            super().__init__(logging.getLogger("tests"), False, 5.0)
            self.asked: list[tuple[str, object]] = []

        def request(self, method: str, url: str, *_: object, **named: object) -> Response:
            self.asked.append((url, named.get("auth")))
            return Response(201, '{"sid": "SM1"}')

    clinic = config / "clinic.yaml"
    clinic.write_text(clinic.read_text().replace("\n      mail: sam", "\n      text: +14805550131\n      mail: sam"))
    key = "SK" + "0" * 32
    for name, value in {**LIVE, "TWILIO_API_KEY": key}.items():
        monkeypatch.setenv(name, value)
    twilio = Heard()
    result = CliRunner().invoke(ivr, ("notices", "test", "sam", "--by", "text"), obj=twilio)
    assert result.output == "text: handed over\n"
    ((url, auth),) = twilio.asked
    assert (f"/Accounts/{ACCOUNT}/Messages.json" in url, auth) == (True, (key, "a secret"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nobody",), "Nobody under `notices` in clinic.yaml is called nobody. There: maria, sam, webhook."),
        (("maria", "--by", "text"), "maria has no address for that"),
    ],
)
def test_a_test_of_somebody_unknown_says_who_is_known(
    command_line: Type, words: tuple[str, ...], sentence: str
) -> None:
    typed = command_line("notices", "test", *words)
    assert typed.code == 1
    assert sentence in typed.err


def test_a_test_by_a_way_that_is_off_says_how_to_turn_it_on(command_line: Type) -> None:
    typed = command_line("notices", "test", "webhook")
    assert typed.code == 1
    assert "webhook is off: set NOTICE_WEBHOOK_URL and NOTICE_WEBHOOK_SECRET" in typed.out


def test_texts_to_callers_are_counted_and_a_calls_story_tells_of_its_own(command_line: Type, dead: Engine) -> None:
    now = datetime.now(UTC)
    written_down(dead, a_call(1, *ASKED, at=now), a_call(2, *ASKED, at=now), now=now)
    TextSender(dead, Phones(results=[STOP]), SEAL, "one", lambda: now).run(texting())
    typed = command_line("notices").out
    assert "Texts to callers (guide), last 30 days: 0 sent, 1 not sent: this number had one that day" in typed
    assert "Numbers that answered STOP: 1" in typed
    data = json.loads(command_line("notices", "--json").out)["texts_to_callers"]
    assert data["answered_stop"] == 1
    assert data["kinds"]["guide"]["waiting"] == 0
    story = command_line("story", sid(1)).out
    assert "asked for the guide by text" in story
    assert f"was not sent the guide by text: {STOP.why}" in story
    assert CALLER[-4:] not in typed + story
