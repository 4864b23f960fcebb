"""What the worker says of itself in a small file, so that the web processes of its host need not ask the database."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

NAME = "worker.json"
SILENT_SECONDS = 15  # it writes every second


@dataclass(frozen=True, slots=True)
class JobState:
    """How a job went last; empty moments mean never. `fault` is empty when it went well."""

    done_at: str = ""
    failed_at: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class WorkerState:
    """The worker's word: moments in ISO form with their offset, what is not drained, what the log says of calls.

    `texts_full_until`: until then no further guide may be texted to callers; "" when one may. `clock_offset` and
    `clock_set_at` are for the next worker: see `Steady`.
    """

    seen_at: str
    started_at: str
    pid: int
    behind_bytes: int = 0
    behind_seconds: int = 0
    drained: int = 0
    set_aside: int = 0
    faults: int = 0
    live_calls: int | None = None
    today: dict[str, int] = field(default_factory=dict)
    texts_full_until: str = ""
    clock_offset: float | None = None
    clock_set_at: float | None = None
    jobs: dict[str, JobState] = field(default_factory=dict)

    def age(self, now: datetime) -> float:
        """Seconds since it was written; never less than 0."""
        return max((now - datetime.fromisoformat(self.seen_at)).total_seconds(), 0.0)

    def guide_is_full(self, now: datetime) -> bool:
        return bool(self.texts_full_until) and now < datetime.fromisoformat(self.texts_full_until)

    def is_silent(self, now: datetime) -> bool:
        """Also when it was seen later than now: it has said nothing since the clock was set back."""
        return abs((now - datetime.fromisoformat(self.seen_at)).total_seconds()) > SILENT_SECONDS


def write_worker_file(data: Path, state: WorkerState) -> None:
    """Replace the file whole. Raises OSError."""
    draft = data / f"{NAME}.new"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(state), file)
    draft.replace(data / NAME)


def read_worker_file(data: Path) -> WorkerState | None:
    """What the worker said last; None when it never did or the file cannot be read."""
    try:
        found = json.loads((data / NAME).read_bytes())
        return _state(found)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _state(found: dict[str, Any]) -> WorkerState:
    known = {name: found[name] for name in (each.name for each in fields(WorkerState)) if name in found}
    known["jobs"] = {name: JobState(**state) for name, state in known.get("jobs", {}).items()}
    state = WorkerState(**known)
    moments = (state.seen_at, *filter(None, [state.texts_full_until]))
    if any(datetime.fromisoformat(moment).tzinfo is None for moment in moments):
        raise ValueError("a moment without its zone")
    return state
