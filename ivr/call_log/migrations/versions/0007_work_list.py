"""The list of callers to call back: claims, notes, and the calls that are done with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = sa.String(200)
SID = sa.String(34)
BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "work_claim",
        sa.Column("entry", SID, primary_key=True),
        sa.Column("claimed_by", NAME, nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "work_note",
        sa.Column("id", BIG_ID, primary_key=True, autoincrement=True),
        sa.Column("call_sid", SID, sa.ForeignKey("call.sid", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("author", NAME, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_index("work_note_call", "work_note", ["call_sid"])
    op.create_index("work_note_at", "work_note", ["at"])
    op.create_table(
        "work_done",
        sa.Column("call_sid", SID, sa.ForeignKey("call.sid", ondelete="CASCADE"), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("done_by", NAME, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
    )
    op.create_index("work_done_at", "work_done", ["at"])


def downgrade() -> None:
    for table in ("work_done", "work_note", "work_claim"):
        op.drop_table(table)
