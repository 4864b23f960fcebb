"""A real SMTP server on this machine, which does as it is told; and servers that do not behave at all."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

DIES = "take it, and cut the line instead of an answer"
HANGS = "take nothing, and never answer"
HANG_SECONDS = 60.0
USER, PASSWORD = "frontdesk", "a password of the tests"


@dataclass
class Handler:
    """Keeps what it takes. `sender`, `receiver` and `words` are answers, one a letter; then all is taken.

    Instead of an answer `words` may say DIES or HANGS, or be called when the letter is taken, before the line is cut.
    Mail to anybody in `unknown` is refused for good.
    """

    taken: list[EmailMessage] = field(default_factory=list)
    sender: list[str] = field(default_factory=list)
    receiver: list[str] = field(default_factory=list)
    words: list[str | Callable[[], None]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.sender and not (answer := self.sender.pop(0)).startswith("250"):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.receiver and not (answer := self.receiver.pop(0)).startswith("250"):
            return answer
        if address in self.unknown:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        word = self.words.pop(0) if self.words else "250 OK"
        answer = word if isinstance(word, str) else DIES
        if answer == HANGS:
            await asyncio.sleep(HANG_SECONDS)
        if answer.startswith("250") or answer == DIES:
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
            found = message_from_bytes(envelope.content, policy=default)
            assert isinstance(found, EmailMessage)
            self.taken.append(found)
        if not isinstance(word, str):
            word()
        if answer == DIES:
            server.transport.abort()
        return answer


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens."""

    handler: Handler
    port: int


class _OnSocket(Controller):
    """Listens on a socket that is open already: a port that was only looked up may be somebody else's by then."""

    def __init__(self, handler: Handler, ours: socket.socket, **options: Any) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=int(ours.getsockname()[1]), **options)
        self._ours = ours

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._ours, ssl=self.ssl_context)


@contextmanager
def mail_server(**options: Any) -> Iterator[Running]:
    """An SMTP server; the options are aiosmtpd's."""
    with mail_server_with(Handler(), **options) as server:
        yield server


@contextmanager
def mail_server_with(handler: Handler, port: int = 0, **options: Any) -> Iterator[Running]:
    """The same with this handler, at a port that is free if one is given."""
    with socket.create_server(("127.0.0.1", port)) as ours:
        controller = _OnSocket(handler, ours, **options)
        controller.start()
        try:
            yield Running(handler, controller.port)
        finally:
            controller.stop()


@contextmanager
def silent_server(act: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """A server of raw bytes: what it does with each connection is `act`'s affair. Its port."""
    closing = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)

        def serve() -> None:
            while not closing.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection:
                    act(connection, closing)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            closing.set()
            thread.join()


def authenticator(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    """Knows one user."""
    known = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=given == known, handled=False)
