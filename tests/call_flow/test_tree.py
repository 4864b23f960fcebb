"""Drawn on paper, the call tree has every place a caller can come to once in full, and it ends."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from types import NoneType
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.call_flow.model import (
    Announcement,
    ByHours,
    CallbackRequest,
    Choice,
    Destination,
    Goodbye,
    Information,
    Mailbox,
    Menu,
    Routing,
    StaffMenu,
)
from ivr.call_flow.tree import KINDS, Kind, Spot, Tree, title_of, tree_of
from ivr.routing.compile import compile_folder
from tests.call_flow.conftest import group, location, menu, phone, routing_of, with_place
from tests.conftest import ROOT


@pytest.fixture
def sample() -> Routing:
    compiled = compile_folder(ROOT / "config")
    assert compiled.routing is not None
    return compiled.routing


def drawn(routing: Routing) -> Tree:
    return tree_of(routing, routing.main_line)


def in_full(tree: Tree) -> Counter[str]:
    return Counter(spot.name for spot in tree.spots if not spot.again)


def below(tree: Tree, name: str) -> list[Spot]:
    """What the place leads to, from where it is told in full."""
    number = next(number for number, spot in enumerate(tree.spots) if spot.name == name and not spot.again)
    return [spot for spot in tree.spots if spot.parent == number]


def said(tree: Tree, name: str) -> list[tuple[str, str, str, bool]]:
    return [(spot.way.key, spot.way.words, spot.name, spot.again) for spot in below(tree, name) if spot.way]


def test_every_place_of_the_sample_stands_there_once_in_full(sample: Routing) -> None:
    assert in_full(drawn(sample)) == Counter(dict.fromkeys(sample.destinations, 1))


def test_a_menu_leads_on_by_its_keys_and_by_0_to_a_person(sample: Routing) -> None:
    assert said(drawn(sample), "main") == [
        ("1", "For our Scottsdale location", "scottsdale", False),
        ("2", "For our Gilbert location", "gilbert", False),
        ("3", "For information about ketamine treatment", "topics", False),
        ("4", "To have us call you back", "callback", False),
        ("0", "a person", "scottsdale", True),
    ]


def test_a_location_tells_its_phones_where_it_overflows_to_and_who_is_there_when_it_is_closed(sample: Routing) -> None:
    tree = drawn(sample)
    spot = next(spot for spot in tree.spots if spot.name == "gilbert" and not spot.again)
    assert spot.title == "Gilbert"
    assert spot.lines == ("Location", "rings all at once:", "Gilbert front desk", "Gilbert nurse")
    assert said(tree, "gilbert") == [
        ("", "rings next", "scottsdale", True),
        ("", "no answer, closed", "gilbert_mailbox", False),
    ]


def test_a_place_is_told_where_the_fewest_steps_lead_to_it(sample: Routing) -> None:
    """The call back is a key of the first menu, and only named where the mailboxes offer it too."""
    spots = [spot for spot in drawn(sample).spots if spot.name == "callback"]
    assert [(spot.column, spot.again) for spot in spots] == [(3, True), (3, True), (1, False)]


def test_what_is_only_named_leads_nowhere(sample: Routing) -> None:
    tree = drawn(sample)
    parents = {spot.parent for spot in tree.spots}
    assert not [spot for number, spot in enumerate(tree.spots) if spot.again and (number in parents or spot.lines)]


def test_menus_that_lead_round_end(small: Routing) -> None:
    round_about = with_place(small, menu("main", "main", "other", "front"))
    tree = drawn(with_place(round_about, menu("other", "main", "other")))
    assert in_full(tree)["main"] == in_full(tree)["other"] == 1
    assert [spot.again for spot in below(tree, "other")] == [True, True, True]


def test_a_topic_leads_back_where_that_is_another_place(small: Routing) -> None:
    assert not below(drawn(small), "topic")
    elsewhere = with_place(small, Information("topic", ("part_1",), "front", "mailbox"))
    assert said(drawn(elsewhere), "topic") == [("2", "back", "front", True), ("0", "a person", "mailbox", True)]


def test_hours_closures_announcements_and_goodbyes_are_ways_and_places() -> None:
    routing = routing_of(
        ByHours("main", "front", "front", "news", {"Painting": "bye", "Training": "news"}),
        location("front", phone(1), phone(2, enabled=False), when_closed="bye"),
        Announcement("news", "hello", "bye"),
        Goodbye("bye", "hello"),
        Mailbox("mailbox", "greeting", 60),
    )
    tree = drawn(routing)
    assert said(tree, "main") == [
        ("", "open", "front", False),
        ("", "closed, Training", "news", False),
        ("", "Painting", "bye", False),
    ]
    assert said(tree, "front") == [("", "no answer", "mailbox", False), ("", "closed", "bye", True)]
    assert next(spot.lines for spot in tree.spots if spot.name == "front") == ("Location", "rings:", "Phone 1")
    assert said(tree, "news") == [("", "then", "bye", True)]
    assert not below(tree, "bye")


def test_staff_are_drawn_where_they_come_in(small: Routing) -> None:
    staff = StaffMenu("staff", "*#*#", ("front",))
    tree = drawn(replace(with_place(small, staff), staff=staff))
    assert said(tree, "main")[-1] == ("*#*#", "staff", "staff", False)
    assert [spot.kind for spot in tree.spots if spot.name == "staff"] == [Kind.STAFF]


def test_a_place_that_is_not_there_is_told(small: Routing) -> None:
    tree = drawn(with_place(small, menu("main", "gone")))
    spot = next(spot for spot in tree.spots if spot.name == "gone")
    assert (spot.kind, spot.lines) == (Kind.MISSING, ("There is no such place",))


def test_many_phones_are_summed_up() -> None:
    crowd = group("main", *(phone(number) for number in range(6)), otherwise="bye")
    tree = drawn(routing_of(crowd, Goodbye("bye", "hello")))
    assert tree.spots[0].lines[-1] == "and 2 more"
    idle = group("main", phone(1, enabled=False), otherwise="bye")
    assert drawn(routing_of(idle, Goodbye("bye", "hello"))).spots[0].lines == ("Phones", "no phone is in use")


def test_a_chain_of_two_thousand_places_is_drawn() -> None:
    names = ["main", *(f"news_{number}" for number in range(2000)), "bye"]
    chain: list[Destination] = [Announcement(name, "hello", then) for name, then in pairwise(names)]
    assert drawn(routing_of(*chain, Goodbye("bye", "hello"))).columns == len(names)


def test_lines_that_are_added_stand_in_the_box_that_is_told_in_full(small: Routing) -> None:
    tree = tree_of(small, small.main_line, {"front": ("12 calls",)})
    assert [spot.lines[-1:] for spot in tree.spots if spot.name == "front"] == [("12 calls",), ()]


def test_every_kind_of_destination_has_its_kind_of_box() -> None:
    assert set(KINDS) == {*get_args(Destination), NoneType}


def test_a_name_becomes_a_title() -> None:
    assert title_of(CallbackRequest("call_me_back", "x"), "call_me_back") == "Call me back"
    assert title_of(location("front"), "front") == "Front"


NAMES = [f"menu_{number}" for number in range(6)]


@given(st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5), min_size=6, max_size=6))
def test_whatever_leads_wherever_boxes_never_overlap_and_nothing_is_told_twice(leads: list[list[str]]) -> None:
    def choices(to: list[str]) -> dict[str, Choice]:
        return {str(key): Choice(str(key), "label", name) for key, name in enumerate(to, 1)}

    menus = [Menu(name, "hello", choices(to), "menu_0") for name, to in zip(NAMES, leads, strict=True)]
    routing = routing_of(Announcement("main", "hello", "menu_0"), *menus)
    tree = drawn(routing)
    assert set(in_full(tree).values()) == {1}
    for column in range(tree.columns):
        boxes = sorted((spot.middle, spot.size) for spot in tree.spots if spot.column == column)
        assert all(upper + size / 2 < lower - other / 2 for (upper, size), (lower, other) in pairwise(boxes))
        assert all(middle - size / 2 >= 0 and middle + size / 2 <= tree.height for middle, size in boxes)
