"""The ways of telling that are set up, built once by whoever sends: the worker, and a test from the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from twilio.rest import Client

from ivr.call_flow.notice_rules import Way
from ivr.settings import Settings

from .mail import Mailer
from .parcel import Deliver
from .set_up import off
from .text import Texter
from .webhook import Hook

Ways = Mapping[Way, Deliver]


def usual_texter(settings: Settings, client: Client | None) -> Texter | None:
    """What sends texts to callers, None while texts are off. `client` is one of Twilio's account."""
    return Texter(client, settings.notices.text_from) if client is not None and settings.sends_texts else None


def usual_ways(settings: Settings, client: Client | None, clock: Callable[[], datetime]) -> Ways:
    """The ways that the settings turn on. `client` is one of Twilio's account; None: no texts."""
    given, ways, unset = settings.notices, dict[Way, Deliver](), off(settings)
    if given.mail is not None:
        ways[Way.MAIL] = Mailer(given.mail, given.mail_from)
    if client is not None and Way.TEXT not in unset:
        ways[Way.TEXT] = Texter(client, given.text_from)
    if Way.WEBHOOK not in unset:
        ways[Way.WEBHOOK] = Hook(given.webhook_url, given.webhook_secret, clock)
    return ways
