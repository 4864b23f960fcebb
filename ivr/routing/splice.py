"""Changes to one setting in the text of a YAML file; every other character, comments included, stays as it is.

Only the characters of the setting are replaced, found by where the parser saw them. What was written is read again by
the strict loader and compared with what was meant; if the two differ, nothing is given back but the refusal.
"""

from __future__ import annotations

import copy
import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from .text import Group, Items, Limits, Value, read_text

Path = tuple[str | int, ...]
LINE = 116  # how long the lines of a folded sentence become at most
FOLDED = "|>"
_NOTE = re.compile(r"\s+#.*$")


class CannotEdit(Exception):
    """The change was not made; `sentence` says why, for staff. `field` is the setting it is about, "" for the file."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class Splice:
    """The text of one file that is being changed, step by step. Methods raise CannotEdit."""

    def __init__(self, data: bytes, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._meant: Any = self._read(data)
        self._text = data.decode()
        self._composed: tuple[str, yaml.Node | None] | None = None
        self._newline = "\r\n" if "\r\n" in self._text else "\n"

    def found(self, *path: str | int) -> Any:
        """What stands at a path as texts, dicts and lists; None when nothing does."""
        return copy.deepcopy(_at(self._meant, path))

    def done(self) -> bytes:
        """The new text, once the strict loader has read in it exactly what was meant."""
        data = self._text.encode()
        if self._read(data) != self._meant:
            raise CannotEdit("This cannot be written into the file without disturbing it. Change the text itself.")
        return data

    def put(self, value: str, *path: str | int) -> None:
        """Have a setting hold this value; a setting that is not there yet is added to its group."""
        if self.found(*path) == value:
            return
        group, key = self._node(path[:-1]), path[-1]
        node = _child(group, key)
        if node is None and isinstance(group, yaml.MappingNode) and isinstance(key, str):
            self._add_key(group, key, value)
        elif isinstance(node, yaml.ScalarNode):
            begin, end = _span(node, self._text)
            self._replace(begin, end, self._scalar(value, node, flow=self._is_in_brackets(path)))
        else:
            raise CannotEdit(f"{_spoken(path)} is not there any more.")
        _at(self._meant, path[:-1])[key] = value

    def add(self, item: Mapping[str, str | list[str]], key: str) -> None:
        """Add a group of settings to the list under a key at the top of the file."""
        top = self._node(())
        listed = _child(top, key)
        lines = self._item(item, 2)
        if listed is None:
            ending = "" if self._text.endswith("\n") else self._newline
            self._replace(len(self._text), len(self._text), f"{ending}{self._newline}{key}:{self._newline}{lines}")
        elif isinstance(listed, yaml.SequenceNode) and listed.value and listed.flow_style:
            _, end = _span(listed.value[-1], self._text)
            self._replace(end, end, f", {self._flow(item)}")
        elif isinstance(listed, yaml.SequenceNode) and listed.value:
            after = self._line_end(_span(listed.value[-1], self._text)[1])
            self._insert_line(after, self._item(item, listed.start_mark.column))
        else:
            begin, end = _span(listed, self._text)
            self._insert_line(self._line_end(end), lines)
            self._replace(begin, end, "")
        self._meant.setdefault(key, [])
        self._meant[key] = [*(self._meant[key] or []), copy.deepcopy(dict(item))]

    def remove(self, key: str, index: int) -> None:
        """Take an item out of the list under a key at the top of the file. Notes between its lines stay."""
        listed = _child(self._node(()), key)
        if not isinstance(listed, yaml.SequenceNode) or not 0 <= index < len(listed.value):
            raise CannotEdit(f"{_spoken((key, index))} is not there any more.")
        if listed.flow_style:
            self._remove_from_flow(listed, index)
        else:
            self._remove_lines(listed, index, key)
        del self._meant[key][index]

    def _add_key(self, group: yaml.MappingNode, key: str, value: str) -> None:
        last = group.value[-1][1]
        _, end = _span(last, self._text)
        if group.flow_style:
            self._replace(end, end, f", {key}: {self._scalar(value, None, flow=True)}")
        else:
            indent = " " * group.value[0][0].start_mark.column
            self._insert_line(self._line_end(end), f"{indent}{key}: {self._scalar(value, None)}")

    def _remove_from_flow(self, listed: yaml.SequenceNode, index: int) -> None:
        spans = [_span(node, self._text) for node in listed.value]
        begin, end = spans[index]
        if index + 1 < len(spans):
            end = spans[index + 1][0]
        elif index:
            begin = spans[index - 1][1]
        self._replace(begin, end, "")

    def _remove_lines(self, listed: yaml.SequenceNode, index: int, key: str) -> None:
        begin, end = _span(listed.value[index], self._text)
        begin, end = self._text.rfind("\n", 0, begin) + 1, self._line_end(end)
        # What begins with # there is a note, unless it goes on in a text of several lines.
        lines = self._text[begin:end].splitlines(keepends=True)
        notes = [line for line in lines if line.lstrip().startswith("#")]
        many = any("\n" in self._text[slice(*_span(node, self._text))] for node in _scalars(listed.value[index]))
        self._replace(begin, min(end + len(self._newline), len(self._text)), "" if many else _whole("".join(notes)))
        if len(listed.value) == 1:
            name = _key(self._node(()), key)
            colon = self._text.index(":", name.end_mark.index) + 1
            self._replace(colon, colon, " []")

    def _item(self, item: Mapping[str, str | list[str]], indent: int) -> str:
        written = [f"{name}: {self._written(value)}" for name, value in item.items()]
        rest = [f"{' ' * (indent + 2)}{line}" for line in written[1:]]
        return self._newline.join([f"{' ' * indent}- {written[0]}", *rest])

    def _flow(self, item: Mapping[str, str | list[str]]) -> str:
        return "{" + ", ".join(f"{name}: {self._written(value, flow=True)}" for name, value in item.items()) + "}"

    def _written(self, value: str | list[str], *, flow: bool = False) -> str:
        if isinstance(value, str):
            return self._scalar(value, None, flow=flow)
        return "[" + ", ".join(self._scalar(each, None, flow=True) for each in value) + "]"

    def _scalar(self, value: str, node: yaml.ScalarNode | None, *, flow: bool = False) -> str:
        """The value as it is written in the file: as the former value was, or else in the plainest way that is safe."""
        style = node.style if node is not None else None
        if node is not None and style and style in FOLDED and value.isprintable():
            indent = self._indent_of_line(node.start_mark.index) + 2
            note = _NOTE.search(self._text[node.start_mark.index : self._line_end(node.start_mark.index)])
            head = f">-{note.group() if note else ''}"
            return self._newline.join([head, *textwrap.wrap(value, LINE, **_fold(indent))])
        doubled = '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        single = "'" + value.replace("'", "''") + "'"
        ways = {None: (value, single), "'": (single,), '"': ()}.get(style, (value, single))
        return next((way for way in ways if _reads(way, value, flow=flow)), doubled)

    def _indent_of_line(self, index: int) -> int:
        line = self._text[self._text.rfind("\n", 0, index) + 1 : index]
        return len(line) - len(line.lstrip(" -"))

    def _insert_line(self, at: int, lines: str) -> None:
        self._replace(at, at, f"{self._newline}{lines}")

    def _line_end(self, index: int) -> int:
        end = self._text.find("\n", index)
        end = len(self._text) if end < 0 else end
        return end - 1 if self._text[end - 1 : end] == "\r" else end

    def _replace(self, begin: int, end: int, text: str) -> None:
        self._text = self._text[:begin] + text + self._text[end:]

    def _is_in_brackets(self, path: Path) -> bool:
        node, within = self._node(()), False
        for part in path:
            within = within or bool(isinstance(node, yaml.CollectionNode) and node.flow_style)
            node = _child(node, part) or node
        return within

    def _node(self, path: Path) -> yaml.Node:
        if self._composed is None or self._composed[0] != self._text:
            self._composed = self._text, yaml.compose(self._text, Loader=yaml.CSafeLoader)
        node = self._composed[1]
        for part in path:
            node = _child(node, part)
        if node is None:
            raise CannotEdit(f"{_spoken(path)} is not there any more.")
        return node

    def _read(self, data: bytes) -> Any:
        read = read_text("", data, self._limits)
        if isinstance(read, Group):
            return _plain(read)
        first = read[0]
        raise CannotEdit(f"The file cannot be read: line {first.line}: {first.sentence} Mend its text first.")


def _plain(value: Value) -> Any:
    match value:
        case Group():
            return {key: _plain(item) for key, item in value.items()}
        case Items():
            return [_plain(item) for item in value]
        case _:
            return value


def _at(value: Any, path: Path) -> Any:
    for part in path:
        match value, part:
            case dict(), str() if part in value:
                value = value[part]
            case list(), int() if 0 <= part < len(value):
                value = value[part]
            case _:
                return None
    return value


def _child(node: yaml.Node | None, part: str | int) -> yaml.Node | None:
    match node, part:
        case yaml.MappingNode(), str():
            return next((value for key, value in node.value if key.value == part), None)
        case yaml.SequenceNode(), int() if 0 <= part < len(node.value):
            found: yaml.Node = node.value[part]
            return found
        case _:
            return None


def _key(node: yaml.Node, name: str) -> yaml.Node:
    found: yaml.Node = next(key for key, _ in node.value if key.value == name)
    return found


def _span(node: yaml.Node, text: str) -> tuple[int, int]:
    """Where a value begins and ends, what stands behind its last character left out."""
    if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return node.start_mark.index, _span(last[1] if isinstance(last, tuple) else last, text)[1]
    begin, end = node.start_mark.index, node.end_mark.index
    return begin, begin + len(text[begin:end].rstrip())


def _scalars(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.ScalarNode):
        return [node]
    children = [part for each in node.value for part in (each if isinstance(each, tuple) else (each,))]
    return [scalar for child in children for scalar in _scalars(child)]


def _reads(written: str, value: str, *, flow: bool) -> bool:
    """Whether this text is read as this value: within a line of its own, and with `flow` within brackets too."""
    contexts: list[Callable[[str], str]] = [lambda text: f"key: {text}\n"]
    if flow:
        contexts.append(lambda text: f"key: [{text}]\n")
    return all(_alone(context(written)) in (value, [value]) for context in contexts)


def _alone(text: str) -> Any:
    read = read_text("", text.encode(), Limits())
    return _plain(read).get("key") if isinstance(read, Group) else None


def _fold(indent: int) -> dict[str, Any]:
    space = " " * indent
    return {
        "initial_indent": space,
        "subsequent_indent": space,
        "break_long_words": False,
        "break_on_hyphens": False,
    }


def _whole(lines: str) -> str:
    return lines if not lines or lines.endswith("\n") else f"{lines}\n"


def _spoken(path: Path) -> str:
    return " > ".join(str(part + 1) if isinstance(part, int) else part for part in path) or "the file"
