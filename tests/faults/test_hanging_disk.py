"""A real service on a disk whose syncs hang: one thread a process waits for it, all other callers get their answers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tests.faults.conftest import copy_configuration
from tests.faults.load import Callers
from tests.faults.service import WORKERS, Service, serving, wait_until
from tests.faults.shim import Shim

pytestmark = pytest.mark.timeout(600)  # many times what an idle machine needs

TWILIO_SECONDS = 15.0
HANGS_SECONDS = 6.0
CALLERS = 20  # more than one process has threads


@pytest.fixture
def hanging(tmp_path_factory: pytest.TempPathFactory, shim: Shim) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("hanging")
    copy_configuration(folder)
    with serving(folder / "config", folder / "var", folder / "log", **shim.environment) as running:
        running.wait_for_workers()
        yield running


def readiness(service: Service) -> tuple[int, list[str]]:
    connection = service.connect(timeout=TWILIO_SECONDS)
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    faults: list[str] = json.loads(answer.read())["faults"]
    connection.close()
    return answer.status, faults


def test_callers_get_their_answers_while_the_disk_hangs(hanging: Service, shim: Shim) -> None:
    with Callers(hanging, CALLERS, rest=0.02) as callers:
        wait_until(lambda: callers.tally.requests > 100, "the service does not answer")
        with shim.hanging_disk():
            began, before = time.monotonic(), callers.tally.requests
            while time.monotonic() - began < HANGS_SECONDS:
                ready = readiness(hanging)
            answered = callers.tally.requests - before
            health = hanging.health()
        wait_until(lambda: readiness(hanging)[0] == 200, "it did not recover")
    with Callers(hanging, 4, turns=4 * WORKERS) as after:
        pass
    tally = callers.tally
    print({"answered while it hung": answered, "waited for the disk": tally.broken, "refused": tally.refused_callbacks})
    assert answered > 10 * CALLERS  # not a few before everybody was stuck
    assert ready == (503, ["the journal cannot be written: the disk does not answer"])
    assert "the disk does not answer" in health["journal"]["problem"]
    assert tally.faults == []
    assert tally.lost == 0
    assert after.tally.faults == []
    assert after.tally.unwritten(hanging.journal) == []
