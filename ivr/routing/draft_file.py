"""The draft that testers hear, as it stands on this host's disk: one small file names it and who its testers are.

Without the file there is no draft. One that cannot be read, or that names a version which is not here or does not
compile, is as good as none: its testers hear what everybody hears.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.call_flow.model import Routing

from .versions import FORM
from .whole_file import write_whole

NAME = "draft.json"
LARGEST_BYTES = 1_000_000

log = logging.getLogger("ivr.routing")


@dataclass(frozen=True, slots=True)
class DraftNote:
    """Which version is the draft, and the keyed hashes of the numbers that were made testers by command."""

    version: str
    testers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft ready to be heard. Testers are those its own clinic.yaml names, and those made so by command."""

    routing: Routing
    testers: frozenset[str]

    def is_for(self, number: str, indexes: Callable[[str], Sequence[str]]) -> bool:
        """Whether `number` (E.164, "" when withheld) is a tester's; `indexes` gives a number's keyed hashes."""
        if not number:
            return False
        return number in self.routing.testers or (bool(self.testers) and not self.testers.isdisjoint(indexes(number)))


def write_note(folder: Path, note: DraftNote | None) -> bool:
    """Put the note into `folder`, or take it away; False when it stood so already. Raises OSError."""
    path = folder / NAME
    if note is None:
        there = path.exists()
        path.unlink(missing_ok=True)
        return there
    text = json.dumps({"version": note.version, "testers": sorted(note.testers)}).encode()
    with contextlib.suppress(OSError):
        if path.read_bytes() == text:
            return False
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, text, durable=True)
    return True


class DraftFile:
    """Follows the note. `get` gives a version's routing, None while it cannot be used; it tells why by itself."""

    def __init__(self, folder: Path, get: Callable[[str], Routing | None]) -> None:
        self._path = folder / NAME
        self._get = get
        self._seen = b""
        self._note: DraftNote | None = None
        self._draft: Draft | None = None

    @property
    def draft(self) -> Draft | None:
        """What testers hear, None when there is nothing to hear."""
        return self._draft

    def look(self) -> None:
        """See whether the note says something new; a draft that could not be used is tried again."""
        text = self._read()
        if text == self._seen and (self._note is None or self._draft is not None):
            return
        if text != self._seen:
            self._seen, self._note = text, _note_in(text)
            if text and self._note is None:
                log.error("%s holds no draft: testers hear what is live", NAME)
        routing = self._get(self._note.version) if self._note else None
        self._draft = Draft(routing, self._note.testers) if routing and self._note else None

    def _read(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                return file.read(LARGEST_BYTES)
        except OSError:
            return b""


def _note_in(text: bytes) -> DraftNote | None:
    """None for what is no note: damaged, cut off, or of another release."""
    try:
        found = json.loads(text)
        version, testers = found["version"], found["testers"]
        if FORM.fullmatch(version) and all(isinstance(each, str) for each in testers):
            return DraftNote(version, frozenset(testers))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return None
