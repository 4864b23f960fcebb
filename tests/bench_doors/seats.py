"""Who sits at the console during the measurement, each signed in with an account of their own; and the order for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from ivr.accounts.people import accept, invite
from ivr.accounts.roles import Role
from ivr.accounts.sessions import begin
from tests.bench.server import BenchFault

COOKIE = "__Host-ivr"
CSV = "/calls.csv"
PASSWORD = "seven calm horses under one lamp"
# How many of each role have which page open.
PLACES: tuple[tuple[str, Role, int], ...] = (
    ("Today", Role.FRONT_DESK, 10),
    ("To call back", Role.FRONT_DESK, 6),
    ("Health", Role.MANAGER, 4),
)
# What they open in between: pages that both roles may see.
OTHERS = (
    "Calls",
    "Calls, missed in Gilbert",
    "one call",
    "one who waits",
    "Reports, last week",
    "Reports, four weeks",
    "Routing",
    "Try a call",
)


@dataclass(frozen=True, slots=True)
class Seat:
    """One person: the cookie, the page that stays open and where it is, and others by their names."""

    cookie: str
    place: str
    address: str
    others: dict[str, str]


@dataclass(frozen=True, slots=True)
class Order:
    """What `tests/bench_doors/people.py` is to do: at which port, by whom; an export has at least so many `calls`."""

    port: int
    seed: int
    calls: int
    exporter: str
    seats: tuple[Seat, ...]


def seated(engine: Engine, addresses: Mapping[str, str]) -> tuple[Seat, ...]:
    """Everybody in PLACES, signed in. `addresses` are pages by their names."""
    others = {what: addresses[what] for what in OTHERS}
    wanted = [(place, role) for place, role, count in PLACES for _ in range(count)]
    return tuple(
        Seat(_signed_in(engine, f"person-{number}", role), place, addresses[place], others)
        for number, (place, role) in enumerate(wanted, start=1)
    )


def exporting(engine: Engine) -> str:
    """The cookie of somebody who may export."""
    return _signed_in(engine, "exporter", Role.MANAGER)


def write_order(path: Path, order: Order) -> None:
    path.write_text(json.dumps(asdict(order)))


def read_order(path: Path) -> Order:
    """What `write_order` wrote."""
    found = json.loads(path.read_text())
    return Order(**{**found, "seats": tuple(Seat(**seat) for seat in found["seats"])})


def _signed_in(engine: Engine, name: str, role: Role) -> str:
    now = datetime.now(UTC)
    person = accept(engine, invite(engine, name, role, actor="bench", now=now), name, PASSWORD, now)
    if person is None:
        raise BenchFault(f"{name} could not be signed in")
    return f"{COOKIE}={begin(engine, person, now)}"
