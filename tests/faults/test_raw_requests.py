"""Bytes that no Twilio sends, against the real server: refused with the right status, and calls go on afterwards."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from tests.faults.load import FORM, Callers
from tests.faults.service import LONG_SECONDS, WORKERS, Service

pytestmark = pytest.mark.timeout(600)  # many times what an idle machine needs

THREADS_A_WORKER = 16  # ivr.cli.serve.THREADS
START = "POST /voice/incoming HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: " + FORM + "\r\n"
HEADERS = "".join(f"X-{number}: 1\r\n" for number in range(101))
LARGE = "a" * (65 * 1024)

REFUSED = {
    "a form of 65 KB": (f"{START}Content-Length: {len(LARGE)}\r\n\r\n{LARGE}", 413),
    "ten gigabytes announced": (f"{START}Content-Length: 10000000000\r\n\r\n", 413),
    "a hundred and one fields": (f"{START}Content-Length: {len('a=1&' * 101)}\r\n\r\n" + "a=1&" * 101, 413),
    "a negative length": (f"{START}Content-Length: -1\r\n\r\n", 400),
    "two lengths": (f"{START}Content-Length: 3\r\nContent-Length: 4\r\n\r\na=1", 400),
    "a length and chunks": (f"{START}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "an unknown transfer encoding": (f"{START}Transfer-Encoding: zebra\r\n\r\n", 501),
    "NUL in a header": (f"{START}X-A: a\0b\r\nContent-Length: 0\r\n\r\n", 400),
    "an address of 5,000 characters": (f"POST /voice/{'a' * 5000} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 414),
    "a hundred and one headers": (f"{START}{HEADERS}Content-Length: 0\r\n\r\n", 431),
    "a header of 9 KB": (f"{START}X-A: {'a' * 9216}\r\nContent-Length: 0\r\n\r\n", 431),
    "no HTTP at all": ("hello\r\n\r\n", 400),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_and_calls_go_on(service: Service, case: str) -> None:
    request, status = REFUSED[case]
    with connected(service) as client:
        client.sendall(request.encode("latin-1"))
        assert status_of(client) == status
        assert_calls_go_on(service)  # even while the connection stays open


def test_slow_clients_that_give_up_leave_nothing_behind(service: Service) -> None:
    with contextlib.ExitStack() as open_clients:
        clients = [open_clients.enter_context(connected(service)) for _ in range(WORKERS * THREADS_A_WORKER)]
        for client in clients:
            client.sendall(START.encode())  # and never the rest
    assert_calls_go_on(service)


@contextlib.contextmanager
def connected(service: Service) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", service.port), timeout=LONG_SECONDS) as client:
        yield client


def status_of(client: socket.socket) -> int:
    """The status in the answer's first line."""
    first = b""
    while b"\r\n" not in first:
        received = client.recv(4096)
        assert received, "the connection was closed without an answer"
        first += received
    return int(first.split(None, 2)[1])


def assert_calls_go_on(service: Service) -> None:
    """On every worker a whole call is served."""
    workers = tuple(service.workers())
    with Callers(service, turns=1, workers=workers) as callers:
        pass
    assert callers.tally.faults == []
    assert callers.tally.calls == len(workers) == WORKERS
