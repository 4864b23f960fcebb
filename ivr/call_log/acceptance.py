"""Which entries the call log takes, and how their text is made storable on both engines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ivr.call_flow.noted import LARGEST
from ivr.journal.entry import Entry, Value

CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what PostgreSQL's text cannot hold
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
LONGEST_KEY, LONGEST_WORD, LONGEST_INDEX = 200, 40, 32
YEARS = range(2000, 3000)


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that cannot be recorded, and why; the reason repeats nothing of it."""

    entry: Entry
    reason: str


def fault_of(entry: Entry) -> str:
    """Why an entry cannot be recorded; "" when it can."""
    if not CALL_SID.fullmatch(entry.call):
        return "the call id is not CA and 32 hexadecimal digits"
    if not 0 < len(entry.key) <= LONGEST_KEY:
        return f"the key must have 1 to {LONGEST_KEY} characters"
    if not entry.kind or len(entry.kind) > LONGEST_WORD or len(entry.version) > LONGEST_WORD:
        return f"kind and version must have at most {LONGEST_WORD} characters, and a kind at least one"
    if not (0 <= entry.hop <= LARGEST and 0 <= entry.nth <= LARGEST):
        return f"hop and nth must lie between 0 and {LARGEST}"
    if entry.at.year not in YEARS:
        return f"the moment must lie between the years {YEARS[0]} and {YEARS[-1]}"
    if len(entry.sealed.get("caller_index", "")) > LONGEST_INDEX:
        return f"caller_index must have at most {LONGEST_INDEX} characters"
    return ""


def storable(entry: Entry) -> Entry:
    """The entry with NUL and lone surrogates in its text replaced; almost always the entry itself."""
    texts = (entry.key, entry.version, entry.kind, *entry.sealed.values())
    if not any(map(UNSTORABLE.search, texts)) and not any(map(_is_unstorable, entry.data.values())):
        return entry
    return replace(
        entry,
        key=_plain(entry.key),
        version=_plain(entry.version),
        kind=_plain(entry.kind),
        data=_plain_data(entry.data),
        sealed={name: _plain(value) for name, value in entry.sealed.items()},
    )


def _is_unstorable(value: Value) -> bool:
    if isinstance(value, str):
        return UNSTORABLE.search(value) is not None
    return isinstance(value, list) and any(map(UNSTORABLE.search, value))


def _plain_data(data: Mapping[str, Value]) -> dict[str, Value]:
    plain: dict[str, Value] = {}
    for name, value in data.items():
        if isinstance(value, str):
            plain[name] = _plain(value)
        else:
            plain[name] = [_plain(text) for text in value] if isinstance(value, list) else value
    return plain


def _plain(text: str) -> str:
    return UNSTORABLE.sub(REPLACEMENT, text)
