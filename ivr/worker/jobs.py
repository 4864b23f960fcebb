"""The jobs that other rooms bring to the worker: each is one call into the room that knows how."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from ivr.call_log.retention import forget
from ivr.carrier.client import rest_client
from ivr.carrier.listed import Lists
from ivr.carrier.reconciler import Reconciler
from ivr.carrier.recordings import usual_eraser
from ivr.publishing.bringing import Bringer
from ivr.publishing.by_phone import bring_with_phone
from ivr.publishing.drafts import bring_draft
from ivr.publishing.examination import Examiner
from ivr.publishing.pins import bring_staff
from ivr.routing.zone import clinic_zone
from ivr.services import Services

from .loop import GoOn, Job

A_DAY = 24 * 3600.0
RECONCILE_SECONDS = 300.0
ACTOR = "worker"

log = logging.getLogger("ivr.worker")


@dataclass(frozen=True, slots=True)
class Brought:
    """What these jobs need beside the services: the database, and how versions are examined."""

    engine: Engine
    examiner: Examiner


def jobs(services: Services, brought: Brought) -> tuple[Job, ...]:
    """Every host brings what is live to its disk; one host for all keeps retention, and asks Twilio once it is live."""
    settings = services.settings
    bringing = Job("bring", 1.0, _bring(services, brought), most_wait_seconds=10.0)
    overriding = Job("overrides", 1.0, functools.partial(_bring_overrides, services, brought), most_wait_seconds=5.0)
    keeping = Job("retention", A_DAY, functools.partial(_forget, services, brought.engine), lease_seconds=600.0)
    if settings.practice:  # there is no account to ask
        return bringing, overriding, keeping
    lists = Lists(rest_client(settings.account_sid, settings.auth_tokens[0]))
    reconciler = Reconciler(brought.engine, lists, services.seal)
    reconciling = Job(
        "reconcile", RECONCILE_SECONDS, functools.partial(_reconcile, services, reconciler), lease_seconds=300.0
    )
    return bringing, overriding, keeping, reconciling


def _bring(services: Services, brought: Brought) -> Callable[[GoOn], None]:
    settings, examiner = services.settings, brought.examiner
    bringer = Bringer(
        brought.engine,
        settings.data / "routing",
        lambda files: examiner.examine(files, (), services.clock()),
        examiner.limits,
        autopublish=settings.autopublish,
    )

    def run(_go_on: GoOn) -> None:
        bringer.run(services.clock())

    return run


def _bring_overrides(services: Services, brought: Brought, _go_on: GoOn) -> None:
    """And the staff's PINs and the draft. A job of its own: what callers meet today never waits for a proof."""
    folder, now = services.settings.data / "routing", services.clock()
    bring_with_phone(brought.engine, folder, now)
    bring_staff(brought.engine, folder, now)
    bring_draft(brought.engine, folder)


def _forget(services: Services, engine: Engine, _go_on: GoOn) -> None:
    erased = forget(
        engine,
        services.live.routing().keep,
        now=services.clock(),
        actor=ACTOR,
        erase_recording=usual_eraser(services.settings),
    )
    for each in erased:
        if each.count or each.left:
            log.info("erased %s: %s, left %s", each.what, each.count, each.left)


def _reconcile(services: Services, reconciler: Reconciler, go_on: GoOn) -> None:
    routing = services.live.routing()
    found = reconciler.run(routing, clinic_zone(routing), services.clock(), go_on)
    if found and (found.calls_added or found.calls_corrected or found.recordings_added):
        log.warning(
            "Twilio knew more: %s calls and %s recordings were added, %s calls corrected",
            found.calls_added,
            found.recordings_added,
            found.calls_corrected,
        )
