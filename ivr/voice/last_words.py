"""What every document says that stands in for the conversation: an apology, and the number to call again."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.call_flow.model import Language, Line, Routing
from ivr.call_flow.phrases import Phrase, emergency
from ivr.call_flow.spoken import phone_number
from ivr.call_flow.turn import Pace, Say

# What is said when the configuration's own sentences cannot be had.
ALONE = {
    "en-US": "We are sorry. Something went wrong on our side. Please call again in a few minutes.",
    "es-US": "Lo sentimos. Algo falló de nuestro lado. Por favor, vuelva a llamar en unos minutos.",
}
VOICES: Mapping[str, Language] = {
    "en-US": Language("en-US", "Polly.Joanna-Neural", "", {}),
    "es-US": Language("es-US", "Polly.Lupe-Neural", "", {}),
}


def sorry_alone(code: str) -> Say:
    """911 and 988, then an apology, without any routing."""
    return Say(code, Pace.NORMAL, (emergency(code), ALONE[code]))


def sorry(code: str, routing: Routing) -> Say:
    """911 and 988, then an apology, in a language of the routing."""
    return Say(code, Pace.NORMAL, (emergency(code), routing.languages[code].prompts[Phrase.APOLOGY]))


def goodbye(code: str, routing: Routing, line: Line) -> Say:
    """The number to call again, goodbye."""
    prompts = routing.languages[code].prompts
    number = phone_number(code, line.number)
    return Say(code, Pace.NORMAL, (f"{prompts[Phrase.CALL_US_AT]} {number}.", prompts[Phrase.GOODBYE]))
