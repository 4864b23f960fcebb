"""Which ways of telling are off, and which settings turn them on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ivr.call_flow.model import Routing
from ivr.call_flow.notice_rules import Way
from ivr.settings import Settings

# The settings of each way; the README says more of them.
SETTINGS: Mapping[Way, tuple[str, ...]] = {
    Way.MAIL: ("SMTP_URL", "MAIL_FROM"),
    Way.TEXT: ("TEXT_FROM", "TWILIO_AUTH_TOKEN"),
    Way.WEBHOOK: ("NOTICE_WEBHOOK_URL", "NOTICE_WEBHOOK_SECRET"),
}


def turn_on(names: Iterable[str]) -> str:
    """What turns a way on, said as a cure."""
    return f"set {' and '.join(names)}"


def off(settings: Settings) -> dict[Way, str]:
    """The ways that are off, and which settings turn them on."""
    found: dict[Way, str] = {}
    if settings.notices.mail is None:
        found[Way.MAIL] = turn_on(SETTINGS[Way.MAIL])
    if settings.practice:
        found[Way.TEXT] = "practice mode has no account to send texts from"
    elif not settings.notices.text_from:
        found[Way.TEXT] = turn_on(["TEXT_FROM"])
    if not settings.notices.webhook_url:
        found[Way.WEBHOOK] = turn_on(SETTINGS[Way.WEBHOOK])
    return found


def missing(settings: Settings, routing: Routing) -> list[str]:
    """A sentence for each way that the configuration uses and that is off.

    Letters of such a way wait for a day, then are given up. Callers are then told where the guide is, and no more.
    """
    unset = off(settings)
    found = [
        f"Notices by {way} are off, but clinic.yaml uses them: {cure}."
        for way, cure in unset.items()
        if way in routing.notices.ways
    ]
    if routing.texts and Way.TEXT in unset:
        found.append(f"Texts to callers are off, but clinic.yaml has `texts`: {unset[Way.TEXT]}.")
    return found
