"""PINs with which staff make changes by phone, and when one was refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = sa.String(200)


def upgrade() -> None:
    op.create_table(
        "pin",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("hash", NAME, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", NAME, nullable=False),
    )
    op.create_table(
        "pin_refusal",
        sa.Column("key", NAME, primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("pin_refusal")
    op.drop_table("pin")
