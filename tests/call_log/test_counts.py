"""Sums by hour, weekday, place and ending are what counting all calls by hand gives, in the clinic's own hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from ivr.call_log.counts import WANTED_A_PERSON, counts, topics, weighted_median
from ivr.call_log.days import Days, days_until
from ivr.call_log.funnel import funnels
from ivr.call_log.missed import MISSED, SETTLED, MissedFilters, missed_callers
from tests.call_log.made_calls import ZONE, MadeCalls, made_calls

PERIODS = [
    Days(date(2026, 10, 31), date(2026, 11, 2)),  # the clocks go back in the middle
    Days(date(2026, 10, 27), date(2026, 11, 9)),
    Days(date(2026, 11, 4), date(2026, 11, 4)),
    Days(date(2025, 1, 1), date(2025, 1, 7)),
]


@pytest.fixture
def calls() -> MadeCalls:
    return made_calls()


def local(call: dict[str, Any]) -> datetime:
    moment: datetime = call["started_at"].astimezone(ZONE)
    return moment


def within(calls: MadeCalls, days: Days, location: str = "") -> list[dict[str, Any]]:
    return [
        call
        for call in calls.calls
        if days.first <= local(call).date() <= days.last and location in ("", call["location"])
    ]


def tally(values: Iterable[Any]) -> dict[Any, int]:
    return dict(Counter(values))


@pytest.mark.parametrize("location", ["", "gilbert"])
@pytest.mark.parametrize("days", PERIODS, ids=lambda days: f"{days.first}..{days.last}")
def test_counts_are_what_counting_by_hand_gives(asked: Engine, calls: MadeCalls, days: Days, location: str) -> None:
    database = asked
    wanted = within(calls, days, location)
    found = counts(database, days, ZONE, location=location)
    assert found.calls == len(wanted)
    assert found.talk_seconds == sum(call["talk_seconds"] for call in wanted)
    assert found.by_day == tally(local(call).date() for call in wanted)
    assert {hour: calls for hour, calls in enumerate(found.by_hour) if calls} == tally(local(c).hour for c in wanted)
    assert {day: calls for day, calls in enumerate(found.by_weekday) if calls} == tally(
        local(call).weekday() for call in wanted
    )
    assert found.by_location == tally(call["location"] for call in wanted)
    assert found.by_line == tally(call["line"] for call in wanted)
    assert found.by_language == tally(call["language"] for call in wanted)
    assert found.by_disposition == tally(call["disposition"] for call in wanted)
    asking = [call for call in wanted if call["disposition"] in WANTED_A_PERSON]
    answered = [call for call in wanted if call["disposition"] == "answered"]
    assert found.answer_rate == (len(answered) / len(asking) if asking else None)
    waits = [call["wait_seconds"] for call in answered]
    assert found.median_wait_seconds == (median(waits) if waits else None)


def test_the_largest_sum_comes_first(asked: Engine, calls: MadeCalls) -> None:
    found = counts(asked, PERIODS[1], ZONE)
    assert list(found.by_disposition.values()) == sorted(found.by_disposition.values(), reverse=True)


@pytest.mark.parametrize("days", PERIODS, ids=lambda days: f"{days.first}..{days.last}")
def test_topics_are_what_counting_by_hand_gives(asked: Engine, calls: MadeCalls, days: Days) -> None:
    database = asked
    heard = [topic for call in within(calls, days) for topic in call["topics"]]
    found = {each.topic: each for each in topics(database, days)}
    assert {name: each.calls for name, each in found.items()} == tally(topic["topic"] for topic in heard)
    for name, each in found.items():
        assert each.stopped_after == tally(topic["heard"] for topic in heard if topic["topic"] == name)


@pytest.mark.parametrize("days", PERIODS, ids=lambda days: f"{days.first}..{days.last}")
def test_funnels_are_what_counting_by_hand_gives(asked: Engine, calls: MadeCalls, days: Days) -> None:
    database = asked
    visits = [visit for call in within(calls, days) for visit in call["visits"]]
    found = {(each.menu, each.version): each for each in funnels(database, days)}
    assert set(found) == {(visit["menu"], visit["version"]) for visit in visits}
    for (menu, version), funnel in found.items():
        own = [visit for visit in visits if (visit["menu"], visit["version"]) == (menu, version)]
        outcomes = Counter(visit["outcome"] for visit in own)
        assert funnel.visits == len(own)
        assert {f"key:{key}": chosen for key, chosen in funnel.keys.items()} == {
            outcome: chosen for outcome, chosen in outcomes.items() if outcome.startswith("key:")
        }
        assert funnel.hung_up == outcomes["hung up"]
        assert (funnel.no_input, funnel.wrong_key, funnel.otherwise) == (0, 0, 0)
        assert funnel.median_seconds == median(visit["seconds"] for visit in own)


def test_one_menus_funnel_can_be_asked_for(asked: Engine, calls: MadeCalls) -> None:
    assert [funnel.menu for funnel in funnels(asked, PERIODS[1], menu="main")] == ["main"]
    assert funnels(asked, PERIODS[1], menu="nowhere") == ()


@pytest.mark.parametrize("days", PERIODS, ids=lambda days: f"{days.first}..{days.last}")
def test_missed_callers_are_what_grouping_by_hand_gives(asked: Engine, calls: MadeCalls, days: Days) -> None:
    database = asked
    missed: dict[str | None, list[dict[str, Any]]] = {}
    for call in within(calls, days):
        if call["disposition"] in MISSED:
            missed.setdefault(call["caller_index"], []).append(call)
    found = missed_callers(database, *days.moments(ZONE))
    assert {each.caller_index: each.calls for each in found} == {who: len(own) for who, own in missed.items()}
    assert [each.last.started_at for each in found] == sorted((each.last.started_at for each in found), reverse=True)
    for each in found:
        own = missed[each.caller_index]
        later = [
            call["started_at"]
            for call in calls.calls
            if call["caller_index"] == each.caller_index is not None
            and call["disposition"] in SETTLED
            and call["started_at"] > own[-1]["started_at"]
        ]
        assert (each.first_at, each.last.sid) == (own[0]["started_at"], own[-1]["sid"])
        assert each.settled_at == (min(later) if later else None)


def test_some_missed_callers_were_settled_and_some_were_not(asked: Engine, calls: MadeCalls) -> None:
    settled = {each.settled_at is None for each in missed_callers(asked, *PERIODS[1].moments(ZONE))}
    assert settled == {True, False}


def test_the_newest_missed_callers_fit_into_a_limit(asked: Engine, calls: MadeCalls) -> None:
    moments = PERIODS[1].moments(ZONE)
    assert missed_callers(asked, *moments, limit=3) == missed_callers(asked, *moments)[:3]


@pytest.mark.parametrize("limit", [2, 200])
@pytest.mark.parametrize("column", ["location", "line", "language", "caller_index"])
def test_missed_callers_are_sought_before_the_newest_are_taken(
    asked: Engine, calls: MadeCalls, column: str, limit: int
) -> None:
    days = PERIODS[1]
    missed = [call for call in within(calls, days) if call["disposition"] in MISSED]
    rarest = min(tally(call[column] for call in missed if call[column]).items(), key=lambda each: each[1])[0]
    own = [call for call in missed if call[column] == rarest]
    last = {call["caller_index"]: call["sid"] for call in own}  # a later call takes an earlier one's place
    wanted: dict[str, Any] = {"callers": ("nobody", rarest)} if column == "caller_index" else {column: rarest}
    found = missed_callers(asked, *days.moments(ZONE), filters=MissedFilters(**wanted), limit=limit)
    assert len(own) < len(missed)
    assert len(found) == min(limit, len(last)) > 0
    for each in found:
        assert each.last.sid == last[each.caller_index]
        assert each.calls == tally(call["caller_index"] for call in own)[each.caller_index]


def test_nobody_was_missed_where_nobody_called(asked: Engine) -> None:
    moments = PERIODS[1].moments(ZONE)
    for filters in (
        MissedFilters("nowhere"),
        MissedFilters(line="none"),
        MissedFilters(language="xx-XX"),
        MissedFilters(callers=("nobody",)),
    ):
        assert missed_callers(asked, *moments, filters=filters) == ()


@given(st.dictionaries(st.integers(0, 600), st.integers(0, 5), max_size=8))
@settings(max_examples=40)
def test_the_weighted_median_is_the_median(histogram: dict[int, int]) -> None:
    values = [value for value, times in histogram.items() for _ in range(times)]
    assert weighted_median(histogram) == (median(values) if values else None)


def test_a_day_on_which_the_clocks_go_back_has_25_hours() -> None:
    since, until = Days(date(2026, 11, 1), date(2026, 11, 1)).moments(ZONE)
    assert (until - since).total_seconds() == 25 * 3600


def test_the_last_days_end_with_today_where_the_clinic_is() -> None:
    late = datetime(2026, 11, 10, 3, tzinfo=UTC)  # still the ninth in New York
    assert days_until(late, ZONE, 7) == Days(date(2026, 11, 3), date(2026, 11, 9))


def test_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="before"):
        Days(date(2026, 11, 2), date(2026, 11, 1))
