"""Callers in numbers: practice telephones over kept-alive connections that send a broken request once more, as Twilio.

Each keeps account of what the service acknowledged, so that the journal can be held against it afterwards.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import re
import select
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from ivr.cli.telephone import CallDropped, Ended, Key, Message, Ringing, Telephone
from ivr.journal.reader import read
from ivr.voice.links import read_state
from tests.faults.service import LONG_SECONDS, TOKEN, Service
from tests.twiml_rules import faults

LINE = "+14805550100"
CALLER = "+14805550147"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
# What callers do after the first menu; - is silence, ! hangs up. When the keys are used up a caller does what is asked
# for.
WAYS = ("311-10", "932*#2", "4", "0", "-1", "881", "!", "3!", "!", "4!")
MOST_ACTS = 10
CALLBACKS = ("/voice/status", "/voice/recording", "/voice/leg/")
_KEY = re.compile(r"(CA[0-9a-f]{32}:\d+):(?P<tag>[a-z]\w*:)?\w+(?::\d+)?")

Overhear = Callable[[str, str], None]


@dataclass(slots=True)
class Tally:
    """What came of it all. `proofs` are what the journal must hold for what was acknowledged (see `proof_of`)."""

    proofs: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    refused_callbacks: int = 0
    calls: int = 0
    broken: int = 0
    lost: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return self.statuses.total()

    def unwritten(self, journal: Path) -> list[str]:
        """Acknowledged, but not in the journal."""
        return sorted(set(self.proofs) - written(journal))


def written(journal: Path) -> set[str]:
    """Everything the journal proves: each key, and `call:hop` for what was written on the caller's own leg."""
    return {proof for entry in read(journal) for proof in proof_in(entry.key)}


def proof_in(key: str) -> tuple[str, ...]:
    """What an entry's key proves: itself, and on the caller's own leg `call:hop`."""
    parts = _KEY.fullmatch(key)
    return (key, parts[1]) if parts and not parts["tag"] else (key,)


def proof_of(target: str, form: Mapping[str, str]) -> str:
    """What the journal must hold once this request is acknowledged: a key, or `call:hop` where several may fit."""
    call = form.get("ParentCallSid") or form["CallSid"]
    match target.split("/")[2:]:
        case ["incoming"]:
            return f"{call}:0"
        case ["status"]:
            return f"{call}:0:{form['CallStatus']}:CallEnded"
        case ["recording"]:
            return f"{call}:0:{form['RecordingSid']}:RecordingReady"
        case ["turn", *state]:
            return f"{call}:{_hop(state)}"
        case ["leg", phone, *state]:
            return f"{call}:{_hop(state)}:leg{phone}:LegEnded"
        case ["callee", phone, *state]:
            return f"{call}:{_hop(state)}:leg{phone}:WhisperHeard"
        case ["accept", phone, *state]:
            kind = "CallAccepted" if "Digits" in form else "CallDeclined"
            return f"{call}:{_hop(state)}:leg{phone}:{kind}"
        case _:
            raise ValueError("an address that writes nothing")


def _hop(state: list[str]) -> int:
    return read_state(state)[1].hop


class Gate:
    """Counts requests under way. Whoever holds it shut knows how many there are, and none begins meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way = 0

    @contextlib.contextmanager
    def request(self) -> Iterator[None]:
        with self._lock:
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    @contextlib.contextmanager
    def shut(self) -> Iterator[int]:
        with self._lock:
            yield self._under_way


class Wire:
    """One kept-alive connection. A request that breaks is sent once more over a new one, with plenty of time."""

    def __init__(
        self,
        service: Service,
        gate: Gate,
        timeout: float = LONG_SECONDS,
        first: http.client.HTTPConnection | None = None,
    ) -> None:
        self._service = service
        self._gate = gate
        self._timeout = timeout
        self._connection = first or service.connect(timeout)
        self.broken = 0

    def post(self, target: str, body: str, headers: Mapping[str, str]) -> tuple[int, bytes, str]:
        """Status, body, content type. Raises OSError or HTTPException when it breaks a second time."""
        with self._gate.request():
            try:
                if self._closed_meanwhile():
                    self._renew(self._timeout)
                return self._exchange(target, body, headers)
            except (OSError, http.client.HTTPException):
                self.broken += 1
            self._renew(LONG_SECONDS)
            answer = self._exchange(target, body, headers)
            self._connection.timeout = self._timeout
            return answer

    def close(self) -> None:
        self._connection.close()

    def _exchange(self, target: str, body: str, headers: Mapping[str, str]) -> tuple[int, bytes, str]:
        self._connection.request("POST", target, body, dict(headers))
        answer = self._connection.getresponse()
        return answer.status, answer.read(), answer.headers.get("Content-Type", "")

    def _closed_meanwhile(self) -> bool:
        """An idle connection that the other side has closed can be read: it gives the end."""
        open_socket = self._connection.sock
        return open_socket is not None and bool(select.select([open_socket], [], [], 0)[0])

    def _renew(self, timeout: float) -> None:
        self._connection.close()
        self._connection = self._service.connect(timeout)


class Callers:
    """Threads that place one call after another while the block runs. `overhear` gets each call's id and words.

    `timeout` is a first try's, in seconds. With `turns` each of them stops after so many requests of its own; with
    `workers` each talks to one worker only. Each takes a `rest` of so many seconds before a request: whoever only needs
    calls to be under way leaves the machine to others.
    """

    def __init__(
        self,
        service: Service,
        count: int = 4,
        *,
        timeout: float = LONG_SECONDS,
        turns: int | None = None,
        workers: tuple[int, ...] = (),
        overhear: Overhear | None = None,
        rest: float = 0.0,
    ) -> None:
        self.tally = Tally()
        self.gate = Gate()
        self._service = service
        self._timeout = timeout
        self._turns = turns
        self._overhear = overhear
        self._rest = rest
        self._stop = threading.Event()
        self._lock = threading.Lock()
        first = [service.connect_to(worker) if worker else None for worker in workers or (0,) * count]
        self._threads = [
            threading.Thread(target=self._call_on, args=(number, each)) for number, each in enumerate(first)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._turns is None or kind is not None:
            self._stop.set()
        for thread in self._threads:
            thread.join()

    def _call_on(self, number: int, first: http.client.HTTPConnection | None) -> None:
        wire = Wire(self._service, self.gate, self._timeout, first)
        sent = 0
        while not self._stop.is_set() and (self._turns is None or sent < self._turns):
            way = WAYS[number % len(WAYS)]
            number += 1
            try:
                sent += self._place(wire, way)
            except CallDropped as dropped:
                self._note(fault=str(dropped))
            except Exception as error:  # a thread's fault must reach the test
                self._note(fault=f"{type(error).__name__}: {error}")
        self.tally.broken += wire.broken
        wire.close()

    def _place(self, wire: Wire, way: str) -> int:
        """One call from its beginning to its end; how many requests it took."""
        sent = 0

        def send(url: str, form: Mapping[str, str], signature: str) -> tuple[int, str]:
            nonlocal sent
            sent += 1
            return self._send(wire, url, form, signature)

        telephone = Telephone(send, self._service.url, self._service.account, TOKEN, CALLER, LINE)
        telephone.dial()
        self._listen(telephone)
        for key in way.ljust(MOST_ACTS):
            if isinstance(telephone.moment.wait, Ended):
                break
            if key == "!":
                telephone.hang_up()
                break
            _act(telephone, key)
            self._listen(telephone)
        else:
            telephone.hang_up()
        with self._lock:
            self.tally.calls += 1
        return sent

    def _listen(self, telephone: Telephone) -> None:
        if self._overhear:
            self._overhear(telephone.sid, telephone.moment.words)

    def _send(self, wire: Wire, url: str, form: Mapping[str, str], signature: str) -> tuple[int, str]:
        target = url.removeprefix(self._service.url)
        if self._rest:
            self._stop.wait(self._rest)
        headers = {"Content-Type": FORM, "X-Twilio-Signature": signature, "User-Agent": "TwilioProxy/1.1"}
        try:
            status, body, kind = wire.post(target, urlencode(form), headers)
        except (OSError, http.client.HTTPException) as error:
            with self._lock:
                self.tally.lost += 1
            raise CallDropped(f"{target.split('/')[2]}: broken twice: {type(error).__name__}") from error
        self._record(target, form, status, body, kind)
        return status, body.decode()

    def _record(self, target: str, form: Mapping[str, str], status: int, body: bytes, kind: str) -> None:
        callback = target.startswith(CALLBACKS)
        right = status == 204 if callback else status == 200
        wrong = [] if callback or not right else _twiml_faults(body, kind, target, self._service.url)
        with self._lock:
            tally = self.tally
            tally.statuses[status] += 1
            tally.refused_callbacks += callback and status == 503
            tally.faults.extend(wrong)
            if right:
                tally.proofs.append(proof_of(target, form))
            elif not (callback and status == 503):
                tally.faults.append(f"{target.split('/')[2]}: status {status}")

    def _note(self, fault: str) -> None:
        with self._lock:
            self.tally.faults.append(fault)


def _act(telephone: Telephone, key: str) -> None:
    """Press `key` where one is asked for; without one, and anywhere else, do what a willing caller does."""
    match telephone.moment.wait:
        case Key() if key == "-":
            telephone.stay_silent()
        case Key():
            telephone.press(key.strip() or "1")
        case Ringing(phones=phones) if len(phones) == 1:
            telephone.nobody_answers()
        case Ringing():
            telephone.clinic_answers()
        case Message():
            telephone.leave_message()
        case Ended():
            return


def _twiml_faults(body: bytes, kind: str, target: str, base: str) -> list[str]:
    wrong = [] if kind == "text/xml; charset=utf-8" else [f"an answer of type {kind}"]
    return wrong + list(_faults(body, "/voice/callee/" in target or "/voice/accept/" in target, base))


@functools.lru_cache(maxsize=4096)
def _faults(body: bytes, callee: bool, base: str) -> tuple[str, ...]:
    """Answers hold nothing of a caller, so most are the same as one seen before."""
    return tuple(faults(body, callee=callee, base=base))
