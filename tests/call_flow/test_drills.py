"""Drills: overrides that nobody has made yet are walked by the proof."""

from __future__ import annotations

from dataclasses import replace

from ivr.call_flow.drills import drills
from ivr.call_flow.finding import Claim
from ivr.call_flow.hours import is_open
from ivr.call_flow.model import Interval, Location, OverrideKind, Routing
from ivr.call_flow.overrides import sending, with_overrides
from ivr.call_flow.proofs import prove

from .conftest import OPEN_AT, location, menu, phone, routing_of

ALL_DAY = (Interval(0, 24 * 60),)


def always_open(place: Location) -> Location:
    return replace(place, schedule=replace(place.schedule, week=(ALL_DAY,) * 7))


def two_locations() -> Routing:
    return routing_of(menu("main", "front", "back"), location("front", phone(1)), location("back", phone(2)))


def test_each_location_is_closed_while_the_other_is_open_and_all_at_once() -> None:
    routing = two_locations()
    made = drills(routing, OPEN_AT)
    drilled = with_overrides(routing, made)
    seen = set()
    for moment in {override.begins for override in made}:
        front, back = (drilled.destinations[name] for name in ("front", "back"))
        assert isinstance(front, Location)
        assert isinstance(back, Location)
        opens = [is_open(place.schedule, moment) for place in (front, back)]
        sent = [sending(place.schedule, moment) is not None for place in (front, back)]
        seen.add((*opens, *sent))
    assert seen == {
        (True, True, False, False),
        (False, False, False, False),
        (False, True, False, False),
        (True, False, False, False),
        (True, True, True, False),
        (True, False, True, False),
        (True, True, False, True),
        (False, True, False, True),
    }


def test_no_two_drills_share_a_minute_and_all_lie_before_the_end() -> None:
    made = drills(two_locations(), OPEN_AT)
    assert all(override.ends < OPEN_AT for override in made)
    apart = [override for override in made if override.kind is not OverrideKind.OPEN or override.reason]
    assert len({override.begins for override in made}) == 8 <= len(apart)


def test_a_corner_that_only_an_override_opens_is_shown_by_a_call_while_it_holds() -> None:
    place = always_open(location("front", phone(1), when_closed="main"))
    proof = prove(routing_of(menu("main", "front", "topic"), place), OPEN_AT, days=2)
    found = [finding for finding in proof.findings if finding.claim is Claim.PERSON]
    assert found
    assert found[0].script[0].startswith("Call while Front is closed: ")


def test_a_routing_without_locations_needs_none() -> None:
    assert drills(routing_of(menu("main", "bye")), OPEN_AT) == ()
