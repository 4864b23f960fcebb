"""Testers, the draft they hear, and the mark on their calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAME = sa.String(200)


def upgrade() -> None:
    op.create_table(
        "tester",
        sa.Column("caller_index", sa.String(32), primary_key=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", NAME, nullable=False),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String(40), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("author", NAME, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    # The default also serves hosts that still run the release before this one.
    op.add_column("call", sa.Column("draft", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("call", "draft")
    op.drop_table("draft")
    op.drop_table("tester")
