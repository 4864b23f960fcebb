"""Forms change one thing in a file's text: all else is read as before, and every note stays where it was."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.routing.edit import (
    ClosureText,
    PhoneText,
    add_closure,
    change_closure,
    change_phone,
    change_prompt,
    change_week,
    closures_of,
    listed_phones,
    prompts_of,
    remove_closure,
    week_of,
)
from ivr.routing.schema import DAYS
from ivr.routing.splice import CannotEdit
from ivr.routing.text import Group, Items, Limits, read_text

SAMPLE = Path(__file__).parents[2] / "config"
CLINIC = (SAMPLE / "clinic.yaml").read_bytes()
ENGLISH = (SAMPLE / "prompts/en-US.yaml").read_bytes()
SPANISH = (SAMPLE / "prompts/es-US.yaml").read_bytes()
US = ("US",)


def data(file: bytes) -> Any:
    """What the strict loader reads, as plain dicts and lists."""
    read = read_text("file", file, Limits())
    assert isinstance(read, Group), read
    return plain(read)


def plain(value: Any) -> Any:
    match value:
        case Group():
            return {key: plain(item) for key, item in value.items()}
        case Items():
            return [plain(item) for item in value]
        case _:
            return value


def notes(file: bytes) -> list[str]:
    return [line.strip() for line in file.decode().splitlines() if line.strip().startswith("#")]


def others(file: bytes, before: bytes) -> int:
    """How many lines of the former text are not there any more."""
    left = file.decode().splitlines()
    gone = 0
    for line in before.decode().splitlines():
        if line in left:
            left.remove(line)
        else:
            gone += 1
    return gone


def changed(before: bytes, edit: Callable[[Any], None]) -> Any:
    found = copy.deepcopy(data(before))
    edit(found)
    return found


@pytest.mark.parametrize("location", ["scottsdale", "gilbert"])
@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("typed", ["", "6:30-10:15, 11:00-20:00"])
def test_a_days_hours_change_that_day_only(location: str, day: str, typed: str) -> None:
    new = change_week(CLINIC, location, {day: typed})
    wanted = changed(CLINIC, lambda file: file["locations"][location]["hours"].update({day: typed or "closed"}))
    assert data(new) == wanted
    assert notes(new) == notes(CLINIC)
    assert others(new, CLINIC) <= 1


def test_the_same_hours_in_other_words_change_nothing() -> None:
    week = week_of(CLINIC, "gilbert")
    assert change_week(CLINIC, "gilbert", {**week, "monday": "9:00 am - 5:00 pm", "sunday": " "}) == CLINIC


def test_a_whole_week_is_changed_at_once() -> None:
    week = dict.fromkeys(DAYS, "7:00-7:30")
    assert week_of(change_week(CLINIC, "scottsdale", week), "scottsdale") == week


@pytest.mark.parametrize("typed", ["8-12", "nine to five", "9:00-9:00", "25:00-26:00", "9:00-17:00 # late"])
def test_hours_that_cannot_be_read_are_refused_at_their_day(typed: str) -> None:
    with pytest.raises(CannotEdit) as refused:
        change_week(CLINIC, "gilbert", {"monday": "9:00-17:00", "friday": typed})
    assert refused.value.field == "friday"


ADDED = [
    ClosureText("Inventory", "2027-02-01"),
    ClosureText("Inventory: shelves # 1", "2027-02-01 to 2027-02-03", "8:00-12:00", ("gilbert",)),
    ClosureText("Yes", "2027-02-01", "", ("gilbert", "scottsdale")),
]


@pytest.mark.parametrize("closure", ADDED)
def test_an_added_closure_comes_last_and_changes_no_other_line(closure: ClosureText) -> None:
    new = add_closure(CLINIC, closure)
    assert closures_of(new) == [*closures_of(CLINIC), closure]
    assert {**data(new), "closures": []} == {**data(CLINIC), "closures": []}
    assert notes(new) == notes(CLINIC)
    assert others(new, CLINIC) == 0


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_removed_closure_takes_only_its_own_lines(index: int) -> None:
    new = remove_closure(CLINIC, index)
    wanted = changed(CLINIC, lambda file: file["closures"].pop(index))
    assert data(new) == wanted
    assert notes(new) == notes(CLINIC)
    assert others(new, CLINIC) == len(data(CLINIC)["closures"][index])


def test_all_closures_may_go_and_new_ones_come() -> None:
    none = CLINIC
    for _ in closures_of(CLINIC):
        none = remove_closure(none, 0)
    assert data(none)["closures"] == []
    assert notes(none) == notes(CLINIC)
    again = none
    for closure in closures_of(CLINIC):
        again = add_closure(again, closure)
    assert data(again) == data(CLINIC)
    assert notes(again) == notes(CLINIC)


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize("hours", ["", "10:00-11:00"])
def test_a_changed_closure_changes_that_closure_only(index: int, hours: str) -> None:
    before = closures_of(CLINIC)
    wanted = replace(before[index], name="Another", date="2027-03-01", hours=hours)
    new = change_closure(CLINIC, index, wanted)
    kept = replace(wanted, hours="closed") if before[index].hours and not hours else wanted
    assert closures_of(new) == [*before[:index], kept, *before[index + 1 :]]
    assert {**data(new), "closures": []} == {**data(CLINIC), "closures": []}
    assert notes(new) == notes(CLINIC)


@pytest.mark.parametrize(
    ("closure", "field"),
    [
        (ClosureText("", "2027-02-01"), "name"),
        (ClosureText("Party", "tomorrow"), "date"),
        (ClosureText("Party", "2027-02-03 to 2027-02-01"), "date"),
        (ClosureText("Party", "2027-02-01", "mornings"), "hours"),
    ],
)
def test_a_closure_that_cannot_be_read_is_refused_at_its_field(closure: ClosureText, field: str) -> None:
    with pytest.raises(CannotEdit) as added:
        add_closure(CLINIC, closure)
    with pytest.raises(CannotEdit) as changed_to:
        change_closure(CLINIC, 0, closure)
    assert added.value.field == changed_to.value.field == field


@pytest.mark.parametrize(
    "phone",
    [phone for phones in listed_phones(CLINIC, "locations").values() for phone in phones],
    ids=lambda phone: phone.name,
)
def test_a_phone_changes_alone_and_its_number_keeps_its_plus(phone: PhoneText) -> None:
    wanted = replace(phone, number="+14805550199", ring_seconds="31", enabled=False)
    new = change_phone(CLINIC, wanted, US)
    assert listed_phones(new, "locations")[str(phone.holder[1])][phone.index] == wanted
    written = {"number": "+14805550199", "ring_seconds": "31", "enabled": "no"}
    place = phone.holder[1]
    assert data(new) == changed(CLINIC, lambda file: file["locations"][place]["phones"][phone.index].update(written))
    assert notes(new) == notes(CLINIC)
    back = change_phone(new, replace(phone, enabled=True), US)
    assert listed_phones(back, "locations") == listed_phones(CLINIC, "locations")


@pytest.mark.parametrize(
    ("number", "seconds"), [("911", "20"), ("480555", "20"), ("+14805550199", "4"), ("+14805550199", "x")]
)
def test_a_phone_that_may_not_be_dialled_is_refused(number: str, seconds: str) -> None:
    phone = replace(listed_phones(CLINIC, "locations")["gilbert"][0], number=number, ring_seconds=seconds)
    with pytest.raises(CannotEdit) as refused:
        change_phone(CLINIC, phone, US)
    assert refused.value.field == phone.field


def test_a_phone_is_not_mistaken_for_another() -> None:
    phone = replace(listed_phones(CLINIC, "locations")["gilbert"][0], name="Gilbert nurse")
    with pytest.raises(CannotEdit, match="another order"):
        change_phone(CLINIC, phone, US)


@pytest.mark.parametrize("file", [ENGLISH, SPANISH], ids=["en-US", "es-US"])
def test_every_sentence_changes_alone(file: bytes) -> None:
    prompts = prompts_of(file)
    assert len(prompts) > 50
    for name in prompts:
        words = f"¿Qué? Other words, for {name}: 100 % new #1."
        new = change_prompt(file, name, words)
        wanted = data(file)
        wanted["prompts"][name] = words
        assert data(new) == wanted
        assert notes(new) == notes(file)


@settings(max_examples=40)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=120))
def test_any_words_are_read_again_as_they_were_typed_or_refused(words: str) -> None:
    for name in ("welcome", "mailbox_greeting"):
        try:
            new = change_prompt(ENGLISH, name, words)
        except CannotEdit:
            assert not words.split() or any(not char.isascii() for char in words)
        else:
            assert prompts_of(new) == {**prompts_of(ENGLISH), name: " ".join(words.split())}
            assert set(notes(ENGLISH)) <= set(notes(new))


def test_the_same_words_change_nothing() -> None:
    for name, text in prompts_of(ENGLISH).items():
        assert change_prompt(ENGLISH, name, f"  {text}\r\n") == ENGLISH


OTHER_HANDS = b"""\
# One hand wrote it tightly, another on Windows.
locations: {north: {hours: {monday: '8:00-9:00', tuesday: "closed"}, phones: [{name: Desk, number: "+14805550111"}]}}
closures: [{name: A, date: 2027-01-01}, {name: B, date: 2027-01-02}]  # a note at the side
prompts:
    one: "Say \\"yes\\"."   # aside
    two: 'It''s'
    three: |
        Line one
        line two

    # Between.
    four: >-  # folded
        All
        folded
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_files_in_other_hands_keep_their_manner(newline: str) -> None:
    file = OTHER_HANDS.decode().replace("\n", newline).encode()
    new = change_week(file, "north", {"monday": "7:00-8:00, 9:00-10:00", "tuesday": "8:00-9:00"})
    assert b"{monday: '7:00-8:00, 9:00-10:00', tuesday: \"8:00-9:00\"}" in new
    new = add_closure(new, ClosureText("C, too", "2027-01-03", "8:00-9:00", ("north",)))
    new = remove_closure(remove_closure(new, 0), 0)
    assert closures_of(new) == [ClosureText("C, too", "2027-01-03", "8:00-9:00", ("north",))]
    (phone,) = listed_phones(new, "locations")["north"]
    new = change_phone(new, replace(phone, number="+14805550112", enabled=False), US)
    assert b'number: "+14805550112", enabled: no}]' in new
    for name, words in {"one": 'So "be" it', "two": "Isn't", "three": "One two", "four": "No more folds"}.items():
        new = change_prompt(new, name, words)
        assert prompts_of(new)[name] == words
    for note in ("# One hand", "# a note at the side", "# aside", "# Between.", "# folded"):
        assert note in new.decode()
    assert new.count(newline.encode()) == new.count(b"\n")


@pytest.mark.parametrize(
    "closures", ["", "closures: []  # none yet\n", "closures:\n# first\n- name: A\n  date: 2027-01-01\n"]
)
def test_a_first_closure_is_added_wherever_the_list_stands(closures: str) -> None:
    file = f"# top\n{closures}budgets:\n  hops: 40".encode()
    new = add_closure(file, ClosureText("B", "2027-01-02"))
    assert closures_of(new)[-1] == ClosureText("B", "2027-01-02")
    assert data(new)["budgets"] == {"hops": "40"}
    assert notes(new) == notes(file)


def test_notes_within_a_removed_closure_stay() -> None:
    file = b"closures:\n  - name: A\n    # why\n    date: 2027-01-01\n  # after\n  - name: B\n    date: 2027-01-02\n"
    assert notes(remove_closure(file, 0)) == ["# why", "# after"]
    assert notes(remove_closure(remove_closure(file, 0), 0)) == ["# why", "# after"]


BROKEN: Mapping[str, bytes] = {"not YAML": b"locations: [", "twice": b"a: 1\na: 2\n", "empty": b""}


@pytest.mark.parametrize("file", BROKEN.values(), ids=BROKEN.keys())
def test_a_file_with_a_mistake_is_changed_in_its_text_only(file: bytes) -> None:
    with pytest.raises(CannotEdit, match="Mend its text"):
        closures_of(file)


def test_what_is_not_there_is_not_changed() -> None:
    edits: list[Callable[[], object]] = [
        lambda: change_week(CLINIC, "tucson", {"monday": "8:00-9:00"}),
        lambda: remove_closure(CLINIC, 9),
        lambda: change_closure(CLINIC, 9, ClosureText("A", "2027-01-01")),
        lambda: change_prompt(ENGLISH, "no_such", "words"),
        lambda: change_prompt(ENGLISH, "welcome", " \n "),
    ]
    for edit in edits:
        with pytest.raises(CannotEdit):
            edit()
