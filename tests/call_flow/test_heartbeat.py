"""When test calls are due."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.call_flow.heartbeat import Heartbeat, is_own, last_due, read_heartbeat
from ivr.call_flow.model import Routing

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


def test_a_number_of_ours_is_a_lines_or_the_one_that_calls_and_never_a_withheld_one(routing: Routing) -> None:
    (line, *_), other = routing.line_of, "+14805550199"
    shared, own = Heartbeat(every_hours=6), Heartbeat(every_hours=6, number=other)
    asked = [(line, None), (line, shared), (other, None), (other, shared), (other, own), ("", None), ("", shared)]
    assert [is_own(number, routing, beat) for number, beat in asked] == [True, True, False, False, True, False, False]
