"""Calls whose caller confirmed that they cannot wait, and who was told of them until somebody acknowledged it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.String(200)


def upgrade() -> None:
    # The default also serves hosts that still run the release before this one.
    op.add_column("call", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "urgent_call",
        sa.Column("number", BIG_ID, primary_key=True, autoincrement=True),
        sa.Column("call_sid", sa.String(34), nullable=False, unique=True),
        sa.Column("location", NAME, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", NAME, nullable=True),
    )
    op.create_index("urgent_call_acknowledged", "urgent_call", ["acknowledged_at"])


def downgrade() -> None:
    op.drop_table("urgent_call")
    op.drop_column("call", "urgent")
