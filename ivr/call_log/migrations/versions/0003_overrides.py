"""Overrides: changes that end by themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME = sa.String(200)


def upgrade() -> None:
    op.create_table(
        "override",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("location", NAME, nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("say", sa.JSON(), nullable=False),
        sa.Column("to", NAME, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", NAME, nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("ended_by", NAME),
        sa.Column("source", NAME, unique=True),
    )
    op.create_index("override_ends", "override", ["ends"])


def downgrade() -> None:
    op.drop_table("override")
