"""What somebody must still call back, in a table of its own: nearly all that is ever asked for is done with."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NAME = sa.String(200)
URGENT: dict[str, Any] = {"sqlite_where": sa.text("urgent = 1"), "postgresql_where": sa.text("urgent = true")}
MISSED = "'abandoned in menu', 'abandoned while ringing', 'closed', 'no answer', 'failed'"
# Each kind of wish. UNION tells what is there twice once.
OPEN = f"""
    SELECT wish.call_sid, wish.at, wish.location, coalesce(call.caller_index, call.sid), call.urgent
    FROM (
        SELECT sid AS call_sid, started_at AS at, location FROM call WHERE disposition IN ({MISSED})
        UNION SELECT call_sid, taken_at, location FROM message WHERE status NOT IN ('absent', 'failed')
        UNION SELECT call_sid, requested_at, location FROM callback_request
    ) AS wish JOIN call ON call.sid = wish.call_sid
    WHERE NOT call.draft AND NOT EXISTS (SELECT 1 FROM work_done WHERE work_done.call_sid = wish.call_sid)
"""  # noqa: S608  nothing in it is given


def upgrade() -> None:
    op.create_table(
        "work_open",
        sa.Column("call_sid", sa.String(34), sa.ForeignKey("call.sid", ondelete="CASCADE"), primary_key=True),
        sa.Column("at", sa.BigInteger(), primary_key=True),
        sa.Column("location", NAME, primary_key=True),
        sa.Column("entry", sa.String(34), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(f"INSERT INTO work_open (call_sid, at, location, entry, urgent) {OPEN}")
    op.create_index("work_open_at", "work_open", ["at", "call_sid"])
    op.create_index("work_open_location", "work_open", ["location", "at", "call_sid"])
    op.create_index("work_open_entry", "work_open", ["entry", "at"])
    op.create_index("work_open_urgent", "work_open", ["at"], **URGENT)
    # The list was their only use. Last: from here on PostgreSQL keeps readers out until the end.
    op.drop_index("message_location", "message")
    op.drop_index("callback_location", "callback_request")
    op.drop_index("call_urgent", "call")


def downgrade() -> None:
    op.create_index("call_urgent", "call", ["started_at"], **URGENT)
    op.create_index("callback_location", "callback_request", ["location", "requested_at"])
    op.create_index("message_location", "message", ["location", "taken_at"])
    op.drop_table("work_open")
