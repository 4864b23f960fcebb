"""How the machines stand: hosts, journal, worker, jobs, comparisons with the carrier, versions, storage."""

from __future__ import annotations

import shutil

from flask import render_template

from ivr.accounts.roles import Right
from ivr.call_log.findings import standing
from ivr.call_log.heartbeats import Beat, TestCall, newest_test_calls
from ivr.call_log.hosts import overview
from ivr.call_log.reconciliations import last_reconciliation
from ivr.journal.drainer import lag_of
from ivr.publishing.versions import live
from ivr.telemetry.worker_file import SILENT_SECONDS, read_worker_file

from .alarms import alarms
from .door import Door, fragment_only, the_person

# How a test call stands, as people read it, and the colour it has.
BEATS = {
    Beat.PLACING: ("being placed", ""),
    Beat.PLACED: ("under way", ""),
    Beat.FAILED: ("could not be placed", "note"),
    Beat.HEARD: ("the greeting was heard", "open"),
    Beat.UNHEARD: ("the greeting was not heard", "alarm"),
    Beat.LOST: ("proves nothing: its worker was killed", "note"),
}
UNSURE = ("may not have been placed", "note")


def result_of(call: TestCall) -> tuple[str, str]:
    """What came of a test call, and its colour."""
    return UNSURE if call.unsure and call.state is Beat.FAILED else BEATS[call.state]


def add(door: Door) -> None:
    """Hang the page."""

    @door.page("/health", Right.HEALTH, title="Health")
    def health() -> str:
        data, now = door.services.settings.data, door.services.clock()
        worker = read_worker_file(data)
        return render_template(
            "health_now.html" if fragment_only() else "health.html",
            alarms=alarms(door, the_person()),
            found=overview(door.engine),
            silent_seconds=SILENT_SECONDS,
            lag=lag_of(data / "journal", now),
            worker=worker,
            worker_is_well=worker is not None and not worker.is_silent(now),
            published=live(door.engine),
            served=door.services.live.version,
            reconciled=last_reconciliation(door.engine),
            findings=standing(door.engine),
            test_calls=newest_test_calls(door.engine),
            result_of=result_of,
            disk=shutil.disk_usage(data),
            moment=now,
        )
