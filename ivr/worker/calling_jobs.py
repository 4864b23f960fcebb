"""The worker places what people asked for: it rings their phone, with a sealed ticket that joins them with a caller."""

from __future__ import annotations

import logging
import os

from sqlalchemy import Engine

from ivr.call_flow.desk_phones import desk_phones
from ivr.call_flow.model import Phone
from ivr.call_log.leases import GoOn, always
from ivr.call_log.placing import Errand, Later, NotPlaced, Placed, Result, Unsure, due, give_up, settle, take
from ivr.carrier.calling import Dialler, Leg
from ivr.journal.sealing import SealBroken
from ivr.journal.ticket import Ticket, good_until, write_ticket
from ivr.routing.numbers import fault
from ivr.services import Services

from .loop import Job

PLACE_SECONDS = 1.0
TICKET_SECONDS = 180  # for the phone to ring, be picked up and a key be pressed
MOST_RING_SECONDS = 45

log = logging.getLogger("ivr.worker")


class Caller:
    """Places the calls back that wait. Every host may: a row is taken by one."""

    def __init__(self, services: Services, engine: Engine, dialler: Dialler, holder: str = "") -> None:
        self._services = services
        self._engine = engine
        self._dialler = dialler
        self._holder = holder or f"{services.settings.host_name}:{os.getpid()}"

    def run(self, go_on: GoOn = always) -> None:
        """Place what is due, one after the other; end what is too old. Raises SQLAlchemyError."""
        clock = self._services.clock
        for number in due(self._engine, clock()):
            if not go_on():
                return
            errand = take(self._engine, number, self._holder, clock())
            if errand is not None:
                result = self._place(errand)
                settle(self._engine, number, self._holder, result, clock())
                _tell(number, result)
        give_up(self._engine, clock())

    def _place(self, errand: Errand) -> Result:
        found = self._ends(errand)
        if isinstance(found, NotPlaced):
            return found
        phone, ticket = found
        base, text = self._services.settings.public_url, write_ticket(self._services.seal, ticket)
        leg = Leg(phone.number, ticket.shown, min(phone.ring_seconds, MOST_RING_SECONDS))
        return self._dialler.ring(leg, answered=f"{base}/voice/back/desk/{text}", over=f"{base}/voice/back-over/{text}")

    def _ends(self, errand: Errand) -> tuple[Phone, Ticket] | NotPlaced:
        """The phone that rings, and the ticket to the caller; both as the configuration has them at this moment."""
        routing = self._services.live.routing()
        phone = desk_phones(routing).get(errand.phone)
        if phone is None:
            return NotPlaced(f"clinic.yaml names no phone {errand.phone} any more: choose another on your account page")
        try:
            number = self._services.seal.unseal(errand.caller or "")
        except SealBroken:
            return NotPlaced("the caller's number cannot be read any more")
        if refused := fault(number, routing.countries):
            return NotPlaced(f"the caller's number may not be called: {refused[0]}")
        shown = routing.lines.get(errand.line, routing.main_line).number
        expires = good_until(self._services.clock(), TICKET_SECONDS)
        return phone, Ticket(errand.id, number, shown, errand.location, expires)


def calling_job(services: Services, engine: Engine, dialler: Dialler) -> Job:
    """The job of every live worker; in practice mode there is none, since nothing is rung."""
    caller = Caller(services, engine, dialler)
    return Job("call back", PLACE_SECONDS, caller.run, most_wait_seconds=5.0)


def _tell(number: int, result: Result) -> None:
    match result:
        case Placed():
            log.info("call back %s is placed", number)
        case Later(seconds):
            log.warning("call back %s waits %.0f seconds: Twilio is busy or away", number, seconds)
        case NotPlaced(why) | Unsure(why):
            log.warning("call back %s: %s", number, why)
