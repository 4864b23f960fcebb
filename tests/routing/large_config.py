"""A configuration of any size, for measuring: a tree of menus whose ends lead to locations."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.call_flow.phrases import Phrase
from ivr.routing.text import Limits

KEYS = 5
LARGE_LIMITS = Limits(bytes=64 * 1024 * 1024, nodes=5_000_000)
_VOICES = {"en-US": "Polly.Joanna-Neural", "es-US": "Polly.Lupe-Neural"}


def large_config(menus: int, locations: int) -> dict[str, bytes]:
    """Files for `compile_files`: this many menus of five keys each, and this many locations of two phones each."""
    files = {
        "clinic.yaml": _clinic(locations),
        "menus.yaml": _menus(menus, locations),
        **{f"prompts/{code}.yaml": _prompts(code, menus) for code in _VOICES},
    }
    return {name: "".join(f"{line}\n" for line in lines).encode() for name, lines in files.items()}


def _clinic(locations: int) -> Iterator[str]:
    yield "clinic: {name: Large Clinic, time_zone: America/Phoenix}"
    yield "languages:"
    for code, voice in _VOICES.items():
        yield f"  {code}: {{voice: {voice}, key: 9}}"
    yield "lines: {main: {number: +14805550100, start: menu_0, person: location_0}}"
    yield "holidays: [New Year's Day, Thanksgiving Day, Day After Thanksgiving, Christmas Day]"
    yield "mailboxes: {mailbox: {greeting: mailbox_greeting}}"
    yield "locations:"
    for number in range(locations):
        yield from _location(number)


def _location(number: int) -> Iterator[str]:
    yield f"  location_{number}:"
    yield f"    title: Location {number}"
    yield "    hours:"
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday"):
        yield f"      {day}: 8:00-12:00, 13:00-17:00"
    yield "      saturday: closed"
    yield "      sunday: closed"
    if number % 10 == 0:
        yield "    holidays: {Day After Thanksgiving: 9:00-12:00}"
    yield "    phones:"
    for phone in range(2):
        yield f"      - name: Desk {phone}"
        yield f"        number: +1480{200 + (number * 2 + phone) // 10_000}{(number * 2 + phone) % 10_000:04}"
    yield "    mailbox: mailbox"


def _menus(menus: int, locations: int) -> Iterator[str]:
    ends = 0
    yield "menus:"
    for number in range(menus):
        yield f"  menu_{number}:"
        yield f"    greeting: greeting_{number}"
        yield "    keys:"
        for key in range(1, KEYS + 1):
            child = number * KEYS + key
            ends += child >= menus
            to = f"menu_{child}" if child < menus else f"location_{ends % locations}"
            yield f"      {key}: {{label: for_choice_{key}, to: {to}}}"


def _prompts(code: str, menus: int) -> Iterator[str]:
    yield "prompts:"
    spanish = code.startswith("es")
    for phrase in Phrase:
        yield f"  {phrase}: {'Una frase' if spanish else 'One phrase'}"
    yield f"  mailbox_greeting: {'Deje su nombre y su número' if spanish else 'Leave your name and your number'}."
    for key in range(1, KEYS + 1):
        yield f"  for_choice_{key}: {'Para la opción' if spanish else 'For choice'} {key}"
    for number in range(menus):
        yield f"  greeting_{number}: {'Este es el menú' if spanish else 'This is menu'} {number}."
    if spanish:
        yield "names:"
        yield "  New Year's Day: el Año Nuevo"
        yield "  Thanksgiving Day: el Día de Acción de Gracias"
        yield "  Day After Thanksgiving: el día después de Acción de Gracias"
        yield "  Christmas Day: la Navidad"
