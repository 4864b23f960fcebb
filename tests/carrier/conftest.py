"""Twilio's double, and databases as the call log's tests have them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.call_log.conftest import database, new_database, postgres, sqlite_template
from tests.carrier.twilio_double import Double, twilio_double

__all__ = ["database", "new_database", "postgres", "sqlite_template"]


@pytest.fixture
def twilio() -> Iterator[Double]:
    with twilio_double() as double:
        yield double
