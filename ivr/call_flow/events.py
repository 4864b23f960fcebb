"""Facts worth keeping about a call, in the past tense. They never hold a number, a name or words a caller spoke."""

from __future__ import annotations

from dataclasses import dataclass

from .wishes import (
    CallbackRequested,
    GuideAddressHeard,
    GuideRequested,
    TextAnnounced,
    UrgentConfirmed,
)


@dataclass(frozen=True, slots=True)
class CallArrived:
    """A call came in on `line`; `known` is False when the dialled number is not in the configuration.

    `draft`: a tester called and heard the draft. `test`: this service called its own line.
    """

    line: str
    language: str
    known: bool = True
    withheld: bool = False
    draft: bool = False
    test: bool = False


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    language: str


@dataclass(frozen=True, slots=True)
class PaceChosen:
    pace: str


@dataclass(frozen=True, slots=True)
class MenuHeard:
    """A menu was played; `again` counts the repeats in a row."""

    menu: str
    again: int = 0


@dataclass(frozen=True, slots=True)
class InformationHeard:
    """Part `part` (1 is the first) of `parts` of a topic was played."""

    topic: str
    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class KeyChosen:
    """A key that means something here. `score` is set (0-100) when it was spoken rather than pressed."""

    place: str
    key: str
    to: str
    score: int | None = None


@dataclass(frozen=True, slots=True)
class WrongKey:
    place: str
    count: int


@dataclass(frozen=True, slots=True)
class NoInput:
    place: str
    count: int


@dataclass(frozen=True, slots=True)
class SpeechNotUnderstood:
    place: str
    count: int


@dataclass(frozen=True, slots=True)
class CrisisWordsHeard:
    place: str


@dataclass(frozen=True, slots=True)
class SentToPerson:
    """The caller was sent to a person. `why`: asked, silence, wrong keys, crisis, hops."""

    place: str
    to: str
    why: str


@dataclass(frozen=True, slots=True)
class OverrideHeard:
    """The message of an override was played first, at a location or ("") to every caller."""

    location: str
    override: int


@dataclass(frozen=True, slots=True)
class SentAcross:
    """An override sent the call from one location to another."""

    location: str
    to: str
    override: int


@dataclass(frozen=True, slots=True)
class PinAccepted:
    """Staff gave a PIN that is known by the name `pin`. Its digits are written down nowhere."""

    pin: str


@dataclass(frozen=True, slots=True)
class PinRefused:
    """A PIN was refused: it was wrong, or (`locked`) not even looked at after too many wrong ones."""

    locked: bool = False


@dataclass(frozen=True, slots=True)
class OverrideAsked:
    """Staff made an override by phone: its kind (close, open), and its moments in ISO 8601, aware."""

    kind: str
    location: str
    begins: str
    ends: str


@dataclass(frozen=True, slots=True)
class FoundClosed:
    """A location was closed; `because` is hours, closure or holiday, `name` the closure's or holiday's name."""

    location: str
    because: str
    name: str
    opens_at: str | None


@dataclass(frozen=True, slots=True)
class Rang:
    """Phones (by their configured names) were rung for at most `seconds`.

    `location` is whose they are, "" for a hunt group of its own. `whisper`: a callee must accept the call by a key.
    """

    group: str
    phones: tuple[str, ...]
    seconds: int
    attempt: int
    location: str = ""
    whisper: bool = False


@dataclass(frozen=True, slots=True)
class RingingEnded:
    group: str
    phones: tuple[str, ...]
    attempt: int
    outcome: str
    talk_seconds: int


@dataclass(frozen=True, slots=True)
class RingBudgetSpent:
    place: str
    rung_seconds: int


@dataclass(frozen=True, slots=True)
class HopBudgetSpent:
    place: str
    hops: int


@dataclass(frozen=True, slots=True)
class WhisperHeard:
    """A callee picked up and was told what the call is."""

    group: str
    phone: str


@dataclass(frozen=True, slots=True)
class CallAccepted:
    group: str
    phone: str


@dataclass(frozen=True, slots=True)
class CallDeclined:
    """A callee, or the voicemail that answered instead, pressed no key."""

    group: str
    phone: str


@dataclass(frozen=True, slots=True)
class LegEnded:
    """The carrier's own word on how the leg to one phone ended, and how long it lasted."""

    group: str
    phone: str
    outcome: str
    seconds: int


@dataclass(frozen=True, slots=True)
class AnnouncementHeard:
    announcement: str


@dataclass(frozen=True, slots=True)
class MailboxHeard:
    mailbox: str


@dataclass(frozen=True, slots=True)
class MessageTaken:
    """A message was recorded; `recording` is the carrier's id of it."""

    mailbox: str
    recording: str
    seconds: int


@dataclass(frozen=True, slots=True)
class NoMessageLeft:
    mailbox: str


@dataclass(frozen=True, slots=True)
class PlaceVanished:
    """The place a call stood in is not in its routing any more; the call began anew."""

    place: str


@dataclass(frozen=True, slots=True)
class GoodbyeSaid:
    place: str
    why: str


@dataclass(frozen=True, slots=True)
class Apologised:
    """Something failed on our side; the caller heard the apology and the clinic's phone rang."""

    error: str


@dataclass(frozen=True, slots=True)
class CameThroughFallback:
    """The carrier could not use this service's answer and turned to the fallback.

    `code` is the carrier's error code where it told one, such as 11205 (no connection); "" when it did not.
    """

    code: str = ""


@dataclass(frozen=True, slots=True)
class RecordingReady:
    """The carrier finished a recording; `status` is completed, absent or failed."""

    recording: str
    seconds: int
    status: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """Word that the call is over. `status` is one of the carrier's final words, or "silent".

    `told_by`: carrier (its callback), reconciler (its list of calls), worker (nobody told us for too long: "silent").
    """

    status: str
    seconds: int
    told_by: str = "carrier"


Event = (
    CallArrived
    | LanguageChosen
    | PaceChosen
    | MenuHeard
    | InformationHeard
    | KeyChosen
    | WrongKey
    | NoInput
    | SpeechNotUnderstood
    | CrisisWordsHeard
    | SentToPerson
    | OverrideHeard
    | SentAcross
    | PinAccepted
    | PinRefused
    | OverrideAsked
    | FoundClosed
    | Rang
    | RingingEnded
    | RingBudgetSpent
    | HopBudgetSpent
    | WhisperHeard
    | CallAccepted
    | CallDeclined
    | LegEnded
    | AnnouncementHeard
    | MailboxHeard
    | MessageTaken
    | NoMessageLeft
    | CallbackRequested
    | GuideRequested
    | GuideAddressHeard
    | TextAnnounced
    | UrgentConfirmed
    | PlaceVanished
    | GoodbyeSaid
    | Apologised
    | CameThroughFallback
    | RecordingReady
    | CallEnded
)
