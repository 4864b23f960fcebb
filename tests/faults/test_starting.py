"""How the service starts: on the last good configuration, or not at all; and who can reach it then."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.faults.conftest import Start
from tests.faults.load import Callers
from tests.faults.service import LONG_SECONDS, WORKERS, end, health_of, kill, start

pytestmark = pytest.mark.timeout(600)  # many times what an idle machine needs

FINDING = "config/menus.yaml:2: this is not YAML"
LISTENING = "0A"  # proc(5), net/tcp
LOOPBACK = "0100007F"


def spoil(folder: Path) -> None:
    (folder / "config" / "menus.yaml").write_text("menus: [")


def test_it_starts_on_the_last_good_configuration(start_service: Start, clinic_folder: Path) -> None:
    with start_service() as service:
        good = service.health()["routing"]["version"]
    spoil(clinic_folder)
    with start_service() as service:
        workers = tuple(service.wait_for_workers())
        with Callers(service, turns=8, workers=workers) as callers:
            pass
        health = service.health()
    assert callers.tally.faults == []
    assert callers.tally.unwritten(service.journal) == []
    assert (health["status"], health["routing"]["version"]) == ("degraded", good)
    assert FINDING in service.printed()


def test_a_new_worker_serves_the_last_good_configuration(start_service: Start, clinic_folder: Path) -> None:
    with start_service() as service:
        before = service.wait_for_workers()
        good = service.health()["routing"]["version"]
        spoil(clinic_folder)
        kill(before[0])
        (newcomer,) = set(service.wait_for_workers()) - set(before)
        with Callers(service, turns=8, workers=(newcomer,)) as callers:
            pass
        connection = service.connect_to(newcomer)
        assert health_of(connection)["routing"]["version"] == good
        connection.close()
    assert callers.tally.faults == []


def test_it_does_not_start_without_any_configuration_to_use(clinic_folder: Path) -> None:
    spoil(clinic_folder)
    service = start(clinic_folder / "config", clinic_folder / "var", clinic_folder / "log")
    try:
        assert service.master.wait(LONG_SECONDS) != 0
    finally:
        end(service)
    assert FINDING in service.printed()
    assert not list(clinic_folder.glob("var/routing/versions/*"))


def test_practice_mode_is_reached_from_this_machine_only(start_service: Start) -> None:
    with start_service() as service:
        service.wait_for_workers(WORKERS)
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            for line in Path(table).read_text().splitlines()[1:]:
                address, port = line.split()[1].rsplit(":", 1)
                if int(port, 16) == service.port and line.split()[3] == LISTENING:
                    assert address == LOOPBACK
        with socket.socket() as stranger:
            assert stranger.connect_ex(("127.0.0.2", service.port)) != 0
