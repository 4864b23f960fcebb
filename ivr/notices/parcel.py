"""What a way of telling is handed, and what came of handing it on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Item:
    """One or more notices of the same kind and place, as words: `1 new message for Gilbert`."""

    kind: str
    location: str
    count: int
    words: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """A letter in words. `reference` is the same at each attempt, and another when somebody sends it again.

    `mark` stands in a text's words and names the letter to people. `to` is a mail address or a number (E.164), "" for
    the webhook. `unsure`: an earlier attempt, since `since`, may have arrived.
    """

    reference: str
    mark: str
    to: str
    clinic: str
    subject: str
    items: Sequence[Item]
    link: str
    since: datetime
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A text ready to go. `to` is a number (E.164); no other text of these days to it holds all `signs` in its words.

    `unsure`: an earlier attempt, since `since`, may have arrived.
    """

    to: str
    body: str
    signs: tuple[str, ...]
    since: datetime
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """It was taken over, by the carrier's own id if it gave one."""

    carrier_id: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """It was refused for good; the text says by whom and with which code, without an address.

    `opted_out`: the phone has answered STOP.
    """

    why: str
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not work now. `unsure`: it may have arrived all the same. `blocked`: no other letter would get through
    either. `wait_seconds`: how long the other side asked to be left alone.
    """

    why: str
    unsure: bool = False
    blocked: bool = False
    wait_seconds: float = 0.0


Result = Sent | Refused | Failed
Deliver = Callable[[Parcel], Result]
