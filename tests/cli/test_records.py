"""The commands on the call log, typed against a log with a made-up history, on the clinic's own clock."""

from __future__ import annotations

import csv
import io
import json
import shutil
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert, select

from ivr.call_log.audit import deeds
from ivr.call_log.database import migrate, open_database, reading, writing
from ivr.call_log.missed import MISSED
from ivr.call_log.outbound_tables import OutboundCallRow
from ivr.call_log.tables import CallRow, Erasure
from ivr.journal.sealing import Seal
from tests.bench_log.history import Made, Plan, Sums, history
from tests.bench_log.load import put

from .conftest import Type

SECRET = "the first secret of these tests"
SEAL = Seal([SECRET])
ZONE = ZoneInfo("America/Phoenix")
TOMORROW = datetime.now(ZONE).date() + timedelta(days=1)
PLAN = Plan(calls=120, until=TOMORROW, days=120, zone=ZONE, callers=15, seed=3, events_of=1)
PROMISED = (
    *("call_sid", "line", "location", "disposition", "language"),
    *("started_at", "path", "wait_seconds", "talk_seconds"),
)


@cache
def sealed(caller: int) -> tuple[str, str]:
    number = f"+1480555{caller:04d}"
    return SEAL.seal(number), SEAL.index(number)


@cache
def made() -> tuple[Made, ...]:
    return tuple(history(PLAN, Sums(), sealed))


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command_line: Type) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/log.db")
    monkeypatch.setenv("SECRET_KEY", SECRET)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with the made-up history, written once and copied for each test."""
    path = tmp_path_factory.mktemp("written") / "log.db"
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    put(engine, PLAN, sealed)
    engine.dispose()
    return path


@pytest.fixture
def log(environment: None, written: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copy(written, tmp_path / "log.db")
    engine = open_database(f"sqlite:///{tmp_path}/log.db")
    yield engine
    engine.dispose()


def numbers() -> list[str]:
    return [f"555{caller:04d}" for caller in range(PLAN.callers)]


def typed_json(command_line: Type, *words: str) -> Any:
    typed = command_line(*words, "--json")
    assert typed.code == 0, typed.err
    assert not any(number in typed.out for number in numbers())
    return json.loads(typed.out)


@pytest.mark.usefixtures("log")
def test_calls_are_listed_newest_first_with_what_was_promised(command_line: Type) -> None:
    found = typed_json(command_line, "calls", "--limit", "30")
    assert [call["call_sid"] for call in found] == [each.call[0] for each in reversed(made()[-30:])]
    assert all(name in call for call in found for name in PROMISED)
    assert found[0]["started_at"].endswith("-07:00")
    table = command_line("calls", "--limit", "30")
    assert len(table.out.splitlines()) == 31
    assert not any(number in table.out for number in numbers())
    assert "... " in table.out


@pytest.mark.usefixtures("log")
def test_calls_can_be_narrowed(command_line: Type) -> None:
    missed = typed_json(command_line, "calls", "--missed", "--location", "gilbert", "--limit", "500")
    wanted = {each.call[0] for each in made() if each.call[9] in MISSED and each.call[5] == "gilbert"}
    assert {call["call_sid"] for call in missed} == wanted
    assert wanted
    number = SEAL.unseal(str(next(each.call[21] for each in reversed(made()) if each.call[21])))
    own = typed_json(command_line, "calls", "--caller", number, "--limit", "500")
    index = SEAL.index(number)
    assert {call["call_sid"] for call in own} == {each.call[0] for each in made() if each.call[22] == index}
    today = typed_json(command_line, "calls", "--today")
    first = datetime.combine(TOMORROW - timedelta(days=1), datetime.min.time(), ZONE)
    assert len(today) == sum(int(str(each.call[1])) >= first.timestamp() * 1000 for each in made())
    assert typed_json(command_line, "calls", "--live") == []
    assert command_line("calls", "--live").out == "No such calls.\n"


@pytest.mark.usefixtures("log")
def test_missed_callers_are_shown_once_each(command_line: Type) -> None:
    day = (TOMORROW - timedelta(days=120)).isoformat()
    found = typed_json(command_line, "calls", "--missed", "--by-caller", "--from", day)
    groups = Counter(each.call[22] for each in made() if each.call[9] in MISSED)
    assert sorted(each["calls"] for each in found) == sorted(groups.values())
    assert "settled" in command_line("calls", "--missed", "--by-caller", "--from", day).out


@pytest.mark.usefixtures("log")
def test_missed_callers_can_be_narrowed_like_the_list(command_line: Type) -> None:
    """Each filter finds what the list finds, one entry a caller; a limit takes from those that fit, not before."""
    day = (TOMORROW - timedelta(days=120)).isoformat()
    missed = [each.call for each in made() if each.call[9] in MISSED and each.call[22]]
    number = SEAL.unseal(str(missed[-1][21]))
    for words in (
        ("--location", "gilbert"),
        *(("--line", line) for line in sorted({str(call[4]) for call in missed})),
        *(("--language", language) for language in sorted({str(call[6]) for call in missed})),
        ("--caller", number),
    ):
        asked = ("calls", "--missed", "--from", day, *words)
        listed = Counter(call["caller"] for call in typed_json(command_line, *asked, "--limit", "500"))
        grouped = typed_json(command_line, *asked, "--by-caller", "--limit", "500")
        assert sum(each["calls"] for each in grouped) == sum(listed.values()) > 0
        assert len(typed_json(command_line, *asked, "--by-caller", "--limit", "2")) == min(2, len(grouped))
    for words in (
        ("--location", "nosuch"),
        ("--line", "nosuch"),
        ("--language", "xx-XX"),
        ("--caller", "+12025550123"),
    ):
        typed = command_line("calls", "--missed", "--by-caller", "--from", day, *words)
        assert typed.out == "Nobody was missed.\n"


@pytest.mark.usefixtures("log")
def test_a_last_day_alone_reaches_seven_days_back(command_line: Type) -> None:
    last = TOMORROW - timedelta(days=30)
    first = last - timedelta(days=6)
    whole = typed_json(command_line, "calls", "--missed", "--by-caller", "--to", last.isoformat())
    days = ("--from", first.isoformat(), "--to", last.isoformat())
    assert whole == typed_json(command_line, "calls", "--missed", "--by-caller", *days)
    assert whole
    usual = typed_json(command_line, "calls", "--missed", "--by-caller")
    week = (TOMORROW - timedelta(days=7)).isoformat()
    assert usual == typed_json(command_line, "calls", "--missed", "--by-caller", "--from", week)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("calls", "--live", "--missed"), "exclude each other"),
        (("calls", "--today", "--from", "2026-11-01"), "--today goes without"),
        (("calls", "--by-caller"), "goes with --missed"),
        (("calls", "--missed", "--by-caller", "--draft"), "goes without --draft"),
        (("calls", "--from", "yesterday"), "write a day like 2026-11-24"),
        (("calls", "--caller", "nobody"), "not a phone number"),
        (("export", "calls", "--from", "2026-11-01"), "Say which days"),
        (("export", "calls", "--from", "2026-11-02", "--to", "2026-11-01"), "--to is before --from"),
        (("story", "CAffffffffffffffffffffffffffffffff"), "There is no such call"),
        (("story", "' OR 1=1"), "There is no such call"),
        (("story", "CA"), "Several calls begin so"),
    ],
)
@pytest.mark.usefixtures("log")
def test_what_cannot_be_meant_is_told(command_line: Type, words: tuple[str, ...], said: str) -> None:
    typed = command_line(*words)
    assert (typed.code, said in typed.err) == (2, True), typed.err


def test_a_story_tells_the_calls_back_with_one_time_and_in_words(log: Engine, command_line: Type) -> None:
    sid = made()[-1].call[0]
    asked_at = datetime(2026, 11, 24, 8, 5, tzinfo=ZONE)
    row = {
        "call_sid": sid,
        "asked_by": "maria",
        "asked_at": asked_at,
        "not_before": asked_at,
        "state": "over",
        "ended": "completed",
        "talk_seconds": 0,
        **dict.fromkeys(("phone", "line", "location", "holder", "carrier_sid", "dialled", "fault"), ""),
    }
    with writing(log) as connection:
        connection.execute(insert(OutboundCallRow).values(row))
    last = command_line("story", sid).out.splitlines()[-1]
    assert last == "called back Tuesday, November 24, 2026 at 8:05 by maria: 1 was not pressed at the desk"


@pytest.mark.usefixtures("log")
def test_a_story_tells_the_steps_of_one_call(command_line: Type) -> None:
    call = next(each.call for each in made() if each.call[9] == "answered")
    sid = str(call[0])
    typed = command_line("story", sid[:14])
    assert typed.code == 0
    assert "(America/Phoenix), line" in typed.out
    assert "answered: waited" in typed.out
    told = typed_json(command_line, "story", sid)
    assert told["call_sid"] == sid
    assert len(told["story"]) >= 2
    assert all(step["text"] in typed.out for step in told["story"])


@pytest.mark.usefixtures("log")
def test_a_report_counts_a_week(command_line: Type) -> None:
    first = datetime.combine(TOMORROW - timedelta(days=7), datetime.min.time(), ZONE)
    week = [each for each in made() if int(str(each.call[1])) >= first.timestamp() * 1000]
    found = typed_json(command_line, "report", "--week")
    assert found["calls"] == len(week) > 0
    assert found["by_disposition"] == dict(Counter(str(each.call[9]) for each in week))
    assert sum(menu["visits"] for menu in found["menus"]) == len(week)
    shown = command_line("report", "--week")
    assert "####" in shown.out
    assert "What became of them" in shown.out
    assert command_line("report", "--day", "--until", "2020-01-01").out == "2020-01-01: 0 calls\n"


def exported(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.usefixtures("log")
def test_an_export_goes_to_the_terminal_or_to_a_private_file(command_line: Type, tmp_path: Path) -> None:
    days = ("--from", (TOMORROW - timedelta(days=120)).isoformat(), "--to", TOMORROW.isoformat())
    typed = command_line("export", "calls", *days)
    assert typed.code == 0, typed.err
    assert typed.err == "120 calls exported.\n"
    assert [row["call_sid"] for row in exported(typed.out)] == [each.call[0] for each in made()]
    assert not any(number in typed.out for number in numbers())
    target = tmp_path / "events.jsonl"
    assert command_line("export", "events", *days, "--format", "jsonl", "--output", str(target)).code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert len(target.read_text().splitlines()) == sum(len(each.events) for each in made())
    missing = command_line("export", "calls", *days, "--output", str(tmp_path / "nowhere" / "x.csv"))
    assert (missing.code, "cannot be written" in missing.err) == (1, True)


def test_a_revealing_export_is_on_the_record(command_line: Type, log: Engine) -> None:
    days = ("--from", (TOMORROW - timedelta(days=120)).isoformat(), "--to", TOMORROW.isoformat())
    typed = command_line("export", "calls", *days, "--reveal")
    revealed = {row["caller"] for row in exported(typed.out)} - {"withheld"}
    assert revealed == {SEAL.unseal(str(each.call[21])) for each in made() if each.call[21]}
    assert [deed.detail["reveal"] for deed in deeds(log)] == [True, True]
    assert deeds(log)[0].actor.startswith("cli:")


def test_forgetting_follows_the_configuration_and_the_options(command_line: Type, log: Engine) -> None:
    typed = command_line("forget")
    assert typed.code == 0, typed.err
    with reading(log) as connection:
        erased = connection.scalars(select(Erasure.__table__.c.count).where(Erasure.what == "numbers")).all()
        kept = connection.scalars(select(CallRow.started_at).where(CallRow.caller.is_not(None))).all()
    assert len(erased) == 1
    assert erased[0] > 0
    assert min(kept) > datetime.now(UTC) - timedelta(days=90, minutes=5)
    assert "numbers" in typed.out
    assert command_line("forget", "--numbers-older-than", "10").code == 0
    with reading(log) as connection:
        kept = connection.scalars(select(CallRow.started_at).where(CallRow.caller.is_not(None))).all()
    assert min(kept) > datetime.now(UTC) - timedelta(days=10, minutes=5)


@pytest.mark.usefixtures("log")
def test_numbers_are_sealed_anew_under_the_new_secret(command_line: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    known = sum(each.call[21] is not None for each in made())
    monkeypatch.setenv("SECRET_KEY", "another secret of these tests")
    lost = command_line("rekey")
    assert (lost.code, f"{known} numbers cannot be read" in lost.err) == (1, True)
    monkeypatch.setenv("SECRET_KEY", f"another secret of these tests,{SECRET}")
    assert command_line("rekey").out == f"{known} numbers sealed anew, 0 were so already.\n"
    monkeypatch.setenv("SECRET_KEY", "another secret of these tests")
    assert "unreadable" not in command_line("calls").out


@pytest.mark.usefixtures("log")
def test_a_backup_can_be_read_in_place_of_the_log(
    command_line: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.db"
    typed = command_line("backup", str(copy))
    assert typed.code == 0, typed.err
    before = typed_json(command_line, "calls")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{copy}")
    assert typed_json(command_line, "calls") == before


def test_a_log_without_tables_says_how_to_make_them(command_line: Type) -> None:
    typed = command_line("calls")
    assert (typed.code, typed.err) == (1, "Error: The call log has no tables yet: python -m ivr migrate\n")
    assert command_line("migrate").code == 0
    assert command_line("calls").out == "No such calls.\n"
    assert command_line("migrate", "--to", "base", "--yes").code == 0
    assert command_line("calls").code == 1


def test_a_database_that_cannot_be_reached_is_told_without_its_password(
    command_line: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ivr:hidden-word@127.0.0.1:1/ivr")
    typed = command_line("calls")
    assert typed.code == 1
    assert "cannot be used" in typed.err
    assert "hidden-word" not in typed.err
    monkeypatch.setenv("DATABASE_URL", "oracle://ivr:hidden-word@host/ivr")
    refused = command_line("calls").err
    assert "DATABASE_URL must be sqlite:///path/to/file or postgresql://" in refused
    assert "hidden-word" not in refused


@pytest.mark.usefixtures("log")
def test_a_broken_configuration_keeps_nobody_from_the_log(command_line: Type, config: Path, tmp_path: Path) -> None:
    stored = tmp_path / "var" / "routing" / "versions" / ("a" * 12)
    stored.parent.mkdir(parents=True)
    config.rename(stored)
    config.mkdir()
    (config / "clinic.yaml").write_text("clinic: [")
    assert command_line("calls").code == 0
    stored.rename(tmp_path / "gone")
    typed = command_line("calls")
    assert (typed.code, "no usable configuration" in typed.err) == (1, True)
