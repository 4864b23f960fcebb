"""The last resort: when anything fails on our side the caller hears an apology and the clinic's phone rings.

Made ahead from the routing, so that it needs nothing that could fail a second time. The last that could be made is
kept; should there never have been one, the apology is spoken without a phone to ring.
"""

from __future__ import annotations

import logging
from xml.sax.saxutils import quoteattr

from ivr.call_flow.desk_phones import hunt_group_of
from ivr.call_flow.model import Line, Phone, Routing
from ivr.routing.live import Live

from .last_words import VOICES, goodbye, sorry, sorry_alone
from .twiml import HEAD, TAIL, Sheet, speak

RING_SECONDS = 30
MOST_PHONES = 10

log = logging.getLogger("ivr.voice")


class LastResort:
    """The apology and the farewell after its ringing. Whatever becomes of the routing, asking for them never raises."""

    def __init__(self, live: Live, base: str) -> None:
        self._live = live
        self._base = base
        self._made_of: Routing | None = None
        self._documents = (apology_alone(), apology_alone())
        self.keep()

    def keep(self) -> None:
        """Make both again if another routing answers calls than they were made of; else it costs next to nothing."""
        try:
            routing = self._live.routing()
            if routing is not self._made_of:
                self._made_of = routing  # first: what cannot be made of a routing is tried, and told, once
                self._documents = apology(routing, self._base), farewell(routing, self._base)
        except Exception as error:
            log.error("the apology stays as it was: %s", type(error).__name__, exc_info=error)

    def apology(self) -> str:
        """Of the routing that answers calls now, else of the last of which one could be made."""
        self.keep()
        return self._documents[0]

    def farewell(self) -> str:
        """The same for what follows the ringing."""
        self.keep()
        return self._documents[1]


def apology(routing: Routing, base: str) -> str:
    """911/988, an apology in every language, then the main line's phones together; afterwards `farewell`."""
    line, sheet = routing.main_line, Sheet(base, routing.version, routing.languages)
    said = speak(tuple(sorry(code, routing) for code in routing.languages), sheet)
    numbers = "".join(f"<Number>{phone.number}</Number>" for phone in _phones(routing, line))
    action = quoteattr(f"{base}/voice/sorry")
    dial = (
        f'<Dial answerOnBridge="true" timeout="{RING_SECONDS}" callerId="{line.number}"'
        f' action={action} method="POST">{numbers}</Dial>'
    )
    return f"{HEAD}{said}{dial}{TAIL}"


def farewell(routing: Routing, base: str) -> str:
    """After the apology's ringing: the number to call, goodbye."""
    sheet = Sheet(base, routing.version, routing.languages)
    says = tuple(goodbye(code, routing, routing.main_line) for code in routing.languages)
    return f"{HEAD}{speak(says, sheet)}<Hangup/>{TAIL}"


def apology_alone() -> str:
    """911/988 and an apology in words of our own, for when no routing has ever been had: nobody is known to ring."""
    sheet = Sheet("", "", VOICES)
    return f"{HEAD}{speak(tuple(sorry_alone(code) for code in VOICES), sheet)}<Hangup/>{TAIL}"


def _phones(routing: Routing, line: Line) -> list[Phone]:
    """The enabled phones of the main line's person; of any hunt group, should that have none."""
    own = routing.destinations.get(line.person)
    groups = [own, *routing.destinations.values()]
    for place in groups:
        group = hunt_group_of(place)
        enabled = [phone for phone in group.phones if phone.enabled] if group else []
        if enabled:
            return enabled[:MOST_PHONES]
    return []
