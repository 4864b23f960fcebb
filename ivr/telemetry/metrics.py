"""Figures for Prometheus: counted by each web process, added up over all of them, and the worker's beside them.

With PROMETHEUS_MULTIPROC_DIR in the environment before this module is imported the processes of one service share
their counts in that folder; `serve` sets it and empties it at the start.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from .worker_file import WorkerState, read_worker_file

SHARED = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15)
DOORS = frozenset(
    ("incoming", "turn", "callee", "accept", "leg", "status", "recording", "sorry", "fallback", "back", "back-over")
)
TURNS_ANSWERED = frozenset((door, 200) for door in ("incoming", "turn", "callee", "accept"))
OTHER = "other"


class Metrics:
    """What one web process counts. Built once a process.

    A request only adds to plain numbers, under a microsecond; `note`, called every second or so, adds those to what the
    processes share, which costs twenty times as much.
    """

    def __init__(self, data: Path, clock: Callable[[], datetime]) -> None:
        self._registry = CollectorRegistry()
        self._worker = _WorkerFigures(data, clock)
        self._requests = self._counter("ivr_requests", "Requests of the carrier.", ("door", "status"))
        self._calls = self._counter("ivr_calls", "Calls that arrived and were answered.")
        self._turns = self._counter("ivr_turns", "Turns of calls that were answered.")
        self._refused = self._counter("ivr_signature_refusals", "Requests the carrier did not sign for our account.")
        self._lost = self._counter("ivr_journal_lost", "Journal entries that could not be made durable.")
        self._seconds = _Durations("ivr_turn_seconds", "Time a turn took.", registry=self._registry, buckets=BUCKETS)
        self._problems = self._gauge("ivr_configuration_problems", "Why the configuration on disk is refused.")
        self._adopted = self._gauge("ivr_routing_adopted_timestamp_seconds", "When the live routing went live.")
        self._trouble = self._gauge("ivr_journal_trouble", "1 while the journal cannot be written where it belongs.")
        self._lock = Lock()
        self._new = _New()
        self._lost_before = 0

    def answered(self, door: str, status: int, seconds: float) -> None:
        """Count a request of the carrier: the door's name in its address, our status, and how long we took."""
        kind = (door if door in DOORS else OTHER, status)
        with self._lock:
            new = self._new
            new.requests[kind] = new.requests.get(kind, 0) + 1
            if kind in TURNS_ANSWERED:
                new.slots[bisect_left(BUCKETS, seconds)] += 1
                new.seconds += seconds

    def note(self, *, problems: int, adopted_at: datetime | None, trouble: bool, lost: int) -> None:
        """How this process stands at this moment, its routing and its journal; and what it has counted since."""
        self._problems.set(problems)
        self._adopted.set(adopted_at.timestamp() if adopted_at else 0)
        self._trouble.set(trouble)
        with self._lock:
            new, self._new = self._new, _New()
            lost, self._lost_before = lost - self._lost_before, lost
        self._lost.inc(lost)
        self._add(new)

    def page(self) -> bytes:
        """Everything, of all processes and the worker, in Prometheus' text form."""
        registry = self._registry
        if SHARED in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it untyped
        return generate_latest(registry) + generate_latest(self._worker.registry)

    def _add(self, new: _New) -> None:
        for (door, status), count in new.requests.items():
            self._requests.labels(door, str(status)).inc(count)
            if status == 403:
                self._refused.inc(count)
            if (door, status) in TURNS_ANSWERED:
                self._turns.inc(count)
            if (door, status) == ("incoming", 200):
                self._calls.inc(count)
        self._seconds.add(new.slots, new.seconds)

    def _counter(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
        return Counter(name, text, labels, registry=self._registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self._registry, multiprocess_mode="livemax")


@dataclass(slots=True)
class _New:
    """What was counted since the last `note`. `slots` are turns by the bucket they fall into, the last one open."""

    requests: dict[tuple[str, int], int] = field(default_factory=dict)
    slots: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0


class _Durations(Histogram):
    """A histogram that takes many observations at once."""

    def add(self, slots: Sequence[int], seconds: float) -> None:
        if seconds:
            self._sum.inc(seconds)
        for bucket, count in zip(self._buckets, slots, strict=True):
            if count:
                bucket.inc(count)


class _WorkerFigures(Collector):
    """The worker's figures, read off its file when they are asked for."""

    def __init__(self, data: Path, clock: Callable[[], datetime]) -> None:
        self.registry = CollectorRegistry()
        self._data = data
        self._clock = clock
        self.registry.register(self)

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        state = read_worker_file(self._data)
        alive = state is not None and not state.is_silent(self._clock())
        yield GaugeMetricFamily("ivr_worker_alive", "1 while the worker of this host is seen.", value=int(alive))
        if state is not None:
            yield from self._figures(state)

    def _figures(self, state: WorkerState) -> Iterator[Metric]:
        age = state.age(self._clock())
        yield GaugeMetricFamily("ivr_worker_age_seconds", "Since the worker was last seen.", value=age)
        yield GaugeMetricFamily("ivr_journal_behind_bytes", "Journal not drained yet.", value=state.behind_bytes)
        yield GaugeMetricFamily(
            "ivr_journal_behind_seconds", "Age of the oldest line not drained.", value=state.behind_seconds
        )
        yield CounterMetricFamily("ivr_journal_drained", "Lines drained since the worker began.", value=state.drained)
        yield CounterMetricFamily("ivr_journal_set_aside", "Lines set aside since it began.", value=state.set_aside)
        yield CounterMetricFamily("ivr_database_errors", "Failed tries at the database.", value=state.faults)
        if state.live_calls is not None:
            yield GaugeMetricFamily("ivr_live_calls", "Calls under way, of all hosts.", value=state.live_calls)
            today = GaugeMetricFamily("ivr_calls_today", "Calls ended today, of all hosts.", labels=("disposition",))
            for disposition, count in sorted(state.today.items()):
                today.add_metric((disposition,), count)
            yield today
