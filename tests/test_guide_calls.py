"""Whole calls for the patient guide: through the signed door, the journal, the worker, and Twilio's Messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from twilio.request_validator import RequestValidator

from ivr.call_log.database import reading
from ivr.call_log.facts import facts_of
from ivr.call_log.recorder import record
from ivr.call_log.story import tell
from ivr.carrier.client import rest_client
from ivr.cli.telephone import WITHHELD, Key, Ringing, Telephone
from ivr.notices.patient_shown import texts_of, with_texts
from ivr.notices.set_up import missing
from ivr.notices.text import Texter
from ivr.services import Services
from ivr.settings_notices import NoticeSettings
from ivr.telemetry.metrics import Metrics
from ivr.telemetry.worker_file import WorkerState, write_worker_file
from ivr.voice.routes import VoiceFirst
from ivr.worker.following import what_follows
from ivr.worker.loop import Worker
from ivr.worker.text_jobs import text_jobs
from tests.call_log.conftest import new_database, postgres, sqlite_template
from tests.carrier.conftest import messages
from tests.carrier.messages_double import PATH, Messages, Refusal
from tests.carrier.twilio_double import ACCOUNT, TOKEN
from tests.conftest import CALLER, LINE, ZONE, Clinic

__all__ = ["messages", "new_database", "postgres", "sqlite_template"]

TEXTS = """
texts:
  guide_link: https://example.com/guide
  missed_calls: yes
"""
CONSENT = (
    "You can ask us for one text message with the link to our free guide. It goes to the number you are calling from."
)
ON_ITS_WAY = "If your phone can receive texts, the link comes within a few minutes."
ADDRESS = "You can also find our free guide at example dot com, slash, guide."
ENGLISH = "Sample Clinic: here is the guide you asked for: https://example.com/guide Reply STOP to opt out."
SPANISH = "Sample Clinic: le enviamos el enlace solicitado: https://example.com/guide Responda STOP para cancelar."
MISSED = "Sorry we missed your call to Sample Clinic. To reach us, please call 480-555-0100. Reply STOP to opt out."


@pytest.fixture
def config(config: Path) -> Path:
    """The sample clinic with its guide on key 5."""
    with (config / "clinic.yaml").open("a") as file:
        file.write(TEXTS)
    menus = config / "menus.yaml"
    key = "          es-US: [devolver la llamada, llámeme]\n"
    text = menus.read_text()
    assert key in text
    text = text.replace(key, f"{key}      5:\n        label: for_guide\n        to: guide\n")
    menus.write_text(f"{text}\nguides:\n  guide:\n    then: main\n")
    return config


class Office:
    """A clinic with texts set up, its call log, and its worker's part, done by hand."""

    def __init__(self, clinic: Clinic, log: Engine, messages: Messages) -> None:
        services: Services = clinic.app.extensions["ivr"]
        settings = replace(services.settings, practice=False, notices=NoticeSettings(text_from=LINE))
        self.services = replace(services, settings=settings)
        self.clinic, self.log, self.messages = clinic, log, messages
        metrics = Metrics(settings.data, clinic.clock)
        clinic.app.wsgi_app = VoiceFirst(self.services, metrics, clinic.app.wsgi_app)  # type: ignore[method-assign]
        self._texter = Texter(rest_client(ACCOUNT, TOKEN, messages.client(5.0)), LINE)

    def call(self, keys: str, caller: str = CALLER) -> Telephone:
        telephone = self.clinic.telephone(caller)
        telephone.dial()
        for key in keys:
            telephone.press(key)
        return telephone

    def work(self) -> None:
        """Bring the journal into the log, and send what is due."""
        now = self.clinic.clock()
        record(self.log, self.clinic.entries(), zone=ZONE, heard_at=now, follow=what_follows(self.services))
        (job,) = text_jobs(self.services, self.log, self._texter.send)
        job.run(lambda: True)

    @property
    def sent(self) -> list[tuple[str, str]]:
        """Number and words of every text that Twilio took, the first first."""
        return [(each["to"], each["body"]) for each in reversed(self.messages.taken)]


@pytest.fixture
def office(clinic: Clinic, new_database: Callable[[str], Engine], messages: Messages) -> Office:
    return Office(clinic, new_database("sqlite"), messages)


def test_the_guide_is_asked_for_by_key_and_comes_by_text(office: Office) -> None:
    telephone = office.call("5")
    assert CONSENT in telephone.moment.words
    assert "Message and data rates may apply." in telephone.moment.words
    words = telephone.press("1").words
    assert ON_ITS_WAY in words
    assert ADDRESS in words
    assert "press 1" in words, "the call goes on in the menu"
    office.work()
    ((path, form),) = office.messages.posted
    assert path == PATH
    assert form == {"To": CALLER, "From": LINE, "Body": ENGLISH}
    with reading(office.log) as connection:
        facts = facts_of(connection, [telephone.sid])[telephone.sid]
    steps = with_texts(tell(facts, ZONE), texts_of(office.log, telephone.sid), ZONE)
    assert [step.text for step in steps][-3:] == [
        "asked for the guide by text",
        "heard where the guide is",
        "was sent the guide by text",
    ]


def test_a_spanish_caller_asks_and_is_texted_in_spanish(office: Office) -> None:
    telephone = office.call("95")
    assert "Pueden aplicarse tarifas de mensajes y datos." in telephone.moment.words
    telephone.press("1")
    office.work()
    assert office.sent == [(CALLER, SPANISH)]


def test_a_hundred_wishes_of_one_number_bring_one_text(office: Office) -> None:
    for _ in range(20):
        office.call("51515151511")
    office.work()
    office.work()
    assert office.sent == [(CALLER, ENGLISH)]


def test_over_the_ceiling_callers_hear_the_address_and_no_promise(office: Office) -> None:
    for number in range(21):
        office.call("51", f"+148055501{number:02}")
    office.work()
    assert len(office.sent) == 20
    full = Worker(office.services, office.log)
    full._count_calls(lambda: True)
    full._tell()
    words = office.call("5", "+14805550199").moment.words
    assert CONSENT not in words
    assert ADDRESS in words
    office.clinic.clock.now += timedelta(minutes=61)
    assert CONSENT in office.call("5", "+14805550199").moment.words


@pytest.mark.parametrize(
    "caller",
    [
        WITHHELD,
        "anonymous",
        "+266696687",
        "sip:patient@example.com",
        "client:patient",
        "+19005550147",
        "+18005550147",
        "+442079460958",
        "",
    ],
)
def test_whoever_cannot_be_texted_is_served_and_hears_the_address(office: Office, caller: str) -> None:
    telephone = office.call("5", caller)
    assert ADDRESS in telephone.moment.words
    assert CONSENT not in telephone.moment.words
    assert isinstance(telephone.press("1").wait, Ringing), "1 is a key of the menu again"
    office.work()
    assert office.messages.asked == []


def test_a_caller_who_may_not_be_texted_cannot_be_made_one_who_may(office: Office) -> None:
    """Who may be texted stands in the signed path: an address that was altered is no request of Twilio's any more."""
    telephone = office.call("5", "+18005550147")
    wait = telephone.moment.wait
    assert isinstance(wait, Key)
    assert "/shown" in wait.action
    altered = wait.action.replace("/shown", "/textable")
    account = office.services.settings.account_sid
    form = {"CallSid": telephone.sid, "AccountSid": account, "From": "+18005550147", "Digits": "1"}
    signature = RequestValidator(TOKEN).compute_signature(wait.action, form)
    assert office.clinic.send(altered, form, signature)[0] == 403
    assert office.clinic.send(wait.action, form, signature)[0] == 200
    assert "GuideRequested" not in office.clinic.kinds(telephone.sid)


def test_without_texts_set_up_nothing_is_promised(clinic: Clinic) -> None:
    telephone = clinic.telephone()
    telephone.dial()
    words = telephone.press("5").words
    assert ADDRESS in words
    assert CONSENT not in words
    assert "GuideRequested" not in clinic.kinds(telephone.sid)
    services: Services = clinic.app.extensions["ivr"]
    (said,) = missing(clinic.settings, services.live.routing())
    assert said.startswith("Texts to callers are off, but clinic.yaml has `texts`")


def test_a_phone_that_answered_stop_is_left_in_peace(office: Office) -> None:
    office.messages.troubles.append(Refusal(400, 21610))
    office.call("51")
    office.work()
    office.clinic.clock.now += timedelta(days=1)
    office.call("51")
    office.work()
    assert len(office.messages.posted) == 1
    assert office.sent == []


def test_an_answer_that_is_lost_makes_no_second_text(office: Office) -> None:
    office.clinic.clock.now = datetime.now(ZONE)  # Twilio's list tells real moments
    office.messages.troubles.append("lost")
    office.call("51")
    for _ in range(4):
        office.work()
        office.clinic.clock.now += timedelta(minutes=2)
    assert len(office.messages.posted) == 1
    assert [line.split()[0] for line in office.messages.asked] == ["POST", "GET"]


def test_a_missed_caller_is_told_beforehand_and_then_texted(office: Office) -> None:
    telephone = office.call("2")
    assert "If nobody can answer, we may text this number once." in telephone.moment.words
    telephone.hang_up()
    office.work()
    assert office.messages.asked == []
    office.clinic.clock.now += timedelta(minutes=3)
    office.work()
    assert office.sent == [(CALLER, MISSED)]


def test_nothing_of_the_texts_stands_in_logs(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    office.messages.troubles.append(Refusal(400, 21610))
    office.call("51")
    office.work()
    assert CALLER[1:] not in caplog.text
    assert "21610" in caplog.text


def test_an_hour_full_of_guides_keeps_no_missed_caller_from_their_text(office: Office) -> None:
    now = office.clinic.clock()
    seen, until = now.isoformat(), (now + timedelta(minutes=5)).isoformat()
    write_worker_file(office.services.settings.data, WorkerState(seen, seen, 1, texts_full_until=until))
    telephone = office.call("5")
    assert CONSENT not in telephone.moment.words
    telephone.press("1")
    assert "If nobody can answer, we may text this number once." in telephone.moment.words


def test_the_workers_word_that_the_hour_is_full_ends_by_itself(office: Office) -> None:
    now = office.clinic.clock()
    until = (now + timedelta(minutes=5)).isoformat()
    seen = now.isoformat()
    write_worker_file(office.services.settings.data, WorkerState(seen, seen, 1, texts_full_until=until))
    assert CONSENT not in office.call("5").moment.words
    office.clinic.clock.now += timedelta(minutes=6)
    assert CONSENT in office.call("5").moment.words
