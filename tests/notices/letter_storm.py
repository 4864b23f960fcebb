"""A worker in a process of its own, a real mail server and Twilio's double, and all that can go wrong between them.

What goes wrong is spread over the letters: each trouble begins when so many of them have been taken.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from ivr.notices.outgoing import LEASE
from tests.carrier.messages_double import Messages, Refusal
from tests.conftest import ROOT

from .letter_worker import Order, crowd, stands_at, written
from .mail_server import DIES, HANGS, Handler, mail_server_with

PATIENCE_SECONDS = 2.0
LOOK_SECONDS = 0.01
STUCK_SECONDS = 120.0  # without any letter taken, and nothing over

# What goes wrong in every thousand letters, and in fewer at least once. Besides, workers are killed.
MAIL = (DIES, DIES, "451 try later", "451 try later", HANGS)
TEXTS = ("lost", "lost", "hang", "reset", "half", Refusal(429, 20429), Refusal(503, 20503))
LISTS = (Refusal(500, 20500), "reset")


@dataclass
class Storm:
    """A worker and what it talks to. `doubtful` are mails that may have been under way when a worker was killed or the
    server went down."""

    folder: Path
    database: str
    people: int
    messages: Messages
    mail: Handler = field(default_factory=Handler)
    chance: Random = field(default_factory=lambda: Random(5))
    doubtful: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    port: int = 0

    def __post_init__(self) -> None:
        self._clock, self._failures, self._said = (self.folder / each for each in ("clock", "failures", "said"))
        self._clock.write_bytes(written(datetime.now(UTC)))  # Twilio's list tells real moments
        self._failures.touch()
        nobody = list(crowd(self.people).people.values())[-1]
        self.mail.unknown.add(nobody.mail)
        self.messages.unknown.add(nobody.text)
        self._server = ExitStack()
        self._worker: subprocess.Popen[bytes] | None = None

    @property
    def taken(self) -> int:
        return len(self.mail.taken) + len(self.messages.taken)

    def failures(self) -> list[dict[str, str]]:
        """What the workers learned of attempts that failed; a killed one may leave half a line."""
        lines = self._failures.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def rage(self, letters: int) -> None:
        """Send about so many letters, in spite of everything. Fails when nothing moves any more."""
        troubles = self._troubles(max(1, letters // 1000))
        self.chance.shuffle(troubles)
        with self._reserved(), self._server, self._no_worker_after():
            self._up()
            self._begin()
            for place, trouble in enumerate(troubles):
                self._wait_for(0.8 * letters * place / len(troubles))
                trouble()
            self._wait(lambda: False)

    # What goes wrong. -----------------------------------------------------------------------------------------------

    def _troubles(self, times: int) -> list[Callable[[], None]]:
        mail, texts, lists = self.mail.words, self.messages.troubles, self.messages.list_troubles
        found: list[Callable[[], None]] = [self._kill_any_time, self._go_down]
        found += [partial(mail.append, partial(self._kill, "after a mail"))]
        found += [partial(texts.append, partial(self._kill, "after a text"))]
        found += [partial(mail.append, word) for word in MAIL]
        found += [partial(texts.append, trouble) for trouble in TEXTS]
        found += [partial(lists.append, fault) for fault in LISTS]
        return found * times

    def _kill(self, when: str) -> None:
        if self._worker and self._worker.poll() is None:
            self.killed[when] += 1
            self._worker.kill()

    def _kill_any_time(self) -> None:
        self._wait_for(self.taken + 1)
        time.sleep(self.chance.uniform(0.0, 0.03))
        self._kill("at any time")

    def _go_down(self) -> None:
        """The mail server is gone until the worker has seen it."""
        self._server.close()
        self._doubt()
        before = len(self.failures())
        self._wait(lambda: any("nobody listens" in each["why"] for each in self.failures()[before:]))
        self._up()

    def _doubt(self) -> None:
        if self.mail.taken:
            self.doubtful[self.mail.taken[-1]["Message-ID"]] += 1

    # The worker and the mail server. --------------------------------------------------------------------------------

    @contextmanager
    def _reserved(self) -> Iterator[None]:
        """A port that nobody else gets while the mail server is down; whoever asks is refused."""
        with socket.socket() as ours:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            ours.bind(("127.0.0.1", 0))
            self.port = int(ours.getsockname()[1])
            yield

    @contextmanager
    def _no_worker_after(self) -> Iterator[None]:
        try:
            yield
        finally:
            if self._worker:
                self._worker.kill()
                self._worker.wait()

    def _up(self) -> None:
        self._server.enter_context(mail_server_with(self.mail, self.port))

    def _begin(self) -> None:
        order = Order(
            database=self.database,
            holder=f"worker {self.killed.total()}",
            people=self.people,
            smtp=self.port,
            twilio=self.messages.port,
            patience=PATIENCE_SECONDS,
            clock=str(self._clock),
            failures=str(self._failures),
        )
        command = [sys.executable, "-m", "tests.notices.letter_worker", json.dumps(asdict(order))]
        with self._said.open("ab") as said:
            self._worker = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)

    def _wait_for(self, taken: float) -> None:
        self._wait(lambda: self.taken >= taken)

    def _wait(self, reached: Callable[[], object]) -> None:
        """Until then, or until the worker has nothing left; one that was killed gets a successor."""
        moved, taken = time.monotonic(), self.taken
        while not reached():
            assert self._worker
            if (code := self._worker.poll()) == 0:
                return
            if code is not None:
                assert code == -9, self._said.read_text()[-2000:]
                self._doubt()
                self._clock.write_bytes(written(stands_at(self._clock) + LEASE + timedelta(seconds=1)))
                self._begin()
            if self.taken != taken:
                moved, taken = time.monotonic(), self.taken
            assert time.monotonic() - moved < STUCK_SECONDS, f"nothing moves any more after {taken} letters"
            time.sleep(LOOK_SECONDS)


def repeats(arrived: Sequence[str]) -> Counter[str]:
    """How often more than once each arrived."""
    return Counter({each: times - 1 for each, times in Counter(arrived).items() if times > 1})
