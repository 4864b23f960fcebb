"""The environment, read once into frozen values. Every fault is named at once."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from .call_flow.addresses import E164, read_public_address
from .call_flow.heartbeat import Heartbeat, read_heartbeat
from .settings_notices import SHORTEST_SECRET, NoticeSettings, read_notices

PRACTICE_ACCOUNT = "AC" + "0" * 32
YES = {"1", "true", "yes", "on"}
MOST_WORKERS = 64
NO = {"", "0", "false", "no", "off"}
DOORS = frozenset({"voice", "console"})
MOST_PROXIES = 5
_NAMED = re.compile(r"([\w-]{1,100})=(.*)")
# What the call log can open (ivr.call_log.database, which answering calls does without): its parser takes no other
# port, and of SQLite's drivers there is only the standard library's.
_DATABASE = re.compile(
    r"sqlite(\+pysqlite)?://(/.*)?"
    r"|postgresql(\+[a-z0-9]+)?://([^:/@]*(:[^@]*)?@)?(\[[^/?]+\]|[^/:?@]+)?(:[0-9]{0,5})?(/[^?]*)?(\?.*)?"
)
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!$&-;=@-Z_a-z~%]*)?")


class SettingsFault(Exception):
    """The environment cannot be used; the text names every fault, one a line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment decides. The first of `auth_tokens` and `secret_keys` is the current one.

    In practice mode the service listens on this machine only and its secrets are made once and kept in `data`.
    `host_name` must differ between the hosts of one database; `journal_days` is how long drained journals are kept;
    without a `metrics_token` nobody gets the figures, but in practice mode this machine does. With `autopublish` a
    valid edit of `config` goes live by itself; without, only what was published does. `doors` are those that this
    process opens: voice for calls, console for people. `api_key` and `api_secret` ask Twilio's REST API in the auth
    token's place; they sign nothing. `heartbeat` is when our own lines are called. `fallbacks` are
    pairs of a line's name, "" for all others, and the address of its fallback document. `trusted_proxies` is how many
    proxies of ours stand between a browser and this process: the address that failed sign-ins are counted by. `workers`
    is how many processes answer.
    """

    practice: bool
    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    secret_keys: tuple[str, ...] = field(repr=False)
    public_url: str
    config: Path
    data: Path
    port: int
    database_url: str = field(repr=False)  # holds a password
    config_kilobytes: int
    host_name: str = "this host"
    journal_days: int = 7
    metrics_token: str = field(default="", repr=False)
    autopublish: bool = True
    doors: frozenset[str] = frozenset({"voice"})
    notices: NoticeSettings = field(default_factory=NoticeSettings)
    api_key: str = ""
    api_secret: str = field(default="", repr=False)
    fallbacks: tuple[tuple[str, str], ...] = ()
    heartbeat: Heartbeat | None = None
    trusted_proxies: int = 0
    workers: int = 2

    @property
    def host(self) -> str:
        """The address to listen on."""
        return "127.0.0.1" if self.practice else "0.0.0.0"  # noqa: S104  a live service stands behind its proxy

    @property
    def credentials(self) -> tuple[str, str]:
        """User and password for Twilio's REST API: the API key where there is one, else account and auth token."""
        return (self.api_key, self.api_secret) if self.api_key else (self.account_sid, self.auth_tokens[0])

    @property
    def sends_texts(self) -> bool:
        """Whether there is an account and a sender for texts: in practice mode there never is."""
        return bool(self.notices.text_from) and not self.practice

    def fallback_of(self, line: str) -> str:
        """Where the fallback document of a line is hosted; "" when that was not said."""
        named = dict(self.fallbacks)
        return named.get(line) or named.get("", "")


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables (README, "Settings"). Raises SettingsFault with every fault named."""
    faults: list[str] = []
    tokens = _list(environment.get("TWILIO_AUTH_TOKEN", ""))
    practice = _flag(environment, "IVR_PRACTICE", faults) or not tokens
    data = Path(environment.get("IVR_DATA") or "var")
    port = _number(environment, "PORT", 8000, 1, 65535, faults)
    api_key, api_secret = _api_key(environment, faults)
    read = Settings(
        practice=practice,
        account_sid=_account(environment, practice, faults),
        auth_tokens=tokens,
        public_url=_public_url(environment, practice, port, faults),
        secret_keys=_secret_keys(environment, practice, faults),
        config=Path(environment.get("IVR_CONFIG") or "config"),
        data=data,
        port=port,
        database_url=_database_url(environment, data, faults),
        config_kilobytes=_config_kilobytes(environment, faults),
        host_name=_host_name(environment, faults),
        journal_days=_number(environment, "IVR_JOURNAL_DAYS", 7, 1, 3650, faults),
        metrics_token=_metrics_token(environment, faults),
        autopublish=_flag(environment, "IVR_AUTOPUBLISH", faults) if "IVR_AUTOPUBLISH" in environment else practice,
        doors=_doors(environment, faults),
        notices=read_notices(environment, faults),
        api_key=api_key,
        api_secret=api_secret,
        fallbacks=_fallbacks(environment, faults),
        heartbeat=_heartbeat(environment, faults),
        trusted_proxies=_number(environment, "IVR_TRUSTED_PROXIES", 0, 0, MOST_PROXIES, faults),
        workers=_number(environment, "WEB_CONCURRENCY", 2, 1, MOST_WORKERS, faults),
    )
    _stop_at(faults)
    return _with_kept_secrets(read)


def read_config_kilobytes(environment: Mapping[str, str]) -> int:
    """The largest configuration file accepted, for commands that need no other setting. Raises SettingsFault."""
    faults: list[str] = []
    kilobytes = _config_kilobytes(environment, faults)
    _stop_at(faults)
    return kilobytes


def _stop_at(faults: list[str]) -> None:
    if faults:
        raise SettingsFault("\n".join(faults))


def _config_kilobytes(environment: Mapping[str, str], faults: list[str]) -> int:
    return _number(environment, "IVR_CONFIG_KILOBYTES", 400, 16, 65536, faults)


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


def _account(environment: Mapping[str, str], practice: bool, faults: list[str]) -> str:
    account = environment.get("TWILIO_ACCOUNT_SID", "").strip() or (PRACTICE_ACCOUNT if practice else "")
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", account):
        faults.append("TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits, as the Twilio console shows it.")
    return account


def _public_url(environment: Mapping[str, str], practice: bool, port: int, faults: list[str]) -> str:
    """By the rule that signatures are checked by too, so that whatever passes here can be served."""
    url = (environment.get("PUBLIC_URL", "").strip() or (f"http://127.0.0.1:{port}" if practice else "")).rstrip("/")
    if not url:
        faults.append("PUBLIC_URL is missing: the https address at which Twilio reaches this service.")
        return url
    address = read_public_address(url)
    if address is None or (address.scheme == "http" and not practice):
        faults.append(
            "PUBLIC_URL must be an address such as https://ivr.example.com: https:// in small letters, a host name of"
            " letters a to z, digits, dots and dashes (one with other letters in its xn-- form; Twilio refuses"
            " underscores), and no more than a port and a path of such signs: no user, query, fragment, % or blank."
        )
    return url


def _database_url(environment: Mapping[str, str], data: Path, faults: list[str]) -> str:
    """An address that the call log can open; a fault of it repeats nothing, for it may hold a password."""
    address = environment.get("DATABASE_URL", "").strip() or f"sqlite:///{data}/ivr.db"
    if not _DATABASE.fullmatch(address):
        faults.append(
            "DATABASE_URL must be sqlite:///path/to/file or postgresql://user:password@host:5432/name"
            " (written in full: postgresql, not postgres)."
        )
    return address


def _secret_keys(environment: Mapping[str, str], practice: bool, faults: list[str]) -> tuple[str, ...]:
    keys = _list(environment.get("SECRET_KEY", ""))
    if not keys and not practice:
        faults.append("SECRET_KEY is missing: a long random text that encrypts callers' numbers. Keep it safe.")
    if any(len(key) < SHORTEST_SECRET for key in keys):
        faults.append(f"SECRET_KEY is too short: use at least {SHORTEST_SECRET} characters, better 43 random ones.")
    return keys


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


def _api_key(environment: Mapping[str, str], faults: list[str]) -> tuple[str, str]:
    key, secret = (environment.get(name, "").strip() for name in ("TWILIO_API_KEY", "TWILIO_API_SECRET"))
    if bool(key) != bool(secret):
        faults.append("TWILIO_API_KEY and TWILIO_API_SECRET go together: set both or none.")
    if key and not re.fullmatch(r"SK[0-9a-fA-F]{32}", key):
        faults.append("TWILIO_API_KEY must be SK and 32 hexadecimal digits, as the Twilio console shows it.")
    return key, secret


def _fallbacks(environment: Mapping[str, str], faults: list[str]) -> tuple[tuple[str, str], ...]:
    """An address for all lines, or LINE=ADDRESS for one, several with commas between."""
    found: list[tuple[str, str]] = []
    for part in _list(environment.get("FALLBACK_URL", "")):
        named = _NAMED.fullmatch(part)
        line, address = (named[1], named[2]) if named else ("", part)
        if not _ADDRESS.fullmatch(address):
            faults.append("FALLBACK_URL must be an https address without query or fragment, or LINE=ADDRESS,LINE=...")
        elif line in dict(found):
            faults.append(f"FALLBACK_URL names two addresses for {line or 'all lines'}.")
        found.append((line, address))
    return tuple(found)


def _with_kept_secrets(settings: Settings) -> Settings:
    """With secrets made once and kept on this host in the place of those that the environment does not give."""
    tokens = settings.auth_tokens or (_kept_secret(settings.data / "practice-token"),)
    keys = settings.secret_keys or (_kept_secret(settings.data / "secret-key"),)
    return replace(settings, auth_tokens=tokens, secret_keys=keys)


def _heartbeat(environment: Mapping[str, str], faults: list[str]) -> Heartbeat | None:
    text, number = (environment.get(name, "").strip() for name in ("IVR_HEARTBEAT", "IVR_HEARTBEAT_FROM"))
    if number and not E164.fullmatch(number):
        faults.append("IVR_HEARTBEAT_FROM must be a number of your Twilio account like +14805550100.")
    try:
        return read_heartbeat(text, number) if text else None
    except ValueError as fault:
        faults.append(f"IVR_HEARTBEAT is not understood: {fault}.")
        return None


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
