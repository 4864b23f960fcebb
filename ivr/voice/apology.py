"""The last resort: when anything fails on our side the caller hears an apology and the clinic's phone rings.

Made ahead from the routing, so that it needs nothing that could fail a second time.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from ivr.call_flow.desk_phones import hunt_group_of
from ivr.call_flow.model import Line, Phone, Routing

from .last_words import goodbye, sorry
from .twiml import HEAD, TAIL, Sheet, speak

RING_SECONDS = 30
MOST_PHONES = 10


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
