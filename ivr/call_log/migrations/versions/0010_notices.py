"""Notices, the letters that carry them to people, and alarms that last until they are cleared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.String(200)


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("key", NAME, primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("location", NAME, nullable=False),
        sa.Column("about", NAME, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("addressed_at", sa.BigInteger(), nullable=True),
    )
    op.create_index("notice_addressed", "notice", ["addressed_at"])
    op.create_index("notice_made", "notice", ["made_at"])
    op.create_table(
        "alarm",
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("about", NAME, primary_key=True),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("cleared_at", sa.BigInteger(), nullable=True),
    )
    _letters()


def _letters() -> None:
    op.create_table(
        "letter",
        sa.Column("id", BIG_ID, primary_key=True, autoincrement=True),
        sa.Column("key", NAME, nullable=False, unique=True),
        sa.Column("person", NAME, nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("give_up_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("holder", NAME, nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("carrier_id", sa.String(34), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
    )
    op.create_index("letter_due", "letter", ["state", "due_at"])
    op.create_index("letter_made", "letter", ["made_at"])
    op.create_table(
        "letter_notice",
        sa.Column("letter", BIG_ID, sa.ForeignKey("letter.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("notice", NAME, sa.ForeignKey("notice.key", ondelete="CASCADE"), primary_key=True),
    )
    op.create_index("letter_notice_notice", "letter_notice", ["notice"])


def downgrade() -> None:
    for table in ("letter_notice", "letter", "alarm", "notice"):
        op.drop_table(table)
