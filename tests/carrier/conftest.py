"""Twilio's doubles, each made anew for a test so that a late answer reaches no other, and databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.call_log.conftest import database, new_database, postgres, sqlite_template
from tests.carrier.calls_double import Calls, calls_double
from tests.carrier.messages_double import Messages, messages_double
from tests.carrier.twilio_double import Double, twilio_double

__all__ = ["database", "new_database", "postgres", "sqlite_template"]


@pytest.fixture
def twilio() -> Iterator[Double]:
    with twilio_double() as double:
        yield double


@pytest.fixture
def messages() -> Iterator[Messages]:
    with messages_double() as double:
        yield double


@pytest.fixture
def calls() -> Iterator[Calls]:
    with calls_double() as double:
        yield double
