"""Which PINs may be set, when they are locked, and that several processes of a host share their count."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.call_flow.turn import PinChecked, Verdict
from ivr.routing.pins import LOCKED_FOR, MOST_REFUSALS, WINDOW, Pins, hashed, is_locked, name_of, problem_of
from ivr.routing.staff_file import Staff, write_staff

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
PIN = "483920"
moments = st.lists(st.integers(0, 3600).map(lambda seconds: NOW - timedelta(seconds=seconds)), max_size=40)


def keyed(text: str) -> Sequence[str]:
    return f"new {text}", f"old {text}"


@pytest.fixture
def pins(tmp_path: Path) -> Pins:
    write_staff(tmp_path, Staff({"ben": "not a hash", "maria": hashed(PIN, keyed)}))
    return Pins(tmp_path, keyed)


def test_a_right_pin_is_known_by_its_name_and_a_wrong_one_by_none(pins: Pins) -> None:
    assert pins.check(PIN, "CA1", 5, NOW) == PinChecked(Verdict.RIGHT, "maria")
    for wrong in ("483921", "48392", PIN + "0", "48392*", "", "x" * 1000):
        assert pins.check(wrong, wrong, 5, NOW) == PinChecked(Verdict.WRONG)


def test_a_pin_of_the_secret_before_is_still_right() -> None:
    old = {"maria": hashed(PIN, lambda text: (f"old {text}",))}
    assert name_of(old, PIN, keyed) == "maria"
    assert name_of(old, PIN, lambda text: (f"newest {text}",)) is None


def test_processes_of_a_host_have_ten_tries_together(pins: Pins, tmp_path: Path) -> None:
    found: list[Verdict] = []
    others = [Pins(tmp_path, keyed) for _ in range(2 * MOST_REFUSALS)]

    def guess(number: int) -> None:
        found.append(others[number].check("99", f"CA{number}", 5, NOW).verdict)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(len(others))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(Verdict.WRONG) == found.count(Verdict.LOCKED) == MOST_REFUSALS


def test_a_disk_that_fails_opens_nothing(pins: Pins, tmp_path: Path) -> None:
    (tmp_path / "staff.json").unlink()
    (tmp_path / "staff.json").mkdir()
    assert pins.check(PIN, "CA1", 5, NOW) == PinChecked(Verdict.LOCKED)


def test_a_damaged_count_is_begun_anew(pins: Pins, tmp_path: Path) -> None:
    (tmp_path / "pin-refusals.json").write_text('{"CA1": "2026-11-24T10:00"}')
    assert pins.check(PIN, "CA1", 5, NOW).verdict is Verdict.RIGHT


@given(moments)
def test_it_is_locked_after_ten_within_a_quarter_of_an_hour_and_for_as_long(refusals: list[datetime]) -> None:
    last_ones = [last for last in refusals if last > NOW - LOCKED_FOR]
    expected = any(sum(last - WINDOW <= each <= last for each in refusals) >= MOST_REFUSALS for last in last_ones)
    assert is_locked(refusals, NOW) is expected


@given(st.from_regex("[0-9]{6,10}", fullmatch=True))
def test_only_runs_and_repeats_are_too_easy(pin: str) -> None:
    runs = ("01234567890123456789", "98765432109876543210")
    easy = len(set(pin)) == 1 or any(pin in run for run in runs)
    assert bool(problem_of(pin)) is easy
