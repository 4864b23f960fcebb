"""The desk: the draft that editors share in the console, and who is editing it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAME = sa.String(200)


def upgrade() -> None:
    op.create_table(
        "desk_file",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("parent", sa.Integer(), sa.ForeignKey("version.number"), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", NAME, nullable=False),
    )
    op.create_table(
        "editor",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    for table in ("editor", "desk_file"):
        op.drop_table(table)
