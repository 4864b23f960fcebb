"""Texts to callers, and the numbers that want no more of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.String(200)
SID = sa.String(34)


def upgrade() -> None:
    op.create_table(
        "patient_text",
        sa.Column("id", BIG_ID, primary_key=True, autoincrement=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("give_up_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("holder", NAME, nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("carrier_id", SID, nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("call_sid", SID, sa.ForeignKey("call.sid", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("line", NAME, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("number_index", sa.String(32), nullable=True),
        sa.UniqueConstraint("kind", "number_index", "day", name="patient_text_once"),
        sa.UniqueConstraint("call_sid", "kind", name="patient_text_call"),
    )
    op.create_index("patient_text_due", "patient_text", ["state", "due_at"])
    op.create_index("patient_text_made", "patient_text", ["made_at"])
    op.create_table(
        "text_opt_out",
        sa.Column("number_index", sa.String(32), primary_key=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    for table in ("text_opt_out", "patient_text"):
        op.drop_table(table)
