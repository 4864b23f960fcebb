"""Stories as YAML: one file, one call. What is wrong with a file is told with its line and the cure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from ivr.call_flow.turn import Outcome

from .problems import Problem, Spelling, quoted
from .stories import (
    Action,
    CallEnds,
    DoesNotHear,
    Entry,
    Expectation,
    HangsUp,
    Hears,
    LandsIn,
    LeavesMessage,
    LeavesNoMessage,
    PhoneDoes,
    Presses,
    Rings,
    Says,
    StaysSilent,
    Story,
)
from .text import Group, Items, Limits, Value, read_text

T = TypeVar("T")
SETTINGS = ("story", "at", "line", "language", "caller", "conversation")
KEYS = frozenset("0123456789*#")
PHONE_WORDS = {
    "answers": Outcome.ANSWERED,
    "no answer": Outcome.NO_ANSWER,
    "busy": Outcome.BUSY,
    "declined": Outcome.DECLINED,
    "failed": Outcome.FAILED,
}
PLAIN_ITEMS: dict[str, Action | Expectation] = {
    "stays silent": StaysSilent(),
    "leaves a message": LeavesMessage(),
    "leaves no message": LeavesNoMessage(),
    "hangs up": HangsUp(),
    "call ends": CallEnds(),
}
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{1,2}:[0-9]{2}")
_NEEDS_NO_QUOTES = re.compile(r"[^\W_](?:[^\x00-\x1f:#]|:(?=\S)|(?<=\S)#)*")


class _Unfit(Exception):
    """A value that is not what it should be: a sentence, and its cure."""

    def __init__(self, sentence: str, cure: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.cure = sentence, cure


def read_story(file: str, data: bytes, limits: Limits) -> Story | list[Problem]:
    """The story in a file's bytes, or everything that is wrong with it. `file` is how problems call it."""
    document = read_text(file, data, limits)
    if not isinstance(document, Group):
        return document
    return _StoryReader(file, document).read()


def write_story(story: Story) -> str:
    """The story as a file that `read_story` reads back."""
    head = [f"story: {scalar(story.title)}", f"at: {story.at:%Y-%m-%d %H:%M}"]
    head += [f"line: {story.line}"] if story.line else []
    head += [f"language: {story.language}"] if story.language else []
    head += ["caller: withheld"] if story.withheld else []
    return "\n".join([*head, "conversation:", *(write_item(entry.item) for entry in story.entries), ""])


def write_item(item: Action | Expectation) -> str:
    """One item of the conversation, without a line end after it."""
    match item:
        case Presses(key):
            return f"  - presses: {scalar(key)}"
        case Says(words):
            return f"  - says: {scalar(words)}"
        case PhoneDoes(outcome):
            return f"  - phone: {phone_word(outcome)}"
        case Hears(phrases):
            return f"  - hears:{_list(phrases)}"
        case DoesNotHear(phrases):
            return f"  - does not hear:{_list(phrases)}"
        case Rings(phones):
            return f"  - rings:{_list(phones)}"
        case LandsIn(place):
            return f"  - lands in: {scalar(place)}"
        case StaysSilent() | LeavesMessage() | LeavesNoMessage() | HangsUp() | CallEnds():
            return next(f"  - {words}" for words, known in PLAIN_ITEMS.items() if known == item)


def phone_word(outcome: Outcome) -> str:
    """How a story says what became of the ringing."""
    return next((word for word, known in PHONE_WORDS.items() if known is outcome), "no answer")


def scalar(text: str) -> str:
    """A text as one YAML value on one line, between quotation marks where it needs them."""
    text = " ".join(text.split())
    if _NEEDS_NO_QUOTES.fullmatch(text):
        return text
    return "'" + text.replace("'", "''") + "'"


def _list(texts: tuple[str, ...]) -> str:
    if len(texts) == 1:
        return f" {scalar(texts[0])}"
    return "".join(f"\n      - {scalar(text)}" for text in texts)


class _StoryReader:
    """Reads one story and collects what is wrong with it."""

    def __init__(self, file: str, document: Group) -> None:
        self._file = file
        self._document = document
        self._problems: list[Problem] = []
        self._keyed: dict[str, Callable[[Value], Action | Expectation]] = {
            "hears": lambda value: Hears(_texts(value)),
            "does not hear": lambda value: DoesNotHear(_texts(value)),
            "rings": lambda value: Rings(_texts(value)),
            "lands in": lambda value: LandsIn(_text(value)),
            "presses": lambda value: Presses(_key(value)),
            "says": lambda value: Says(_text(value)),
            "phone": lambda value: PhoneDoes(_outcome(value)),
        }

    def read(self) -> Story | list[Problem]:
        for name in self._document:
            if name not in SETTINGS:
                self._refuse(self._document.lines[name], (name,), "no such setting.", Spelling(SETTINGS).cure(name))
        title = self._setting("story", _text)
        at = self._setting("at", _moment)
        entries = self._entries()
        line = self._setting("line", _text) if "line" in self._document else ""
        language = self._setting("language", _text) if "language" in self._document else ""
        withheld = self._setting("caller", _withheld) if "caller" in self._document else False
        if self._problems or title is None or at is None:
            return sorted(self._problems)
        return Story(self._file, title, at, entries, line or "", language or "", withheld or False)

    def _setting(self, name: str, read: Callable[[Value], T]) -> T | None:
        if name not in self._document:
            self._refuse(0, (name,), "this is missing.")
            return None
        try:
            return read(self._document[name])
        except _Unfit as unfit:
            self._refuse(self._document.lines[name], (name,), unfit.sentence, unfit.cure)
            return None

    def _entries(self) -> tuple[Entry, ...]:
        items = self._document.get("conversation")
        if not isinstance(items, Items):
            line = self._document.lines.get("conversation", 0)
            self._refuse(line, ("conversation",), "a list was expected here.", 'Begin each item with "- ".')
            return ()
        entries: list[Entry] = []
        for number, (item, line) in enumerate(zip(items, items.lines, strict=True), start=1):
            try:
                entries.append(Entry(line, self._item(item)))
            except _Unfit as unfit:
                self._refuse(line, ("conversation", str(number)), unfit.sentence, unfit.cure)
        return tuple(entries)

    def _item(self, item: Value) -> Action | Expectation:
        match item:
            case str() if item in PLAIN_ITEMS:
                return PLAIN_ITEMS[item]
            case Group() if len(item) == 1:
                ((name, value),) = item.items()
                if name in self._keyed:
                    return self._keyed[name](value)
            case str():
                name = item
            case _:
                raise _Unfit("one thing at a time was expected here.", 'Begin each with "- ".')
        known = (*PLAIN_ITEMS, *self._keyed)
        cure = Spelling(known).cure(name) or f"There are: {', '.join(known)}."
        raise _Unfit(f"{quoted(name)} is nothing a story knows.", cure)

    def _refuse(self, line: int, path: tuple[str, ...], sentence: str, cure: str = "") -> None:
        self._problems.append(Problem(self._file, line, path, sentence, cure))


def _text(value: Value) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Unfit("a text was expected here.")
    return " ".join(value.split())


def _texts(value: Value) -> tuple[str, ...]:
    if isinstance(value, Items) and value:
        return tuple(_text(item) for item in value)
    return (_text(value),)


def _key(value: Value) -> str:
    if not isinstance(value, str) or value not in KEYS:
        raise _Unfit("a key is one of 0 to 9, * and #.", 'Write "*" and "#" between quotation marks.')
    return value


def _outcome(value: Value) -> Outcome:
    if not isinstance(value, str) or value not in PHONE_WORDS:
        raise _Unfit("a phone does none of that.", f"There are: {', '.join(PHONE_WORDS)}.")
    return PHONE_WORDS[value]


def _moment(value: Value) -> datetime:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        day, clock = value.split()
        try:
            return datetime.fromisoformat(f"{day} {clock:0>5}")
        except ValueError:
            pass
    raise _Unfit("this is not a date and a time.", "Write them like 2026-11-24 10:00.")


def _withheld(value: Value) -> bool:
    if value != "withheld":
        raise _Unfit("a caller can only be withheld here.", "Leave the setting out for a usual caller.")
    return True
