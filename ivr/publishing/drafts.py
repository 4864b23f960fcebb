"""The draft that testers hear on the real line: offered, called off, and brought to each host's disk.

It is the configuration as it stood when it was offered. It has passed its checks but not the proof, and nobody but
testers hears it. When it goes live it stops being a draft, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, select

from ivr.call_log import audit
from ivr.call_log.database import reading, writing
from ivr.call_log.statements import put
from ivr.routing.draft_file import DraftNote, write_note
from ivr.routing.versions import Versions

from .tables import DraftRow, TesterRow

THE_ONE = 1


@dataclass(frozen=True, slots=True)
class Offered:
    """A draft on offer: the hash of its files, who offered it and when."""

    hash: str
    author: str
    at: datetime


def offer(engine: Engine, version: str, files: Mapping[str, bytes], *, actor: str, now: datetime) -> Offered:
    """Let testers hear these files, whose hash is `version`, in place of any draft before. Raises SQLAlchemyError.

    Whoever calls this has seen that they compile.
    """
    texts = {name: text.decode() for name, text in files.items()}
    row = {"id": THE_ONE, "hash": version, "files": texts, "author": actor, "at": now}
    with writing(engine) as connection:
        put(connection, DraftRow, [row])
        audit.note(connection, now, actor, "draft offered", version)
    return Offered(version, actor, now)


def call_off(engine: Engine, *, actor: str, now: datetime) -> Offered | None:
    """Let testers hear what everybody hears; the draft they heard, None when there was none. Raises SQLAlchemyError."""
    with writing(engine) as connection:
        found = offered_in(connection)
        if found:
            connection.execute(delete(DraftRow))
            audit.note(connection, now, actor, "draft called off", found.hash)
    return found


def went_live(connection: Connection, version: str) -> None:
    """What is live now is no draft any more, whoever published it."""
    connection.execute(delete(DraftRow).where(DraftRow.hash == version))


def offered(engine: Engine) -> Offered | None:
    """The draft on offer; None when there is none."""
    with reading(engine) as connection:
        return offered_in(connection)


def offered_in(connection: Connection) -> Offered | None:
    """The draft on offer, as a transaction sees it."""
    row = connection.execute(select(DraftRow.hash, DraftRow.author, DraftRow.at)).first()
    return Offered(*row) if row else None


def files_offered(engine: Engine) -> dict[str, bytes]:
    """The files of the draft on offer, none when there is none."""
    with reading(engine) as connection:
        return _files_in(connection)


def bring_draft(engine: Engine, folder: Path) -> bool:
    """Bring the draft and its testers to this host's disk, in `folder`; True when something changed there.

    Its files first: a host never names a draft that it does not have. Raises OSError, SQLAlchemyError.
    """
    versions, files = Versions(folder), None
    with reading(engine) as connection:
        draft = offered_in(connection)
        testers = connection.scalars(select(TesterRow.caller_index)).all()
        if draft and not versions.folder_of(draft.hash).is_dir():
            files = _files_in(connection)
    if draft is None:
        return write_note(folder, None)
    if files is not None:
        versions.keep(draft.hash, files, draft=True)
    return write_note(folder, DraftNote(draft.hash, frozenset(testers)))


def _files_in(connection: Connection) -> dict[str, bytes]:
    files = connection.scalar(select(DraftRow.files)) or {}
    return {name: text.encode() for name, text in files.items()}
