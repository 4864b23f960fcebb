"""Tells one call in plain words, step by step, in the clinic's time: what the caller heard, did and met.

Names are those of the configuration; no number, no word the caller spoke.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.call_flow.ending import SILENT
from ivr.call_flow.events import (
    AnnouncementHeard,
    Apologised,
    CallArrived,
    CameThroughFallback,
    CrisisWordsHeard,
    Event,
    FoundClosed,
    GoodbyeSaid,
    HopBudgetSpent,
    InformationHeard,
    KeyChosen,
    LanguageChosen,
    MailboxHeard,
    MessageTaken,
    NoInput,
    NoMessageLeft,
    OverrideAsked,
    OverrideHeard,
    PaceChosen,
    PinAccepted,
    PinRefused,
    PlaceVanished,
    Rang,
    RecordingReady,
    RingBudgetSpent,
    SentAcross,
    SentToPerson,
    SpeechNotUnderstood,
    WrongKey,
)
from ivr.call_flow.legs import Leg
from ivr.call_flow.model import OverrideKind
from ivr.call_flow.noted import Noted, ordered
from ivr.call_flow.summary import NOTHING_RECORDED, CallSummary, summarise
from ivr.call_flow.turn import Outcome
from ivr.call_flow.wishes import CallbackRequested, GuideAddressHeard, GuideRequested, TextAnnounced, UrgentConfirmed

NUMBER = re.compile(r"\+?\d[\d\s().-]{5,}\d")
LANGUAGES = {"en": "English", "es": "Spanish"}
KEYS = {"person": "a person", "message": "leave a message", "confirmed": "yes"}
WITHIN_A_TOPIC = {"next", "back"}  # how much was heard of it is told anyway
WHY_SENT = {
    "silence": "after silence",
    "wrong keys": "after wrong keys",
    "crisis": "for words of crisis",
    "hops": "after too many turns",
}
WHY_BAD = {"hops": "after too many turns", "loop": "since the menus led round", "vanished": "since a menu was gone"}
NOT_TAKEN = {
    Outcome.NO_ANSWER: "nobody answered",
    Outcome.DECLINED: "nobody accepted the call",
    Outcome.CALLER_LEFT: "the caller hung up",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, and when, in the clinic's time."""

    at: datetime
    text: str

    def __str__(self) -> str:
        return f"{clock(self.at)} {self.text}"


def tell(noted: Iterable[Noted], zone: ZoneInfo, titles: Mapping[str, str] | None = None) -> list[Step]:
    """The steps of one call in the order the caller lived them.

    `titles` says how places, topics and phones are called (such as "chronic_pain": "Chronic pain"); others are told by
    their names with spaces. An empty list for a call without facts.
    """
    noted = list(noted)
    return _Teller(noted, zone, titles or {}).steps() if noted else []


def in_one_line(steps: Sequence[Step]) -> str:
    """The whole story: "9:14 heard the greeting in English; pressed 2, treatment information; 9:15 ..."."""
    said = ""
    parts = []
    for step in steps:
        now = clock(step.at)
        parts.append(step.text if now == said else str(step))
        said = now
    return "; ".join(parts)


def clock(at: datetime) -> str:
    """9:14, as it stands on the clinic's clock."""
    return f"{at.hour}:{at:%M}"


def span(seconds: int) -> str:
    """20 s, 4 min, 1 h 5 min, 3 days 4 h."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = (seconds + 30) // 60
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{hours // 24} days {hours % 24} h"


class _Teller:
    """Lives for one story."""

    __slots__ = ("_call", "_facts", "_legs", "_titles", "_told", "_urgent", "_zone")

    def __init__(self, noted: Sequence[Noted], zone: ZoneInfo, titles: Mapping[str, str]) -> None:
        self._facts = ordered(noted)
        self._call: CallSummary = summarise(noted)
        self._legs: dict[int, list[Leg]] = {}
        for leg in self._call.legs:
            self._legs.setdefault(leg.hop, []).append(leg)
        self._zone = zone
        self._titles = titles
        self._told: set[str] = set()
        self._urgent: set[str] = set()

    def steps(self) -> list[Step]:
        steps = []
        for each in self._facts:
            if each.event and (text := self._text(each.event, each.hop)):
                steps.append(Step(each.at.astimezone(self._zone), text))
        if not steps:
            steps = [Step(self._call.started_at.astimezone(self._zone), "only the carrier knows of this call")]
        return [*steps, *self._end()]

    def _end(self) -> list[Step]:
        """The last words: who hung up, or that nobody told us. Our own goodbye needs none."""
        call = self._call
        if call.ended_at is None:
            return []
        ways = {"caller": "the caller hung up", "clinic": "the clinic hung up"}
        text = "nobody told us how it ended" if call.status == SILENT else ways.get(call.hung_up_by, "")
        rang_to_the_end = any(leg.outcome == Outcome.CALLER_LEFT for leg in call.legs)
        told = not text or (call.hung_up_by == "caller" and rang_to_the_end)
        return [] if told else [Step(call.ended_at.astimezone(self._zone), text)]

    def _text(self, event: Event, hop: int) -> str:
        match event:
            case Rang():
                return self._ringing(self._legs.get(hop, []), event)
            case InformationHeard(topic):
                return self._topic(topic)
            case CallArrived() | LanguageChosen() | PaceChosen() | KeyChosen():
                return self._doing(event)
            case _:
                return self._meeting(event)

    def _doing(self, event: CallArrived | LanguageChosen | PaceChosen | KeyChosen) -> str:
        match event:
            case CallArrived(_, language, _, _, _, test) if test:
                return f"this service called its own line, which answered with the greeting in {_language(language)}"
            case CallArrived(_, language, known, _, draft):
                greeted = f"heard {'a draft, with ' if draft else ''}the greeting in {_language(language)}"
                return greeted if known else f"{greeted}, having dialled a number that is not configured"
            case LanguageChosen(language):
                return f"chose {_language(language)}"
            case PaceChosen():
                return "asked for slower speech"
            case KeyChosen(to=to) if to in WITHIN_A_TOPIC:
                return ""
            case KeyChosen(_, key, to, score):
                return f"{'pressed' if score is None else 'said what means'} {key}, {self._aim(to)}"

    def _aim(self, to: str) -> str:
        return KEYS.get(to) or self._name(to)

    def _meeting(self, event: Event) -> str:
        match event:
            case FoundClosed() | SentAcross() | OverrideHeard():
                return self._location(event)
            case UrgentConfirmed(place, whose):
                self._urgent.add(place)
                return f"confirmed that it cannot wait, {_safe(whose) or 'nobody'} was on call"
            case PinAccepted() | PinRefused() | OverrideAsked():
                return self._staff(event)
            case SentToPerson(_, to, why):
                return f"was sent to {self._name(to)} {WHY_SENT[why]}" if why in WHY_SENT else ""
            case AnnouncementHeard(announcement):
                return f"heard {self._name(announcement)}"
            case MailboxHeard(mailbox):
                return f"reached {self._name(mailbox)}"
            case MessageTaken(_, recording, seconds):
                self._told.add(recording)
                return f"left a message of {span(seconds)}"
            case RecordingReady(recording, seconds, status):
                return self._recording(recording, seconds, status)
            case NoMessageLeft():
                return "left no message"
            case CallbackRequested() | GuideRequested() | GuideAddressHeard() | TextAnnounced():
                return _offered(event)
            case GoodbyeSaid(_, why):
                return f"was given the number to call again, {WHY_BAD[why]}" if why in WHY_BAD else ""
            case _:
                return _stumbling(event)

    def _location(self, event: FoundClosed | SentAcross | OverrideHeard) -> str:
        match event:
            case FoundClosed(location, because, name):
                why = f" for {_safe(name)}" if name else "" if because == "hours" else f" ({_safe(because)})"
                return f"{self._name(location)} was closed{why}"
            case SentAcross(location, to):
                return f"was sent across from {self._name(location)} to {self._name(to)}"
            case OverrideHeard(location):
                return f"heard the message of the day{f' of {self._name(location)}' if location else ''}"

    def _staff(self, event: PinAccepted | PinRefused | OverrideAsked) -> str:
        match event:
            case PinAccepted(pin):
                return f"gave the PIN of {_safe(pin)}"
            case PinRefused(locked):
                return "gave a PIN while none was accepted" if locked else "gave a wrong PIN"
            case OverrideAsked(kind, location, _, ends):
                try:
                    until = f"{datetime.fromisoformat(ends).astimezone(self._zone):%a %d %b %Y %H:%M}"
                except ValueError:
                    until = "a time"
                return f"{'closed' if kind == OverrideKind.CLOSE else 'opened'} {self._name(location)} until {until}"

    def _recording(self, recording: str, seconds: int, status: str) -> str:
        """The carrier's word is told when it says more than the caller's own turn did."""
        if status in NOTHING_RECORDED:
            return "but nothing was recorded"
        return "" if recording in self._told or not seconds else f"left a message of {span(seconds)}"

    def _topic(self, topic: str) -> str:
        """Told once, with the furthest part heard."""
        if topic in self._told:
            return ""
        self._told.add(topic)
        heard = next(each for each in self._call.topics if each.topic == topic)
        parts = f"{heard.heard} of {heard.parts} parts" if heard.parts != 1 else "all"
        return f"heard {parts} of {self._name(topic)}"

    def _ringing(self, legs: Sequence[Leg], rang: Rang) -> str:
        of_rota = rang.group in self._urgent
        whose = ", ".join(map(_safe, rang.phones)) if of_rota else self._name(rang.location or rang.group)
        joined = next((leg for leg in legs if leg.joined_at), None)
        if joined:
            talked = f"talked {span(joined.talk_seconds)}" if joined.outcome else "talking now"
            return f"{whose} answered after {joined.ring_seconds} s, {talked}"
        outcomes = [leg.outcome for leg in legs]
        if "" in outcomes:
            return f"{whose} is ringing"
        seconds = max((leg.ring_seconds for leg in legs), default=0)
        if outcomes and set(outcomes) <= {Outcome.BUSY, Outcome.FAILED}:
            return f"{whose} was {'busy' if Outcome.BUSY in outcomes else 'not reached'}"
        if Outcome.CALLER_LEFT in outcomes:
            return f"{whose} rang {seconds} s, the caller hung up"
        declined = Outcome.DECLINED in outcomes
        return f"{whose} rang {seconds} s, {NOT_TAKEN[Outcome.DECLINED if declined else Outcome.NO_ANSWER]}"

    def _name(self, name: str) -> str:
        return _safe(self._titles.get(name) or name.replace("_", " "))


def _offered(event: CallbackRequested | GuideRequested | GuideAddressHeard | TextAnnounced) -> str:
    match event:
        case CallbackRequested():
            return "asked to be called back"
        case GuideRequested():
            return "asked for the guide by text"
        case GuideAddressHeard():
            return "heard where the guide is"
        case TextAnnounced():
            return "was told that a text may follow"


def _stumbling(event: Event) -> str:
    match event:
        case CameThroughFallback(code):
            told = f" (the carrier's error {_safe(code)})" if code else ""
            return f"came through the fallback, since the service did not answer{told}"
        case Apologised():
            return "heard our apology, since something failed"
        case NoInput():
            return "said and pressed nothing"
        case WrongKey():
            return "pressed a key that leads nowhere"
        case SpeechNotUnderstood():
            return "was not understood"
        case CrisisWordsHeard():
            return "used words of crisis, heard the emergency sentence"
        case PlaceVanished():
            return "was back at the start, since a menu was gone"
        case RingBudgetSpent():
            return "had waited through all the ringing a call may have"
        case HopBudgetSpent():
            return "had taken all the turns a call may have"
        case _:
            return ""


def _language(code: str) -> str:
    return LANGUAGES.get(code.partition("-")[0], _safe(code))


def _safe(name: str) -> str:
    """A configured name, should it hold a telephone number, without it."""
    return NUMBER.sub("a number", name)
