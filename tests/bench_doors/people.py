"""People at the console, as their browsers ask it, and one export over and over: the load that calls must not feel.

A process of its own: `python -m tests.bench_doors.people FILE`, where FILE holds an `Order` as JSON. Each person is a
thread with a kept-alive connection and a page that stays open. What an open page asks for by itself, and how often, is
read off the page. Prints `ready` once all pages are open and the export flows, works until its input ends, and prints
what came of it in between as one JSON object.
"""

from __future__ import annotations

import html
import http.client
import json
import random
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench_doors.seats import CSV, Order, Seat, read_order

POLL = re.compile(r'hx-get="([^"]+)" hx-trigger="every ([0-9]+)s"')
PICTURE = re.compile(r'<img src="(/reports/chart/[^"]+)"')
POLLED = {"HX-Request": "true", "HX-Polled": "1"}
QUICKER = 1.25  # each page asks a quarter more often than it says
SPREAD_SECONDS = 4.0
FIRST_STAYS = (0.0, 30.0)
STAYS = (15.0, 30.0)
GLANCES = (2.0, 6.0)
TIMEOUT_SECONDS = 60.0
PIECE = 1 << 16


@dataclass(slots=True)
class Tally:
    """What came of it all: milliseconds by what was asked for, whole exports and their bytes, and what was wrong."""

    polls: dict[str, list[float]] = field(default_factory=dict)
    pages: dict[str, list[float]] = field(default_factory=dict)
    exports: list[float] = field(default_factory=list)
    exported_bytes: int = 0
    failed: int = 0
    fault: str = ""
    busy: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wrong(self, fault: str) -> None:
        with self.lock:
            self.failed += 1
            self.fault = self.fault or fault

    def begin_anew(self) -> None:
        """Forget all but what was wrong: only what is asked for from now on counts."""
        with self.lock:
            self.polls.clear()
            self.pages.clear()
            self.exports.clear()
            self.exported_bytes = 0

    def as_json(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__ if name != "lock"})


class Browser:
    """A signed-in browser: one connection that is kept and made anew when the server let go of it."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        self._headers = {"Cookie": cookie, "Host": "ivr.example.com"}

    def get(self, address: str, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
        """The answer, not read yet; asked for once more where a kept connection was closed, as browsers do."""
        try:
            return self._sent(address, headers or {})
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._connection.close()
            return self._sent(address, headers or {})

    def close(self) -> None:
        self._connection.close()

    def _sent(self, address: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        self._connection.request("GET", address, headers={**self._headers, **headers})
        return self._connection.getresponse()


@dataclass(slots=True)
class Visitor:
    """One person: a page that stays open, and other pages now and then."""

    seat: Seat
    browser: Browser
    chance: random.Random
    tally: Tally
    stop: threading.Event
    seated: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        self.stop.wait(self.chance.uniform(0, SPREAD_SECONDS))
        if not self._visit(self.seat.place, self.seat.address, FIRST_STAYS):
            self.tally.wrong(f"{self.seat.place}: this page asks for nothing by itself")
        while not self.stop.is_set():
            other = self.chance.choice(sorted(self.seat.others))
            self._visit(other, self.seat.others[other], GLANCES)
            self._visit(self.seat.place, self.seat.address, STAYS)
        self.browser.close()

    def _visit(self, what: str, address: str, stays: tuple[float, float]) -> list[tuple[str, float]]:
        """Open a page and stay there for a while; what it asks for by itself, and every how many seconds."""
        if self.stop.is_set():
            return []
        body = self._ask(self.tally.pages, what, address, {}, "</html>")
        for picture in PICTURE.findall(body):
            self._ask(self.tally.pages, "a chart", html.unescape(picture), {}, "<svg")
        polls = [(html.unescape(address), int(seconds) / QUICKER) for address, seconds in POLL.findall(body)]
        self.seated.set()
        now = time.monotonic()
        end, due = now + self.chance.uniform(*stays), {address: now + every for address, every in polls}
        while not self._waited(min([end, *due.values()])) and time.monotonic() < end:
            for polled, every in polls:
                if due[polled] <= time.monotonic():
                    self._ask(self.tally.polls, what, polled, POLLED, "")
                    due[polled] = max(due[polled] + every, time.monotonic())
        return polls

    def _waited(self, until: float) -> bool:
        return self.stop.wait(max(0.0, until - time.monotonic()))

    def _ask(self, kept: dict[str, list[float]], what: str, address: str, headers: dict[str, str], holds: str) -> str:
        began = time.perf_counter()
        try:
            answer = self.browser.get(address, headers)
            body = answer.read().decode()
        except (OSError, http.client.HTTPException) as fault:
            self.browser.close()
            self.tally.wrong(f"{what}: {type(fault).__name__}")
            return ""
        took = (time.perf_counter() - began) * 1000
        if answer.status != 200 or holds not in body or not body:
            self.tally.wrong(f"{what}: status {answer.status}, {len(body)} characters")
        if not self.stop.is_set():
            with self.tally.lock:
                kept.setdefault(what, []).append(took)
        return body


@dataclass(slots=True)
class Exporter:
    """Somebody who fetches all calls as a file, over and over. A whole file holds at least `calls` of them."""

    browser: Browser
    calls: int
    tally: Tally
    stop: threading.Event
    flows: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self._fetch()
            except (OSError, http.client.HTTPException) as fault:
                self.tally.wrong(f"the export: {type(fault).__name__}")
            self.browser.close()
            self.flows.set()

    def _fetch(self) -> None:
        began, lines = time.perf_counter(), 0
        answer = self.browser.get(CSV)
        if answer.status != 200:
            self.tally.wrong(f"the export: status {answer.status}")
            self.stop.wait(1.0)
            return
        for piece in iter(lambda: answer.read(PIECE), b""):
            lines += piece.count(b"\n")
            with self.tally.lock:
                self.tally.exported_bytes += len(piece)
            self.flows.set()
            if self.stop.is_set():
                return
        self.tally.exports.append(time.perf_counter() - began)
        if lines <= self.calls:
            self.tally.wrong(f"the export: {lines - 1} calls where there are {self.calls}")


def work(order: Order, tally: Tally) -> None:
    """Until the input ends."""
    stop = threading.Event()
    exporter = Exporter(Browser(order.port, order.exporter), order.calls, tally, stop)
    visitors = [
        Visitor(seat, Browser(order.port, seat.cookie), random.Random(f"{order.seed} {number}"), tally, stop)
        for number, seat in enumerate(order.seats)
    ]
    runs = [exporter.run, *(visitor.run for visitor in visitors)]
    threads = [threading.Thread(target=run, daemon=True) for run in runs]
    for thread in threads:
        thread.start()
    for begun in (exporter.flows, *(visitor.seated for visitor in visitors)):
        if not begun.wait(TIMEOUT_SECONDS):
            tally.wrong("somebody got no page, or no export, in a minute")
            return
    tally.begin_anew()
    print("ready", flush=True)
    began, computed = time.perf_counter(), time.process_time()
    sys.stdin.read()
    tally.busy = (time.process_time() - computed) / (time.perf_counter() - began)
    if not all(thread.is_alive() for thread in threads):
        tally.wrong("somebody left before the end")
    stop.set()
    for thread in threads:
        thread.join(TIMEOUT_SECONDS)
        if thread.is_alive():
            tally.wrong("an answer took longer than a minute")


def main(path: str) -> None:
    tally = Tally()
    work(read_order(Path(path)), tally)
    print(tally.as_json(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
