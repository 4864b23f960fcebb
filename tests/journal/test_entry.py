from __future__ import annotations

import dataclasses
import json
import typing
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call_flow import events
from ivr.call_flow.events import CallArrived, Event, FoundClosed, KeyChosen, MenuHeard, Rang, RingingEnded
from ivr.call_flow.turn import Outcome
from ivr.journal.entry import Entry, Ready, entries_for, from_line, lines_for, to_line

AT = datetime(2026, 11, 23, 16, 30, 5, 123000, tzinfo=UTC)
CALL = "CA0123456789abcdef0123456789abcdef"

any_text = st.text(st.one_of(st.characters(), st.characters(categories=["Cs", "Cc", "Zl", "Zp"])))
any_value = st.one_of(any_text, st.integers(), st.booleans(), st.none(), st.lists(any_text))
any_entry = st.builds(
    Entry,
    key=any_text,
    call=any_text,
    hop=st.integers(0, 10**6),
    nth=st.integers(0, 10**6),
    at=st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)),
    version=any_text,
    kind=any_text,
    data=st.dictionaries(any_text, any_value),
    sealed=st.dictionaries(any_text, any_text),
)


def joined(found: typing.Any) -> typing.Any:
    """Surrogates that make a pair as the character they stand for, as JSON has it."""
    if isinstance(found, str):
        return found.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if isinstance(found, dict):
        return {joined(name): joined(value) for name, value in found.items()}
    return [joined(item) for item in found] if isinstance(found, list) else found


@settings(deadline=None, max_examples=60)
@given(any_entry)
def test_any_entry_comes_back_from_its_line(entry: Entry) -> None:
    expected = Entry(**{each.name: joined(getattr(entry, each.name)) for each in dataclasses.fields(entry)})

    assert from_line(to_line(entry)) == expected


@settings(deadline=None, max_examples=60)
@given(any_entry)
def test_no_text_breaks_a_line(entry: Entry) -> None:
    line = to_line(entry)

    assert line.endswith(b"\n")
    assert all(0x20 <= byte < 0x7F for byte in line[:-1])
    assert len(line.decode("ascii").splitlines()) == 1


def test_a_line_is_compact_json_with_the_moment_in_milliseconds() -> None:
    (entry,) = entries_for(CALL, 3, AT, "v7", [KeyChosen("main", "1", "scottsdale")])

    assert to_line(entry) == (
        b'{"key":"CA0123456789abcdef0123456789abcdef:3:KeyChosen","call":"CA0123456789abcdef0123456789abcdef","hop":3,"nth":0,'
        b'"at":"2026-11-23T16:30:05.123Z","version":"v7","kind":"KeyChosen",'
        b'"data":{"place":"main","key":"1","to":"scottsdale","score":null},"sealed":{}}\n'
    )


def test_the_same_turn_handled_twice_gives_the_same_keys() -> None:
    turn: list[Event] = [KeyChosen("main", "1", "scottsdale"), Rang("scottsdale", ("desk",), 20, 1)]

    first = entries_for(CALL, 3, AT, "v7", turn)
    again = entries_for(CALL, 3, AT + timedelta(seconds=9), "v8", turn)

    assert [entry.key for entry in first] == [entry.key for entry in again]


def test_events_of_one_kind_in_a_turn_have_keys_of_their_own() -> None:
    turn: list[Event] = [MenuHeard("main"), MenuHeard("topics"), CallArrived("main", "en-US"), MenuHeard("main")]

    keys = [entry.key.removeprefix(f"{CALL}:0:") for entry in entries_for(CALL, 0, AT, "v7", turn)]

    assert keys == ["MenuHeard", "MenuHeard:1", "CallArrived", "MenuHeard:2"]


def test_a_tag_sets_the_keys_of_another_door_apart() -> None:
    plain = entries_for(CALL, 0, AT, "v7", [MenuHeard("main")])
    tagged = entries_for(CALL, 0, AT, "v7", [MenuHeard("main")], tag="status:")

    assert tagged[0].key == f"{CALL}:0:status:MenuHeard"
    assert tagged[0].key != plain[0].key


def test_tuples_become_lists_and_named_values_plain_text() -> None:
    ended = RingingEnded("scottsdale", ("desk", "mobile"), 1, Outcome.NO_ANSWER, 0)

    entry = from_line(to_line(entries_for(CALL, 2, AT, "v7", [ended])[0]))

    assert entry.data == {
        "group": "scottsdale",
        "phones": ["desk", "mobile"],
        "attempt": 1,
        "outcome": "no answer",
        "talk_seconds": 0,
    }


@settings(deadline=None, max_examples=100)
@given(
    any_text, st.integers(0, 10**6), st.datetimes(timezones=st.timezones()), any_text, st.lists(any_text, max_size=4)
)
def test_lines_kept_ready_are_the_lines_of_the_entries(
    call: str, hop: int, at: datetime, version: str, menus: list[str]
) -> None:
    facts: list[Event] = [CallArrived("100 %(call)s", "en-US"), *(MenuHeard(menu) for menu in menus)]
    sealed = {"caller": "100 %d", "caller_index": version}
    first, *others = entries_for(call, hop, at, version, facts)
    ready = Ready(version, facts)

    assert ready.lines(call, hop, at) == b"".join(to_line(each) for each in (first, *others))
    assert ready.lines(call, hop, at, sealed) == b"".join(
        to_line(each) for each in (dataclasses.replace(first, sealed=sealed), *others)
    )
    assert ready.count == len(facts)


@settings(deadline=None, max_examples=100)
@given(
    any_text,
    st.integers(0, 10**6),
    st.datetimes(timezones=st.timezones()),
    any_text,
    st.sampled_from(["", "leg1:", 'completed":']),
    st.lists(any_text, max_size=4),
)
def test_lines_written_at_once_are_the_lines_of_the_entries(
    call: str, hop: int, at: datetime, version: str, tag: str, menus: list[str]
) -> None:
    rang = Rang("scottsdale", ("Front desk", version), 20, 1, "scottsdale", whisper=True)
    facts: list[Event] = [rang, *(MenuHeard(menu) for menu in menus), rang]
    sealed = {"caller": call, "caller_index": version}
    first, *others = entries_for(call, hop, at, version, facts, tag)

    assert lines_for(call, hop, at, version, facts, tag) == b"".join(to_line(each) for each in (first, *others))
    assert lines_for(call, hop, at, version, facts, tag, sealed) == b"".join(
        to_line(each) for each in (dataclasses.replace(first, sealed=sealed), *others)
    )


def test_lines_of_a_moment_without_its_offset_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        lines_for("CA1", 0, datetime(2026, 11, 23, tzinfo=UTC).replace(tzinfo=None), "v1", [MenuHeard("main")])


@pytest.mark.parametrize("kind", typing.get_args(events.Event), ids=lambda kind: kind.__name__)
def test_every_field_of_every_event_is_kept(kind: type[typing.Any]) -> None:
    names = [each.name for each in dataclasses.fields(kind)]
    event = kind(*names)

    (entry,) = entries_for(CALL, 1, AT, "v7", [event])

    assert entry.kind == kind.__name__
    assert from_line(to_line(entry)).data == {name: name for name in names}


def test_local_moments_are_kept_in_utc() -> None:
    phoenix = datetime(2026, 11, 23, 9, 30, 5, 123999, tzinfo=ZoneInfo("America/Phoenix"))

    (entry,) = entries_for(CALL, 0, phoenix, "v7", [FoundClosed("gilbert", "hours", "", None)])

    assert entry.at == AT
    assert entry.at.tzinfo is UTC


def test_a_moment_without_its_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="must be aware"):
        entries_for(CALL, 0, AT.replace(tzinfo=None), "v7", [MenuHeard("main")])
    with pytest.raises(ValueError, match="in UTC"):
        Entry("k", CALL, 0, 0, AT.replace(tzinfo=None), "v7", "MenuHeard", {})
    with pytest.raises(ValueError, match="in UTC"):
        Entry("k", CALL, 0, 0, AT.replace(tzinfo=timezone(timedelta(hours=-7))), "v7", "MenuHeard", {})


def changed(**changes: object) -> bytes:
    (entry,) = entries_for(CALL, 3, AT, "v7", [MenuHeard("main")])
    return json.dumps({**json.loads(to_line(entry)), **changes}).encode()


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        (b"", "must be JSON"),
        (b"SECRET\n", "must be JSON"),
        (b"\x00" * 512, "must be JSON"),
        (b'{"key":"SECRET', "must be JSON"),
        ('{"key":"SECRETé"}'.encode(), "must be JSON in ASCII"),
        (b"[" * 100_000, "must be JSON"),
        (b'{"key":' + b"9" * 5000 + b"}", "must be JSON"),
        (b'["SECRET"]', "one JSON object"),
        (b"{}", "exactly key, call, hop, nth, at"),
        (changed(SECRET="x"), "exactly key, call, hop, nth, at"),
        (changed(key=None), "key must be text"),
        (changed(call=7), "call must be text"),
        (changed(version=[]), "version must be text"),
        (changed(kind={}), "kind must be text"),
        (changed(hop="SECRET"), "hop must be a whole number"),
        (changed(hop=True), "hop must be a whole number"),
        (changed(nth="SECRET"), "nth must be a whole number"),
        (changed(hop=1.0), "hop must be a whole number"),
        (changed(at="SECRET"), "at must be a moment"),
        (changed(at=20261123), "at must be a moment"),
        (changed(at="2026-02-30T08:15:00.000Z"), "at must be a moment"),
        (changed(at="2026-11-23T16:30:05.123"), "at must be a moment"),
        (changed(at="2026-11-23T16:30:05.123-07:00"), "at must be a moment"),
        (changed(at="2026-11-23T16:30:05.123456Z"), "at must be a moment"),
        (changed(data=["SECRET"]), "data must map"),
        (changed(data={"a": 1.5}), "data must map"),
        (changed(data={"a": {"SECRET": 1}}), "data must map"),
        (changed(data={"a": [1]}), "data must map"),
        (changed(sealed={"a": 1}), "sealed must map"),
        (changed(sealed="SECRET"), "sealed must map"),
    ],
)
def test_a_wrong_line_is_refused_by_its_fault_and_not_repeated(line: bytes, finding: str) -> None:
    with pytest.raises(ValueError, match=finding) as refusal:
        from_line(line)

    assert "SECRET" not in str(refusal.value)
    assert refusal.value.__context__ is None


@settings(deadline=None, max_examples=60)
@given(st.binary())
def test_no_bytes_raise_anything_but_value_error(line: bytes) -> None:
    with pytest.raises(ValueError, match="journal line"):
        from_line(line)
