"""Twilio's Calls as far as calls are placed, over real HTTP on this machine, with their bad days.

Field names follow Twilio's published OpenAPI description of api.v2010, Call (CreateCall).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.carrier.messages_double import Messages, Refusal
from tests.carrier.messages_double import _Handler as BadDays
from tests.carrier.twilio_double import ACCOUNT

PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"


@dataclass(slots=True)
class Calls(Messages):
    """What was placed; every form that was posted is in `posted`. Troubles as in Messages, "lost" among them."""

    placed: list[dict[str, str]] = field(default_factory=list)

    def sid(self, number: int = 0) -> str:
        """The id that the call of this number got."""
        return f"CA{number:032x}"


@contextmanager
def calls_double() -> Iterator[Calls]:
    """A double that listens until the end."""
    double = Calls()

    class Handler(_Handler):
        state = double

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BadDays):
    state: Calls

    def do_POST(self) -> None:
        self.state.asked.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: " ".join(values) for name, values in parse_qs(body).items()}
        self.state.posted.append((self.path, form))
        if self.path != PATH or not self.headers.get("Authorization", "").startswith("Basic "):
            return self._send(401, {"code": 20003, "message": "Authenticate", "status": 401})
        trouble: Refusal | str | None = self.state.troubles.pop(0) if self.state.troubles else None
        if trouble is not None and trouble != "lost":
            return self._fail(trouble)
        sid = self.state.sid(len(self.state.placed))
        self.state.placed.append(form)
        made: dict[str, Any] = {"sid": sid, "account_sid": ACCOUNT, "status": "queued", "direction": "outbound-api"}
        return self._fail("reset") if trouble else self._send(201, made)
