"""Hosts as a clinic runs them: a service and a worker in processes of their own, killed at random and started again."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ivr.journal.drainer import DRAINED, lag_of
from ivr.journal.following import bytes_from, journal_files
from ivr.journal.reader import read
from tests.faults.conftest import copy_configuration
from tests.faults.service import (
    LONG_SECONDS,
    ROOT,
    WORKERS,
    Service,
    end_with_us,
    environment_of,
    kill,
    serving,
    wait_until,
)


@dataclass(slots=True)
class Host:
    """A service and its worker. `process` is the worker's present one."""

    name: str
    service: Service
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]

    def start_worker(self) -> None:
        self.process = worker_of(self.service, self.environment)

    def kill_worker(self) -> None:
        kill(self.process.pid)
        self.process.wait()

    def stop_worker(self) -> None:
        """In good order: its database's write-ahead log is taken over."""
        self.process.terminate()
        self.process.wait(LONG_SECONDS)

    def is_drained(self) -> bool:
        return lag_of(self.service.journal, datetime.now(UTC)).bytes == 0

    def journal_keys(self) -> set[tuple[str, str]]:
        """Every entry that ever stood in this host's journal, as call and key."""
        folders = (self.service.journal, self.service.journal / DRAINED)
        return {(entry.call, entry.key) for entry in read(*folders)}

    def journal_bytes(self) -> int:
        return sum(bytes_from(path, 0) for path in journal_files(self.service.journal))


@contextlib.contextmanager
def running_hosts(folder: Path, names: Sequence[str], address: str, **environment: str) -> Iterator[list[Host]]:
    """One host for each name, all on one database; every process is gone when the block ends."""
    with contextlib.ExitStack() as stack:
        hosts = []
        for name in names:
            own = folder / name
            own.mkdir()
            copy_configuration(own)
            given: dict[str, str] = {"DATABASE_URL": address, "IVR_HOST_NAME": name, **environment}
            service = stack.enter_context(serving(own / "config", own / "var", own / "log", **given))
            host = Host(name, service, given, worker_of(service, given))
            stack.callback(host.kill_worker)
            hosts.append(host)
        for host in hosts:
            host.service.wait_for_workers()
        yield hosts


@contextlib.contextmanager
def killings(hosts: Sequence[Host], every: float, chance: random.Random) -> Iterator[list[str]]:
    """Kill a web process or a worker at random, again and again; the list says which. Workers are started again."""
    stop, killed = threading.Event(), list[str]()

    def kill_some() -> None:
        while not stop.wait(every * chance.uniform(0.5, 1.5)):
            host = chance.choice(hosts)
            if chance.random() < 0.4:
                host.kill_worker()
                host.start_worker()
                killed.append("worker")
            elif len(found := host.service.workers()) == WORKERS:
                kill(chance.choice(found))
                killed.append("web")

    thread = threading.Thread(target=kill_some)
    thread.start()
    try:
        yield killed
    finally:
        stop.set()
        thread.join()
        for host in hosts:  # a process ends with the thread that started it: see `end_with_us`
            host.kill_worker()
            host.start_worker()


def wait_for_drains(hosts: Sequence[Host]) -> None:
    wait_until(lambda: all(host.is_drained() for host in hosts), "the journals were not drained")


def worker_of(service: Service, given: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """The worker of a service's data folder, which the caller must end; `given` is added to its environment."""
    environment = environment_of(service.config, service.data, service.port)
    with (service.log.parent / "worker.log").open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "ivr", "worker"],
            cwd=ROOT,
            env={**environment, **given},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=end_with_us,
        )
