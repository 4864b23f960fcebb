"""The worker's part in texts to callers: one host sends what is due for all."""

from __future__ import annotations

import os
from collections.abc import Callable

from sqlalchemy import Engine

from ivr.call_log.leases import GoOn
from ivr.carrier.client import account_client
from ivr.notices.parcel import Result, Text
from ivr.notices.patient_sending import TextSender
from ivr.notices.ways import usual_texter
from ivr.services import Services

from .loop import Job

SEND_SECONDS = 5.0
SEND_LEASE_SECONDS = 180.0  # longer than any one attempt, and held on to between attempts


def text_jobs(services: Services, engine: Engine, send: Callable[[Text], Result] | None = None) -> tuple[Job, ...]:
    """`send` stands in for what the settings turn on."""
    settings = services.settings
    if send is None:
        texter = usual_texter(settings, account_client(settings) if settings.sends_texts else None)
        send = texter.send if texter else None
    sender = TextSender(engine, send, services.seal, f"{settings.host_name}:{os.getpid()}", services.clock)

    def run(go_on: GoOn) -> None:
        sender.run(services.live.routing(), go_on)

    return (Job("texts", SEND_SECONDS, run, lease_seconds=SEND_LEASE_SECONDS),)
