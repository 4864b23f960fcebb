"""What an examination looks at: handed to every family of checks, so that each can be shown a world of its own."""

from __future__ import annotations

import shutil
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from twilio.rest import Client

from ivr.call_flow.model import Routing
from ivr.call_log.findings import Finding
from ivr.settings import Settings

from .asking import Pause
from .fallback import FallbackWriter

API = "https://api.twilio.com"


def free_bytes(folder: Path) -> int:
    """How much room the disk of a folder has, or of the nearest folder above it that exists. Raises OSError."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Examined:
    """Settings, the live routing, and how to ask. `client` is None in practice mode, where there is no account.

    `now` gives the moment (aware), `timer` seconds that only grow; `tls` decides which certificates are trusted; `api`
    is where recordings are fetched.
    """

    settings: Settings
    routing: Routing
    writer: FallbackWriter
    client: Client | None
    now: Callable[[], datetime]
    pause: Pause = time.sleep
    free: Callable[[Path], int] = free_bytes
    timer: Callable[[], float] = time.monotonic
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    api: str = API


Check = Callable[[Examined], list[Finding]]
