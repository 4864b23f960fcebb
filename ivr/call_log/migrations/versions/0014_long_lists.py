"""What lists and reports of millions of calls walk: indexes by what they are narrowed by, sums in their keys' order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ROLL_UPS = ("call_count", "wait_count", "menu_count", "topic_count")
MISSED = ["disposition", "started_at", "location", "draft", "caller_index"]


def upgrade() -> None:
    op.create_index("call_disposition_caller", "call", MISSED)
    op.create_index("call_location_disposition", "call", ["location", "disposition", "started_at"])
    op.create_index("message_location", "message", ["location", "taken_at"])
    op.create_index("callback_location", "callback_request", ["location", "requested_at"])
    op.create_index(
        "call_urgent",
        "call",
        ["started_at"],
        sqlite_where=sa.text("urgent = 1"),
        postgresql_where=sa.text("urgent = true"),
    )
    _rewrite_roll_ups(with_rowid=False)
    op.drop_index("call_disposition", "call")  # last: from here on PostgreSQL keeps readers out until the end


def downgrade() -> None:
    op.create_index("call_disposition", "call", ["disposition", "started_at"])
    _rewrite_roll_ups(with_rowid=True)
    op.drop_index("call_urgent", "call")
    op.drop_index("callback_location", "callback_request")
    op.drop_index("message_location", "message")
    op.drop_index("call_location_disposition", "call")
    op.drop_index("call_disposition_caller", "call")


def _rewrite_roll_ups(*, with_rowid: bool) -> None:
    """SQLite alone knows tables without a number of its own for each row."""
    if op.get_bind().dialect.name == "sqlite":
        for table in ROLL_UPS:
            with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_with_rowid": with_rowid}):
                pass
