"""The environment, read once into frozen values. Every fault is named at once."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PRACTICE_ACCOUNT = "AC" + "0" * 32
SHORTEST_SECRET = 16
YES = {"1", "true", "yes", "on"}
NO = {"", "0", "false", "no", "off"}
DOORS = frozenset({"voice", "console"})


class SettingsFault(Exception):
    """The environment cannot be used; the text names every fault, one a line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment decides. The first of `auth_tokens` and `secret_keys` is the current one.

    In practice mode the service listens on this machine only and its secrets are made once and kept in `data`.
    `host_name` must differ between the hosts of one database; `journal_days` is how long drained journals are kept;
    without a `metrics_token` nobody gets the figures, but in practice mode this machine does. With `autopublish` a
    valid edit of `config` goes live by itself; without, only what was published does. `doors` are those that this
    process opens: voice for calls, console for people.
    """

    practice: bool
    account_sid: str
    auth_tokens: tuple[str, ...]
    secret_keys: tuple[str, ...]
    public_url: str
    config: Path
    data: Path
    port: int
    database_url: str
    config_kilobytes: int
    host_name: str = "this host"
    journal_days: int = 7
    metrics_token: str = ""
    autopublish: bool = True
    doors: frozenset[str] = frozenset({"voice"})

    @property
    def host(self) -> str:
        """The address to listen on."""
        return "127.0.0.1" if self.practice else "0.0.0.0"  # noqa: S104  a live service stands behind its proxy


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables (README, "Settings"). Raises SettingsFault with every fault named."""
    faults: list[str] = []
    tokens = _list(environment.get("TWILIO_AUTH_TOKEN", ""))
    practice = _flag(environment, "IVR_PRACTICE", faults) or not tokens
    data = Path(environment.get("IVR_DATA") or "var")
    port = _number(environment, "PORT", 8000, 1, 65535, faults)
    account = environment.get("TWILIO_ACCOUNT_SID", "").strip() or (PRACTICE_ACCOUNT if practice else "")
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", account):
        faults.append("TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits, as the Twilio console shows it.")
    public_url = (environment.get("PUBLIC_URL") or (f"http://127.0.0.1:{port}" if practice else "")).rstrip("/")
    _check_public_url(public_url, practice, faults)
    keys = _list(environment.get("SECRET_KEY", ""))
    _check_secret_keys(keys, practice, faults)
    kilobytes = _config_kilobytes(environment, faults)
    journal_days = _number(environment, "IVR_JOURNAL_DAYS", 7, 1, 3650, faults)
    metrics_token = _metrics_token(environment, faults)
    autopublish = _flag(environment, "IVR_AUTOPUBLISH", faults) if "IVR_AUTOPUBLISH" in environment else practice
    host_name = _host_name(environment, faults)
    doors = _doors(environment, faults)
    if faults:
        raise SettingsFault("\n".join(faults))
    return Settings(
        practice=practice,
        account_sid=account,
        auth_tokens=tokens or (_kept_secret(data / "practice-token"),),
        secret_keys=keys or (_kept_secret(data / "secret-key"),),
        public_url=public_url,
        config=Path(environment.get("IVR_CONFIG") or "config"),
        data=data,
        port=port,
        database_url=environment.get("DATABASE_URL") or f"sqlite:///{data}/ivr.db",
        config_kilobytes=kilobytes,
        host_name=host_name,
        journal_days=journal_days,
        metrics_token=metrics_token,
        autopublish=autopublish,
        doors=doors,
    )


def read_config_kilobytes(environment: Mapping[str, str]) -> int:
    """The largest configuration file accepted, for commands that need no other setting. Raises SettingsFault."""
    faults: list[str] = []
    kilobytes = _config_kilobytes(environment, faults)
    if faults:
        raise SettingsFault("\n".join(faults))
    return kilobytes


def _config_kilobytes(environment: Mapping[str, str], faults: list[str]) -> int:
    return _number(environment, "IVR_CONFIG_KILOBYTES", 512, 16, 65536, faults)


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _flag(environment: Mapping[str, str], name: str, faults: list[str]) -> bool:
    text = environment.get(name, "").strip().lower()
    if text not in YES | NO:
        faults.append(f"{name} must be 1 or 0.")
    return text in YES


def _number(environment: Mapping[str, str], name: str, usual: int, low: int, high: int, faults: list[str]) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return usual
    if not re.fullmatch(r"[0-9]{1,6}", text) or not low <= int(text) <= high:
        faults.append(f"{name} must be a whole number from {low} to {high}.")
        return usual
    return int(text)


def _check_public_url(url: str, practice: bool, faults: list[str]) -> None:
    if not url:
        faults.append("PUBLIC_URL is missing: the https address at which Twilio reaches this service.")
        return
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port != 0
    except ValueError:
        parts, port_is_fine = urlsplit(""), False
    schemes = {"https", "http"} if practice else {"https"}
    plain = not (parts.query or parts.fragment or parts.username or "_" in (parts.hostname or "_"))
    if parts.scheme not in schemes or not plain or not port_is_fine:
        faults.append(
            "PUBLIC_URL must be an https address without user, query or fragment, such as https://ivr.example.com"
            " (Twilio refuses host names with an underscore)."
        )


def _check_secret_keys(keys: tuple[str, ...], practice: bool, faults: list[str]) -> None:
    if not keys and not practice:
        faults.append("SECRET_KEY is missing: a long random text that encrypts callers' numbers. Keep it safe.")
    if any(len(key) < SHORTEST_SECRET for key in keys):
        faults.append(f"SECRET_KEY is too short: use at least {SHORTEST_SECRET} characters, better 43 random ones.")


def _metrics_token(environment: Mapping[str, str], faults: list[str]) -> str:
    token = environment.get("IVR_METRICS_TOKEN", "").strip()
    if token and not re.fullmatch(rf"[!-~]{{{SHORTEST_SECRET},200}}", token):
        faults.append(f"IVR_METRICS_TOKEN must be at least {SHORTEST_SECRET} letters, digits or signs without a blank.")
    return token


def _host_name(environment: Mapping[str, str], faults: list[str]) -> str:
    name = environment.get("IVR_HOST_NAME", "").strip() or socket.gethostname() or "this host"
    if not re.fullmatch(r"[\w .-]{1,100}", name):
        faults.append("IVR_HOST_NAME must be at most 100 letters, digits, dots, dashes, underscores or blanks.")
    return name


def _doors(environment: Mapping[str, str], faults: list[str]) -> frozenset[str]:
    doors = frozenset(_list(environment.get("IVR_DOORS", ""))) or DOORS
    if doors - DOORS:
        faults.append("IVR_DOORS must be voice, console or voice,console.")
    return doors


def _kept_secret(path: Path) -> str:
    """A random secret made on first use and kept in a file that only this user reads.

    Linked into place whole, so that of several processes starting together all read the same one.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(16))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text().strip()
