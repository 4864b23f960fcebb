"""What another version changes for callers, in plain words. Compared are the compiled routings, field by field.

Every field of the routing is looked at, so nothing that a caller could hear or reach is left out; fields for which
there are no better words are named as they are.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime

from ivr.call_flow.model import Language, Line, Routing
from ivr.call_flow.text_rules import TextRules
from ivr.routing.hours_text import clock

from .changed import Change, changed, quoted, spoken_name
from .difference_places import places

# Compared piece by piece, or not at all: who may hear a draft changes nothing once it is live, and no caller notices
# who is told of what.
PER_CALLER = {"destinations", "languages", "lines", "line_of", "version", "testers", "staff", "notices", "texts"}
LINE_WORDS = {
    "number": "has the number {new} instead of {old}",
    "start": "calls begin at {new} instead of {old}",
    "person": '"a person" is {new} instead of {old}',
    "language": "callers are greeted in {new} instead of {old}",
}
TEXT_WORDS = {
    "guide_link": "the guide's link is {new} instead of {old}",
    "an_hour": "{new} of a kind leave in an hour instead of {old}",
    "missed_calls": "word after missed calls is {new} instead of {old}",
}
LANGUAGE_WORDS = {
    "voice": "is spoken by the voice {new} instead of {old}",
    "key": "is chosen with key {new} instead of {old}",
}


def difference(old: Routing, new: Routing, now: datetime) -> list[Change]:
    """The changes from `old` to `new`, in the order in which staff think: places, words, the rest. `now` is aware.

    Empty exactly when no caller could notice anything.
    """
    return [
        *places(old, new, now),
        *_languages(old.languages, new.languages),
        *_lines(old.lines, new.lines),
        *_texts(old.texts, new.texts),
        *_rest(old, new),
    ]


def text_difference(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> str:
    """The exact difference of the files as unified text; "" when there is none."""
    parts: list[str] = []
    for name in sorted({*old, *new}):
        before = old.get(name, b"").decode(errors="replace").splitlines()
        after = new.get(name, b"").decode(errors="replace").splitlines()
        parts.extend(difflib.unified_diff(before, after, f"before/{name}", f"after/{name}", lineterm="", n=2))
    return "\n".join(parts)


def _languages(old: Mapping[str, Language], new: Mapping[str, Language]) -> Iterator[Change]:
    for code in dict.fromkeys((*old, *new)):
        if code not in new:
            yield Change(code, "is no longer spoken.")
        elif code not in old:
            yield Change(code, f"is spoken too, chosen with key {new[code].key}.")
        else:
            yield from _language(old[code], new[code])
    common = [code for code in old if code in new]
    if common != [code for code in new if code in old]:
        yield Change("Languages", "are offered in another order.")


def _language(old: Language, new: Language) -> Iterator[Change]:
    for field in fields(Language):
        match field.name:
            case "prompts":
                yield from _prompts(old, new)
            case "names":
                yield from _names(old, new)
            case _:
                yield from changed(old.code, old, new, field.name, LANGUAGE_WORDS)


def _prompts(old: Language, new: Language) -> Iterator[Change]:
    for name in sorted({*old.prompts, *new.prompts}):
        before, after = old.prompts.get(name, ""), new.prompts.get(name, "")
        if before == after:
            continue
        place = f"{new.code}, {name}"
        if not before:
            yield Change(place, f"is new: {quoted(after)}")
        elif not after:
            yield Change(place, f"is gone: {quoted(before)}")
        else:
            yield Change(place, f"says {quoted(after)} instead of {quoted(before)}")


def _names(old: Language, new: Language) -> Iterator[Change]:
    for name in sorted({*old.names, *new.names}):
        before, after = old.names.get(name, name), new.names.get(name, name)
        if before != after:
            yield Change(f"{new.code}, {name}", f"is spoken as {quoted(after)} instead of {quoted(before)}")


def _lines(old: Mapping[str, Line], new: Mapping[str, Line]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        place = f"Line {spoken_name(name)}"
        if name not in new:
            yield Change(place, "is gone.")
        elif name not in old:
            yield Change(place, f"is new: {new[name].number}, where calls begin at {spoken_name(new[name].start)}.")
        else:
            for field in fields(Line):
                yield from changed(place, old[name], new[name], field.name, LINE_WORDS)
    if old and new and next(iter(old)) != next(iter(new)):
        yield Change("Lines", f"the main line is {spoken_name(next(iter(new)))} now.")


def _texts(old: TextRules | None, new: TextRules | None) -> Iterator[Change]:
    place = "Texts to callers"
    if old is None or new is None:
        if old != new:
            yield Change(place, "are off." if new is None else "are on.")
        old, new = old or TextRules(), new or TextRules()
    for field in TEXT_WORDS:
        yield from changed(place, old, new, field, TEXT_WORDS)
    if old.missed_hours != new.missed_hours:
        before, after = ("-".join(map(clock, each.missed_hours)) for each in (old, new))
        yield Change(place, f"word after missed calls is sent {after} instead of {before}.")


def _rest(old: Routing, new: Routing) -> Iterator[Change]:
    for field in fields(Routing):
        if field.name not in PER_CALLER:
            yield from changed("All calls", old, new, field.name, {})
