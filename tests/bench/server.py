"""A variant under gunicorn: started on a port of its own, pinned to one core, watched through /proc, and ended."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ivr.cli.serve import gunicorn_command
from ivr.settings import read_settings

ROOT = Path(__file__).parents[2]
BOOT_SECONDS = 90.0
END_SECONDS = 20.0


class BenchFault(Exception):
    """The benchmark cannot go on, or its figures would mean nothing; the text says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running variant: its port, and the process ids of gunicorn's one worker."""

    port: int
    worker: int

    def cpu_seconds(self) -> float:
        """User and system time of the worker so far, all threads.

        The same sum as utime and stime of /proc/<pid>/stat, but in nanoseconds instead of hundredths of a second: a
        process's CPU clock has the id that clock_getcpuclockid(3) makes from the process id.
        """
        return time.clock_gettime((~self.worker << 3) | 2)

    def resident_megabytes(self) -> float:
        """VmRSS of the worker, in units of 10^6 bytes."""
        lines = Path(f"/proc/{self.worker}/status").read_text().splitlines()
        kibibytes = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
        return kibibytes * 1024 / 1e6


@contextmanager
def serving(app: str, environment: Mapping[str, str], core: int, log: Path) -> Iterator[Server]:
    """Serve `app` (gunicorn's name for it) with one worker on `core`. Raises BenchFault when it does not come up."""
    port = _free_port()
    own = {**environment, "PORT": str(port)}
    with log.open("wb") as output:
        master = subprocess.Popen(
            _command(app, own),
            cwd=ROOT,
            env=own,
            stdout=output,
            stderr=output,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
        try:
            yield _when_ready(master, port, log)
        finally:
            _end(master)


def _command(app: str, environment: Mapping[str, str]) -> list[str]:
    """Exactly the service's own command, but one worker and perhaps another application."""
    *command, _ = gunicorn_command(read_settings(environment), workers=1)
    return [*command, app]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _when_ready(master: subprocess.Popen[bytes], port: int, log: Path) -> Server:
    """Wait until the worker answers anything at all."""
    give_up = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < give_up and master.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=BOOT_SECONDS)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            connection.close()
            return Server(port, _only_child(master.pid))
        except OSError:
            time.sleep(0.1)
    raise BenchFault(f"a server did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _only_child(master: int) -> int:
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    if len(children) != 1:
        raise BenchFault(f"gunicorn runs {len(children)} workers where one was asked for")
    return int(children[0])


def _end(master: subprocess.Popen[bytes]) -> None:
    """Ask it to stop, and after a while make it: nothing may outlive the benchmark."""
    children = Path(f"/proc/{master.pid}/task/{master.pid}/children")
    workers = [int(pid) for pid in children.read_text().split()] if master.poll() is None else []
    master.terminate()
    try:
        master.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        master.kill()
        master.wait()
