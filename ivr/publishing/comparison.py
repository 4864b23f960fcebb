"""Two versions side by side: what callers would notice, in plain words, and the exact text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.routing.compile import compile_files, version_of
from ivr.routing.text import Limits

from .changed import Change
from .difference import difference, text_difference

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`changes` is None when one of the two does not compile any more; `text` is unified, "" for equal files."""

    changes: tuple[Change, ...] | None
    text: str
    same: bool


def compare(old: Files, new: Files, now: datetime, limits: Limits, *, live: bool) -> Comparison:
    """What goes from `old` to `new`. `live` holds both to what a live service needs; `now` is aware."""
    if version_of(old) == version_of(new):
        return Comparison((), "", same=True)
    before, after = (compile_files(files, live=live, limits=limits).routing for files in (old, new))
    changes = None if before is None or after is None else tuple(difference(before, after, now))
    return Comparison(changes, text_difference(old, new), same=False)
