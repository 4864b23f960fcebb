"""One change in plain words, and how a field's values are written in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_QUOTE = 300


@dataclass(frozen=True, slots=True)
class Change:
    """`place` is what changes; `words` say how, and may stand behind the place as one sentence."""

    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place}: {self.words}"


def changed(place: str, old: object, new: object, field: str, words: Mapping[str, str]) -> Iterator[Change]:
    """The change of one field, if it changed; `words` may have better ones for it, with {old} and {new}."""
    before, after = getattr(old, field), getattr(new, field)
    if before == after:
        return
    template = words.get(field, f"{spoken_name(field)} is {{new}} instead of {{old}}")
    yield Change(place, template.format(old=written(before), new=written(after)) + ".")


def written(value: Any) -> str:
    """A value as staff would say it."""
    match value:
        case None | "" | () | []:
            return "none"
        case bool():
            return "on" if value else "off"
        case str():
            return spoken_name(value)
        case tuple() | list():
            return ", ".join(map(written, value))
        case Mapping():
            return ", ".join(f"{written(key)}: {written(item)}" for key, item in value.items()) or "none"
        case _:
            return str(value)


def spoken_name(name: str) -> str:
    """A configured name with spaces: `treatment_information` is "treatment information"."""
    return name.replace("_", " ")


def quoted(text: str) -> str:
    """A sentence between quotation marks, shortened when it is very long."""
    short = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 3] + "..."
    return f'"{short}"'
