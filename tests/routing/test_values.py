"""Single values as staff write them: hours, dates, phone numbers, holidays, voices; and how problems print."""

from __future__ import annotations

import pytest

from ivr.call_flow.model import Interval
from ivr.routing.holiday_names import dates_by_name, straight
from ivr.routing.hours_text import Misread, dates, hours
from ivr.routing.numbers import fault, is_fictional
from ivr.routing.problems import Problem, Spelling, render
from ivr.routing.text import Group, Limits, line_of, read_text
from ivr.routing.voices import language_of


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("8:00-12:00, 13:00-17:00", [(480, 720), (780, 1020)]),
        ("13:00-17:00, 8:00-12:00", [(480, 720), (780, 1020)]),
        ("8:00–12:00", [(480, 720)]),
        ("8:00 to 12:00", [(480, 720)]),
        ("8am-5pm", [(480, 1020)]),
        ("8:30 a.m. - 5 PM", [(510, 1020)]),
        ("12am-12pm", [(0, 720)]),
        ("22:00-6:00", [(1320, 1800)]),
        ("0:00-24:00", [(0, 1440)]),
        ("18:00-0:00", [(1080, 1440)]),
        ("Closed", []),
    ],
)
def test_hours_are_understood(text: str, spans: list[tuple[int, int]]) -> None:
    assert hours(text) == tuple(Interval(*span) for span in spans)


@pytest.mark.parametrize(
    "text", ["", "9-5", "8-5pm", "8:00", "8:60-9:00", "24:30-1:00", "٨:00-9:00", "8:00-9:00,", "x" * 300]
)
def test_hours_that_could_be_misread_are_refused(text: str) -> None:
    with pytest.raises(Misread) as refused:
        hours(text)
    assert refused.value.cure


@pytest.mark.parametrize("text", ["2026-02-30", "2026-2-3", "26-12-24", "1999-01-01", "2026-12-24 to", "tomorrow"])
def test_dates_that_do_not_exist_are_refused(text: str) -> None:
    with pytest.raises(Misread):
        dates(text)


def test_an_ordinary_number_may_be_dialled() -> None:
    assert fault("+14805550111", {"US"}) is None
    assert fault("+14165550111", {"US", "CA"}) is None


@pytest.mark.parametrize(
    "number", ["+19005550111", "+14809760111", "911", "+1988", "+14165550111", "14805550111", "+1", ""]
)
def test_no_other_number_may_be_dialled(number: str) -> None:
    assert fault(number, {"US"}) is not None


def test_only_the_555_exchange_is_fictional() -> None:
    assert is_fictional("+14805550111")
    assert not is_fictional("+14802005550")


def test_day_after_thanksgiving_is_the_friday_after_it() -> None:
    known = dates_by_name()
    thursdays = {day.toordinal() for day in known["Thanksgiving Day"]}
    assert {day.toordinal() - 1 for day in known["Day After Thanksgiving"]} == thursdays


def test_a_curly_apostrophe_is_an_apostrophe() -> None:
    assert straight("New Year\u2019s Day") in dates_by_name()


def test_a_voice_speaks_one_language() -> None:
    assert language_of("Polly.Lupe-Neural") == "es-US"
    assert language_of("Google.en-US-Neural2-A") == "en-US"
    assert language_of("Polly.Nobody") is None


def test_a_problem_prints_place_path_finding_and_cure() -> None:
    path = ("menus", "main", "keys", "3")
    problem = Problem("config/menus.yaml", 14, path, 'no destination is called "pharmcy".', 'Did you mean "pharmacy"?')
    assert render([problem]) == (
        'config/menus.yaml:14: menus > main > keys > 3: no destination is called "pharmcy". Did you mean "pharmacy"?\n'
    )


def test_a_warning_says_so_after_the_place() -> None:
    assert str(Problem("a.yaml", 3, (), "dull.", warning=True)) == "a.yaml:3: warning: dull."


def test_problems_come_by_file_and_line_and_at_most_two_hundred() -> None:
    lines = render(Problem("a.yaml", 300 - number, (), "x.") for number in range(250)).splitlines()
    assert lines[0] == "a.yaml:51: x."
    assert lines[200:] == ["... and 50 more"]


def test_a_problem_cannot_disturb_a_terminal() -> None:
    assert "\x1b" not in str(Problem("a.yaml", 1, ("\x1b[2J",), "x."))


def test_only_a_close_name_is_suggested() -> None:
    spelling = Spelling(["pharmacy", "gilbert"])
    assert spelling.cure("Pharmcy") == 'Did you mean "pharmacy"?'
    assert spelling.cure("scottsdale") == ""


def test_every_scalar_stays_text_and_keeps_its_line() -> None:
    read = read_text("x.yaml", b"no: on\nnumber: +1480\ntime: 9:30\nlist:\n  - ~\n  - {012: 0x1}\n", Limits())
    assert read == {"no": "on", "number": "+1480", "time": "9:30", "list": ["~", {"012": "0x1"}]}
    assert isinstance(read, Group)
    assert (line_of(read, ("time",)), line_of(read, ("list", 1, "012")), line_of(read, ("list", 9))) == (3, 6, 4)
