"""The rota that config/README.md shows, and what `check` says of the days ahead."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ivr.call_flow.duty import on_call, rotas_of
from ivr.routing.compile import Compiled, compile_files
from tests.conftest import ZONE
from tests.on_call import with_on_call

DATES_ALONE: dict[str, Any] = {"weeks": None, "starting": None}
NAMES = ("Dr. Lee", "Dr. Kim", "Nurse Ana")
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)


def checked(now: datetime | None = NOW, **changes: Any) -> Compiled:
    return compile_files(with_on_call(**changes), now=now)


def told(compiled: Compiled) -> list[str]:
    """What is said of the rota, without the files and lines, the errors first."""
    found = sorted(compiled.problems, key=lambda problem: problem.warning)
    return [str(problem).partition(": ")[2] for problem in found if problem.path[:2] == ("on_call", "nights")]


def test_the_example_of_the_readme_is_a_rota_that_works() -> None:
    compiled = checked()
    assert compiled.routing is not None, [str(problem) for problem in compiled.problems]
    rota = rotas_of(compiled.routing)["nights"]
    days = [(24, "Dr. Lee"), (30, "Dr. Kim")]
    assert [on_call(rota, NOW.replace(day=day)) for day, _ in days] == [name for _, name in days]
    assert on_call(rota, datetime(2026, 12, 27, 7, 59, tzinfo=ZONE)) == "Nurse Ana"
    assert [line for line in told(compiled) if "555" not in line] == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {**DATES_ALONE, "dates": {"2026-11-01 to 2026-11-20": "Dr. Lee"}},
            "on_call > nights: this rota is over since Sat 21 Nov 2026 08:00: nobody is on call. "
            "Give the next dates, or `weeks` that go on by themselves.",
        ),
        (
            {"starting": "2026-11-30"},
            "on_call > nights: nobody is on call from now until Mon 30 Nov 2026 08:00. "
            "Let `weeks` or `dates` cover every day.",
        ),
        (
            {**DATES_ALONE, "dates": {"2026-11-20 to 2026-11-30": "Dr. Lee", "2026-12-02": "Dr. Kim"}},
            "on_call > nights: nobody is on call from Tue 1 Dec 2026 08:00 until Wed 2 Dec 2026 08:00. "
            "Let `weeks` or `dates` cover every day.",
        ),
        (
            {**DATES_ALONE, "dates": None},
            "on_call > nights: nobody is ever on call: the rota is empty. Give `weeks` with `starting`, or `dates`.",
        ),
    ],
)
def test_an_hour_without_anybody_is_an_error(changes: dict[str, Any], said: str) -> None:
    compiled = checked(**changes)
    assert compiled.routing is None
    assert said in told(compiled)
    problem = next(problem for problem in compiled.problems if not problem.warning)
    assert problem.file == "config/clinic.yaml"
    assert problem.line > 0


def test_people_on_call_who_ring_longer_than_a_call_may_are_not_told_to_ring_all_at_once() -> None:
    people = [{"name": name, "number": f"+1480555{at}", "ring_seconds": "40"} for at, name in enumerate(NAMES, 1041)]
    (said,) = [line for line in told(checked(people=people)) if "ring 120 seconds" in line]
    assert said.endswith("a call is granted 90. Shorten the ringing, or raise budgets > ring_seconds.")


def test_that_dates_run_out_is_said_ahead_and_refuses_nothing() -> None:
    compiled = checked(weeks=None, starting=None, dates={"2026-11-20 to 2027-01-03": "Dr. Lee"})
    assert compiled.routing is not None
    ends = "warning: on_call > nights: this rota ends on Mon 4 Jan 2027 08:00: nobody is on call after that."
    assert any(line.startswith(ends) for line in told(compiled))


def test_files_in_use_stay_good_when_their_rota_runs_out() -> None:
    assert checked(None, weeks=None, starting=None, dates={"2026-11-01": "Dr. Lee"}).routing is not None


def test_more_ringing_than_a_call_is_granted_is_warned_of() -> None:
    people = [
        {"name": name, "number": f"+148055501{place}", "ring_seconds": "40"}
        for place, name in enumerate(("Dr. Lee", "Dr. Kim", "Nurse Ana"), 41)
    ]
    assert any("ring 120 seconds one after another" in line for line in told(checked(people=people)))
