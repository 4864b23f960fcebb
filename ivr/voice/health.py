"""How this host stands, for machines: /healthz (the process lives), /readyz (send calls here?), /metrics (figures).

Nothing here touches the database: what the worker knows is in its file. Only /metrics is behind a token.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, request

from ivr.services import Services
from ivr.settings import Settings
from ivr.telemetry.metrics import CONTENT_TYPE, Metrics
from ivr.telemetry.worker_file import read_worker_file

from .probe import Probe

THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
LATE_SECONDS = 60  # a line is drained within a second as a rule
Tell = Callable[[], None]


@dataclass(slots=True)
class Readiness:
    """What keeps calls away (`faults`), what only an operator should know (`warnings`), and the details."""

    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    details: dict[str, object] = field(default_factory=dict)


def health_routes(services: Services, metrics: Metrics, tell: Tell) -> Blueprint:
    """The three addresses. `tell` brings this process's figures up to the moment."""
    blueprint = Blueprint("health", __name__)
    probe = Probe(services.settings.data / "journal")

    @blueprint.get("/healthz")
    def healthz() -> dict[str, object]:
        live, journal = services.live, services.journal
        return {
            "status": "ok" if not (live.trouble or journal.trouble) else "degraded",
            "routing": {"version": live.version, "adopted_at": str(live.adopted_at), "problem": live.trouble},
            "journal": {"problem": journal.trouble, "lost": journal.lost},
            "practice": services.settings.practice,
        }

    @blueprint.get("/readyz")
    def readyz() -> tuple[dict[str, object], int]:
        found = readiness(services, probe, services.clock())
        ready = not found.faults
        said = {"ready": ready, "faults": found.faults, "warnings": found.warnings, **found.details}
        return said, 200 if ready else 503

    @blueprint.get("/metrics")
    def figures() -> Response:
        if not _may_see_figures(services.settings):
            refused = 401 if services.settings.metrics_token else 404
            return Response(status=refused, headers={"WWW-Authenticate": "Bearer"} if refused == 401 else None)
        tell()
        return Response(metrics.page(), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})

    return blueprint


def readiness(services: Services, probe: Probe, now: datetime) -> Readiness:
    """Whether calls should be sent here. An absent worker is a warning: calls go on, and it catches up later."""
    found = Readiness()
    _weigh_routing(services, now, found)
    _weigh_journal(services, probe, found)
    _weigh_worker(services.settings.data, now, found)
    return found


def _weigh_routing(services: Services, now: datetime, found: Readiness) -> None:
    live = services.live
    age = round((now - live.adopted_at).total_seconds()) if live.adopted_at else None
    found.details["routing"] = {"version": live.version, "age_seconds": age}
    if live.trouble:
        found.warnings.append("the configuration on disk is not in use, or the live one is not stored: see /healthz")


def _weigh_journal(services: Services, probe: Probe, found: Readiness) -> None:
    """A trial write tells more than the last append: without calls there would be none to end the trouble."""
    refusal = probe.refusal()
    found.details["journal"] = {"writable": not refusal, "lost": services.journal.lost}
    if refusal:
        found.faults.append(f"the journal cannot be written: {refusal}")
    elif services.journal.trouble:
        found.warnings.append("the journal had trouble at the last turn: see /healthz")


def _weigh_worker(data: Path, now: datetime, found: Readiness) -> None:
    state = read_worker_file(data)
    if state is None or state.is_silent(now):
        found.warnings.append("the worker is not running: calls go on, the call log stands still")
    if state is None:
        found.details["worker"] = {"alive": False}
        return
    found.details["worker"] = {
        "alive": not state.is_silent(now),
        "age_seconds": round(state.age(now), 1),
        "behind_bytes": state.behind_bytes,
        "behind_seconds": state.behind_seconds,
        "failing": sorted(name for name, job in state.jobs.items() if job.fault),
    }
    if state.behind_seconds > LATE_SECONDS:
        found.warnings.append(f"the call log is {state.behind_seconds} seconds behind")


def _may_see_figures(settings: Settings) -> bool:
    if settings.metrics_token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.metrics_token}".encode())
    return settings.practice and request.remote_addr in THIS_MACHINE
