"""The legs of a call back: a member of staff is rung, hears what it is about, presses 1, and is joined with the caller.

Nothing here asks the database: whom to call stands sealed in the address. Silence or another key ends the leg, so that
no voicemail of a colleague's phone ever reaches a patient. A ticket joins within minutes, on the leg that was answered.
Facts: https://www.twilio.com/docs/voice/twiml/dial (callerId, answerOnBridge) and .../twiml/gather.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from xml.sax.saxutils import quoteattr

from ivr.call_flow.model import Language, Location, Routing
from ivr.call_flow.turn import DialEnded, Outcome, Pace, Say
from ivr.journal.called_out import CalledOut, What, to_entry
from ivr.journal.ticket import BadTicket, Ticket, read_ticket, write_ticket
from ivr.services import Services

from .requests import Call, Form, read_final_status, read_heard, read_seconds
from .twiml import HEAD, TAIL, Sheet, speak

ACCEPT_KEY, ACCEPT_SECONDS = "1", 8
RING_SECONDS = 40
ENGLISH, VOICE = "en-US", "Polly.Joanna-Neural"
HANG_UP = f"{HEAD}<Hangup/>{TAIL}"
# Staff hear these, never a patient.
WHISPER = "Call back for {place}. Press 1 to be connected."
TOO_LATE = "This call back is too old. Ask for it again."
NOT_REACHED = {
    Outcome.BUSY: "The line is busy. Goodbye.",
    Outcome.NO_ANSWER: "Nobody answered. Goodbye.",
}
FAILED = "The call could not be made. Goodbye."

log = logging.getLogger("ivr.voice")


class CallingBack:
    """Answers what Twilio asks on the leg to a member of staff. Built once a process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._base = services.settings.public_url

    def document(self, path: str, form: Form, call: Call) -> str:
        """The TwiML for a step of the leg: `path` is the step and its ticket. What is not ours is hung up."""
        step, _, text = path.partition("/")
        try:
            ticket = read_ticket(self._services.seal, text)
        except BadTicket:
            log.warning("a call back came with a ticket that is none")
            return HANG_UP
        match step:
            case "desk":
                return self._picked_up(ticket, call)
            case "key":
                return self._key(ticket, form, call)
            case "dialled":
                return self._dialled(ticket, form, call)
            case _:
                return HANG_UP

    def ended(self, text: str, form: Form, call: Call) -> bool:
        """Write down that the leg is over; False when that could not be kept."""
        status = read_final_status(form)
        try:
            ticket = read_ticket(self._services.seal, text)
        except BadTicket:
            return True  # telling us again would change nothing
        return not status or self._note(ticket, call, What.ENDED, status, read_seconds(form, "CallDuration"))

    def _picked_up(self, ticket: Ticket, call: Call) -> str:
        """From here on the ticket is good on this leg alone. Silence makes no request, so a hang-up follows."""
        if not self._is_good(ticket, call):
            return self._said(TOO_LATE)
        self._note(ticket, call, What.ANSWERED)
        link = self._link("key", replace(ticket, leg=call.sid))
        whisper = self._speak(WHISPER.format(place=self._place(ticket)))
        return (
            f'{HEAD}<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="{ACCEPT_SECONDS}"'
            f' action={link} method="POST">{whisper}</Gather><Hangup/>{TAIL}'
        )

    def _key(self, ticket: Ticket, form: Form, call: Call) -> str:
        if not ticket.leg or not self._is_good(ticket, call):
            return self._said(TOO_LATE)
        if form.one("Digits") != ACCEPT_KEY:
            return HANG_UP
        self._note(ticket, call, What.ACCEPTED)
        return (
            f'{HEAD}<Dial answerOnBridge="true" timeout="{RING_SECONDS}" callerId="{ticket.shown}"'
            f' action={self._link("dialled", ticket)} method="POST"><Number>{ticket.number}</Number></Dial>{TAIL}'
        )

    def _dialled(self, ticket: Ticket, form: Form, call: Call) -> str:
        """However late: this only writes down how it went."""
        heard = read_heard(form)
        if not isinstance(heard, DialEnded) or ticket.leg != call.sid:
            return HANG_UP
        self._note(ticket, call, What.DIALLED, heard.outcome.value, heard.talk_seconds)
        if heard.outcome in (Outcome.ANSWERED, Outcome.CALLER_LEFT):
            return HANG_UP
        return self._said(NOT_REACHED.get(heard.outcome, FAILED))

    def _is_good(self, ticket: Ticket, call: Call) -> bool:
        return bool(call.sid) and ticket.leg in ("", call.sid) and ticket.is_good(self._services.clock())

    def _note(self, ticket: Ticket, call: Call, what: What, outcome: str = "", seconds: int = 0) -> bool:
        fact = CalledOut(ticket.errand, call.sid, what, self._services.clock(), outcome, seconds)
        return self._services.journal.append((to_entry(fact),))

    def _link(self, step: str, ticket: Ticket) -> str:
        return quoteattr(f"{self._base}/voice/back/{step}/{write_ticket(self._services.seal, ticket)}")

    def _place(self, ticket: Ticket) -> str:
        place = self._services.live.routing().destinations.get(ticket.location)
        return place.title if isinstance(place, Location) else "the clinic"

    def _said(self, text: str) -> str:
        return f"{HEAD}{self._speak(text)}<Hangup/>{TAIL}"

    def _speak(self, text: str) -> str:
        routing = self._services.live.routing()
        code, language = _english(routing)
        sheet = Sheet(self._base, routing.version, {code: language})
        return speak((Say(code, Pace.NORMAL, (text,)),), sheet)


def _english(routing: Routing) -> tuple[str, Language]:
    """The clinic's own English voice, where it has one: these words exist in English alone."""
    for code, language in routing.languages.items():
        if code.partition("-")[0] == "en":
            return code, language
    return ENGLISH, Language(ENGLISH, VOICE, "", {})
