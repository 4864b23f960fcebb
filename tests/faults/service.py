"""The real service in processes of its own: started as a clinic starts it, looked at through /proc, surely ended.

`python -m ivr serve` becomes gunicorn under the same process id. Workers are its children; every process of a service
belongs to one process group of its own, which is killed whole at the end.
"""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ivr.settings import PRACTICE_ACCOUNT

ROOT = Path(__file__).parents[2]
TOKEN = "0123456789abcdef0123456789abcdef"
SECRET = "a-secret-of-the-tests-long-enough"
WORKERS = 2
T = TypeVar("T")
PR_SET_PDEATHSIG = 1  # prctl(2)
LONG_SECONDS = 180.0  # for what takes a second on an idle machine; a test gives up only when something hangs


class TooLate(Exception):
    """Something that had to happen did not; the text says what."""


@dataclass(frozen=True, slots=True)
class Service:
    """A running service: gunicorn's first process, its port on 127.0.0.1, its folders and what it printed."""

    master: subprocess.Popen[bytes]
    port: int
    config: Path
    data: Path
    log: Path
    account: str = PRACTICE_ACCOUNT

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def journal(self) -> Path:
        return self.data / "journal"

    def workers(self) -> list[int]:
        """Process ids of the workers that live, oldest first."""
        children = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text().split()
        return sorted(int(pid) for pid in children if state_of(int(pid)) not in {"", "Z", "X"})

    def connect(self, timeout: float = LONG_SECONDS) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def connect_to(self, worker: int) -> http.client.HTTPConnection:
        """A kept-alive connection that this worker accepted: the others are frozen meanwhile."""
        others = [pid for pid in self.workers() if pid != worker]
        with contextlib.ExitStack() as thawed:
            for pid in others:
                thawed.enter_context(frozen(pid))
            connection = self.connect()
            health_of(connection)
        return connection

    def health(self) -> dict[str, Any]:
        """What /healthz says, from whichever worker answers."""
        connection = self.connect()
        try:
            return health_of(connection)
        finally:
            connection.close()

    def printed(self) -> str:
        return self.log.read_text(errors="replace")

    def limit_files(self, most_bytes: int) -> None:
        """No process of the service can make a file longer than this: to it, the disk is full."""
        for pid in (self.master.pid, *self.workers()):
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most_bytes, hard))

    def wait_for_workers(self, count: int = WORKERS, without: frozenset[int] = frozenset()) -> list[int]:
        """The workers, once there are exactly so many, none of them in `without`, and each has answered."""

        def settled() -> list[int]:
            found = self.workers()
            return found if len(found) == count and not without & set(found) else []

        found = wait_until(settled, "the workers did not come up")
        for worker in found:
            self.connect_to(worker).close()
        return found


def health_of(connection: http.client.HTTPConnection) -> dict[str, Any]:
    """What /healthz says over this connection, which stays open."""
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    health: dict[str, Any] = json.loads(answer.read())
    assert answer.status == 200
    return health


@contextlib.contextmanager
def serving(config: Path, data: Path, log: Path, **environment: str) -> Iterator[Service]:
    """A practice service on a free port, answering when the block begins and gone when it ends."""
    service = start(config, data, log, **environment)
    try:
        wait_until(lambda: _answers(service), "the service did not come up")
        yield service
    except TooLate as late:
        raise TooLate(f"{late}; the service printed:\n{service.printed()[-4000:]}") from late
    finally:
        end(service)


def start(config: Path, data: Path, log: Path, **environment: str) -> Service:
    """Start the command that serves, without waiting for anything. Whoever calls this must `end` it."""
    port = _free_port()
    with log.open("ab") as output:
        master = subprocess.Popen(
            [sys.executable, "-m", "ivr", "serve", "--workers", str(WORKERS)],
            cwd=ROOT,
            env=environment_of(config, data, port) | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=end_with_us,
        )
    return Service(master, port, config, data, log)


def end(service: Service) -> None:
    """Kill the service's whole process group. Frozen processes die of it too."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(service.master.pid, signal.SIGKILL)
    service.master.wait(LONG_SECONDS)


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[None]:
    """The process stands still while the block runs; one that has just ended does so anyway."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(lambda: state_of(pid) in {"T", "", "Z", "X"}, "a process could not be frozen")
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def kill(pid: int) -> None:
    """Kill a process and wait until its connections are closed. One that is gone already is left alone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: state_of(pid) in {"", "Z", "X"}, "a process survived SIGKILL")


def state_of(pid: int) -> str:
    """One letter as in proc(5), stat; the empty string when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def resident_megabytes(pid: int) -> float:
    """VmRSS, in units of 10^6 bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) * 1024 / 1e6


def wait_until(look: Callable[[], T], else_: str, seconds: float = LONG_SECONDS) -> T:
    """What `look` gives, as soon as it is true. Raises TooLate with the sentence `else_`."""
    give_up = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > give_up:
            raise TooLate(else_)
        time.sleep(0.02)
    return found


def _answers(service: Service) -> bool:
    if service.master.poll() is not None:
        raise TooLate(f"the service ended with {service.master.returncode}")
    try:
        service.health()
    except (OSError, http.client.HTTPException):
        return False
    return True


def end_with_us() -> None:
    """Runs in the child: when these tests are killed the service is too, and its workers miss it and leave."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def environment_of(config: Path, data: Path, port: int) -> dict[str, str]:
    """Ours without what would change the service, and the practice service's own. Only calls are answered."""
    ours = {"TWILIO_AUTH_TOKEN": TOKEN, "SECRET_KEY": SECRET, "IVR_PRACTICE": "1", "PORT": str(port)}
    ours["IVR_DOORS"] = "voice"  # what is promised of memory and start is promised of the process that takes calls
    return _inherited(os.environ) | ours | {"IVR_CONFIG": str(config), "IVR_DATA": str(data)}


def _inherited(environment: Mapping[str, str]) -> dict[str, str]:
    changing = ("IVR_", "TWILIO_", "PUBLIC_URL", "GUNICORN_", "WEB_CONCURRENCY", "DATABASE_URL", "SECRET_KEY")
    return {name: value for name, value in environment.items() if not name.startswith(changing)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
