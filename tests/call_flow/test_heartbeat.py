"""When test calls are due."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.call_flow.heartbeat import Heartbeat, is_own, last_due, read_heartbeat

from .conftest import menu, routing_of

LINE, APART = "+14805550100", "+14805550199"
PHOENIX = ZoneInfo("America/Phoenix")


@pytest.mark.parametrize(
    ("text", "beat"),
    [
        ("6h", Heartbeat(every_hours=6)),
        ("8:30", Heartbeat((510,))),
        ("13:00, 8:30,13:00", None),
        ("13:00, 8:30", Heartbeat((510, 780))),
        ("0h", None),
        ("25h", None),
        ("24:00", None),
        ("noon", None),
        ("", None),
    ],
)
def test_times_of_day_or_so_many_hours_are_understood(text: str, beat: Heartbeat | None) -> None:
    if beat:
        assert read_heartbeat(text) == beat
    else:
        with pytest.raises(ValueError, match="write times of day"):
            read_heartbeat(text)


@pytest.mark.parametrize(
    ("beat", "now", "due"),
    [
        (Heartbeat((510, 780)), "2026-11-24 08:30", "2026-11-24 08:30"),
        (Heartbeat((510, 780)), "2026-11-24 12:59", "2026-11-24 08:30"),
        (Heartbeat((510, 780)), "2026-11-24 08:29", "2026-11-23 13:00"),
        (Heartbeat(every_hours=6), "2026-11-24 12:00", "2026-11-24 11:00"),
    ],
)
def test_the_newest_due_moment_is_found_by_the_clinics_clock(beat: Heartbeat, now: str, due: str) -> None:
    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=PHOENIX)

    assert last_due(beat, PHOENIX, moment(now)) == moment(due)


@pytest.mark.parametrize(
    ("beat", "line", "apart", "stranger"),
    [
        (None, False, False, False),
        (Heartbeat(every_hours=6), True, False, False),
        (Heartbeat(every_hours=6, number=APART), False, True, False),
        (Heartbeat(every_hours=6, number=LINE), True, False, False),
    ],
)
def test_only_a_call_from_where_test_calls_come_from_is_one(
    beat: Heartbeat | None, *, line: bool, apart: bool, stranger: bool
) -> None:
    routing = routing_of(menu("main"))
    found = [is_own(number, routing, beat) for number in (LINE, APART, "+14805550147", "")]
    assert found == [line, apart, stranger, False]
