"""The jobs that other rooms bring to the worker: each is one call into the room that knows how."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine
from twilio.rest import Client

from ivr.call_log.findings import Severity, Whose, keep, standing
from ivr.call_log.hosts import overview
from ivr.call_log.leases import GoOn
from ivr.call_log.retention import forget, newest_call
from ivr.call_log.work_rule import mend
from ivr.carrier.asking import Pause
from ivr.carrier.calling import Dialler
from ivr.carrier.client import account_client, token_clients
from ivr.carrier.doctor import CHECKS_FOR_ALL, CHECKS_HERE, examine
from ivr.carrier.examined import Examined, Part
from ivr.carrier.fallback import FallbackWriter
from ivr.carrier.listed import Lists
from ivr.carrier.reconciler import Reconciler
from ivr.carrier.recordings import usual_eraser
from ivr.notices.watching import watch_findings
from ivr.publishing.bringing import Bringer
from ivr.publishing.by_phone import bring_with_phone
from ivr.publishing.drafts import bring_draft
from ivr.publishing.examination import Examiner
from ivr.publishing.pins import bring_staff
from ivr.routing.zone import clinic_zone
from ivr.services import Services

from .calling_jobs import calling_job
from .following import what_follows
from .heartbeat_jobs import heartbeat_jobs
from .loop import Job
from .notice_jobs import notice_jobs
from .text_jobs import text_jobs

A_DAY = 24 * 3600.0
RECONCILE_SECONDS = 300.0
MEND_SECONDS = 900.0
AN_HOUR = 3600.0
MENDED = timedelta(days=2)
GONE = timedelta(days=1)
QUIET = timedelta(days=7)
DOOR_TRIES = 3  # the service is often started with the worker, and needs some seconds
ACTOR = "worker"

log = logging.getLogger("ivr.worker")


@dataclass(frozen=True, slots=True)
class Brought:
    """What these jobs need beside the services: the database, how versions are examined, fallbacks written.

    `pause` waits so many seconds between two questions of the doctor.
    """

    engine: Engine
    examiner: Examiner
    writer: FallbackWriter
    pause: Pause = time.sleep


def jobs(services: Services, brought: Brought) -> tuple[Job, ...]:
    """Every host brings what is live to its disk; one host for all keeps retention, and asks Twilio once it is live."""
    settings = services.settings
    bringing = Job("bring", 1.0, _bring(services, brought), most_wait_seconds=10.0)
    overriding = Job("overrides", 1.0, functools.partial(_bring_overrides, services, brought), most_wait_seconds=5.0)
    keeping = Job("retention", A_DAY, _forgetting(services, brought.engine), lease_seconds=600.0)
    mending = Job("open calls", MEND_SECONDS, functools.partial(_mend, services, brought.engine), lease_seconds=300.0)
    telling = (*notice_jobs(services, brought.engine), *text_jobs(services, brought.engine))
    if settings.practice:  # there is no account to ask
        return bringing, overriding, keeping, mending, *telling
    client = account_client(settings)
    lists = Lists(client)
    reconciler = Reconciler(brought.engine, lists, services.seal, what_follows(services), settings.heartbeat)
    reconciling = Job(
        "reconcile", RECONCILE_SECONDS, functools.partial(_reconcile, services, reconciler), lease_seconds=300.0
    )
    doctoring = Job("doctor", AN_HOUR, functools.partial(doctor, services, brought, client), lease_seconds=300.0)
    dialler = Dialler(account_client(settings))
    calling = calling_job(services, brought.engine, dialler), *heartbeat_jobs(services, brought.engine, dialler)
    here = Job("doctor here", AN_HOUR, functools.partial(doctor_here, services, brought, client))
    return bringing, overriding, keeping, mending, *telling, reconciling, doctoring, here, *calling


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


def _forgetting(services: Services, engine: Engine) -> Callable[[GoOn], None]:
    """What is erased does not come back: when the newest call is long ago, nobody called or the clock is wrong."""
    began = time.monotonic()

    def run(go_on: GoOn) -> None:
        newest = newest_call(engine)
        if newest and services.clock() - newest > QUIET and time.monotonic() - began < A_DAY:
            log.warning("nothing is erased today: the newest call began at %s, and the clock may be wrong", newest)
        else:
            _forget(services, engine, go_on)

    return run


def _forget(services: Services, engine: Engine, go_on: GoOn) -> None:
    erased = forget(
        engine,
        services.live.routing().keep,
        now=services.clock(),
        actor=ACTOR,
        erase_recording=usual_eraser(services.settings),
        go_on=go_on,
    )
    for each in erased:
        if each.count or each.left:
            log.info("erased %s: %s, left %s", each.what, each.count, each.left)


def _mend(services: Services, engine: Engine, _go_on: GoOn) -> None:
    if wrong := mend(engine, services.clock() - MENDED):
        log.warning("what is to be called back was put right for %s calls", wrong)


def doctor(services: Services, brought: Brought, client: Client | None, _go_on: GoOn) -> None:
    """Examine what every host sees alike. What was found on hosts that have not been seen for a day is over."""
    since = services.clock() - GONE
    seen = {each.name for each in overview(brought.engine).hosts if each.seen_at > since}
    living = {services.settings.host_name, *seen}
    _examine(services, brought, client, CHECKS_FOR_ALL, lambda host: host not in living)


def doctor_here(services: Services, brought: Brought, client: Client | None, _go_on: GoOn) -> None:
    """Examine this host; what was found on others stays."""
    _examine(services, brought, client, CHECKS_HERE, lambda host: host == services.settings.host_name)


def _examine(
    services: Services, brought: Brought, client: Client | None, checks: Mapping[str, Part], whose: Whose
) -> None:
    """Keep what was found, and raise the alarm about what is new. What could not be looked at still stands."""
    routing, tokens = services.live.routing(), token_clients(services.settings)
    clock, pause = services.clock, brought.pause
    examined = Examined(
        services.settings, routing, brought.writer, client, clock, tokens, pause=pause, door_tries=DOOR_TRIES
    )
    seen, now = examine(examined, checks), services.clock()
    changed = keep(brought.engine, seen.findings, now, whose, unseen=seen.unseen)
    watch_findings(brought.engine, [each.finding for each in standing(brought.engine)], now, whose)
    for each in changed.new:
        level = logging.INFO if each.severity is Severity.NOTE else logging.ERROR
        log.log(level, "the doctor found %s (%s): %s", each.code, each.about, each.what)
    for each in changed.gone:
        log.info("the doctor found %s (%s) mended", each.code, each.about)


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
