"""What a proof finds: a promise to callers that is broken, where, the shortest call that shows it, and the cure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Claim(StrEnum):
    """What every routing must keep. The values are how findings are headed."""

    EMERGENCY_FIRST = "911 and 988 come first"
    WORDS = "every sentence is there in the language spoken"
    NO_DEAD_END = "no call ends without a word"
    NO_ROUND = "a caller who does nothing arrives"
    PERSON = "0 reaches a person, or the mailbox when closed"
    KEYS = "every key does what it is offered for"
    PHONES = "only the clinic's own phones ring"
    WHISPER = "a call can always be accepted"
    ON_CALL = "somebody is on call at any hour"
    GUARD = "every call comes to an end"
    SIZE = "the carrier takes every answer"


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken claim. `language` is the call's there; each line of `script` is one turn of the shortest such call."""

    claim: Claim
    what: str
    place: str
    language: str
    script: tuple[str, ...]
    cure: str

    def __str__(self) -> str:
        head = " ".join(part for part in (f"{self.place}: {self.what}", self.cure) if part)
        return "\n".join((head, *(f"    {line}" for line in self.script)))
