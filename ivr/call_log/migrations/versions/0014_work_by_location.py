"""What lists of calls walk when they are narrowed: location with disposition, wishes by location, urgent calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
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


def downgrade() -> None:
    op.drop_index("call_urgent", "call")
    op.drop_index("callback_location", "callback_request")
    op.drop_index("message_location", "message")
    op.drop_index("call_location_disposition", "call")
