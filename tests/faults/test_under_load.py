"""Calls go on while workers are killed, replaced or frozen, the disk is full, or strangers flood the door."""

from __future__ import annotations

import random
import signal
import threading
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import pytest

from ivr.journal.reader import read, scan
from tests.faults.conftest import Start
from tests.faults.load import CALLER, FORM, LINE, Callers, Tally
from tests.faults.service import WORKERS, Service, frozen, health_of, kill, resident_megabytes, wait_until

pytestmark = pytest.mark.timeout(600)  # many times what an idle machine needs

KILLS = 2
RELOADS = 1
TURNS_A_WORKER = 200
MOST_MEGABYTES = 100.0
FROZEN_SECONDS = 5.0  # until a caller gives a worker up: more than a busy machine lets a sound one wait
STRANGER = "CA" + "e" * 32


def report(tally: Tally, **more: float) -> None:
    """Figures for the curious (pytest -rP shows them); they decide nothing."""
    print({"requests": tally.requests, "calls": tally.calls, "broken": tally.broken, **more})


def after(callers: Callers, requests: int) -> None:
    """Return when the callers have had so many more answers."""
    wanted = callers.tally.requests + requests
    wait_until(lambda: callers.tally.requests >= wanted, "the service stopped answering")


def assert_all_served(service: Service, tally: Tally) -> None:
    """Every request answered as it should be, and all that was acknowledged is in the journal."""
    assert tally.faults == []
    assert set(tally.statuses) == {200, 204}
    assert tally.unwritten(service.journal) == []


def test_killed_workers_lose_no_acknowledged_event(start_service: Start) -> None:
    chance = random.Random(11)
    with start_service() as service, Callers(service) as callers:
        under_way = 0
        for _ in range(KILLS):
            after(callers, chance.randrange(30, 90))
            with callers.gate.shut() as requests:
                under_way += requests
                kill(chance.choice(service.workers()))
        after(callers, 60)
    tally, journal = callers.tally, scan(service.journal)
    report(tally, kills=KILLS, under_way=under_way, torn=journal.torn)
    assert_all_served(service, tally)
    assert tally.broken <= under_way  # a kill breaks what the worker was answering, nothing else
    assert journal.torn <= KILLS
    assert journal.broken == 0


def test_a_reload_drops_no_request(service: Service) -> None:
    with Callers(service) as callers:
        for _ in range(RELOADS):
            before = frozenset(service.wait_for_workers())
            service.master.send_signal(signal.SIGHUP)
            service.wait_for_workers(without=before)
            after(callers, 50)
    report(callers.tally, reloads=RELOADS)
    assert_all_served(service, callers.tally)


def test_a_frozen_worker_is_stood_in_for_by_the_other(service: Service) -> None:
    worker = service.wait_for_workers()[0]
    with Callers(service, timeout=FROZEN_SECONDS) as callers:
        after(callers, 60)
        with frozen(worker):
            after(callers, 200)
        after(callers, 60)
    report(callers.tally)
    assert_all_served(service, callers.tally)
    assert worker in service.workers()


def test_calls_go_on_while_the_disk_is_full(start_service: Start) -> None:
    with start_service() as service:
        workers = service.wait_for_workers()
        with Callers(service) as callers:
            after(callers, 60)
        service.limit_files(0)
        with Callers(service, turns=40, workers=tuple(workers)) as unlucky:
            pass
        degraded = [health(service, worker) for worker in workers]
        service.limit_files(-1)
        wait_until(lambda: all(call_once(service, worker) == {200, 204} for worker in workers), "no recovery")
        mended = [health(service, worker) for worker in workers]
    report(unlucky.tally, callbacks_refused=unlucky.tally.statuses[503])
    assert_all_served(service, callers.tally)
    assert unlucky.tally.faults == []
    assert unlucky.tally.statuses[200] >= 40
    assert unlucky.tally.statuses[503] > 0
    assert unlucky.tally.statuses[204] == 0
    assert [(each["status"], each["journal"]["lost"] > 0) for each in degraded] == [("degraded", True)] * WORKERS
    assert [each["status"] for each in mended] == ["ok"] * WORKERS


def health(service: Service, worker: int) -> dict[str, Any]:
    connection = service.connect_to(worker)
    try:
        return health_of(connection)
    finally:
        connection.close()


def call_once(service: Service, worker: int) -> set[int]:
    """The statuses that one call through this worker meets."""
    with Callers(service, turns=1, workers=(worker,)) as callers:
        pass
    return set(callers.tally.statuses)


def test_a_flood_of_strangers_keeps_no_caller_out(service: Service) -> None:
    refused: Counter[int] = Counter()
    stop = threading.Event()
    flood = [threading.Thread(target=knock, args=(service, stop, refused)) for _ in range(4)]
    with Callers(service) as callers:
        for thread in flood:
            thread.start()
        after(callers, 300)
        stop.set()
        for thread in flood:
            thread.join()
    report(callers.tally, strangers=refused.total())
    assert_all_served(service, callers.tally)
    assert set(refused) == {403}
    assert not [entry for entry in read(service.journal) if entry.call == STRANGER]


def knock(service: Service, stop: threading.Event, refused: Counter[int]) -> None:
    """Post an arriving call without a signature, again and again."""
    form = {"CallSid": STRANGER, "AccountSid": service.account, "From": CALLER, "To": LINE, "CallStatus": "ringing"}
    connection = service.connect()
    while not stop.is_set():
        connection.request("POST", "/voice/incoming", urlencode(form), {"Content-Type": FORM})
        answer = connection.getresponse()
        answer.read()
        refused[answer.status] += 1
    connection.close()


def test_a_worker_stays_small_after_hundreds_of_turns(service: Service) -> None:
    workers = tuple(service.wait_for_workers())
    before = [resident_megabytes(worker) for worker in workers]
    with Callers(service, turns=TURNS_A_WORKER, workers=workers) as callers:
        pass
    grown = [resident_megabytes(worker) for worker in workers]
    report(callers.tally, megabytes=max(grown), megabytes_before=max(before))
    assert_all_served(service, callers.tally)
    assert callers.tally.broken == 0
    assert max(grown) < MOST_MEGABYTES
