"""Calls that the service places itself, and the phone at which somebody of the clinic is rung."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.String(200)
SID = sa.String(34)


def upgrade() -> None:
    op.create_table(
        "outbound_call",
        sa.Column("id", BIG_ID, primary_key=True, autoincrement=True),
        sa.Column("call_sid", SID, sa.ForeignKey("call.sid", ondelete="CASCADE"), nullable=False),
        sa.Column("asked_by", NAME, nullable=False),
        sa.Column("phone", NAME, nullable=False),
        sa.Column("line", NAME, nullable=False),
        sa.Column("location", NAME, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("holder", NAME, nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=True),
        sa.Column("carrier_sid", SID, nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("dialled", sa.String(20), nullable=False),
        sa.Column("talk_seconds", sa.Integer(), nullable=False),
        sa.Column("ended", sa.String(20), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
    )
    op.create_index("outbound_state", "outbound_call", ["state"])
    op.create_index("outbound_call_sid", "outbound_call", ["call_sid"])
    op.create_index("outbound_asked", "outbound_call", ["asked_at"])
    op.create_table(
        "test_call",
        sa.Column("line", NAME, primary_key=True),
        sa.Column("due_at", sa.BigInteger(), primary_key=True),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("carrier_sid", SID, nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
    )
    op.create_table(
        "desk_phone",
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("phone", NAME, nullable=False),
    )


def downgrade() -> None:
    for table in ("desk_phone", "test_call", "outbound_call"):
        op.drop_table(table)
