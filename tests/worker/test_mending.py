"""A damaged database file as the worker meets it: at its start, while it runs, half mended, and not its own."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.call_flow.events import MenuHeard, OverrideAsked
from ivr.call_flow.model import OverrideKind
from ivr.call_log.damage import file_of, is_marked, mark, set_aside
from ivr.call_log.database import migrate
from ivr.call_log.lost import read_lost
from ivr.journal.drainer import DRAINED
from ivr.journal.entry import Entry, entries_for
from ivr.publishing.overrides import Wanted, bring_overrides, make, standing
from ivr.publishing.pins import bring_staff, pins, put
from ivr.routing.phone_overrides import lay
from ivr.services import Services
from ivr.worker import mending
from ivr.worker.loop import Worker
from ivr.worker.mending import Mending, NotOurs
from tests.conftest import Clinic

from .conftest import wait_until

NOISE_BYTES = 4096


@pytest.fixture
def services(clinic: Clinic) -> Services:
    found: Services = clinic.app.extensions["ivr"]
    return found


@pytest.fixture
def file(log: Engine) -> Path:
    found = file_of(log)
    assert found
    return found


def noise(file: Path, log: Engine, first: int = 0) -> None:
    """Over every page but the first ones, when nobody has the file open."""
    log.dispose()
    with file.open("r+b") as opened:
        opened.seek(first * NOISE_BYTES)
        opened.write(random.Random(3).randbytes(file.stat().st_size - first * NOISE_BYTES))


def set_aside_files(file: Path) -> list[Path]:
    return [path for path in file.parent.glob(f"{file.name}.damaged-*") if not path.name.endswith(("-wal", "-shm"))]


def known(services: Services, log: Engine) -> Mending:
    """One whose worker has used the file before."""
    made = Mending(services, log)
    made.restore_what_the_disk_has()
    return made


def wish(services: Services, number: int, ago: timedelta) -> Entry:
    begins = services.clock() - ago
    asked = OverrideAsked("close", "gilbert", begins.isoformat(), (begins + timedelta(days=9)).isoformat())
    return entries_for(f"CA{number:032x}", 3, begins, "v1", [asked])[0]


def test_a_sound_file_is_left_alone_and_a_mark_that_proves_wrong_is_taken_away(
    services: Services, log: Engine, file: Path
) -> None:
    made = known(services, log)
    mark(file)
    assert not made.is_needed()
    assert not is_marked(file)
    mark(file)
    made.set_aside_if_damaged()
    assert not is_marked(file)
    assert (set_aside_files(file), read_lost(services.settings.data)) == ([], None)


def test_what_is_no_database_of_ours_is_left_as_it_is(services: Services, log: Engine, file: Path) -> None:
    log.dispose()
    file.write_text("Dear sir or madam, " * 1000)
    with pytest.raises(NotOurs):
        Mending(services, log).set_aside_if_damaged()
    assert file.read_text().startswith("Dear sir or madam")
    assert (set_aside_files(file), read_lost(services.settings.data)) == ([], None)


def test_the_journal_is_drained_again_and_overrides_and_pins_come_back_from_the_disk(
    services: Services, log: Engine, file: Path
) -> None:
    made, now, data = known(services, log), services.clock(), services.settings.data
    wanted = Wanted(OverrideKind.CLOSE, "gilbert", now, now + timedelta(hours=3), "power outage")
    override = make(log, wanted, actor="maria", now=now).override
    put(log, "front desk", "a hash", actor="maria", now=now)
    bring_overrides(log, data / "routing", now)
    bring_staff(log, data / "routing", now)
    drained = data / "journal" / DRAINED
    drained.mkdir(parents=True)
    (drained / "again.jsonl").write_text("")
    (data / "journal" / "positions.json").write_text("{}")
    noise(file, log)

    made.set_aside_if_damaged()
    migrate(log)
    made.restore_what_the_disk_has()

    (kept,) = set_aside_files(file)
    lost = read_lost(data)
    assert lost is not None
    assert (lost.kept_as, lost.at, lost.restored) == (kept.name, now, True)
    assert [each.override for each in standing(log, now)] == [override]
    assert [pin.name for pin in pins(log)] == ["front desk"]
    assert not bring_overrides(log, data / "routing", now)  # what callers meet did not change
    assert [path.name for path in (data / "journal").iterdir() if path.is_file()] == ["again.jsonl"]


def test_a_worker_killed_half_way_leaves_what_the_next_one_finishes(
    services: Services, log: Engine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = known(services, log)
    noise(file, log)

    def killed(*_what: object) -> None:
        raise OSError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(mending, "set_aside", killed)
        with pytest.raises(OSError, match="killed"):
            made.set_aside_if_damaged()
    assert set_aside_files(file) == []
    made.set_aside_if_damaged()
    assert len(set_aside_files(file)) == 1

    noise_free = services.clock() + timedelta(seconds=5)
    migrate(log)
    set_aside(file, noise_free)  # and here the next one was killed: the tables are gone again, the note stands
    migrate(log)
    made.restore_what_the_disk_has()
    lost = read_lost(services.settings.data)
    assert lost is not None
    assert lost.restored


def test_wishes_from_before_the_loss_that_the_journal_tells_again_are_not_granted_twice(
    services: Services, log: Engine, file: Path
) -> None:
    made = known(services, log)
    old, waiting, fresh = (wish(services, number, timedelta(hours=2 - number)) for number in range(3))
    other = entries_for("CA" + "9" * 32, 0, old.at, "v1", [MenuHeard("main")])[0]
    assert made.without_old_wishes([old, waiting, fresh, other]) == [old, waiting, fresh, other]

    now = services.clock()
    override = make(log, Wanted(OverrideKind.CLOSE, "gilbert", now, now + timedelta(hours=3)), actor="m", now=now)
    lay(services.settings.data / "routing", waiting.key, override.override)  # asked for, and not drained yet
    noise(file, log)
    made.set_aside_if_damaged()
    assert made.without_old_wishes([old, waiting, fresh, other]) == [waiting, fresh, other]


def test_a_worker_that_meets_damage_ends_for_the_next_one_to_mend_it(
    services: Services, log: Engine, file: Path, new_database: Callable[[str], Engine]
) -> None:
    del new_database
    data, stop, again = services.settings.data, threading.Event(), list[bool]()
    worker = Worker(services, log)
    thread = threading.Thread(target=lambda: again.append(worker.run(stop)))
    thread.start()
    wait_until((data / "database-known").exists, "the worker is up")
    noise(file, log, first=4)
    mark(file)
    thread.join(120)
    assert again == [True]

    following = threading.Thread(target=lambda: again.append(Worker(services, log).run(stop)))
    following.start()
    wait_until(lambda: set_aside_files(file), "it is set aside")
    stop.set()
    following.join(120)
    assert again == [True, False]
