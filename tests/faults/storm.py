"""Publishes and rollbacks in a storm while calls are under way on two hosts.

Every version speaks its edition, so a call that mixes two gives itself away. Beside callers in a hurry there are
patient ones, who take their next step only when several more versions have gone live. `IVR_STORM=500` makes the storm
of tests/faults/test_publish_storm.py so large.
"""

from __future__ import annotations

import contextlib
import functools
import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import Engine, select

from ivr.call_flow.model import Routing
from ivr.call_log.database import reading
from ivr.call_log.tables import CallRow, EventRow
from ivr.cli.telephone import Telephone
from ivr.publishing.examination import Examination
from ivr.publishing.publish import publish, rollback
from ivr.publishing.versions import Publication, live, publications
from ivr.routing.compile import compile_files, version_of
from ivr.routing.folder import read_folder
from ivr.routing.versions import Versions
from tests.faults.editions import MARKED, Heard, marked
from tests.faults.hosts import Host, wait_for_drains
from tests.faults.load import CALLER, FORM, LINE, Callers, Gate, Tally, Wire
from tests.faults.service import TOKEN, Service, wait_until

PATIENCE = 6  # versions that go live while a patient caller thinks
ROLLBACK_EVERY = 4  # changes


@dataclass(frozen=True, slots=True)
class Storm:
    """What came of it. `last` is what was live in the end, `versions` by the calls of the log, the calls' own."""

    last: Publication
    published: int
    rolled_back: int
    seconds: float
    tallies: Sequence[Tally]
    patient: int
    heard: Heard
    versions: Mapping[str, frozenset[str]]

    def figures(self) -> dict[str, object]:
        """For the curious."""
        calls = sum(tally.calls for tally in self.tallies) + self.patient
        return {
            "publishes": self.published,
            "rollbacks": self.rolled_back,
            "calls": calls,
            "calls a second": round(calls / self.seconds, 1),
            "requests": sum(tally.requests for tally in self.tallies),
            "patient calls": self.patient,
            "editions heard": len(self.heard.all()),
        }


def storm(
    hosts: Sequence[Host], engine: Engine, changes: int, *, pause: float, callers: int = 2, rest: float = 0.0
) -> Storm:
    """So many publishes and rollbacks, `pause` seconds apart, then wait until all hosts are of one mind."""
    wait_until(lambda: _first(engine), "the worker did not publish the first version")
    heard, changer = Heard(), _Changer(engine, hosts[0].service.config)
    crowd = functools.partial(Callers, count=callers, overhear=heard, rest=rest)
    with contextlib.ExitStack() as thinking:
        patient = [thinking.enter_context(contextlib.closing(_Patient(host.service, heard))) for host in hosts]
        seconds, tallies, last = _under_way(hosts, engine, changer, patient, crowd, changes, pause)
        for each in patient:
            each.go_on(0)
    wait_for_drains(hosts)
    return Storm(
        last,
        changer.published,
        changer.rolled_back,
        seconds,
        tallies,
        sum(each.calls for each in patient),
        heard,
        _versions(engine),
    )


def edition_now(service: Service) -> set[str]:
    """The edition that a new call hears on this host."""
    heard = Heard()
    with contextlib.closing(_Patient(service, heard)) as patient:
        patient.begin()
        patient.go_on(0)
    return heard.all()


def _under_way(
    hosts: Sequence[Host],
    engine: Engine,
    changer: _Changer,
    patient: Sequence[_Patient],
    crowd: Callable[[Service], Callers],
    changes: int,
    pause: float,
) -> tuple[float, list[Tally], Publication]:
    """The storm itself: how long it took, what callers met, and what is live on all hosts in the end."""
    with contextlib.ExitStack() as calling:
        crowds = [calling.enter_context(crowd(host.service)) for host in hosts]
        began = time.monotonic()
        for _ in range(changes):
            for each in patient:
                each.begin()
            changer.change()
            time.sleep(pause)
            for each in patient:
                each.go_on(PATIENCE)
        last = live(engine)
        assert last is not None
        wait_until(lambda: all(_serves(host, last) for host in hosts), "a host does not end on the last version")
        seconds = time.monotonic() - began
    return seconds, [crowd.tally for crowd in crowds], last


class _Changer:
    """Publishes editions and rolls back. How versions are examined is tested elsewhere: each takes seconds."""

    def __init__(self, engine: Engine, config: Path) -> None:
        self._engine = engine
        self._files, _ = read_folder(config)
        self._texts = {name: self._files[str(name)].decode() for name in MARKED}
        routing = compile_files(self._files).routing
        assert routing is not None
        self._routing: Routing = routing
        self._chance = random.Random(5)
        self.published = self.rolled_back = 0

    def change(self) -> None:
        now = datetime.now(UTC)
        if (self.published + self.rolled_back) % ROLLBACK_EVERY == ROLLBACK_EVERY - 1:
            number = self._chance.randint(2, self.published + 1)
            rollback(self._engine, number, actor="storm", message="back", now=now)
            self.rolled_back += 1
            return
        self.published += 1
        parent = live(self._engine)
        files = {**self._files, **{str(name): text.encode() for name, text in self._next().items()}}
        made = publish(
            self._engine,
            files,
            Examination(version_of(files), self._routing, ()),
            parent=parent.number if parent else None,
            author="storm",
            message=f"edition {self.published}",
            now=now,
        )
        assert isinstance(made, Publication)

    def _next(self) -> dict[Path, str]:
        return marked(self._texts, self.published)


class _Patient:
    """Callers of one host who hear the first menu, wait, and go on to the topics, which speak the edition again."""

    def __init__(self, service: Service, heard: Heard) -> None:
        self._service = service
        self._heard = heard
        self._wire = Wire(service, Gate())
        self._waiting: deque[Telephone] = deque()
        self.calls = 0

    def begin(self) -> None:
        telephone = Telephone(self._send, self._service.url, self._service.account, TOKEN, CALLER, LINE)
        telephone.dial()
        self._listen(telephone)
        self._waiting.append(telephone)
        self.calls += 1

    def go_on(self, patience: int) -> None:
        """Let all but the last `patience` callers take their steps."""
        while len(self._waiting) > patience:
            telephone = self._waiting.popleft()
            telephone.press("3")
            self._listen(telephone)
            telephone.hang_up()

    def close(self) -> None:
        self._wire.close()

    def _listen(self, telephone: Telephone) -> None:
        self._heard(telephone.sid, telephone.moment.words)

    def _send(self, url: str, form: Mapping[str, str], signature: str) -> tuple[int, str]:
        headers = {"Content-Type": FORM, "X-Twilio-Signature": signature}
        status, body, _ = self._wire.post(url.removeprefix(self._service.url), urlencode(form), headers)
        return status, body.decode()


def _first(engine: Engine) -> bool:
    with contextlib.suppress(Exception):  # the worker is still making the tables
        return bool(publications(engine, limit=1))
    return False


def _serves(host: Host, published: Publication) -> bool:
    """The host's disk names it as live, and each web process that answers us serves it."""
    noted = Versions(host.service.data / "routing").live() == published.hash
    return noted and all(_version(host.service) == published.hash for _ in range(6))


def _version(service: Service) -> str:
    version: str = service.health()["routing"]["version"]
    return version


def _versions(engine: Engine) -> dict[str, frozenset[str]]:
    """By call: every version that one of its facts was written down with, and the call's own."""
    found: dict[str, set[str]] = {}
    with reading(engine) as connection:
        facts = select(EventRow.call_sid, EventRow.version).where(EventRow.version != "").distinct()
        for sid, version in (*connection.execute(facts), *connection.execute(select(CallRow.sid, CallRow.version))):
            found.setdefault(sid, set()).add(version)
    return {sid: frozenset(versions) for sid, versions in found.items()}
