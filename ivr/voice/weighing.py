"""Whether Twilio takes a turn: the document it becomes, held against Twilio's limits before anybody calls."""

from __future__ import annotations

import re
from collections.abc import Callable

from ivr.call_flow.model import Routing
from ivr.call_flow.turn import Turn

from .twiml import Sheet, render

LARGEST_BYTES = 64_000  # "64 kB" (Twilio's error 11750), read the strict way
LONGEST_SAY = 4_096  # characters in one Say (TwiML Say, "limits")
_SAY = re.compile("<Say[^>]*>(.*?)</Say>", re.DOTALL)
_LONGEST_ADDRESS = f"https://{'a' * 100}.example"
_CALLER = "+14805550147"


def weigher(routing: Routing) -> Callable[[Turn], str | None]:
    """Says for a turn of `routing` why Twilio would refuse its document, None when it would not.

    The service's public address is not known here; it counts as 116 characters long, more than any we have seen.
    """
    sheet = Sheet(_LONGEST_ADDRESS, routing.version, routing.languages, _CALLER)

    def weigh(turn: Turn) -> str | None:
        return weigh_document(render(turn, sheet))

    return weigh


def weigh_document(document: str) -> str | None:
    """Why Twilio would refuse a document, None when it would not."""
    size = len(document.encode())
    if size > LARGEST_BYTES:
        return f"this answer is {size:,} bytes long, at most {LARGEST_BYTES:,} are taken."
    if len(document) > LONGEST_SAY:
        longest = max(map(len, _SAY.findall(document)), default=0)
        if longest > LONGEST_SAY:
            return f"{longest:,} characters are spoken at a stretch, at most {LONGEST_SAY:,} are taken."
    return None
