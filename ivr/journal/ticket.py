"""What a leg of ours may do, sealed into its address: no number stands in it in the clear, and any host can read it.

A ticket that joins two people is good for some minutes, and from the moment its leg was answered for that leg alone.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from ivr.call_flow.addresses import E164

from .sealing import Seal, SealBroken

PURPOSE = "call back"
LONGEST = 2000
_TEXT = re.compile(r"[A-Za-z0-9_-]+")


class BadTicket(ValueError):
    """This is no ticket of ours; the text does not repeat it."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Call `number` (E.164) for the errand `errand`, showing `shown` (E.164), on behalf of a location ("" is none).

    Until `expires_at` (seconds since 1970) the two may be joined. `leg` is the CallSid it is good for, "" for any.
    """

    errand: int
    number: str
    shown: str
    location: str
    expires_at: int
    leg: str = ""

    def is_good(self, now: datetime) -> bool:
        """Whether it may still join somebody."""
        return now.timestamp() < self.expires_at


def write_ticket(seal: Seal, ticket: Ticket) -> str:
    """The ticket as one segment of a path."""
    return seal.seal(json.dumps({"for": PURPOSE, **asdict(ticket)})).rstrip("=")


def read_ticket(seal: Seal, text: str) -> Ticket:
    """The ticket in a segment. Raises BadTicket for anything but what `write_ticket` wrote under one of our secrets."""
    if len(text) > LONGEST or not _TEXT.fullmatch(text):
        raise BadTicket("a ticket has letters, digits, - and _ alone")
    try:
        found = json.loads(seal.unseal(text + "=" * (-len(text) % 4)))
        purpose = found.pop("for")
        ticket = Ticket(**found)
    except (SealBroken, ValueError, TypeError, KeyError, AttributeError):
        raise BadTicket("this is no ticket") from None
    if purpose != PURPOSE or not (E164.fullmatch(ticket.number) and E164.fullmatch(ticket.shown)):
        raise BadTicket("this is no ticket to call anybody")
    return ticket


def good_until(now: datetime, seconds: int) -> int:
    """The moment so many seconds from now, as a ticket holds it."""
    return int(now.astimezone(UTC).timestamp()) + seconds
