"""Moments as people say them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.call_flow.moments import UnclearMoment, day_and_time, full_date, read_moment

PHOENIX = ZoneInfo("America/Phoenix")
NOW = datetime(2026, 11, 24, 14, 30, 59, tzinfo=PHOENIX)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", "2026-11-24 14:30"),
        ("NOW ", "2026-11-24 14:30"),
        ("today 17:05", "2026-11-24 17:05"),
        ("tomorrow 8:00", "2026-11-25 08:00"),
        ("Thursday 17:05", "2026-11-26 17:05"),
        ("tuesday 14:30", "2026-11-24 14:30"),
        ("tuesday 14:29", "2026-12-01 14:29"),
        ("monday 9:00", "2026-11-30 09:00"),
        ("friday 5:05 pm", "2026-11-27 17:05"),
        ("today 12:00am", "2026-11-24 00:00"),
        ("2026-11-26 10:00", "2026-11-26 10:00"),
        ("2028-02-29 0:00", "2028-02-29 00:00"),
    ],
)
def test_a_moment_is_read_in_the_clinics_zone(text: str, meant: str) -> None:
    found = read_moment(text, NOW, PHOENIX)
    assert f"{found:%Y-%m-%d %H:%M}" == meant
    assert found.tzinfo is PHOENIX


@pytest.mark.parametrize(
    "text",
    [
        *("", "17:05", "today", "someday 10:00", "2026-11-26", "2026-02-30 10:00", "2026-11-26 24:00", "today 9:60"),
        *("today 13:00 pm", "today 0:30 am", "9999-01-01 10:00", "2026-11-26T10:00", "٢٠٢٦-11-26 10:00"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(UnclearMoment, match=r"\w+ \w+"):
        read_moment(text, NOW, PHOENIX)


def test_a_time_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(UnclearMoment, match="put forward"):
        read_moment("2026-03-08 2:30", NOW, ZoneInfo("America/Denver"))


def test_the_moment_now_is_taken_into_the_clinics_zone() -> None:
    found = read_moment("now", datetime(2026, 11, 25, 3, 0, tzinfo=ZoneInfo("UTC")), PHOENIX)
    assert full_date(found) == "Tuesday, November 24, 2026 at 20:00"
    assert day_and_time(found) == "Tuesday, November 24 at 20:00"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=30))
def test_no_text_at_all_causes_anything_but_a_refusal(text: str) -> None:
    try:
        found = read_moment(text, NOW, PHOENIX)
    except UnclearMoment:
        return
    assert found.utcoffset() is not None
