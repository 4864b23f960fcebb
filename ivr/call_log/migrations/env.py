"""Runs migrations on the connection that `database.migrate` hands over, within its one transaction."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from ivr.call_log.database import wait_for_others
from ivr.call_log.tables import Table

MIGRATION_LOCK = 4_870_251_993  # any number of our own; it keeps two processes from migrating at once


def run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # The other one may take its time, and so may an index over millions of calls.
        connection.execute(text("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0"))
    wait_for_others(connection, MIGRATION_LOCK)
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    context.run_migrations()


run(context.config.attributes["connection"])
