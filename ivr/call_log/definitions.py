"""What each figure means, in one sentence: written once, shown wherever the figure is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ivr.call_flow.disposition import Disposition

# As the table in docs/operations.md has them; a test holds the two together.
DISPOSITIONS: Mapping[str, str] = MappingProxyType(
    {
        Disposition.ANSWERED: "A person of the clinic was joined with the caller.",
        Disposition.MESSAGE: ("The caller left a message, and the carrier has not said that nothing was recorded."),
        Disposition.CALLBACK: "The caller confirmed that the clinic shall call back.",
        Disposition.FAILED: (
            "Our fault: the caller heard the apology, was last served by the fallback, the menus led nowhere, or "
            "nothing is known of the call but that there was one."
        ),
        Disposition.ABANDONED_WHILE_RINGING: "The caller hung up while the last phones rang.",
        Disposition.NO_ANSWER: "Phones rang, nobody took the call, and the caller left no word.",
        Disposition.CLOSED: "The last location asked for was closed, and the caller left no word.",
        Disposition.INFORMATION_ONLY: (
            "No person was asked for; a topic was heard to its last part, the guide was asked for or its address "
            "heard, an announcement was the last thing heard, or staff gave their PIN."
        ),
        Disposition.ABANDONED_IN_INFORMATION: (
            "No person was asked for; the caller hung up within a topic, before its last part."
        ),
        Disposition.ABANDONED_IN_MENU: (
            "The caller hung up before any of this: in a menu, at an invitation to leave word, or before our first "
            "words."
        ),
    }
)

CALLS = "Calls that began in these days and are over. Testers’ calls of a draft do not count."
ANSWER_RATE = (
    "Of the calls in which somebody wanted a person (answered, left a message or a request, hung up while it rang, "
    "nobody answered, or failed), the part that was answered."
)
MEDIAN_WAIT = (
    "From a call’s first moment to a person’s voice: half of the answered calls waited less, half more. Over ten "
    "minutes counts as ten."
)
MISSED = (
    "Callers who neither reached a person nor left word, each counted once, however often they called. Who hung up in "
    "a menu or called while closed is among them; who only wanted information is not."
)
TALK = "The time in which callers and the clinic’s people talked with each other, all calls together."
LOCATION = "Where the call was answered; else the last location that rang, was closed, or whose mailbox was reached."
LANGUAGE = "The language that was spoken when the call ended."
VISITS = (
    "How often callers came into a menu, and which key they left it by. Lost are those who hung up there, said nothing "
    "twice or pressed wrong keys twice; the last two are sent to a person."
)
TOPICS = "Calls in which a topic was begun, by the furthest part that was heard."
