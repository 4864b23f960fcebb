"""The note that this host's damaged database was set aside: kept until a person has read it and removes it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from ivr.routing.whole_file import write_whole

NAME = "database-lost.json"


@dataclass(frozen=True, slots=True)
class Lost:
    """When it was set aside, under which name ("" until it is), what SQLite said, and whether the rest was restored."""

    at: datetime
    kept_as: str
    what: str
    restored: bool = False


def write_lost(data: Path, lost: Lost) -> None:
    """Raises OSError."""
    text = json.dumps({**asdict(lost), "at": lost.at.isoformat()})
    write_whole(data / NAME, text.encode(), durable=True)


def read_lost(data: Path) -> Lost | None:
    """None when there is no note, or none that can be read."""
    try:
        found = json.loads((data / NAME).read_bytes())
        at = datetime.fromisoformat(found["at"])
        return Lost(at, str(found["kept_as"]), str(found["what"]), bool(found["restored"])) if at.tzinfo else None
    except (OSError, ValueError, TypeError, KeyError):
        return None
