"""Which sentences a call needs that a language does not have: marked, so that a walk sees where one would be spoken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from .model import (
    Announcement,
    Goodbye,
    Guide,
    Information,
    Language,
    Location,
    Mailbox,
    Menu,
    Routing,
    StaffMenu,
    UrgentCall,
)
from .phrases import MAY_TEXT, GuidePhrase, Phrase, StaffPhrase, UrgentPhrase

_MARK = "\x00"
_MARKED = re.compile(f"{_MARK}([^{_MARK}]*){_MARK}")


def marked(routing: Routing) -> tuple[Routing, bool]:
    """The routing with a mark in place of each sentence or spoken name that is missing or empty; and whether any is.

    The engine would fall back to the first language there, which a caller of another language does not understand.
    The first language speaks the names of closures and holidays as they are written.
    """
    needed = set(_needed(routing))
    names = {
        closure.name
        for place in routing.destinations.values()
        if isinstance(place, Location)
        for closure in place.schedule.closures.values()
    }
    first = next(iter(routing.languages))
    languages = {
        code: _marked(language, needed, names if code != first else set())
        for code, language in routing.languages.items()
    }
    return replace(routing, languages=languages), languages != dict(routing.languages)


def missing_in(phrase: str) -> str:
    """The name of the sentence that is missing in a phrase spoken by a marked routing, or ""."""
    found = _MARKED.search(phrase)
    return found.group(1) if found else ""


def _needed(routing: Routing) -> Iterator[str]:
    yield from Phrase
    if routing.texts and routing.texts.missed_calls:
        yield MAY_TEXT
    for place in routing.destinations.values():
        match place:
            case Menu(_, greeting, choices):
                yield from (greeting,) if greeting else ()
                yield from (choice.label for choice in choices.values())
            case Information(_, parts):
                yield from parts
            case Mailbox(greeting=said) | Announcement(say=said) | Goodbye(say=said):
                yield said
            case UrgentCall():
                yield from UrgentPhrase
            case StaffMenu():
                yield from StaffPhrase
            case Guide():
                yield from GuidePhrase
            case _:
                pass


def _marked(language: Language, needed: set[str], names: set[str]) -> Language:
    prompts = _missing(language.prompts, needed)
    spoken = _missing(language.names, names)
    if not prompts and not spoken:
        return language
    return replace(language, prompts={**language.prompts, **prompts}, names={**language.names, **spoken})


def _missing(given: Mapping[str, str], needed: set[str]) -> dict[str, str]:
    return {name: f"{_MARK}{name}{_MARK}" for name in needed if not given.get(name, "").strip()}
