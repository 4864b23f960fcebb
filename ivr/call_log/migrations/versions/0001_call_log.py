"""The call log: calls and their events, legs, messages, roll-ups, the worker's own tables, and accounts given."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SID = sa.String(34)
NAME = sa.String(200)
SHORT = sa.String(40)
MOMENT = sa.BigInteger()
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ROLLUPS = ["call_count", "wait_count", "menu_count", "topic_count"]
WORKERS = ["lease", "host", "set_aside", "reconciliation"]
TABLES = ["event", "leg", "message", "callback_request", "call", *ROLLUPS, *WORKERS, "audit", "erasure"]


def upgrade() -> None:
    _events()
    _calls()
    _parts_of_calls()
    _rollups()
    _worker()
    _accounts()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _needed(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _of_call() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["call_sid"], ["call.sid"], ondelete="CASCADE")


def _events() -> None:
    op.create_table(
        "event",
        _needed("call_sid", SID),
        _needed("key", NAME),
        _needed("hop", sa.Integer()),
        _needed("nth", sa.Integer()),
        _needed("at", MOMENT),
        _needed("version", SHORT),
        _needed("kind", SHORT),
        _needed("data", sa.JSON()),
        sa.PrimaryKeyConstraint("call_sid", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("event_at", "event", ["at"])


def _calls() -> None:
    op.create_table(
        "call",
        _needed("sid", SID),
        _needed("started_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        _needed("last_heard_at", MOMENT),
        _needed("line", NAME),
        _needed("location", NAME),
        _needed("language", SHORT),
        _needed("pace", sa.String(20)),
        _needed("version", SHORT),
        _needed("disposition", SHORT),
        _needed("status", SHORT),
        _needed("hung_up_by", sa.String(20)),
        _needed("closed_by", sa.String(20)),
        _needed("wait_seconds", sa.Integer()),
        _needed("ring_seconds", sa.Integer()),
        _needed("talk_seconds", sa.Integer()),
        _needed("total_seconds", sa.Integer()),
        _needed("withheld", sa.Boolean()),
        _needed("path", sa.JSON()),
        _needed("topics", sa.JSON()),
        _needed("visits", sa.JSON()),
        sa.Column("caller", sa.Text()),
        sa.Column("caller_index", sa.String(32)),
        sa.Column("number_forgotten_at", MOMENT),
        sa.Column("reconciled_at", MOMENT),
        sa.PrimaryKeyConstraint("sid"),
    )
    op.create_index("call_started", "call", ["started_at"])
    for name in ("location", "disposition", "line", "language"):
        op.create_index(f"call_{name}", "call", [name, "started_at"])
    op.create_index("call_caller", "call", ["caller_index", "started_at"])


def _parts_of_calls() -> None:
    op.create_table(
        "leg",
        _needed("call_sid", SID),
        _needed("hop", sa.Integer()),
        _needed("phone", NAME),
        _needed("group", NAME),
        _needed("location", NAME),
        _needed("rang_at", MOMENT),
        _needed("outcome", sa.String(20)),
        _needed("ring_seconds", sa.Integer()),
        _needed("talk_seconds", sa.Integer()),
        _of_call(),
        sa.PrimaryKeyConstraint("call_sid", "hop", "phone"),
    )
    op.create_table(
        "message",
        _needed("recording", SID),
        _needed("call_sid", SID),
        _needed("mailbox", NAME),
        _needed("location", NAME),
        _needed("taken_at", MOMENT),
        _needed("seconds", sa.Integer()),
        _needed("status", sa.String(20)),
        sa.Column("erased_at", MOMENT),
        _of_call(),
        sa.PrimaryKeyConstraint("recording"),
    )
    op.create_index("message_taken", "message", ["taken_at"])
    op.create_index("message_call", "message", ["call_sid"])
    op.create_table(
        "callback_request",
        _needed("call_sid", SID),
        _needed("destination", NAME),
        _needed("location", NAME),
        _needed("requested_at", MOMENT),
        _of_call(),
        sa.PrimaryKeyConstraint("call_sid"),
    )
    op.create_index("callback_requested", "callback_request", ["requested_at"])


def _rollups() -> None:
    op.create_table(
        "call_count",
        _needed("quarter", MOMENT),
        _needed("line", NAME),
        _needed("location", NAME),
        _needed("language", SHORT),
        _needed("disposition", SHORT),
        _needed("calls", sa.BigInteger()),
        _needed("talk_seconds", sa.BigInteger()),
        sa.PrimaryKeyConstraint("quarter", "line", "location", "language", "disposition"),
    )
    op.create_table(
        "wait_count",
        _needed("day", sa.String(10)),
        _needed("location", NAME),
        _needed("seconds", sa.Integer()),
        _needed("calls", sa.BigInteger()),
        sa.PrimaryKeyConstraint("day", "location", "seconds"),
    )
    op.create_table(
        "menu_count",
        _needed("day", sa.String(10)),
        _needed("menu", NAME),
        _needed("version", SHORT),
        _needed("outcome", SHORT),
        _needed("seconds", sa.Integer()),
        _needed("visits", sa.BigInteger()),
        sa.PrimaryKeyConstraint("day", "menu", "version", "outcome", "seconds"),
    )
    op.create_table(
        "topic_count",
        _needed("day", sa.String(10)),
        _needed("topic", NAME),
        _needed("language", SHORT),
        _needed("parts", sa.Integer()),
        _needed("calls", sa.BigInteger()),
        sa.PrimaryKeyConstraint("day", "topic", "language", "parts"),
    )


def _worker() -> None:
    op.create_table(
        "lease",
        _needed("job", NAME),
        _needed("holder", NAME),
        _needed("expires_at", MOMENT),
        sa.Column("done_at", MOMENT),
        sa.Column("failed_at", MOMENT),
        _needed("fault", sa.Text()),
        sa.PrimaryKeyConstraint("job"),
    )
    op.create_table(
        "host",
        _needed("name", NAME),
        _needed("seen_at", MOMENT),
        sa.Column("drained_at", MOMENT),
        _needed("behind_bytes", sa.BigInteger()),
        _needed("behind_seconds", sa.Integer()),
        _needed("version", SHORT),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "set_aside",
        _needed("host", NAME),
        _needed("file", NAME),
        _needed("offset", sa.BigInteger()),
        _needed("at", MOMENT),
        _needed("reason", sa.Text()),
        sa.PrimaryKeyConstraint("host", "file", "offset"),
    )
    seen = ["calls_seen", "calls_added", "calls_corrected", "recordings_seen", "recordings_added"]
    op.create_table(
        "reconciliation",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        *(_needed(name, MOMENT) for name in ("at", "since", "until")),
        *(_needed(name, sa.Integer()) for name in seen),
        sa.PrimaryKeyConstraint("id"),
    )


def _accounts() -> None:
    op.create_table(
        "audit",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        _needed("at", MOMENT),
        _needed("actor", NAME),
        _needed("action", SHORT),
        _needed("about", sa.Text()),
        _needed("detail", sa.JSON()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_at", "audit", ["at"])
    op.create_table(
        "erasure",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        _needed("at", MOMENT),
        _needed("what", SHORT),
        _needed("up_to", MOMENT),
        _needed("count", sa.BigInteger()),
        _needed("actor", NAME),
        sa.PrimaryKeyConstraint("id"),
    )
