"""What the doors need, built once in `app.py` and handed down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .journal.sealing import Seal
from .journal.writer import Journal
from .routing.live import Live
from .routing.pins import Pins
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """Settings, the live routing, the journal, the seal for callers' numbers, how PINs are checked, and the clock.

    The clock's moments are aware, in UTC.
    """

    settings: Settings
    live: Live
    journal: Journal
    seal: Seal
    pins: Pins
    clock: Callable[[], datetime]
