"""A few practice calls of different kinds, placed through the signed door and drained into the call log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import Engine

from ivr.call_log.intake import Intake
from ivr.cli.telephone import Ringing, Telephone
from ivr.journal.drainer import Drainer
from ivr.routing.zone import clinic_zone
from ivr.services import Services
from ivr.settings import Settings
from tests.conftest import LINE, TOKEN, Clock

CALLERS = ("+14805550147", "+14805550148", "+16025550113", "+15205550122")


class Site(Protocol):
    """A clinic that is served, and what stands behind it."""

    @property
    def app(self) -> Flask: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def engine(self) -> Engine: ...


def telephone(site: Site, caller: str = CALLERS[0]) -> Telephone:
    """A caller's telephone."""
    client, address = site.app.test_client(), site.settings.public_url

    def send(url: str, form: Mapping[str, str], signature: str) -> tuple[int, str]:
        answer = client.post(
            url.removeprefix(address),
            data=urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )
        return answer.status_code, answer.text

    return Telephone(send, address, site.settings.account_sid, TOKEN, caller, LINE)


def drain(site: Site) -> None:
    """Bring all that happened into the call log, as the worker does."""
    services: Services = site.app.extensions["ivr"]
    intake = Intake(site.engine, "tests", lambda: clinic_zone(services.live.routing()), site.clock)
    drainer = Drainer(Path(site.settings.data) / "journal", intake.deliver, intake.note)
    while drainer.drain():
        pass


def fill(site: Site) -> None:
    """Calls of two days: answered, missed, a message, information only, in Spanish, after hours, one under way."""
    now = site.clock()
    for when, caller, call in _CALLS:
        site.clock.set(when)
        call(telephone(site, caller))
    site.clock.now = now
    telephone(site, CALLERS[3]).dial()
    drain(site)


def answered(phone: Telephone) -> None:
    phone.dial()
    phone.press("1")
    phone.clinic_answers(seconds=185)
    phone.hang_up(seconds=240)


def left_a_message(phone: Telephone) -> None:
    phone.dial()
    phone.press("2")
    while isinstance(phone.moment.wait, Ringing):
        phone.nobody_answers()
    phone.press("1")
    phone.leave_message(32)


def gave_up(phone: Telephone) -> None:
    phone.dial()
    phone.press("1")
    phone.hang_up(seconds=25)


def learned(phone: Telephone) -> None:
    phone.dial()
    phone.press("3")
    phone.press("1")
    phone.hang_up(seconds=70)


def in_spanish(phone: Telephone) -> None:
    phone.dial()
    phone.press("9")
    phone.press("1")
    phone.clinic_answers(seconds=95)
    phone.hang_up(seconds=130)


_CALLS: tuple[tuple[str, str, Callable[[Telephone], None]], ...] = (
    ("2026-11-23 09:14", CALLERS[0], answered),
    ("2026-11-23 11:02", CALLERS[1], left_a_message),
    ("2026-11-23 15:40", CALLERS[2], gave_up),
    ("2026-11-23 20:15", CALLERS[3], left_a_message),
    ("2026-11-24 08:31", CALLERS[1], answered),
    ("2026-11-24 08:50", CALLERS[2], gave_up),
    ("2026-11-24 09:05", CALLERS[0], learned),
    ("2026-11-24 09:20", CALLERS[3], in_spanish),
)
