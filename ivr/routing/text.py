"""YAML as text with line numbers, behind guards.

Plain YAML guesses: `9:30` becomes 570, `no` becomes False, `+1480...` loses its plus and the last of two equal keys
wins in silence. Here every scalar stays text, and whatever a configuration never needs (aliases, tags, a second
document, deep nesting) is refused while the events stream in, before anything is built from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from .problems import Problem, quoted
from .yaml_faults import explained


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a whole configuration may hold, or one story: bytes, YAML nodes, and how deep they nest."""

    bytes: int = 400 * 1024
    nodes: int = 40_000
    depth: int = 12

    @classmethod
    def of_kilobytes(cls, kilobytes: int) -> Limits:
        """The usual limits, the number of nodes growing with the size."""
        usual = cls()
        return cls(bytes=kilobytes * 1024, nodes=max(usual.nodes, usual.nodes * kilobytes // 400))


class Group(dict[str, "Value"]):
    """A YAML mapping; `lines` tells on which line each key stands."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class Items(list["Value"]):
    """A YAML sequence; `lines` tells on which line each item starts."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


Value = str | Group | Items


def read_text(name: str, data: bytes, limits: Limits, before: int = 0) -> Group | list[Problem]:
    """The file's settings as text, or what forbids reading it. `name` is how problems call the file.

    `before` counts the nodes of the files before it, which go off what the limits leave to this one.
    """
    decoded = _decoded(name, data, limits)
    if isinstance(decoded, Problem):
        return [decoded]
    problems = [*_forbidden_characters(name, decoded), *_secrets(name, decoded)]
    if problems:
        return problems
    reader = _Reader(name, limits, problems, before)
    group = reader.read(decoded)
    return group if group is not None and not problems else problems


def nodes_in(value: Value) -> int:
    """How many YAML nodes a value was read from: settings and values, groups and lists."""
    match value:
        case Group():
            return 1 + len(value) + sum(map(nodes_in, value.values()))
        case Items():
            return 1 + sum(map(nodes_in, value))
        case _:
            return 1


def line_of(value: Value, path: tuple[str | int, ...]) -> int:
    """The line of the setting at `path`, or of the nearest one above it; 0 when nothing of the path exists."""
    line = 0
    for part in path:
        match value, part:
            case Group(), str() if part in value:
                line, value = value.lines[part], value[part]
            case Items(), int() if part < len(value):
                line, value = value.lines[part], value[part]
            case _:
                break
    return line


TOO_MUCH = "Take out what is not used, or raise IVR_CONFIG_KILOBYTES."
_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SECRET = re.compile(r"\b(?:[A-Z]{2})?[0-9a-fA-F]{32}\b")
_MOST_FOUND = 50
_MOST_REFUSED = 1_000
LONGEST_NAME = 200


def _decoded(name: str, data: bytes, limits: Limits) -> str | Problem:
    if len(data) > limits.bytes:
        sentence = f"the file is too big: {len(data):,} bytes, at most {limits.bytes:,} are read."
        return Problem(name, 0, (), sentence, TOO_MUCH)
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return Problem(name, 1, (), "the file starts with a byte order mark.", "Save it as plain UTF-8.")
    if (zero := data.find(0)) >= 0:
        line = data.count(b"\n", 0, zero) + 1
        return Problem(name, line, (), "the file holds a zero byte, so it is not a text.", "Save it as plain UTF-8.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Problem(name, line, (), "this line is not UTF-8 text.", "Save the file as plain UTF-8.")


def _forbidden_characters(name: str, text: str) -> Iterator[Problem]:
    for number, match in enumerate(_NOT_XML.finditer(text)):
        if number == _MOST_FOUND:
            return
        line = text.count("\n", 0, match.start()) + 1
        yield Problem(name, line, (), _unspeakable(match.group()), "Take it out.")


def _secrets(name: str, text: str) -> Iterator[Problem]:
    """Anything shaped like an account key. The finding never repeats it."""
    for number, match in enumerate(_SECRET.finditer(text)):
        if number == _MOST_FOUND:
            return
        line = text.count("\n", 0, match.start()) + 1
        sentence = "this looks like an account's secret key or id."
        yield Problem(name, line, (), sentence, "Secrets belong in the environment: take it out, and replace that key.")


def _unspeakable(char: str) -> str:
    return f"the character U+{ord(char):04X} cannot be spoken or sent."


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


class _Stop(Exception):
    """The file cannot be read any further."""


class _Reader:
    """Builds values from YAML events, refusing what may not be there."""

    def __init__(self, name: str, limits: Limits, problems: list[Problem], before: int) -> None:
        self._name = name
        self._limits = limits
        self._problems = problems
        self._nodes = before
        self._holds = "the files hold" if before else "the file holds"
        self._events: Iterator[yaml.Event] = iter(())
        self._quoted = (0, 0)  # the first and last line of the newest text between quotation marks

    def read(self, text: str) -> Group | None:
        self._events = yaml.parse(text, Loader=yaml.CSafeLoader)
        try:
            return self._document()
        except _Stop:
            pass
        except yaml.MarkedYAMLError as error:
            line, sentence, cure = explained(text, error, self._quoted)
            self._refuse(line, (), sentence, cure)
        except Exception as error:  # a parser's own faults must not reach the caller
            self._refuse(0, (), f"the file cannot be read as YAML ({type(error).__name__}).")
        return None

    def _document(self) -> Group | None:
        for event in self._events:
            if isinstance(event, yaml.StreamEndEvent):
                break
            if isinstance(event, yaml.NodeEvent):
                value = self._value(event, ())
                self._only_one_document()
                if isinstance(value, Group):
                    return value
                line = _line(event)
                self._refuse(line, (), "the file must hold settings, each a name, a colon and a value.")
                return None
        self._refuse(0, (), "the file is empty.")
        return None

    def _only_one_document(self) -> None:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._refuse(_line(event), (), 'a second document starts here ("---").', "Keep one.")
                raise _Stop

    def _value(self, event: yaml.Event, path: tuple[str, ...]) -> Value:
        self._guard(event, path)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._group(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._items(path)
        return ""  # an alias: refused by the guard

    def _guard(self, event: yaml.Event, path: tuple[str, ...]) -> None:
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            sentence = f"{self._holds} too much: over {self._limits.nodes:,} settings and values."
            self._refuse(_line(event), path[:1], sentence, TOO_MUCH)
            raise _Stop
        if len(self._problems) > _MOST_REFUSED:
            raise _Stop
        if len(path) > self._limits.depth:
            self._refuse(_line(event), path[:3], f"nested too deep: at most {self._limits.depth} levels are read.")
            raise _Stop
        if getattr(event, "anchor", None) is not None:
            self._refuse(_line(event), path, "anchors (&) and aliases (*) are not used here.", "Write the value out.")
        if getattr(event, "tag", None) is not None:
            self._refuse(_line(event), path, "tags (!) are not used here.", "Write the value without it.")

    def _scalar(self, event: yaml.ScalarEvent, path: tuple[str, ...]) -> str:
        # Only a double-quoted text can hold escapes; the raw file was searched before.
        text: str = event.value
        if event.style in ('"', "'"):
            self._quoted = (_line(event), event.end_mark.line + 1 if event.end_mark else 0)
        if event.style == '"' and (found := _NOT_XML.search(text)):
            self._refuse(_line(event), path, _unspeakable(found.group()), "Take it out.")
        return text

    def _group(self, path: tuple[str, ...]) -> Group:
        group = Group()
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = _line(event)
            key = self._key(event, path)
            value = self._value(next(self._events), (*path, key))
            if key in group:
                sentence = f"{quoted(key)} is given twice, first on line {group.lines[key]}."
                self._refuse(line, (*path, key), sentence, "Keep one of them.")
            else:
                group[key] = value
                group.lines[key] = line
        return group

    def _key(self, event: yaml.Event, path: tuple[str, ...]) -> str:
        self._guard(event, path)
        if isinstance(event, yaml.AliasEvent):
            return "*"
        if not isinstance(event, yaml.ScalarEvent):
            self._refuse(_line(event), path, "a name was expected here, not a list or a group.")
            raise _Stop
        key = self._scalar(event, path)
        if key == "<<":
            self._refuse(_line(event), path, "merging (<<) is not used here.", "Write the settings out.")
        if len(key) > LONGEST_NAME:
            # Not for its looks: every problem inside the group repeats it.
            sentence = f"{quoted(key)} is too long for a name: over {LONGEST_NAME} characters."
            self._refuse(_line(event), path, sentence, "Shorten it.")
            raise _Stop
        return key

    def _items(self, path: tuple[str, ...]) -> Items:
        items = Items()
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.lines.append(_line(event))
            items.append(self._value(event, (*path, str(len(items) + 1))))
        return items

    def _refuse(self, line: int, path: tuple[str, ...], sentence: str, cure: str = "") -> None:
        last = self._problems[-1] if self._problems else None
        if last is None or (last.line, last.sentence) != (line, sentence):
            self._problems.append(Problem(self._name, line, path, sentence, cure))
