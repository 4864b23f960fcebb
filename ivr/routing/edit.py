"""What staff change in forms: a week's hours, closures, phones and sentences, each written into the file's own text.

Each function takes a file as bytes and gives it back with that one thing changed; notes and everything else stay.
What cannot be read at a field, or written safely, is a CannotEdit that names the field; then nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import hours_text
from .hours_text import Misread
from .numbers import fault
from .schema import DAYS, TRUTHS
from .splice import CannotEdit, Path, Splice
from .text import Limits

CLOSED = "closed"
RING_SECONDS = range(5, 61)
USUAL_RING_SECONDS = "20"
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class ClosureText:
    """A closure as it is typed: `hours` "" is closed all day, `locations` empty is every one."""

    name: str
    date: str
    hours: str = ""
    locations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhoneText:
    """A phone as it is typed. `holder` is the path of what it belongs to, `index` its place among the phones there."""

    holder: Path
    index: int
    name: str
    number: str
    ring_seconds: str
    enabled: bool

    @property
    def field(self) -> str:
        return "-".join((*map(str, self.holder), str(self.index)))


def week_of(file: bytes, location: str, limits: Limits | None = None) -> dict[str, str]:
    """The hours of a location by weekday, as they are written; "" for a day that is not. Raises CannotEdit."""
    found = Splice(file, limits).found("locations", location, "hours") or {}
    return {day: found[day] if isinstance(found.get(day), str) else "" for day in DAYS}


def closures_of(file: bytes, limits: Limits | None = None) -> list[ClosureText]:
    """The closures as they are written. Raises CannotEdit."""
    found = Splice(file, limits).found("closures")
    return [_closure(item) for item in found] if isinstance(found, list) else []


def listed_phones(file: bytes, section: str, limits: Limits | None = None) -> dict[str, list[PhoneText]]:
    """The phones of each location or hunt group, by its name. Raises CannotEdit."""
    groups = Splice(file, limits).found(section)
    found: dict[str, list[PhoneText]] = {}
    for name, group in groups.items() if isinstance(groups, dict) else ():
        phones = group.get("phones") if isinstance(group, dict) else None
        listed = phones if isinstance(phones, list) else []
        found[name] = [_phone((section, name), index, phone) for index, phone in enumerate(listed)]
    return found


def prompts_of(file: bytes, limits: Limits | None = None) -> dict[str, str]:
    """The sentences of a language by name. Raises CannotEdit."""
    found = Splice(file, limits).found("prompts")
    return {name: text for name, text in (found or {}).items() if isinstance(text, str)}


def change_week(file: bytes, location: str, week: Mapping[str, str], limits: Limits | None = None) -> bytes:
    """The file with these hours on these weekdays; "" is closed. Raises CannotEdit."""
    splice = Splice(file, limits)
    for day, typed in week.items():
        text = typed.strip() or CLOSED
        wanted = _read(hours_text.hours, text, day)
        before = splice.found("locations", location, "hours", day)
        if before is None or _differs(hours_text.hours, before, wanted):
            splice.put(text, "locations", location, "hours", day)
    return splice.done()


def add_closure(file: bytes, closure: ClosureText, limits: Limits | None = None) -> bytes:
    """The file with one closure more. Raises CannotEdit."""
    item = _item(closure)
    splice = Splice(file, limits)
    splice.add(item, "closures")
    return splice.done()


def change_closure(file: bytes, index: int, closure: ClosureText, limits: Limits | None = None) -> bytes:
    """The file with the closure in this place changed; where it applies stays. Raises CannotEdit."""
    item = _item(closure)
    splice = Splice(file, limits)
    before = splice.found("closures", index)
    if not isinstance(before, dict):
        raise CannotEdit("This closure is not there any more.")
    item.pop("locations", None)
    if "hours" in before:
        item.setdefault("hours", CLOSED)
    for key, text in item.items():
        splice.put(text, "closures", index, key)
    return splice.done()


def remove_closure(file: bytes, index: int, limits: Limits | None = None) -> bytes:
    """The file without the closure in this place. Raises CannotEdit."""
    splice = Splice(file, limits)
    splice.remove("closures", index)
    return splice.done()


def change_phone(file: bytes, phone: PhoneText, countries: tuple[str, ...], limits: Limits | None = None) -> bytes:
    """The file with the number, the seconds and the on or off of one phone changed. Raises CannotEdit."""
    splice = Splice(file, limits)
    path = (*phone.holder, "phones", phone.index)
    before = splice.found(*path)
    if not isinstance(before, dict) or before.get("name") != phone.name:
        raise CannotEdit("The phones were put in another order meanwhile. Look again.", phone.field)
    number = "".join(phone.number.split())
    wrong = fault(number, countries) if number != before.get("number") else None
    if wrong:
        raise CannotEdit(" ".join(wrong).strip().capitalize(), phone.field)
    seconds = phone.ring_seconds.strip()
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 4 and int(seconds) in RING_SECONDS):
        raise CannotEdit("A phone rings 5 to 60 seconds.", phone.field)
    splice.put(number, *path, "number")
    if before.get("ring_seconds", USUAL_RING_SECONDS) != seconds:
        splice.put(seconds, *path, "ring_seconds")
    if _is_on(before) is not phone.enabled:
        splice.put("yes" if phone.enabled else "no", *path, "enabled")
    return splice.done()


def change_prompt(file: bytes, name: str, text: str, limits: Limits | None = None) -> bytes:
    """The file with other words for one sentence that is there. Raises CannotEdit."""
    words = " ".join(text.split())
    if not words:
        raise CannotEdit("A sentence needs words. One that nothing uses is taken out in the text itself.", name)
    splice = Splice(file, limits)
    before = splice.found("prompts", name)
    if not isinstance(before, str):
        raise CannotEdit("This sentence is not there any more.", name)
    if " ".join(before.split()) != words:
        splice.put(words, "prompts", name)
    return splice.done()


def _item(closure: ClosureText) -> dict[str, Any]:
    name = " ".join(closure.name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise CannotEdit("A closure needs a name, which callers hear.", "name")
    _read(hours_text.dates, closure.date.strip(), "date")
    item: dict[str, Any] = {"name": name, "date": closure.date.strip()}
    if closure.hours.strip():
        _read(hours_text.hours, closure.hours.strip(), "hours")
        item["hours"] = closure.hours.strip()
    if closure.locations:
        item["locations"] = list(closure.locations) if len(closure.locations) > 1 else closure.locations[0]
    return item


def _closure(item: Any) -> ClosureText:
    texts = item if isinstance(item, dict) else {}
    where = texts.get("locations") or ()
    locations = (where,) if isinstance(where, str) else tuple(each for each in where if isinstance(each, str))
    name, date, hours = (texts[key] if isinstance(texts.get(key), str) else "" for key in ("name", "date", "hours"))
    return ClosureText(name, date, hours, locations)


def _phone(holder: Path, index: int, item: Any) -> PhoneText:
    texts = {key: text for key, text in item.items() if isinstance(text, str)} if isinstance(item, dict) else {}
    seconds = texts.get("ring_seconds", USUAL_RING_SECONDS)
    return PhoneText(holder, index, texts.get("name", ""), texts.get("number", ""), seconds, _is_on(texts))


def _is_on(phone: Mapping[str, Any]) -> bool:
    return TRUTHS.get(str(phone.get("enabled", "yes")).strip().casefold(), True)


def _read(parse: Callable[[str], Any], text: str, field: str) -> Any:
    try:
        return parse(text)
    except Misread as wrong:
        raise CannotEdit(f"{_sentence(wrong.sentence)} {wrong.cure}".strip(), field) from None


def _differs(parse: Callable[[str], Any], before: Any, wanted: Any) -> bool:
    try:
        return bool(parse(before) != wanted)
    except (Misread, AttributeError):
        return True


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
