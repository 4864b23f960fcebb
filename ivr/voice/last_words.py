"""What every document says that stands in for the conversation: an apology, and the number to call again."""

from __future__ import annotations

from ivr.call_flow.model import Line, Routing
from ivr.call_flow.phrases import Phrase, emergency
from ivr.call_flow.spoken import phone_number
from ivr.call_flow.turn import Pace, Say


def sorry(code: str, routing: Routing) -> Say:
    """911 and 988, then an apology, in a language of the routing."""
    return Say(code, Pace.NORMAL, (emergency(code), routing.languages[code].prompts[Phrase.APOLOGY]))


def goodbye(code: str, routing: Routing, line: Line) -> Say:
    """The number to call again, goodbye."""
    prompts = routing.languages[code].prompts
    number = phone_number(code, line.number)
    return Say(code, Pace.NORMAL, (f"{prompts[Phrase.CALL_US_AT]} {number}.", prompts[Phrase.GOODBYE]))
