"""Web servers in threads of this process, for as long as a block runs; and ports where nobody answers."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol, TypeVar

from flask import Flask
from werkzeug.serving import make_server


class Quiet(BaseHTTPRequestHandler):
    """A handler that writes nothing on the screen."""

    def log_message(self, *_words: object) -> None:
        """Silent."""


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port on which `handler` answers, behind a certificate where `tls` has one. A handler that hangs is left."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Double(Protocol):
    """State of a service that tests play; what hangs in it ends when it closes."""

    port: int
    closing: threading.Event


Played = TypeVar("Played", bound=Double)


@contextmanager
def playing(double: Played, handler: type[BaseHTTPRequestHandler]) -> Iterator[Played]:
    """A double that listens until the end; its handlers find it as their `state`."""
    own = type(handler.__name__, (handler,), {"state": double})
    with listening(own) as double.port:
        try:
            yield double
        finally:
            double.closing.set()


@contextmanager
def served(build: Callable[[int], Flask]) -> Iterator[int]:
    """The port on which an app answers; `build` is told it first, and nobody else can take it meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as ours:
        port = int(ours.getsockname()[1])
        server = make_server("127.0.0.1", port, build(port), threaded=True, fd=ours.fileno())
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield port
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@contextmanager
def nobody() -> Iterator[int]:
    """A port that is taken and refuses every connection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])
