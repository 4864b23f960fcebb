"""The worker's part in telling people: it looks for what nobody reports, and sends what is due."""

from __future__ import annotations

import os
from collections.abc import Iterable

from sqlalchemy import Engine

from ivr.call_log.database import writing
from ivr.call_log.hosts import overview
from ivr.call_log.leases import GoOn
from ivr.call_log.lost import read_lost
from ivr.carrier.client import account_client
from ivr.notices.births import OLDEST, Change, of_overrides
from ivr.notices.outbox import clear_away
from ivr.notices.sending import Sender, Words
from ivr.notices.urgent import tell_urgent
from ivr.notices.watching import watch_configuration, watch_database, watch_fallback, watch_hosts, watch_phones
from ivr.notices.ways import Ways, usual_ways
from ivr.publishing.overrides import not_over_by, titles_of
from ivr.routing.zone import clinic_zone
from ivr.services import Services

from .loop import Job

SEND_SECONDS = 5.0
LOOK_SECONDS = 30.0
A_DAY = 24 * 3600.0
SEND_LEASE_SECONDS = 180.0  # longer than any one attempt, and held on to between attempts


def notice_jobs(services: Services, engine: Engine, ways: Ways | None = None) -> tuple[Job, ...]:
    """One host looks and sends for all; each says for itself whether it refuses its configuration.

    `ways` stands in for those that the settings turn on.
    """
    settings = services.settings
    if ways is None:
        client = None if settings.practice else account_client(settings)
        ways = usual_ways(settings, client, services.clock)
    sender = Sender(engine, ways, f"{settings.host_name}:{os.getpid()}", services.clock)

    def send(go_on: GoOn) -> None:
        routing = services.live.routing()
        tell_urgent(engine, routing.notices, services.clock())
        sender.run(Words.of(routing, titles_of(routing), clinic_zone(routing), settings.public_url), go_on)

    def look(_go_on: GoOn) -> None:
        now = services.clock()
        watch_hosts(engine, overview(engine).hosts, now, here=settings.host_name)
        watch_phones(engine, services.live.routing().notices.unanswered_calls, now)
        watch_fallback(engine, now)
        changes = _changes(engine, services)
        with writing(engine) as connection:
            of_overrides(connection, changes, now)

    def look_here(_go_on: GoOn) -> None:
        refused = bool(services.live.problems)
        watch_configuration(engine, settings.host_name, services.clock(), refused=refused)
        watch_database(engine, settings.host_name, services.clock(), lost=read_lost(settings.data) is not None)

    def clear(_go_on: GoOn) -> None:
        clear_away(engine, services.clock())

    return (
        Job("notices", SEND_SECONDS, send, lease_seconds=SEND_LEASE_SECONDS),
        Job("look", LOOK_SECONDS, look, lease_seconds=120.0),
        Job("look here", LOOK_SECONDS, look_here),
        Job("clear notices", A_DAY, clear, lease_seconds=600.0),
    )


def _changes(engine: Engine, services: Services) -> Iterable[Change]:
    """Overrides that stand, or ended so lately that people are told."""
    made = not_over_by(engine, services.clock() - OLDEST)
    return [Change(each.override, each.ended_at) for each in made]
