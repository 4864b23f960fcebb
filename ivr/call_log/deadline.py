"""Nobody waits for a database for ever: a transaction that lasts too long has its connection cut, and fails.

A server's own limits do not help when the server itself is frozen, nor do the network's while the other machine still
acknowledges packets. Who waits cannot look at a clock, so somebody else's thread looks from time to time.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event


@dataclass(frozen=True, slots=True)
class _Lent:
    """A connection in somebody's hands, and since when."""

    connection: Any
    since: float


class Deadlines:
    """Watches the connections of one engine. `seconds` is how long one may be held, by `clock` (monotonic)."""

    def __init__(self, engine: Engine, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lent: dict[int, _Lent] = {}
        self._lock = threading.Lock()
        event.listen(engine, "checkout", self._out)
        event.listen(engine, "checkin", self._in)

    def cut_overdue(self) -> int:
        """Cut every connection that is held for too long; how many there were. Whoever waits on one gets an error.

        Until it is given back it is cut again each time: SQLite forgets an interrupt that comes between statements.
        """
        with self._lock:
            late = self._clock() - self._seconds
            overdue = [lent.connection for lent in self._lent.values() if lent.since < late]
            for connection in overdue:
                with suppress(Exception):  # closed at this very moment
                    _cut(connection)
        return len(overdue)

    def _out(self, connection: Any, record: object, _proxy: object) -> None:
        with self._lock:
            self._lent[id(record)] = _Lent(connection, self._clock())

    def _in(self, _connection: Any, record: object) -> None:
        with self._lock:
            self._lent.pop(id(record), None)


def _cut(connection: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.interrupt()
        return
    with socket.socket(fileno=os.dup(connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)
