"""One turn of the conversation: what was heard, what we answer, and where the call stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .events import Event
from .model import Phone


class Pace(StrEnum):
    """How fast we speak and how long we wait; # makes it slow for the rest of the call."""

    NORMAL = "normal"
    SLOW = "slow"


class Outcome(StrEnum):
    """How a leg ended. DECLINED covers a hang-up, a refusal and a voicemail that never pressed a key."""

    ANSWERED = "answered"
    NO_ANSWER = "no answer"
    BUSY = "busy"
    FAILED = "failed"
    DECLINED = "declined"
    CALLER_LEFT = "caller left"


@dataclass(frozen=True, slots=True)
class CallState:
    """Where a call stands between two turns. Names and counters only, never a person's data.

    `part` is the place's own counter: the chunk of an information topic, the attempt of a hunt, the phase of a
    mailbox, how many of the staff's keys were pressed in a line's first menu. `rung_seconds` is the ringing this call
    has used up. `withheld`: the caller shows no usable number. `textable`: a text can be sent to it;
    `guide_full`: but no further guide in this hour.
    """

    line: str
    place: str
    part: int = 0
    hop: int = 0
    silences: int = 0
    wrong_keys: int = 0
    language: str = ""
    pace: Pace = Pace.NORMAL
    rung_seconds: int = 0
    withheld: bool = False
    textable: bool = False
    guide_full: bool = False

    # What most turns do. Each is a third of what `replace` costs, which asks for every field by its name.
    def at(self, place: str) -> CallState:
        """At the beginning of `place`, with fresh tries."""
        return CallState(
            self.line,
            place,
            0,
            self.hop,
            0,
            0,
            self.language,
            self.pace,
            self.rung_seconds,
            self.withheld,
            self.textable,
            self.guide_full,
        )

    def next_turn(self) -> CallState:
        """The same, one hop on."""
        return CallState(
            self.line,
            self.place,
            self.part,
            self.hop + 1,
            self.silences,
            self.wrong_keys,
            self.language,
            self.pace,
            self.rung_seconds,
            self.withheld,
            self.textable,
            self.guide_full,
        )

    @property
    def gets_guide(self) -> bool:
        """Whether the guide can be texted to this caller."""
        return self.textable and not self.guide_full


# What we can hear. ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrived:
    """A call has just come in, or a callee has picked up. `known`: the dialled number is one of our lines.

    `draft`: the routing is a draft, and the caller a tester who is to be told so. `test`: it comes from a number of
    ours, so that no patient calls; it hears what all hear.
    """

    known: bool = True
    draft: bool = False
    test: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """One key, 0-9 * #; anything else that came instead of one key is the empty string."""

    key: str


@dataclass(frozen=True, slots=True)
class Understood:
    """Speech that matched a key of the menu; `score` is 0-100. The words themselves are gone."""

    key: str
    score: int


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Speech that matched nothing."""


@dataclass(frozen=True, slots=True)
class CrisisHeard:
    """Speech that held words of crisis."""


@dataclass(frozen=True, slots=True)
class Silence:
    """No input in the time given."""


@dataclass(frozen=True, slots=True)
class DialEnded:
    """The leg or legs we rang are over."""

    outcome: Outcome
    talk_seconds: int = 0


@dataclass(frozen=True, slots=True)
class MessageLeft:
    """A message was recorded; `recording` is the carrier's id of it, empty when it gave none that is valid."""

    recording: str
    seconds: int


class Verdict(StrEnum):
    """What became of a PIN."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class PinChecked:
    """A PIN was typed and looked up. The digits are gone; `name` is the PIN's when it is right."""

    verdict: Verdict
    name: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Words a caller spoke, on their way to being understood. The engine never sees them and nothing stores them."""

    words: str


Heard = Arrived | Pressed | Understood | NotUnderstood | CrisisHeard | Silence | DialEnded | MessageLeft | PinChecked


# What we answer. -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallerDigits:
    """The last digits of the caller's own number, spoken one by one. Only the door knows them."""

    count: int = 4


@dataclass(frozen=True, slots=True)
class Say:
    """Phrases in one language, a short pause after each."""

    language: str
    pace: Pace
    phrases: tuple[str | CallerDigits, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Wait for one key, or with `listen` also for speech; `hints` are the words expected.

    With more than one of `digits` as many keys may come at once; # ends them.
    """

    resume: CallState
    seconds: int
    listen: bool = False
    hints: tuple[str, ...] = ()
    digits: int = 1


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring these phones together. `shown` is the number the callee sees, None for the caller's own."""

    resume: CallState
    phones: tuple[Phone, ...]
    seconds: int
    shown: str | None
    whisper: bool


@dataclass(frozen=True, slots=True)
class Record:
    """Take a spoken message of at most `seconds`."""

    resume: CallState
    seconds: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call. It carries no state: nothing comes after."""


@dataclass(frozen=True, slots=True)
class Join:
    """On the callee's leg: let the caller and the callee talk."""


Step = Ask | Ring | Record | HangUp | Join


@dataclass(frozen=True, slots=True)
class Turn:
    """Our answer: what is said, then exactly one step. `events` are the facts worth keeping.

    `timeless`: at any other moment the same state and heard would have had the same answer.
    """

    say: tuple[Say, ...]
    step: Step
    events: tuple[Event, ...] = ()
    timeless: bool = False
