"""Every place where the configuration names something else: a destination or a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .findings import Path
from .schema import Ringing
from .shape import EVERYTHING, Shapes

CLINIC = "clinic.yaml"
MENUS = "menus.yaml"

# Sections whose entries a caller can be sent to: the file they stand in, and what staff call one of them.
KINDS = {
    "locations": (CLINIC, "location"),
    "mailboxes": (CLINIC, "mailbox"),
    "menus": (MENUS, "menu"),
    "information": (MENUS, "information topic"),
    "hunt_groups": (MENUS, "hunt group"),
    "by_hours": (MENUS, "switch by hours"),
    "callback_requests": (MENUS, "callback request"),
    "guides": (MENUS, "guide"),
    "urgent_calls": (MENUS, "urgent call"),
    "announcements": (MENUS, "announcement"),
    "goodbyes": (MENUS, "goodbye"),
}
PERSONS = ("locations", "hunt_groups", "by_hours")


class Reference(NamedTuple):
    """`source` names the destination it stands in, empty for a line. `kinds` are the sections it may point into.

    A caller may go along it only when `leads`; a switch by hours merely asks its location for the time.
    """

    source: str
    file: str
    path: Path
    to: str
    kinds: tuple[str, ...] = tuple(KINDS)
    leads: bool = True


class PromptReference(NamedTuple):
    """A sentence that is named in the call tree."""

    file: str
    path: Path
    prompt: str


def places(shapes: Shapes) -> Iterator[tuple[str, str]]:
    """Section and name of every destination, those that were left out for their faults included."""
    for section, (file, _) in KINDS.items():
        part = shapes.clinic if file == CLINIC else shapes.menus
        yield from ((section, name) for name in getattr(part.file, section))
        yield from ((section, name) for name in part.broken.get(section, ()) if name != EVERYTHING)


def references(shapes: Shapes) -> Iterator[Reference]:
    """Every mention of a destination."""
    yield from _of_the_clinic(shapes)
    yield from _of_the_tree(shapes)
    yield from _of_urgent_calls(shapes)


def prompt_references(shapes: Shapes) -> Iterator[PromptReference]:
    """Every mention of a sentence."""
    tree = shapes.menus.file
    for name, menu in tree.menus.items():
        if menu.greeting:
            yield PromptReference(MENUS, ("menus", name, "greeting"), menu.greeting)
        for key, choice in menu.keys.items():
            yield PromptReference(MENUS, ("menus", name, "keys", key, "label"), choice.label)
    for name, topic in tree.information.items():
        for index, part in enumerate(topic.parts):
            yield PromptReference(MENUS, ("information", name, "parts", index), part)
    for name, announcement in tree.announcements.items():
        yield PromptReference(MENUS, ("announcements", name, "say"), announcement.say)
    for name, goodbye in tree.goodbyes.items():
        yield PromptReference(MENUS, ("goodbyes", name, "say"), goodbye.say)
    for name, mailbox in shapes.clinic.file.mailboxes.items():
        yield PromptReference(CLINIC, ("mailboxes", name, "greeting"), mailbox.greeting)


def ringing_groups(shapes: Shapes) -> Iterator[tuple[str, Path, Ringing]]:
    """Everything that rings phones: file, path and the group."""
    for name, location in shapes.clinic.file.locations.items():
        yield CLINIC, ("locations", name), location
    for name, group in shapes.menus.file.hunt_groups.items():
        yield MENUS, ("hunt_groups", name), group


def _of_the_clinic(shapes: Shapes) -> Iterator[Reference]:
    clinic = shapes.clinic.file
    for name, line in clinic.lines.items():
        yield Reference("", CLINIC, ("lines", name, "start"), line.start)
        yield Reference("", CLINIC, ("lines", name, "person"), line.person, PERSONS)
    for name, location in clinic.locations.items():
        here: Path = ("locations", name)
        for index, other in enumerate(location.overflow):
            yield Reference(name, CLINIC, (*here, "overflow", index), other, ("locations",))
        yield Reference(name, CLINIC, (*here, "mailbox"), location.mailbox, ("mailboxes",))
        if location.when_closed:
            yield Reference(name, CLINIC, (*here, "when_closed"), location.when_closed)
    for name, mailbox in clinic.mailboxes.items():
        if mailbox.callback:
            yield Reference(name, CLINIC, ("mailboxes", name, "callback"), mailbox.callback, ("callback_requests",))
    for name, rota in clinic.on_call.items():
        yield Reference("", CLINIC, ("on_call", name, "mailbox"), rota.mailbox, ("mailboxes",), leads=False)


def _of_the_tree(shapes: Shapes) -> Iterator[Reference]:
    tree = shapes.menus.file
    for name, menu in tree.menus.items():
        for key, choice in menu.keys.items():
            yield Reference(name, MENUS, ("menus", name, "keys", key, "to"), choice.to)
        if menu.person:
            yield Reference(name, MENUS, ("menus", name, "person"), menu.person, PERSONS)
    for name, topic in tree.information.items():
        yield Reference(name, MENUS, ("information", name, "back"), topic.back)
        if topic.person:
            yield Reference(name, MENUS, ("information", name, "person"), topic.person, PERSONS)
    for name, group in tree.hunt_groups.items():
        yield Reference(name, MENUS, ("hunt_groups", name, "otherwise"), group.otherwise)
    for name, switch in tree.by_hours.items():
        here: Path = ("by_hours", name)
        yield Reference(name, MENUS, (*here, "location"), switch.location, ("locations",), leads=False)
        yield Reference(name, MENUS, (*here, "open"), switch.open)
        yield Reference(name, MENUS, (*here, "closed"), switch.closed)
        for closure, to in switch.closures.items():
            yield Reference(name, MENUS, (*here, "closures", closure), to)
    for name, request in tree.callback_requests.items():
        yield Reference(name, MENUS, ("callback_requests", name, "otherwise"), request.otherwise)
    for name, guide in tree.guides.items():
        yield Reference(name, MENUS, ("guides", name, "then"), guide.then)
    for name, announcement in tree.announcements.items():
        yield Reference(name, MENUS, ("announcements", name, "then"), announcement.then)


def _of_urgent_calls(shapes: Shapes) -> Iterator[Reference]:
    for name, urgent in shapes.menus.file.urgent_calls.items():
        yield Reference(name, MENUS, ("urgent_calls", name, "otherwise"), urgent.otherwise)
        if rota := shapes.clinic.file.on_call.get(urgent.rota):
            yield Reference(name, CLINIC, ("on_call", urgent.rota, "mailbox"), rota.mailbox, ("mailboxes",))
