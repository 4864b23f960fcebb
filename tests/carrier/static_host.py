"""A host that serves files as they are: where a fallback document lives, and what may answer in our place."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.local_server import Quiet, listening


@dataclass(slots=True)
class StaticHost:
    """Status and body by path, for GET and POST; a GET of what is not there is a 404, a POST `posted`.

    With `get_only` it answers 405 to a POST; with `cut` it sends less than it announces.
    """

    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    posted: int = 404
    kind: str = "text/xml; charset=utf-8"
    get_only: bool = False
    cut: bool = False
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def static_host(tls: ssl.SSLContext | None = None) -> Iterator[StaticHost]:
    """A host that listens until the end, behind a certificate where `tls` has one."""
    host = StaticHost()

    class Handler(Quiet):
        def do_GET(self) -> None:
            status, body = host.files.get(self.path, (404, ""))
            self.answer(status, body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = host.files.get(self.path, (host.posted, ""))
            self.answer(405 if host.get_only else status, body)

        def answer(self, status: int, body: str) -> None:
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", host.kind)
            self.send_header("Content-Length", str(len(data) + host.cut))
            self.end_headers()
            self.wfile.write(data)

    with listening(Handler, tls) as host.port:
        yield host
