"""What "Try a call" is played on: what is live, the console's draft, or the draft that testers hear on the real line.

A practice call carries the version of the draft it began on, and the draft is looked up again at each step. An edit
made meanwhile is another version: then the call begins anew, since no host keeps the texts a draft once had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ivr.call_flow.model import Routing
from ivr.call_flow.overrides import with_overrides, without_overrides
from ivr.publishing.desk import Desk
from ivr.routing.compile import version_of
from ivr.routing.problems import Problem

from .door import Door
from .draft_desk import compiled, is_different, the_desk
from .try_form import DRAFT, DRAFTS, PLAIN, TESTERS, WHATS, Unreadable, Wanted

CHANGED = "The draft was changed while you tried it, so the call begins anew on the draft as it is now."


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts there are to be tried. That of the testers only where it is another one than the console's."""

    console: bool
    testers: bool


class Faulty(Unreadable):
    """The draft has mistakes, so no call can be played on it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = f"{len(problems)} mistakes" if len(problems) > 1 else "a mistake"
        super().__init__(f"The draft cannot be tried yet: it has {count}, to be mended first.")
        self.problems = tuple(problems)


def drafts(door: Door) -> Drafts:
    """The drafts that may be chosen now."""
    draft, heard = the_desk(door), door.services.live.draft
    own = is_different(draft)
    return Drafts(own, heard is not None and not (own and heard.routing.version == version_of(draft.files)))


def routing_for(door: Door, wanted: Wanted) -> Routing:
    """What to play the call on. Raises Unreadable when there is no such thing, Faulty when it has mistakes."""
    if wanted.what not in WHATS:
        raise Unreadable("Choose what to try.")
    if wanted.what == PLAIN:
        return without_overrides(door.routing)
    if wanted.what == DRAFT:
        return _console_draft(door, the_desk(door), wanted.version)
    if wanted.what == TESTERS:
        heard = door.services.live.draft
        if heard is None:
            raise Unreadable("Testers hear no draft any more. Try what is live.")
        return heard.routing
    return door.routing


def begun(wanted: Wanted, routing: Routing) -> tuple[Wanted, str]:
    """The call with the version it is played on; begun anew, and told so, when its draft is another one by now."""
    if wanted.what not in DRAFTS:
        return wanted, ""
    if wanted.version in ("", routing.version):
        return replace(wanted, version=routing.version), ""
    return replace(wanted, version=routing.version, deeds=()), CHANGED


def _console_draft(door: Door, draft: Desk, version: str) -> Routing:
    """The console's draft with the overrides that stand. A call goes on when what it began on was published since."""
    if not is_different(draft) and version != version_of(draft.files):
        raise Unreadable("There is no draft any more. Try what is live.")
    checked = compiled(door, draft.files)
    if checked.routing is None:
        raise Faulty([problem for problem in checked.problems if not problem.warning])
    return with_overrides(checked.routing, door.services.live.overrides)
