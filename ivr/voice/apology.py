"""The last resort: when anything fails on our side the caller hears an apology and the clinic's phone rings.

Made ahead from the routing, so that it needs nothing that could fail a second time.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from ivr.call_flow.model import HuntGroup, Line, Location, Phone, Routing
from ivr.call_flow.phrases import Phrase, emergency
from ivr.call_flow.spoken import phone_number
from ivr.call_flow.turn import Pace, Say

from .twiml import HEAD, TAIL, Sheet, speak

RING_SECONDS = 30
MOST_PHONES = 10


def apology(routing: Routing, base: str) -> str:
    """911/988, an apology in every language, then the main line's phones together; afterwards `farewell`."""
    line, sheet = routing.main_line, Sheet(base, routing.version, routing.languages)
    said = speak(tuple(_sorry(code, routing) for code in routing.languages), sheet)
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
    says = tuple(_goodbye(code, routing) for code in routing.languages)
    return f"{HEAD}{speak(says, sheet)}<Hangup/>{TAIL}"


def _sorry(code: str, routing: Routing) -> Say:
    return Say(code, Pace.NORMAL, (emergency(code), routing.languages[code].prompts[Phrase.APOLOGY]))


def _goodbye(code: str, routing: Routing) -> Say:
    prompts = routing.languages[code].prompts
    number = phone_number(code, routing.main_line.number)
    return Say(code, Pace.NORMAL, (f"{prompts[Phrase.CALL_US_AT]} {number}.", prompts[Phrase.GOODBYE]))


def _phones(routing: Routing, line: Line) -> list[Phone]:
    """The enabled phones of the main line's person; of any hunt group, should that have none."""
    own = routing.destinations.get(line.person)
    groups = [own, *routing.destinations.values()]
    for place in groups:
        group = place.hunt_group if isinstance(place, Location) else place
        if isinstance(group, HuntGroup):
            enabled = [phone for phone in group.phones if phone.enabled]
            if enabled:
                return enabled[:MOST_PHONES]
    return []
