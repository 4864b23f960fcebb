"""What the pages of the draft share: the draft as it stands, what is wrong with it, and a save from a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from flask import abort, request

from ivr.call_flow.model import Routing
from ivr.publishing.desk import Conflict, Desk, Files, desk, here, mark, save
from ivr.routing.compile import Compiled, compile_files, version_of
from ivr.routing.folder import read_folder
from ivr.routing.problems import Problem
from ivr.routing.splice import CannotEdit
from ivr.routing.text import Limits
from ivr.routing.versions import Versions

from .door import Door, the_person


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a save went: what is wrong at which field ("" for the whole), or what a colleague saved meanwhile."""

    wrong: Mapping[str, str] = field(default_factory=dict)
    conflict: Conflict | None = None

    @property
    def is_done(self) -> bool:
        return not self.wrong and self.conflict is None

    @property
    def status(self) -> int:
        return 409 if self.conflict else 422 if self.wrong else 200


NOT_TRIED = Attempt()


def found(door: Door) -> Files:
    """The files this host serves."""
    folder = Versions(door.services.settings.data / "routing").folder_of(door.services.live.version)
    return read_folder(folder, door.examiner.limits)[0]


def the_desk(door: Door) -> Desk:
    """The draft as it stands."""
    return desk(door.engine, found(door))


def is_different(draft: Desk) -> bool:
    """Whether somebody edited the draft into something else than what is live."""
    live = draft.live.hash if draft.live else version_of(draft.began)
    return bool(draft.edited) and version_of(draft.files) != live


def the_file(draft: Desk, name: str) -> bytes:
    """A file of the draft; 404 when there is none of this name."""
    if name not in draft.files:
        abort(404)
    return draft.files[name]


def attempt(door: Door, name: str, edit: Callable[[bytes], bytes]) -> Attempt:
    """Change a file of the draft, and save it if nobody else did since the form was shown."""
    try:
        new = edit(the_file(the_desk(door), name))
    except CannotEdit as refused:
        return Attempt({refused.field: refused.sentence})
    return put_down(door, name, new)


def put_down(door: Door, name: str, file: bytes) -> Attempt:
    """Save a file of the draft whole, if nobody else did since the form was shown."""
    actor, now, seen = the_person().name, door.services.clock(), request.form.get("seen", "")
    try:
        conflict = save(door.engine, name, file, seen=seen, found=found(door), actor=actor, now=now)
    except LookupError:
        abort(404)
    except ValueError:
        return Attempt({"": "The text holds a character that cannot be kept (a zero byte). Take it out."})
    return Attempt(conflict=conflict)


def compiled(door: Door, files: Files) -> Compiled:
    """What the checks say of the files. The last few answers are remembered: pages ask again and again."""
    return _compiled(tuple(sorted(files.items())), door.examiner.live, door.examiner.limits)


def routing_of(door: Door, files: Files) -> Routing | None:
    return compiled(door, files).routing


def problems_in(door: Door, files: Files, name: str) -> list[Problem]:
    """What is wrong in one file of the draft."""
    return [problem for problem in compiled(door, files).problems if problem.file == name]


def shared(door: Door, draft: Desk, name: str = "", tried: Attempt = NOT_TRIED) -> dict[str, object]:
    """What every page of the draft shows: who else is editing, the mark of its file, and how the last save went."""
    return {
        "others": here(door.engine, the_person().name, door.services.clock()),
        "draft": draft,
        "file": name,
        "seen": mark(draft.files[name]) if name else "",
        "tried": tried,
        "problems": problems_in(door, draft.files, name) if name else [],
    }


@lru_cache(maxsize=6)
def _compiled(files: tuple[tuple[str, bytes], ...], live: bool, limits: Limits) -> Compiled:
    return compile_files(dict(files), live=live, limits=limits, folder="")
