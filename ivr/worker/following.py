"""What follows from a call, in the transaction that writes it down: notices to staff, and texts to its caller."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from ivr.call_flow.summary import CallSummary
from ivr.call_log.recorder import Follow
from ivr.notices.births import of_calls
from ivr.notices.patient_texts import TextBirths
from ivr.services import Services


def what_follows(services: Services) -> Follow:
    """Both, by the live routing. Texts come last: their one lock is then held for the shortest time."""
    texts = TextBirths(services.live.routing, services.seal)

    def follow(connection: Connection, calls: Mapping[str, CallSummary], now: datetime) -> None:
        of_calls(connection, calls, now)
        texts(connection, calls, now)

    return follow
