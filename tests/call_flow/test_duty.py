"""Whose turn it is: weeks, dates, swaps, and the hand-over minute by minute where the clocks are changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from ivr.call_flow.duty import in_order, lasts_until, number_of, on_call, over_at, shifts
from ivr.call_flow.model import Override, OverrideKind, Phone, Rota

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PEOPLE = tuple(Phone(name, f"+1480555{1000 + number}", 20) for number, name in enumerate(("Lee", "Kim", "Ana")))
EACH_DAY = {date(2026, 1, 1) + DAY * number: ("Lee", "Kim", "Ana")[number % 3] for number in range(730)}


def rota(zone: str = "America/Phoenix", hand_over: int = 480, **changes: object) -> Rota:
    plain = Rota("nights", zone, hand_over, PEOPLE, "mailbox", date(2026, 11, 9), ("Lee", "Kim"))
    return replace(plain, **changes)  # type: ignore[arg-type]  # named settings


def at(text: str, zone: str = "America/Phoenix", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def minute_by_minute(given: Rota, since: datetime, minutes: int) -> Iterator[tuple[datetime, str]]:
    """Who is on call, found by looking at the clock on the wall alone: a day that was begun is never left again."""
    zone, moment = ZoneInfo(given.zone), since - 2 * DAY
    day = date.min
    while moment < since + minutes * MINUTE:
        wall = moment.astimezone(zone)
        shown = wall.hour * 60 + wall.minute >= given.hand_over
        day = max(day, wall.date() if shown else wall.date() - DAY)
        if moment >= since:
            yield moment, given.dates.get(day, "")
        moment += MINUTE


@pytest.mark.parametrize("hand_over", [0, 90, 150, 480])
@pytest.mark.parametrize(
    ("zone", "since"),
    [
        ("America/New_York", datetime(2026, 3, 7, 18, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 31, 18, tzinfo=UTC)),
        ("America/Phoenix", datetime(2026, 3, 7, 18, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 6, tzinfo=UTC)),
    ],
)
def test_every_minute_around_a_change_of_the_clock_is_somebodys(zone: str, since: datetime, hand_over: int) -> None:
    given = rota(zone, hand_over, weeks=(), dates=EACH_DAY)
    seen = list(minute_by_minute(given, since, 2 * 24 * 60))
    assert [on_call(given, moment) for moment, _ in seen] == [name for _, name in seen]
    begun = [moment for (moment, name), (_, before) in zip(seen[1:], seen, strict=False) if name != before]
    found = list(shifts(given, since, since + 2 * DAY))
    assert [shift.begins for shift in found[1:]] == begun
    assert all(shift.ends == later.begins for shift, later in pairwise(found))


def test_a_week_is_handed_over_on_the_weekday_of_its_first_day_at_the_minute() -> None:
    assert on_call(rota(), at("2026-11-16 07:59")) == "Lee"
    assert on_call(rota(), at("2026-11-16 08:00")) == "Kim"
    assert on_call(rota(), at("2026-11-23 07:59")) == "Kim"
    assert on_call(rota(), at("2026-11-23 08:00")) == "Lee"
    assert lasts_until(rota(), at("2026-11-17 12:00")) == at("2026-11-23 08:00")


def test_the_weeks_go_on_for_years_and_begin_on_their_day() -> None:
    assert on_call(rota(), at("2026-11-09 07:59")) == ""
    assert on_call(rota(), at("2036-11-10 08:00")) in ("Lee", "Kim")
    names = [shift.name for shift in shifts(rota(), at("2026-11-01 00:00"), at("2027-11-01 00:00"))]
    assert names == ["", *(["Lee", "Kim"] * 26)[:51]]
    assert over_at(rota()) is None


def test_a_date_counts_before_the_week_until_the_next_hand_over() -> None:
    given = rota(dates={date(2026, 11, 17): "Ana"})
    assert on_call(given, at("2026-11-17 07:59")) == "Kim"
    assert on_call(given, at("2026-11-17 08:00")) == "Ana"
    assert on_call(given, at("2026-11-18 07:59")) == "Ana"
    assert on_call(given, at("2026-11-18 08:00")) == "Kim"


def test_a_rota_of_dates_has_an_end_and_nobody_after_it() -> None:
    given = rota(weeks=(), dates={date(2026, 11, 17): "Ana"})
    assert over_at(given) == at("2026-11-18 08:00")
    assert on_call(given, at("2026-11-18 08:00")) == ""
    assert lasts_until(given, at("2026-11-18 08:00")) is None


def test_the_newest_swap_counts_and_ends_by_itself() -> None:
    older = Override(1, OverrideKind.SWAP, "nights", at("2026-11-17 17:00"), at("2026-11-18 08:00"), to="Ana")
    newer = replace(older, id=2, begins=at("2026-11-17 20:00"), ends=at("2026-11-17 22:00"), to="Lee")
    given = rota(swaps=(newer, older))
    assert on_call(given, at("2026-11-17 16:59")) == "Kim"
    assert on_call(given, at("2026-11-17 17:00")) == "Ana"
    assert lasts_until(given, at("2026-11-17 17:00")) == at("2026-11-17 20:00")
    assert on_call(given, at("2026-11-17 21:00")) == "Lee"
    assert on_call(given, at("2026-11-17 22:00")) == "Ana"
    assert on_call(given, at("2026-11-18 08:00")) == "Kim"


def test_a_swap_to_somebody_who_left_the_rota_is_passed_over() -> None:
    gone = Override(1, OverrideKind.SWAP, "nights", at("2026-11-17 17:00"), at("2026-11-18 08:00"), to="Nobody")
    assert on_call(rota(swaps=(gone,)), at("2026-11-17 18:00")) == "Kim"


def test_in_the_turn_of_somebody_who_is_out_the_next_one_is_on_call() -> None:
    given = rota(people=(PEOPLE[0], replace(PEOPLE[1], enabled=False), PEOPLE[2]))
    assert on_call(given, at("2026-11-16 08:00")) == "Ana"
    assert lasts_until(given, at("2026-11-16 08:00")) == at("2026-11-23 08:00")
    names = [shift.name for shift in shifts(given, at("2026-11-09 08:00"), at("2026-11-30 08:00"))]
    assert names == ["Lee", "Ana", "Lee"]
    swap = Override(1, OverrideKind.SWAP, "nights", at("2026-11-10 17:00"), at("2026-11-10 20:00"), to="Kim")
    assert on_call(replace(given, swaps=(swap,)), at("2026-11-10 18:00")) == "Ana"
    nobody = rota(people=tuple(replace(person, enabled=False) for person in PEOPLE))
    assert on_call(nobody, at("2026-11-16 08:00")) == "Kim"


def test_everybody_who_is_in_is_rung_once_from_who_is_on_call_on() -> None:
    out = replace(PEOPLE[2], enabled=False)
    given = rota(people=(*PEOPLE[:2], out, Phone("Sam", "+14805551009", 20)))
    assert [person.name for person in in_order(given, number_of(given, "Kim"))] == ["Kim", "Sam", "Lee"]
    assert number_of(given, "") == 0
