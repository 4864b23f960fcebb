"""A practice telephone: it does what Twilio and a caller's phone do, over HTTP, with signatures made by Twilio's SDK.

It follows the TwiML it is given, and stops where a person must act: a key, a ringing clinic phone, a message, the end.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from xml.etree import ElementTree

from twilio.request_validator import RequestValidator

MOST_REDIRECTS = 10  # Twilio gives up after ten (error 11215)
WITHHELD = "anonymous"

# Sends a form to an address with a signature, and gives back the status and the body.
Send = Callable[[str, Mapping[str, str], str], tuple[int, str]]


class CallDropped(Exception):
    """The service answered something that ends a real call with an error; the text says what."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words heard in one language; `slow` when they are spoken slowly."""

    language: str
    text: str
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """The service waits `seconds` for a key, or also for speech."""

    action: str
    otherwise: str
    seconds: int
    speech: bool


@dataclass(frozen=True, slots=True)
class Rung:
    """One clinic phone that rings: its number, and the addresses of its whisper and its end."""

    number: str
    whisper: str
    ended: str


@dataclass(frozen=True, slots=True)
class Ringing:
    """Clinic phones ring together for `seconds`; the callee sees `shown`, "" for the caller's own number."""

    action: str
    phones: tuple[Rung, ...]
    seconds: int
    shown: str


@dataclass(frozen=True, slots=True)
class Message:
    """The service records a message of at most `seconds`."""

    action: str
    otherwise: str
    recorded: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over."""


Wait = Key | Ringing | Message | Ended
W = TypeVar("W", Key, Ringing, Message)


@dataclass(frozen=True, slots=True)
class Moment:
    """What was heard since the last act, and what the service waits for now. `document` is the last TwiML."""

    heard: tuple[Spoken, ...]
    wait: Wait
    document: str = field(repr=False, default="")

    @property
    def words(self) -> str:
        return " ".join(spoken.text for spoken in self.heard)


class Telephone:
    """One practice call. Every method that acts returns the next Moment; raises CallDropped."""

    def __init__(self, send: Send, public_url: str, account: str, token: str, caller: str, dialled: str) -> None:
        self._send = send
        self._base = public_url
        self._sign = RequestValidator(token).compute_signature
        self.sid = "CA" + secrets.token_hex(16)
        self._form = {
            "CallSid": self.sid,
            "AccountSid": account,
            "ApiVersion": "2010-04-01",
            "Direction": "inbound",
            "From": caller,
            "Caller": caller,
            "To": dialled,
            "Called": dialled,
            "FromCountry": "US",
            "ToCountry": "US",
            "CallStatus": "in-progress",
        }
        self._heard: list[Spoken] = []
        self.moment = Moment((), Ended())

    def dial(self) -> Moment:
        """Call the clinic's number."""
        return self._visit(f"{self._base}/voice/incoming", {"CallStatus": "ringing"})

    def press(self, key: str) -> Moment:
        return self._visit(self._key().action, {"Digits": key, "msg": "Gather End"})

    def say(self, words: str) -> Moment:
        """Speak, where the menu listens."""
        return self._visit(self._key().action, {"SpeechResult": words, "Confidence": "0.91"})

    def stay_silent(self) -> Moment:
        """Do nothing until the time is up; Twilio then goes on to the next verb."""
        wait = self.moment.wait
        if isinstance(wait, Key | Message):
            return self._visit(wait.otherwise, {})
        raise CallDropped("nobody is asked anything here")

    def leave_message(self, seconds: int = 20) -> Moment:
        wait = self._wait(Message)
        recording = {"RecordingSid": "RE" + secrets.token_hex(16), "RecordingDuration": str(seconds)}
        url = f"https://api.twilio.com/2010-04-01/Accounts/{self._form['AccountSid']}/Recordings/{recording['RecordingSid']}"
        self._tell(wait.recorded, {**recording, "RecordingUrl": url, "RecordingStatus": "completed"})
        return self._visit(wait.action, {**recording, "RecordingUrl": url, "Digits": "#"})

    def clinic_answers(self, phone: int = 0, seconds: int = 60) -> Moment:
        """A person picks up phone number `phone` and accepts with a key, where one is asked for."""
        wait = self._wait(Ringing)
        joined = self._pick_up(wait.phones[phone], key="1")
        if not joined:
            raise CallDropped("the callee pressed a key and was not joined")
        self._end_legs(wait, {phone: "completed"}, seconds)
        self._heard.clear()
        return self._dial_over(wait, "completed", bridged=True, seconds=seconds)

    def voicemail_answers(self, phone: int = 0) -> Moment:
        """A personal voicemail picks up and presses nothing. Without a whisper it swallows the call."""
        wait = self._wait(Ringing)
        joined = self._pick_up(wait.phones[phone], key=None)
        self._end_legs(wait, {phone: "completed"}, 12)
        self._heard.clear()
        return self._dial_over(wait, "completed", bridged=joined, seconds=12)

    def nobody_answers(self, status: str = "no-answer") -> Moment:
        """`status` is Twilio's word: no-answer, busy, failed or canceled."""
        wait = self._wait(Ringing)
        self._end_legs(wait, dict.fromkeys(range(len(wait.phones)), status), 0)
        return self._dial_over(wait, status, bridged=None)

    def hang_up(self, seconds: int = 30) -> None:
        """The caller hangs up; Twilio reports the end of the call, and that of a ringing before it."""
        wait, self.moment = self.moment.wait, Moment((), Ended())
        self._form["CallStatus"] = "completed"  # Twilio says so from now on, whatever it tells
        if isinstance(wait, Ringing):
            self._end_legs(wait, dict.fromkeys(range(len(wait.phones)), "canceled"), 0)
            self._tell(wait.action, {"DialCallStatus": "canceled", "DialCallSid": "CA" + secrets.token_hex(16)})
        self._over(seconds)

    def _dial_over(self, wait: Ringing, status: str, *, bridged: bool | None, seconds: int = 0) -> Moment:
        form = {"DialCallStatus": status, "DialCallSid": "CA" + secrets.token_hex(16)}
        if bridged is not None:
            form |= {"DialBridged": str(bridged).lower(), "DialCallDuration": str(seconds)}
        return self._visit(wait.action, form)

    def _pick_up(self, phone: Rung, key: str | None) -> bool:
        """Play the callee's side of a whisper. True when the two are joined."""
        if not phone.whisper:
            return True
        leg = {"CallSid": "CA" + secrets.token_hex(16), "ParentCallSid": self.sid, "Direction": "outbound-dial"}
        root = self._parse(self._post(phone.whisper, leg))
        gather = root.find("Gather")
        if gather is None:
            return root.find("Hangup") is None
        self._heard = [spoken(say) for say in gather.findall("Say")]
        answer = {"Digits": key} if key else {}
        return self._parse(self._post(gather.get("action", ""), leg | answer)).find("Hangup") is None

    def _end_legs(self, wait: Ringing, ends: Mapping[int, str], seconds: int) -> None:
        for number, phone in enumerate(wait.phones):
            leg = {
                "CallSid": "CA" + secrets.token_hex(16),
                "ParentCallSid": self.sid,
                "CallStatus": ends.get(number, "canceled"),
                "CallDuration": str(seconds if number in ends else 0),
                "CallbackSource": "call-progress-events",
                "SequenceNumber": "0",
            }
            self._tell(phone.ended, leg)

    def _visit(self, url: str, extra: Mapping[str, str]) -> Moment:
        """Fetch a document and follow it to the next place where somebody must act."""
        for _ in range(MOST_REDIRECTS):
            document = self._post(url, extra)
            wait = self._follow(self._parse(document))
            if not isinstance(wait, str):
                self.moment = Moment(tuple(self._heard), wait, document)
                self._heard = []
                if isinstance(wait, Ended):
                    self._over(30)
                return self.moment
            url, extra = wait, {}
        raise CallDropped("more than ten redirects in a row")

    def _follow(self, root: ElementTree.Element) -> Wait | str:
        """Walk the verbs; an address to go on to, or what is waited for."""
        verbs = list(root)
        for index, verb in enumerate(verbs):
            after = verbs[index + 1] if index + 1 < len(verbs) else None
            otherwise = (after.text or "") if after is not None and after.tag == "Redirect" else ""
            match verb.tag:
                case "Say":
                    self._hear(verb)
                case "Gather":
                    for say in verb.findall("Say"):
                        self._hear(say)
                    speech = "speech" in verb.get("input", "")
                    return Key(verb.get("action", ""), otherwise, int(verb.get("timeout", "5")), speech)
                case "Dial":
                    return _ringing(verb)
                case "Record":
                    recorded = verb.get("recordingStatusCallback", "")
                    return Message(verb.get("action", ""), otherwise, recorded, int(verb.get("maxLength", "3600")))
                case "Redirect":
                    return verb.text or ""
                case "Hangup":
                    return Ended()
                case _:
                    raise CallDropped(f"a verb this telephone does not know: {verb.tag}")
        return Ended()

    def _hear(self, say: ElementTree.Element) -> None:
        self._heard.append(spoken(say))

    def _post(self, url: str, extra: Mapping[str, str]) -> str:
        form = {**self._form, **extra}
        status, body = self._send(url, form, self._sign(url, form))
        if status != 200:
            raise CallDropped(f"the service answered {status}")
        return body

    def _tell(self, url: str, extra: Mapping[str, str]) -> None:
        """A status callback: its answer changes nothing for the caller."""
        form = {**self._form, **extra}
        self._send(url, form, self._sign(url, form))

    def _over(self, seconds: int) -> None:
        self._tell(f"{self._base}/voice/status", {"CallStatus": "completed", "CallDuration": str(seconds)})

    def _parse(self, document: str) -> ElementTree.Element:
        try:
            return ElementTree.fromstring(document)  # noqa: S314  our own service's answer
        except ElementTree.ParseError as error:
            raise CallDropped(f"the answer is not well-formed XML: {error}") from error

    def _key(self) -> Key:
        return self._wait(Key)

    def _wait(self, kind: type[W]) -> W:
        if not isinstance(self.moment.wait, kind):
            raise CallDropped(f"the service waits for {type(self.moment.wait).__name__}, not {kind.__name__}")
        return self.moment.wait


def spoken(say: ElementTree.Element) -> Spoken:
    """What a Say is heard as."""
    return Spoken(_language(say), _text(say), slow=say.find("prosody") is not None)


def _ringing(dial: ElementTree.Element) -> Ringing:
    phones = tuple(
        Rung(number.text or "", number.get("url", ""), number.get("statusCallback", ""))
        for number in dial.findall("Number")
    )
    return Ringing(dial.get("action", ""), phones, int(dial.get("timeout", "30")), dial.get("callerId", ""))


def _language(say: ElementTree.Element) -> str:
    return say.get("language", "")


def _text(say: ElementTree.Element) -> str:
    """The words, with a space where a pause is."""
    return " ".join(_words(say).split())


def _words(element: ElementTree.Element) -> str:
    inner = "".join(_words(child) + (child.tail or "") for child in element)
    return " " if element.tag == "break" else (element.text or "") + inner
