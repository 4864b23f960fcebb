"""What an examination looks at: handed to every family of checks, so that each can be shown a world of its own."""

from __future__ import annotations

import shutil
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from twilio.rest import Client

from ivr.call_flow.model import Routing
from ivr.call_log.findings import Finding, Severity
from ivr.settings import Settings

from .asking import CarrierAway, Pause
from .fallback import FallbackWriter
from .media import API


def free_bytes(folder: Path) -> int:
    """How much room the disk of a folder has, or of the nearest folder above it that exists. Raises OSError."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Examined:
    """Settings, the live routing, and how to ask. `client` is None in practice mode, where there is no account.

    `token_clients` try the auth tokens where `client` asks by an API key.
    `now` gives the moment (aware), `timer` seconds that only grow; `tls` decides which certificates are trusted; `api`
    is where recordings are fetched; `door_tries` is how often PUBLIC_URL is asked until somebody is there.
    """

    settings: Settings
    routing: Routing
    writer: FallbackWriter
    client: Client | None
    now: Callable[[], datetime]
    token_clients: tuple[Client, ...] = ()
    pause: Pause = time.sleep
    free: Callable[[Path], int] = free_bytes
    timer: Callable[[], float] = time.monotonic
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    api: str = API
    door_tries: int = 1


Check = Callable[[Examined], list[Finding]]


class PartlySeen(Exception):
    """A check could not look at everything: what it found, and the codes (`kinds`) of what it could not look for."""

    def __init__(self, found: Iterable[Finding], kinds: Iterable[str]) -> None:
        super().__init__()
        self.found = tuple(found)
        self.kinds = frozenset(kinds)


@dataclass(frozen=True, slots=True)
class Part:
    """A check, the codes of all findings that it may make, and whether each host is looked at by itself."""

    check: Check
    kinds: frozenset[str]
    of_host: bool = False


def carrier_away(about: str, named: str, away: CarrierAway) -> Finding:
    """Word that Twilio did not answer what was asked about `named`."""
    what = f"Twilio could not be asked about {named}: {away}."
    why = "What is wrong there stays unseen."
    return Finding("carrier-away", about, Severity.WARNING, what, why, "It is asked again; see status.twilio.com.")
