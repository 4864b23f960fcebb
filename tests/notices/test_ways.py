"""The ways that settings turn on: the right one stands behind each name, and only with its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.call_flow.notice_rules import Way
from ivr.carrier.client import account_client
from ivr.notices.mail import Mailer
from ivr.notices.parcel import Sent
from ivr.notices.text import Texter
from ivr.notices.ways import usual_texter, usual_ways
from ivr.notices.webhook import Hook
from ivr.settings import Settings
from ivr.settings_notices import MailServer, NoticeSettings
from tests.carrier.messages_double import Messages
from tests.carrier.twilio_double import ACCOUNT, TOKEN
from tests.conftest import settings_for

from .conftest import Clock, a_parcel

FROM, TO = "+14805550100", "+14805550131"
MAIL = {"mail": MailServer("smtp", "127.0.0.1", 25), "mail_from": "desk@clinic.example"}
TEXT = {"text_from": FROM}
WEBHOOK = {"webhook_url": "http://127.0.0.1:9/in", "webhook_secret": "a secret between two programs"}


@pytest.fixture
def live(tmp_path: Path, config: Path) -> Callable[..., Settings]:
    """Settings of a live service with these of notices."""

    def made(*, practice: bool = False, **notices: object) -> Settings:
        given = NoticeSettings(**notices)  # type: ignore[arg-type]  # named settings
        usual = settings_for(tmp_path, config)
        return replace(usual, practice=practice, account_sid=ACCOUNT, auth_tokens=(TOKEN,), notices=given)

    return made


def test_each_way_needs_its_own_settings_and_nothing_else(
    live: Callable[..., Settings], messages: Messages, clock: Clock
) -> None:
    kinds = {Way.MAIL: Mailer, Way.TEXT: Texter, Way.WEBHOOK: Hook}
    for given, expected in (({}, set()), (MAIL, {Way.MAIL}), (TEXT, {Way.TEXT}), (WEBHOOK, {Way.WEBHOOK})):
        settings = live(**given)
        ways = usual_ways(settings, account_client(settings, messages.client()), clock)
        assert set(ways) == expected
        assert all(isinstance(deliver, kinds[way]) for way, deliver in ways.items())
    everything = live(**MAIL, **TEXT, **WEBHOOK)
    assert set(usual_ways(everything, account_client(everything, messages.client()), clock)) == set(Way)


def test_in_practice_mode_and_without_an_account_nothing_is_texted(
    live: Callable[..., Settings], messages: Messages, clock: Clock
) -> None:
    practice = live(practice=True, **TEXT, **WEBHOOK)
    client = account_client(practice, messages.client())
    assert set(usual_ways(practice, client, clock)) == {Way.WEBHOOK}
    assert usual_texter(practice, client) is None
    assert set(usual_ways(live(**TEXT), None, clock)) == set()
    assert usual_texter(live(**TEXT), None) is None
    assert usual_texter(live(), client) is None


def test_texts_leave_from_the_number_of_the_settings(
    live: Callable[..., Settings], messages: Messages, clock: Clock
) -> None:
    settings = live(**TEXT)
    client = account_client(settings, messages.client())
    by_notice, by_text = usual_ways(settings, client, clock)[Way.TEXT], usual_texter(settings, client)
    assert by_text is not None
    for send in (by_notice, by_text):
        assert isinstance(send(a_parcel(TO)), Sent)
    assert [form["From"] for _, form in messages.posted] == [FROM, FROM]
