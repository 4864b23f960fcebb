"""One line of the journal: a fact about a call under a key that is the same however often the fact is handed in.

A line is one JSON object in plain ASCII. Control characters, line separators and lone surrogates are escaped by JSON,
so no text a caller or a carrier sends can break a line or forge a second one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quote

from ivr.call_flow.events import Event

Value = str | int | bool | None | list[str]

_NO_OFFSET = timedelta(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING_SEALED: Mapping[str, str] = {}
_encode = json.JSONEncoder(ensure_ascii=True, check_circular=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact about the call `call` (its CallSid) at `hop`, under routing `version`; `kind` is the event's class name.

    `nth` is its place, from 0, among the facts of one turn. `at` is aware and in UTC (ValueError otherwise); a line
    keeps its milliseconds. `data` are the event's own fields. `sealed` holds what must not be read without the secret:
    encrypted values and their blind index.
    """

    key: str
    call: str
    hop: int
    nth: int
    at: datetime
    version: str
    kind: str
    data: Mapping[str, Value]
    sealed: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.utcoffset() != _NO_OFFSET:
            raise ValueError("the moment of an entry must be aware and in UTC")


def entries_for(
    call: str, hop: int, at: datetime, version: str, events: Sequence[Event], tag: str = ""
) -> tuple[Entry, ...]:
    """The events of one turn as entries, in their order; `at` is any aware moment (ValueError when it is naive).

    The key is `call:hop:tag+kind`; the first further event of a kind in the turn adds `:1`, the next `:2`.
    """
    moment = _in_utc(at)
    start = f"{call}:{hop}:{tag}"
    seen: dict[str, int] = {}
    entries = []
    for place, event in enumerate(events):
        kind = type(event).__name__
        key = start + kind
        repeats = seen.get(kind, 0)
        seen[kind] = repeats + 1
        if repeats:
            key = f"{key}:{repeats}"
        entries.append(Entry(key, call, hop, place, moment, version, kind, _data(event), {}))
    return tuple(entries)


def to_line(entry: Entry) -> bytes:
    """The entry as one ASCII line with its newline.

    Two surrogates that make a pair come back from `from_line` as the one character they stand for.
    """
    return _line(
        key=_quote(entry.key),
        call=_quote(entry.call),
        hop=str(entry.hop),
        nth=entry.nth,
        at=_written(entry.at),
        version=_quote(entry.version),
        kind=_quote(entry.kind),
        data=_encode(dict(entry.data)),
        sealed=_encode(dict(entry.sealed)) if entry.sealed else "{}",
    ).encode("ascii")


def lines_for(
    call: str,
    hop: int,
    at: datetime,
    version: str,
    events: Sequence[Event],
    tag: str = "",
    sealed: Mapping[str, str] = _NOTHING_SEALED,
) -> bytes:
    """The lines of `entries_for`, the first entry with what is `sealed`, written without them: a caller waits."""
    written = _written(_in_utc(at))
    start = _quote(f"{call}:{hop}:{tag}")[:-1]
    quoted_call, quoted_version, counted = _quote(call), _quote(version), str(hop)
    kept = _encode(dict(sealed)) if sealed else "{}"
    seen: dict[str, int] = {}
    lines = []
    for nth, event in enumerate(events):
        kind = type(event).__name__
        repeats = seen.get(kind, 0)
        seen[kind] = repeats + 1
        lines.append(
            _line(
                key=f'{start}{kind}:{repeats}"' if repeats else f'{start}{kind}"',
                call=quoted_call,
                hop=counted,
                nth=nth,
                at=written,
                version=quoted_version,
                kind=f'"{kind}"',
                data=_encode(_data(event)),
                sealed="{}" if nth else kept,
            )
        )
    return "".join(lines).encode("ascii")


class Ready:
    """The lines of a turn that many calls take alike: the same as those of its entries, all but written.

    What is left out are the call, the hop, the moment and what the first entry has sealed.
    """

    __slots__ = ("_text", "count")

    def __init__(self, version: str, events: Sequence[Event]) -> None:
        entries = entries_for("", 0, _EPOCH, version, events)
        self.count = len(entries)
        self._text = "".join(
            _line(
                key=f'"%(call)s:%(hop)d:{_verbatim(entry.key.removeprefix(":0:"))}"',
                call='"%(call)s"',
                hop="%(hop)d",
                nth=entry.nth,
                at="%(at)s",
                version=f'"{_verbatim(version)}"',
                kind=f'"{_verbatim(entry.kind)}"',
                data=_encode(dict(entry.data)).replace("%", "%%"),
                sealed="{}" if entry.nth else "%(sealed)s",
            )
            for entry in entries
        )

    def lines(self, call: str, hop: int, at: datetime, sealed: Mapping[str, str] = _NOTHING_SEALED) -> bytes:
        """As `to_line` writes them; `at` is any aware moment (ValueError when it is naive)."""
        kept = _encode(dict(sealed)) if sealed else "{}"
        written = {"call": _quote(call)[1:-1], "hop": hop, "at": _written(_in_utc(at)), "sealed": kept}
        return (self._text % written).encode("ascii")


def from_line(line: bytes) -> Entry:
    """The entry a line holds. Raises ValueError that says what is wrong and never repeats the line."""
    found = _parsed(line)
    if not isinstance(found, dict):
        raise ValueError("a journal line must be one JSON object")
    if found.keys() != _FIELDS.keys():
        raise ValueError("a journal line must hold exactly " + ", ".join(_FIELDS))
    for name in ("key", "call", "version", "kind"):
        if not isinstance(found[name], str):
            raise ValueError(f"{name} must be text")
    for name in ("hop", "nth"):
        if type(found[name]) is not int:
            raise ValueError(f"{name} must be a whole number")
    if not _is_data(found["data"]):
        raise ValueError("data must map names to text, whole numbers, true, false, null or lists of text")
    if not _is_texts(found["sealed"]):
        raise ValueError("sealed must map names to text")
    found["at"] = _moment(found["at"])
    return Entry(**found)


_FIELDS = dict.fromkeys(each.name for each in fields(Entry))


def _line(*, key: str, call: str, hop: str, nth: int, at: str, version: str, kind: str, data: str, sealed: str) -> str:
    """The one shape of a line. All but the numbers and the moment are JSON already."""
    return (
        f'{{"key":{key},"call":{call},"hop":{hop},"nth":{nth:d},"at":"{at}","version":{version},"kind":{kind},'
        f'"data":{data},"sealed":{sealed}}}\n'
    )


def _verbatim(text: str) -> str:
    """A text within JSON's quotes that passes through formatting unchanged."""
    return _quote(text)[1:-1].replace("%", "%%")


def _in_utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError("the moment of a turn must be aware")
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _data(event: Event) -> dict[str, Value]:
    data: dict[str, Value] = {}
    for (
        name
    ) in event.__match_args__:  # a dataclass' own list of its fields, an order of magnitude cheaper than fields()
        value = getattr(event, name)
        data[name] = list(value) if type(value) is tuple else value
    return data


@lru_cache(maxsize=1)  # the entries of a turn share their moment
def _written(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")[:23] + "Z"


def _parsed(line: bytes) -> object:
    """Decoding errors carry the whole line, so none of them may become the context of ours."""
    try:
        return json.loads(line.decode("ascii"))
    except (ValueError, RecursionError):
        pass
    raise ValueError("a journal line must be JSON in ASCII")


def _is_data(found: object) -> bool:
    return isinstance(found, dict) and all(map(_is_value, found.values()))


def _is_value(found: object) -> bool:
    if isinstance(found, list):
        return all(isinstance(item, str) for item in found)
    return found is None or isinstance(found, (str, int))


def _is_texts(found: object) -> bool:
    return isinstance(found, dict) and all(isinstance(value, str) for value in found.values())


def _moment(found: object) -> datetime:
    if isinstance(found, str):
        try:
            at = datetime.fromisoformat(found)
        except ValueError:
            pass
        else:
            if at.tzinfo is UTC and _written(at) == found:
                return at
    raise ValueError("at must be a moment like 2026-01-31T08:15:00.000Z")
