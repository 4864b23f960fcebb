"""What compiling a configuration gives: the routing, its version, and never an exception."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ivr.call_flow.model import Interval, Location, Menu, Routing
from ivr.routing.compile import compile_files, compile_folder, version_of
from ivr.routing.problems import Problem, render
from ivr.routing.text import Limits

from .large_config import LARGE_LIMITS, large_config
from .timing import compiled_in_time

FILES = ("clinic.yaml", "menus.yaml", "prompts/en-US.yaml", "prompts/es-US.yaml")
ANY_CASE = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def routing(good_files: dict[str, bytes]) -> Routing:
    compiled = compile_files(good_files)
    assert compiled.routing is not None, render(compiled.problems)
    return compiled.routing


def location(routing: Routing, name: str) -> Location:
    found = routing.destinations[name]
    assert isinstance(found, Location)
    return found


def test_the_sample_has_no_faults_but_its_fictional_numbers(sample_files: dict[str, bytes]) -> None:
    compiled = compile_files(sample_files)
    others = [problem for problem in compiled.problems if "(555)" not in problem.sentence]
    assert render(problem for problem in others if not problem.warning) == ""
    assert compiled.routing is not None


def test_every_kind_of_destination_is_built(routing: Routing) -> None:
    kinds = {type(destination).__name__ for destination in routing.destinations.values()}
    assert kinds == {
        *("Menu", "Information", "Location", "HuntGroup", "ByHours"),
        *("Mailbox", "CallbackRequest", "Announcement", "Goodbye"),
    }


def test_menu_keys_are_read_out_in_their_order(routing: Routing) -> None:
    more = routing.destinations["more"]
    assert isinstance(more, Menu)
    assert list(more.choices) == ["1", "2", "3"]


def test_a_location_keeps_its_own_rule_for_a_holiday(routing: Routing) -> None:
    friday = date(2026, 11, 27)
    assert location(routing, "scottsdale").schedule.closures[friday].hours == ()
    assert location(routing, "gilbert").schedule.closures[friday].hours == (Interval(540, 720),)


def test_open_on_a_holiday_means_the_ordinary_hours(routing: Routing) -> None:
    memorial_day = date(2026, 5, 25)
    assert location(routing, "scottsdale").schedule.closures[memorial_day].holiday
    assert memorial_day not in location(routing, "gilbert").schedule.closures


def test_a_holiday_of_one_location_leaves_the_other_open(routing: Routing) -> None:
    good_friday = date(2026, 4, 3)
    assert location(routing, "gilbert").schedule.closures[good_friday].name == "Good Friday"
    assert good_friday not in location(routing, "scottsdale").schedule.closures


def test_a_closure_beats_a_holiday_on_the_same_date(good_files: dict[str, bytes]) -> None:
    files = dict(good_files)
    files["clinic.yaml"] = files["clinic.yaml"].replace(b"date: 2026-12-11", b"date: 2026-11-26")
    compiled = compile_files(files)
    assert compiled.routing is not None
    closure = location(compiled.routing, "scottsdale").schedule.closures[date(2026, 11, 26)]
    assert (closure.name, closure.holiday, closure.hours) == ("Staff training", False, (Interval(480, 720),))


def test_an_observed_day_belongs_to_its_holiday(routing: Routing) -> None:
    observed = location(routing, "scottsdale").schedule.closures[date(2027, 12, 31)]
    assert observed.name == "New Year's Day"


def test_a_range_closes_every_day_in_it(routing: Routing) -> None:
    closures = location(routing, "scottsdale").schedule.closures
    assert [closures[date(2026, 12, day)].name for day in (24, 25, 26)] == ["Winter break"] * 3
    assert date(2026, 12, 27) not in closures


def test_a_name_is_spoken_as_the_language_has_it(routing: Routing) -> None:
    assert routing.languages["en-US"].names["Painting"] == "Painting"
    assert routing.languages["en-US"].names["Winter break"] == "our winter break"
    assert routing.languages["es-US"].names["Painting"] == "trabajos de pintura"


def test_when_closed_defaults_to_the_mailbox(routing: Routing) -> None:
    assert location(routing, "scottsdale").when_closed == "scottsdale_mailbox"
    assert location(routing, "gilbert").when_closed == "after_hours"


def test_locations_without_exceptions_share_one_calendar() -> None:
    compiled = compile_files(large_config(menus=5, locations=3))
    assert compiled.routing is not None
    one, two = (location(compiled.routing, name).schedule.closures for name in ("location_1", "location_2"))
    assert one is two


def test_the_version_names_the_bytes_and_the_names(good_files: dict[str, bytes]) -> None:
    reordered = dict(reversed(good_files.items()))
    changed = {**good_files, "menus.yaml": good_files["menus.yaml"] + b" "}
    assert version_of(good_files) == version_of(reordered)
    assert len({version_of(good_files), version_of(changed), version_of({}), version_of({"a": b"b"})}) == 4
    assert len(version_of(good_files)) == 12


def test_live_refuses_what_practice_only_warns_of(good_files: dict[str, bytes]) -> None:
    assert compile_files(good_files).routing is not None
    assert compile_files(good_files, live=True).routing is None


def test_a_closed_location_may_lead_to_the_switch_that_leads_to_it_when_open(good_files: dict[str, bytes]) -> None:
    assert b"when_closed: after_hours" in good_files["clinic.yaml"]
    assert b"open: gilbert\n" in good_files["menus.yaml"]
    assert not [problem for problem in compile_files(good_files).problems if "for ever" in problem.sentence]


def test_a_large_configuration_needs_raised_limits() -> None:
    files = large_config(menus=1_200, locations=20)
    assert compile_files(files).routing is None
    assert compile_files(files, limits=LARGE_LIMITS).routing is not None


def test_the_size_of_all_files_together_is_limited(good_files: dict[str, bytes]) -> None:
    most = Limits().bytes - sum(map(len, good_files.values()))
    remark = b"#" + b"x" * (most // 2 - 2) + b"\n"
    files = {**good_files, **{name: remark + good_files[name] for name in ("clinic.yaml", "menus.yaml")}}
    assert compile_files(files).routing
    problems = compile_files({**files, "prompts/es-US.yaml": b"#" * 9 + b"\n" + files["prompts/es-US.yaml"]}).problems
    assert [problem.sentence.split(":")[0] for problem in problems] == ["the files are too big"]


def test_the_settings_of_all_files_together_are_limited(good_files: dict[str, bytes]) -> None:
    many = "".join(f"  m_{number}: M.\n" for number in range(11_000)).encode()
    files = {name: content + many if "prompts" in name else content for name, content in good_files.items()}
    told = render(compile_files(files).problems)
    assert "es-US.yaml" in told
    assert "the files hold too much: over 40,000 settings and values." in told


def test_a_name_without_an_end_is_not_repeated(good_files: dict[str, bytes]) -> None:
    endless = b"? " + b"a" * 100_000 + b"\n:\n" + b"".join(b"  x%d: 1\n" % number for number in range(9_000))
    told = render(compile_files({**good_files, "menus.yaml": endless}).problems)
    assert "is too long for a name" in told
    assert len(told) < 10_000


@pytest.mark.parametrize(
    ("section", "line", "most"),
    [
        ("languages", "  en-{}{}: {{voice: Polly.Joanna-Neural}}", 20),
        ("on_call", "  rota_{}{}: {{mailbox: m, people: [{{name: a, number: +14805550100}}]}}", 100),
    ],
)
def test_long_lists_are_refused_in_words(section: str, line: str, most: int) -> None:
    letters = ascii_uppercase if section == "languages" else ascii_lowercase
    given = [line.format(one, other) for one in letters for other in letters]
    for count in (most, most + 1):
        clinic = "\n".join([f"{section}:", *given[:count], ""]).encode()
        told = render(compile_files({"clinic.yaml": clinic}).problems)
        assert (f"{section}: these are too many: at most {most} can be listed here." in told) is (count > most)


def test_a_folder_is_compiled_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "clinic.yaml").write_text("clinic: [", "utf-8")
    compiled = compile_folder(tmp_path)
    assert compiled.routing is None
    assert compiled.problems[0].file == f"{tmp_path.name}/clinic.yaml"


@pytest.mark.parametrize("name", FILES)
@ANY_CASE
@given(data=st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace"))))
@example(data=b"\xff\xfe")
@example(data=b"clinic: {name: x, time_zone: '\\x00'}\n")
def test_any_bytes_in_any_file_are_only_problems(name: str, data: bytes, good_files: dict[str, bytes]) -> None:
    assert_only_problems(good_files, {name: data})


@ANY_CASE
@given(st.data())
def test_any_damage_to_a_good_file_is_only_problems(good_files: dict[str, bytes], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(FILES))
    text = good_files[name]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 80)))
    patch = data.draw(
        st.one_of(st.just(b""), st.sampled_from([b":", b"- ", b"\n", b"{", b"]", b"'", b"*a", b"9" * 40]))
    )
    assert_only_problems(good_files, {name: text[:start] + patch + text[end:]})


def assert_only_problems(good_files: dict[str, bytes], change: dict[str, bytes]) -> None:
    compiled = compiled_in_time({**good_files, **change})
    assert (compiled.routing is None) == any(not problem.warning for problem in compiled.problems)
    assert all(isinstance(problem, Problem) and str(problem).isprintable() for problem in compiled.problems)
