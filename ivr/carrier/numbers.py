"""The clinic's numbers at Twilio: what each line should be set to, the plan that leads there, and its carrying out.

A plan only ever sets six fields of a number the account owns already. Nothing is bought, released or cleared.

Facts of the API: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource and
https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from twilio.rest import Client

from ivr.call_flow.model import Line
from ivr.settings import Settings

from .asking import Pause, tried

# After the #: Twilio keeps this part to itself and signs without it. Two seconds to connect, four to answer, two more
# tries after whatever fault; together less than the 15 seconds after which Twilio gives a caller up. Every answer of
# ours may be asked for twice without harm.
FOR_CALLERS = "#ct=2000&rt=4000&rc=2&rp=all"
FOR_WORDS = "#rc=2&rp=all"  # nobody waits for a status callback, but it must arrive
POST = "POST"
SORRY = "/voice/sorry"
MOST_MATCHES = 20  # Twilio looks a number up by its parts too

FIELDS = {
    "voice_url": "a call comes in",
    "voice_method": "method of it",
    "voice_fallback_url": "this service fails",
    "voice_fallback_method": "method of that",
    "status_callback": "a call is over",
    "status_callback_method": "method of this",
}


@dataclass(frozen=True, slots=True)
class OwnedNumber:
    """A number of the account as Twilio has it. `fields` are those we set; the rest may keep our fields from counting.

    A trunk beats an application, and that beats every address (Twilio's API, `trunk_sid`, `voice_application_sid`).
    """

    sid: str
    fields: Mapping[str, str]
    application: str = ""
    trunk: str = ""
    receives: str = "voice"


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a number that is not as it should be."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LinePlan:
    """What a line needs. `owned` is None when the account does not own its number: then nothing can be done."""

    line: str
    number: str
    owned: OwnedNumber | None
    changes: tuple[Change, ...] = ()

    @property
    def hindrances(self) -> tuple[str, ...]:
        """What keeps Twilio from asking our addresses although they are set; only its console takes it away."""
        owned = self.owned
        if owned is None:
            return ()
        found = (
            f"the trunk {owned.trunk}" if owned.trunk else "",
            f"the TwiML application {owned.application}" if owned.application else "",
            "the mode for faxes" if owned.receives == "fax" else "",
        )
        return tuple(filter(None, found))


class Numbers:
    """The numbers of one account, asked through the SDK. `pause` waits so many seconds between tries."""

    def __init__(self, client: Client, pause: Pause = time.sleep) -> None:
        self._client = client
        self._pause = pause

    def find(self, number: str) -> OwnedNumber | None:
        """The number (E.164) as the account has it; None when it owns no such number. Raises CarrierAway."""
        ask = self._client.incoming_phone_numbers.list
        found = tried(lambda: ask(phone_number=number, limit=MOST_MATCHES), self._pause)
        return next((_owned(each) for each in found if each.phone_number == number), None)

    def is_verified(self, number: str) -> bool:
        """Whether the account may show this number without owning it. Raises CarrierAway."""
        ask = self._client.outgoing_caller_ids.list
        found = tried(lambda: ask(phone_number=number, limit=MOST_MATCHES), self._pause)
        return any(each.phone_number == number for each in found)

    def change(self, plan: LinePlan) -> None:
        """Set what the plan says, in one request. Raises CarrierAway."""
        if plan.owned is None or not plan.changes:
            return
        number = self._client.incoming_phone_numbers(plan.owned.sid)
        fields = {change.field: change.after for change in plan.changes}
        tried(lambda: number.update(**fields), self._pause)


def wanted(settings: Settings, line: str) -> dict[str, str]:
    """How the number of a line should be set."""
    base = settings.public_url
    return {
        "voice_url": f"{base}/voice/incoming{FOR_CALLERS}",
        "voice_method": POST,
        "voice_fallback_url": (settings.fallback_of(line) or base + SORRY) + FOR_CALLERS,
        "voice_fallback_method": POST,
        "status_callback": f"{base}/voice/status{FOR_WORDS}",
        "status_callback_method": POST,
    }


def plan(settings: Settings, lines: Iterable[Line], numbers: Numbers) -> tuple[LinePlan, ...]:
    """What is to be done so that every line is as `wanted`. Raises CarrierAway."""
    return tuple(_plan(line, numbers.find(line.number), wanted(settings, line.name)) for line in lines)


def _plan(line: Line, owned: OwnedNumber | None, fields: Mapping[str, str]) -> LinePlan:
    if owned is None:
        return LinePlan(line.name, line.number, None)
    changes = (Change(name, owned.fields[name], value) for name, value in fields.items())
    return LinePlan(line.name, line.number, owned, tuple(each for each in changes if each.before != each.after))


def _owned(listed: Any) -> OwnedNumber:
    return OwnedNumber(
        sid=str(listed.sid),
        fields={name: str(getattr(listed, name) or "") for name in FIELDS},
        application=str(listed.voice_application_sid or ""),
        trunk=str(listed.trunk_sid or ""),
        receives=str(listed.voice_receive_mode or "voice"),
    )
