"""Messages callers left, as far as they may be played; whoever plays one leaves a line in the audit table."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Engine, select

from ivr.call_flow.summary import NOTHING_RECORDED

from . import audit
from .database import reading, writing
from .queries import Message
from .tables import MessageRow

RECORDING = re.compile(r"RE[0-9a-f]{32}")


def playable(engine: Engine, recording: str) -> Message | None:
    """The message with this recording's id; None when there is none, it was erased, or nothing was recorded."""
    if not RECORDING.fullmatch(recording):
        return None
    wanted = MessageRow.recording == recording, MessageRow.erased_at.is_(None)
    query = select(MessageRow.__table__).where(*wanted, MessageRow.status.not_in(NOTHING_RECORDED))
    with reading(engine) as connection:
        row = connection.execute(query).first()
    return Message(*row) if row else None


def note_played(engine: Engine, message: Message, *, actor: str, now: datetime) -> None:
    """Write down that `actor` listens to a message; to be done before they hear anything of it."""
    with writing(engine) as connection:
        audit.note(connection, now, actor, "message played", message.call_sid, recording=message.recording)
