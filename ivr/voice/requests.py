"""Twilio's form in: the one file that knows `Digits`, `DialCallStatus`, `SpeechResult` and their kin.

Parameter names and values: Twilio docs, "TwiML for Programmable Voice" and the pages of each verb.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import unquote

from ivr.call_flow.addresses import E164
from ivr.call_flow.turn import DialEnded, Heard, MessageLeft, Outcome, Pressed, Said, Silence

KEYS = frozenset("0123456789*#")
MOST_FIELDS = 100
LONGEST_VALUE = 1000
MOST_KEYS = 20
LONGEST_SECONDS = 24 * 3600  # no call lasts longer; Twilio ends calls at 4 hours, or 24 by arrangement

# What some carriers send for a withheld number: anonymous, restricted, blocked, unknown, private, unavailable, spelt
# on the keypad.
SPELT_OUT = {"+266696687", "+7378742833", "+2562533", "+8656696", "+7748283", "+86282452253"}
CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
RECORDING_SID = re.compile(r"RE[0-9a-fA-F]{32}")

ESCAPES = {written: chr(code) for code in range(128) for written in (f"{code:02X}", f"{code:02x}")}

OUTCOMES = {
    "completed": Outcome.ANSWERED,
    "answered": Outcome.ANSWERED,
    "busy": Outcome.BUSY,
    "no-answer": Outcome.NO_ANSWER,
    "failed": Outcome.FAILED,
    "canceled": Outcome.NO_ANSWER,
}
ENDED = {"completed", "busy", "failed", "no-answer", "canceled"}


class TooManyFields(ValueError):
    """The form holds more fields than Twilio ever sends."""


@dataclass(frozen=True, slots=True)
class Form:
    """A posted form: every pair as it came, each name's last value, and the names that were given more than once."""

    pairs: list[tuple[str, str]]
    values: dict[str, str]
    repeated: frozenset[str]

    @classmethod
    def read(cls, body: bytes) -> Form:
        """Parse a form body. Raises TooManyFields."""
        fields = body.decode("ascii", "replace").replace("+", " ").split("&")
        if len(fields) > MOST_FIELDS:
            raise TooManyFields
        pairs: list[tuple[str, str]] = []
        for field in fields:
            name, _, value = field.partition("=")
            if "%" in value:
                value = _decoded(value)
            if "%" in name:
                name = _decoded(name)
            if field:
                pairs.append((name, value))
        values = dict(pairs)
        return cls(pairs, values, frozenset() if len(values) == len(pairs) else _repeated(pairs))

    def one(self, name: str) -> str:
        """The value of a field given exactly once, cut to a sane length; otherwise the empty string."""
        return "" if name in self.repeated else self.values.get(name, "")[:LONGEST_VALUE]

    def all(self, name: str) -> list[str]:
        """Every value of a field, in the order given."""
        return [value for each, value in self.pairs if each == name]


@dataclass(frozen=True, slots=True)
class Call:
    """What the carrier says of the call: its id (the patient's call, whatever the leg) and the two numbers.

    `caller` is "" when the number is withheld or is none.
    """

    sid: str
    account: str
    caller: str
    dialled: str

    @property
    def withheld(self) -> bool:
        return not self.caller


def read_call(form: Form) -> Call:
    """Who calls whom. On a callee's leg the parent's id is the call's."""
    own, parent = form.one("CallSid"), form.one("ParentCallSid")
    sid = parent if CALL_SID.fullmatch(parent) else own
    caller = form.one("From")
    usable = E164.fullmatch(caller) and caller not in SPELT_OUT
    return Call(
        sid=sid if CALL_SID.fullmatch(sid) else "",
        account=form.one("AccountSid"),
        caller=caller if usable else "",
        dialled=form.one("To"),
    )


def read_heard(form: Form) -> Heard | Said:
    """What the caller did since our last answer. Absent or unknown input is Silence; it never raises."""
    if "DialCallStatus" in form.values:
        return _dial_ended(form)
    if "RecordingSid" in form.values or "RecordingUrl" in form.values:
        return MessageLeft(read_recording(form), read_seconds(form, "RecordingDuration"))
    if "Digits" in form.values:
        return _digits(form.all("Digits"))
    if "SpeechResult" in form.values:
        return Said(form.one("SpeechResult"))
    return Silence()


def read_typed(form: Form) -> str:
    """Several keys that came at once, "" for one or none. They may be a PIN: never keep, log or repeat them."""
    keys = form.one("Digits")
    return keys if 1 < len(keys) <= MOST_KEYS else ""


def read_recording(form: Form) -> str:
    """The recording's id. The recording's URL is never used: an address is built from the id when it is fetched."""
    sid = form.one("RecordingSid")
    return sid if RECORDING_SID.fullmatch(sid) else ""


def read_recording_status(form: Form) -> str:
    status = form.one("RecordingStatus")
    return status if status in {"completed", "absent", "failed"} else "unknown"


def read_final_status(form: Form) -> str:
    """How the carrier says the call ended; "" for anything but its final words."""
    status = form.one("CallStatus")
    return status if status in ENDED else ""


def read_failure(form: Form) -> str | None:
    """What Twilio says to a fallback address of the answer it could not use: its error code, "" when it told none.

    None when this is no request to a fallback (https://www.twilio.com/docs/usage/security/availability-reliability).
    """
    if "ErrorCode" not in form.values and "ErrorUrl" not in form.values:
        return None
    code = form.one("ErrorCode")
    return code if re.fullmatch("[0-9]{1,6}", code) else ""


def read_leg_outcome(form: Form) -> Outcome:
    return OUTCOMES.get(form.one("CallStatus"), Outcome.FAILED)


def read_seconds(form: Form, name: str) -> int:
    """A duration in seconds, clamped to a day; 0 when absent or not plain digits."""
    text = form.one(name)
    if not (text.isascii() and text.isdigit()):
        return 0
    return LONGEST_SECONDS if len(text) > 6 else min(int(text), LONGEST_SECONDS)


def _repeated(pairs: list[tuple[str, str]]) -> frozenset[str]:
    return frozenset(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)


def _decoded(text: str) -> str:
    """A name or value as it was before form encoding. Most escapes stand for one ASCII character, quickly looked up."""
    before, _, after = text.partition("%")
    if "%" not in after and (single := ESCAPES.get(after[:2])):  # the plus of a number, nearly always
        return before + single + after[2:]
    first, *rest = text.split("%")
    pieces = [first]
    for piece in rest:
        character = ESCAPES.get(piece[:2])
        if character is None:
            return unquote(text, errors="replace")
        pieces += (character, piece[2:])
    return "".join(pieces)


def _dial_ended(form: Form) -> DialEnded:
    """`DialBridged` decides when present: a declined whisper may still be called completed. Unknown words: FAILED.

    Where nobody was joined and the patient's own call is over, they hung up: whatever the phones did, none rings next.
    """
    outcome = OUTCOMES.get(form.one("DialCallStatus"), Outcome.FAILED)
    bridged = form.one("DialBridged").lower()
    if bridged == "true":
        outcome = Outcome.ANSWERED
    elif bridged == "false" and outcome is Outcome.ANSWERED:
        outcome = Outcome.DECLINED
    if outcome is not Outcome.ANSWERED and form.one("CallStatus") in ENDED:
        outcome = Outcome.CALLER_LEFT
    talked = read_seconds(form, "DialCallDuration") if outcome is Outcome.ANSWERED else 0
    return DialEnded(outcome, talked)


def _digits(values: list[str]) -> Heard:
    """One key, looked up and never converted. Two values, or more than one key, are no key at all."""
    if values == [""]:
        return Silence()
    return Pressed(values[0] if len(values) == 1 and values[0] in KEYS else "")
