"""Where something of the draft can be changed, as the draft's first page lists it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from ivr.routing.splice import CannotEdit, Splice
from ivr.routing.text import Limits

from .words import language

CLINIC, MENUS = "clinic.yaml", "menus.yaml"
DOORS_IN = "The files in config/ publish themselves on this machine, and they still hold the former version."


@dataclass(frozen=True, slots=True)
class Way:
    """A page on which something is changed."""

    title: str
    about: str
    address: str


def ways(files: Mapping[str, bytes], limits: Limits) -> list[Way]:
    """The forms, as far as their files can be read."""
    found = [
        Way(title, "Weekly hours and closures", url_for("console.draft_hours", location=name))
        for name, title in locations(files, limits).items()
    ]
    found.append(Way("Phones", "Numbers, how long they ring, on or off", url_for("console.draft_phones")))
    for name in sorted(files):
        if name.startswith("prompts/"):
            code = name.removeprefix("prompts/").removesuffix(".yaml")
            address = url_for("console.draft_prompts", code=code)
            found.append(Way(f"Sentences in {language(code)}", "Every sentence callers hear", address))
    return found


def locations(files: Mapping[str, bytes], limits: Limits) -> dict[str, str]:
    """The locations of the draft and their titles; none when their file cannot be read."""
    try:
        listed = Splice(files[CLINIC], limits).found("locations")
    except (CannotEdit, KeyError):
        return {}
    places = listed if isinstance(listed, dict) else {}
    return {name: str(place.get("title", name)) for name, place in places.items() if isinstance(place, dict)}
