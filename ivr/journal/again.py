"""A journal from its beginning: what was drained is put back, to be drained into a database that lost it."""

from __future__ import annotations

from pathlib import Path

from ivr.journal.drainer import DRAINED
from ivr.journal.following import journal_files
from ivr.journal.positions import NAME


def drain_again(directory: Path) -> int:
    """Have every file that is still kept drained from its start; how many were put back. Raises OSError.

    For whoever holds `only_drainer`, before it drains. What a database knows already changes nothing in it.
    """
    (directory / NAME).unlink(missing_ok=True)
    kept = journal_files(directory / DRAINED)
    for path in kept:
        path.rename(directory / path.name)
    return len(kept)
