"""The fortnight of imagined calls: believable figures, every ending, every story told, fictional numbers alone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine, select

from ivr.call_flow.disposition import Disposition
from ivr.call_flow.model import HuntGroup, Location, Routing
from ivr.call_log.audit import deeds
from ivr.call_log.counts import Counts, counts, topics
from ivr.call_log.database import open_database, reading
from ivr.call_log.days import days_until
from ivr.call_log.demo import DAYS, Made, NotEmpty, fill, imagined_days
from ivr.call_log.facts import facts_of
from ivr.call_log.missed import missed_callers
from ivr.call_log.story import tell
from ivr.call_log.tables import CallbackRequestRow, CallRow, LegRow, MessageRow
from ivr.journal.sealing import Seal
from ivr.routing.compile import compile_folder
from ivr.routing.zone import clinic_zone
from tests.call_log.conftest import PostgresServer
from tests.conftest import ROOT

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # a Tuesday at ten
SEAL = Seal(["a secret of these tests, long enough"])


@pytest.fixture(scope="module")
def routing() -> Routing:
    compiled = compile_folder(ROOT / "config")
    assert compiled.routing is not None
    return compiled.routing


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Engine]:
    """An empty log, for the whole module."""
    with ExitStack() as stack:
        if request.param == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres")
            engine = server.lasting()
        else:
            path = tmp_path_factory.mktemp("demo") / "log.db"
            shutil.copy(sqlite_template, path)
            engine = open_database(f"sqlite:///{path}")
        stack.callback(engine.dispose)
        yield engine


@pytest.fixture(scope="module")
def made(demo: Engine, routing: Routing) -> Made:
    """What was made in it."""
    return filled_with(demo, routing)


def filled_with(engine: Engine, routing: Routing, seed: int = 1) -> Made:
    return fill(engine, SEAL, routing, clinic_zone(routing), now=NOW, seed=seed, actor="test")


def counted(engine: Engine, routing: Routing) -> Counts:
    zone = clinic_zone(routing)
    return counts(engine, days_until(NOW, zone, DAYS), zone)


def test_a_fortnight_looks_like_one_of_a_clinic(demo: Engine, made: Made, routing: Routing) -> None:
    zone = clinic_zone(routing)
    found = counted(demo, routing)
    assert found.calls == made.calls == sum(found.by_day.values())
    assert (made.first, made.last) == (days_until(NOW, zone, DAYS).first, days_until(NOW, zone, DAYS).last)
    for day, calls in found.by_day.items():
        if day != made.last:
            assert (38 <= calls <= 75) if day.weekday() < 5 else (3 <= calls <= 25), day
    assert sum(found.by_hour[8:12]) > sum(found.by_hour[12:16]) > sum(found.by_hour[17:])
    assert 0.06 <= found.by_language["es-US"] / found.calls <= 0.2
    assert found.answer_rate is not None
    assert 0.5 <= found.answer_rate <= 0.9
    assert found.median_wait_seconds is not None
    assert 20 <= found.median_wait_seconds <= 120
    assert len(topics(demo, days_until(NOW, zone, DAYS))) >= 4
    assert deeds(demo)[0].about == f"{made.calls} imagined calls"


def test_every_ending_occurs(demo: Engine, made: Made, routing: Routing) -> None:
    assert made.calls
    assert set(counted(demo, routing).by_disposition) == {each.value for each in Disposition}


def test_every_call_is_over_and_tells_its_story(demo: Engine, made: Made, routing: Routing) -> None:
    titles = {name: place.title for name, place in routing.destinations.items() if isinstance(place, Location)}
    with reading(demo) as connection:
        calls = connection.execute(select(CallRow.__table__)).mappings().all()
        facts = facts_of(connection, [call["sid"] for call in calls])
        legs, messages = (connection.execute(select(table.__table__)).all() for table in (LegRow, MessageRow))
        callbacks = connection.execute(select(CallbackRequestRow.__table__)).all()
    assert len(calls) == made.calls
    assert all(call["disposition"] and call["ended_at"] <= NOW for call in calls)
    assert {call["version"] for call in calls} == {routing.version}
    for call in calls:
        steps = tell(facts[call["sid"]], clinic_zone(routing), titles)
        assert len(steps) >= 2
        assert all(step.text and step.at >= call["started_at"] for step in steps)
    assert len(legs) > made.calls / 3
    assert len(messages) > 20
    assert len(callbacks) > 20


def test_callers_come_back_and_the_missed_are_listed(demo: Engine, made: Made, routing: Routing) -> None:
    since, until = days_until(NOW, clinic_zone(routing), DAYS).moments(clinic_zone(routing))
    missed = missed_callers(demo, since, until)
    assert any(one.settled_at for one in missed)
    assert any(one.settled_at is None for one in missed)
    with reading(demo) as connection:
        callers = set(connection.scalars(select(CallRow.caller_index).where(CallRow.caller_index.is_not(None))))
    assert 50 < len(callers) < made.calls * 0.8


def test_all_numbers_are_fictional_and_none_is_the_clinics(demo: Engine, made: Made, routing: Routing) -> None:
    with reading(demo) as connection:
        sealed = connection.scalars(select(CallRow.caller)).all()
    numbers = {SEAL.unseal(caller) for caller in sealed if caller}
    groups = [place.hunt_group for place in routing.destinations.values() if isinstance(place, Location)]
    own = {phone.number for group in groups if isinstance(group, HuntGroup) for phone in group.phones}
    assert all(re.fullmatch(r"\+1[2-9][0-9]{2}55501[0-9]{2}", number) for number in numbers)
    assert not numbers & (own | {line.number for line in routing.lines.values()})
    assert None in sealed


def test_the_same_seed_makes_the_same_calls_and_another_makes_others(routing: Routing) -> None:
    def first_day(seed: str) -> list[tuple[str, ...]]:
        calls = next(imagined_days(routing, SEAL, clinic_zone(routing), NOW, Random(seed)))
        return [tuple(f"{entry.key} {entry.at} {entry.data}" for entry in call) for call in calls]

    assert first_day("1") == first_day("1")
    assert not {call[0] for call in first_day("1")} & {call[0] for call in first_day("2")}


def test_a_log_that_holds_calls_is_left_alone(demo: Engine, made: Made, routing: Routing) -> None:
    assert made.calls == len(sids(demo))
    before = sids(demo)
    with pytest.raises(NotEmpty):
        filled_with(demo, routing, seed=2)
    assert sids(demo) == before


def sids(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        return set(connection.scalars(select(CallRow.sid)))
