"""Every phone number of the configuration: may it be dialled, and does it ring? Testers' numbers are ordinary ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from ivr.call_flow.model import Order

from . import numbers
from .findings import Findings, Path
from .references import CLINIC, ringing_groups
from .schema import PhoneShape
from .shape import Shapes


def check_phones(shapes: Shapes, findings: Findings, *, live: bool) -> None:
    """Lines, all phones that are rung, people on call, and testers. With `live` a fictional number is an error."""
    clinic = shapes.clinic.file
    countries = shapes.countries
    if not countries:
        return
    owner: dict[str, str] = {}
    listed: set[str] = set()
    for name, line in clinic.lines.items():
        path: Path = ("lines", name, "number")
        _check_number(CLINIC, path, line.number, countries, findings, live=live)
        other = owner.setdefault(line.number, name)
        if other != name:
            findings.error(CLINIC, path, f"the line {other} has the same number.", "Each line needs its own.")
    for rung in _rung(shapes):
        for index, phone in enumerate(rung.phones):
            here: Path = (*rung.path, index, "number")
            if phone.number in owner:
                sentence = f"this is the clinic's own line {owner[phone.number]}: ringing it would call in a circle."
                findings.error(rung.file, here, sentence, "Write the number of the telephone itself.")
            else:
                _check_number(rung.file, here, phone.number, countries, findings, live=live)
        _check_ringing(rung, clinic.budgets.ring_seconds, findings)
    _check_overflow(shapes, findings)
    for index, tester in enumerate(clinic.testers):
        here = ("testers", index)
        _check_number(CLINIC, here, tester, countries, findings, live=live)
        if tester in listed:
            findings.warn(CLINIC, here, "this number is in the list already.", "Keep it once.")
        listed.add(tester)


class _Rung(NamedTuple):
    """A list of phones that are rung, `in_turn` or together; people on call never are together."""

    file: str
    path: Path
    phones: tuple[PhoneShape, ...]
    in_turn: bool
    may_ring_together: bool = True


def _rung(shapes: Shapes) -> Iterator[_Rung]:
    for file, path, group in ringing_groups(shapes):
        yield _Rung(file, (*path, "phones"), group.phones, group.ring is Order.IN_TURN)
    for name, rota in shapes.clinic.file.on_call.items():
        yield _Rung(CLINIC, ("on_call", name, "people"), rota.people, in_turn=True, may_ring_together=False)


def _check_number(
    file: str, path: Path, number: str, countries: Collection[str], findings: Findings, *, live: bool
) -> None:
    if found := numbers.fault(number, countries):
        findings.error(file, path, *found)
    elif numbers.is_fictional(number):
        say = findings.error if live else findings.warn
        say(file, path, "this number is fictional (555): nobody answers it.", "Put in your own before you go live.")


def _check_overflow(shapes: Shapes, findings: Findings) -> None:
    """Whoever rang in vain and rings again costs the caller's patience and the ring budget."""
    for name, location in shapes.clinic.file.locations.items():
        for index, other in enumerate(location.overflow):
            path: Path = ("locations", name, "overflow", index)
            if other == name:
                sentence = "this is the location itself: its own phones would ring a second time."
                findings.warn(CLINIC, path, sentence, "Name another location, or take the line out.")
            elif other in location.overflow[:index]:
                findings.warn(CLINIC, path, "this location is in the list already.", "Keep it once.")


def _check_ringing(rung: _Rung, budget: int, findings: Findings) -> None:
    file, here = rung.file, rung.path
    enabled = [phone for phone in rung.phones if phone.enabled]
    if not enabled:
        findings.error(file, here, "no phone is enabled, so nothing would ring.", "Enable at least one.")
    seen: set[str] = set()
    for index, phone in enumerate(rung.phones):
        if phone.number in seen:
            findings.warn(file, (*here, index, "number"), "this number is in the list already.", "Keep it once.")
        seen.add(phone.number)
    together = sum(phone.ring_seconds for phone in enabled)
    if rung.in_turn and together > budget:
        sentence = f"these phones ring {together} seconds one after another, but a call is granted {budget}."
        at_once = "ring all at once, " if rung.may_ring_together else ""
        cure = f"Shorten the ringing, {at_once}or raise budgets > ring_seconds."
        findings.warn(file, here, sentence, cure)
