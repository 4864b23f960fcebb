"""How destinations differ: menus by their keys, locations by their hours and phones, all others field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta

from ivr.call_flow.model import Choice, Destination, HuntGroup, Location, Menu, Phone, Rota, Routing, UrgentCall
from ivr.routing.hours_text import clock

from .changed import Change, changed, spoken_name, written
from .difference_hours import hours

WORDS = {
    "greeting": "the greeting is {new} instead of {old}",
    "person": "0 leads to {new} instead of {old}",
    "back": '"go back" leads to {new} instead of {old}',
    "parts": "the parts are {new} instead of {old}",
    "listen": "listening to speech is {new} instead of {old}",
    "overflow": "unanswered calls go on to {new} instead of {old}",
    "mailbox": "the mailbox is {new} instead of {old}",
    "when_closed": "closed calls go to {new} instead of {old}",
    "open": "open leads to {new} instead of {old}",
    "closed": "closed leads to {new} instead of {old}",
    "closures": "closures lead to {new} instead of {old}",
    "otherwise": "callers nobody serves go to {new} instead of {old}",
    "longest_seconds": "a message may last {new} seconds instead of {old}",
    "callback": "a call back is offered through {new} instead of {old}",
    "say": "says the sentence {new} instead of {old}",
    "then": "goes on to {new} instead of {old}",
    "title": "is called {new} instead of {old}",
    "order": "phones ring {new} instead of {old}",
    "whisper": "the whisper is {new} instead of {old}",
    "keys": "the keys are {new} instead of {old}",
    "locations": "the locations are {new} instead of {old}",
    "starting": "the first week begins on {new} instead of {old}",
    "weeks": "the weeks are taken in turn by {new} instead of {old}",
    "key": "key {new} confirms instead of {old}",
    "caller_id": "the number shown is the {new}'s instead of the {old}'s",
}
PHONE_WORDS = {
    "number": "has the number {new} instead of {old}",
    "ring_seconds": "rings {new} seconds instead of {old}",
    "enabled": "is {new} instead of {old}",
}


def places(old: Routing, new: Routing, now: datetime) -> Iterator[Change]:
    """What changes at each destination."""
    for name in dict.fromkeys((*old.destinations, *new.destinations)):
        before, after = old.destinations.get(name), new.destinations.get(name)
        place = _called(after or before, name)
        if before is None:
            yield Change(place, "is new.")
        elif after is None:
            yield Change(place, "is gone.")
        elif type(before) is not type(after):
            yield Change(place, f"is a {_kind(after)} now, no longer a {_kind(before)}.")
        else:
            yield from _place(place, before, after, new, now)


def _place(place: str, before: Destination, after: Destination, routing: Routing, now: datetime) -> Iterator[Change]:
    for field in fields(after):
        old, new = getattr(before, field.name), getattr(after, field.name)
        match before, after, field.name:
            case Menu(), Menu(), "choices":
                yield from _choices(place, old, new)
            case Location() as was, Location() as now_is, "schedule":
                yield from hours(place, was, now_is, routing, now)
            case Location(), Location(), "hunt_group":
                yield from _group(place, old, new)
            case UrgentCall(), UrgentCall(), "rota":
                yield from _rota(place, old, new)
            case HuntGroup() as was, HuntGroup() as now_is, "phones":
                yield from _phones(place, was.phones, now_is.phones)
            case _:
                yield from changed(place, before, after, field.name, WORDS)


def _choices(place: str, old: Mapping[str, Choice], new: Mapping[str, Choice]) -> Iterator[Change]:
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        if after is None:
            yield Change(place, f"key {key} is gone; it led to {written(old[key].to)}.")
        elif before is None:
            yield Change(place, f"key {key} is new and leads to {written(after.to)}.")
        else:
            if before.to != after.to:
                yield Change(place, f"key {key} leads to {written(after.to)} instead of {written(before.to)}.")
            if before.label != after.label:
                yield Change(place, f"key {key} is read as {written(after.label)} instead of {written(before.label)}.")
            if before.synonyms != after.synonyms:
                yield Change(place, f"key {key} is understood by other words: {written(after.synonyms)}.")
    if [key for key in old if key in new] != [key for key in new if key in old]:
        yield Change(place, f"the keys are read in the order {', '.join(new)}.")


def _group(place: str, old: HuntGroup, new: HuntGroup) -> Iterator[Change]:
    for field in fields(HuntGroup):
        if field.name == "phones":
            yield from _phones(place, old.phones, new.phones)
        elif field.name != "name":
            yield from changed(place, old, new, field.name, WORDS)


def _rota(place: str, old: Rota, new: Rota) -> Iterator[Change]:
    """Swaps are none of a version's."""
    for field in fields(Rota):
        if field.name == "people":
            yield from _phones(place, old.people, new.people)
        elif field.name == "hand_over":
            before, after = clock(old.hand_over), clock(new.hand_over)
            if before != after:
                yield Change(place, f"the rota is handed over at {after} instead of {before}.")
        elif field.name == "dates":
            yield from _dates(place, old.dates, new.dates)
        elif field.name != "swaps":
            yield from changed(place, old, new, field.name, WORDS)


def _dates(place: str, old: Mapping[date, str], new: Mapping[date, str]) -> Iterator[Change]:
    """The dates that differ alone, days after one another with the same people as one."""
    runs: list[tuple[date, date, str, str]] = []
    for day in sorted({*old, *new}):
        before, after = old.get(day, ""), new.get(day, "")
        if before == after:
            continue
        if runs and runs[-1][1:] == (day - timedelta(days=1), before, after):
            runs[-1] = (runs[-1][0], day, before, after)
        else:
            runs.append((day, day, before, after))
    for first, last, before, after in runs:
        days = f"{first}" if first == last else f"{first} to {last}"
        if after:
            instead = f" instead of {before}'s" if before else ""
            yield Change(f"{place}, {days}", f"{after}'s turn{instead}.")
        else:
            yield Change(f"{place}, {days}", f"no longer {before}'s turn by date.")


def _phones(place: str, old: tuple[Phone, ...], new: tuple[Phone, ...]) -> Iterator[Change]:
    before, after = {phone.name: phone for phone in old}, {phone.name: phone for phone in new}
    for name in dict.fromkeys((*before, *after)):
        phone = f"{place}, phone {spoken_name(name)}"
        if name not in after:
            yield Change(phone, "is gone and does not ring any more.")
        elif name not in before:
            yield Change(phone, f"is new: {after[name].number} rings {after[name].ring_seconds} seconds.")
        else:
            for field in fields(Phone):
                yield from changed(phone, before[name], after[name], field.name, PHONE_WORDS)
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield Change(place, f"the phones ring in the order {', '.join(map(spoken_name, after))}.")


def _called(destination: Destination | None, name: str) -> str:
    if isinstance(destination, Location):
        return destination.title
    return f"{_kind(destination).capitalize()} {spoken_name(name)}"


def _kind(destination: Destination | None) -> str:
    words = {
        "ByHours": "switch by hours",
        "HuntGroup": "hunt group",
        "CallbackRequest": "callback request",
        "UrgentCall": "urgent call",
        "StaffMenu": "menu",
    }
    kind = type(destination).__name__
    return words.get(kind, kind.lower())
