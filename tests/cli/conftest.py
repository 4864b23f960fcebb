"""The command line as a person uses it: typed words in, text and an exit code out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from ivr.cli.commands import ivr
from tests.carrier.conftest import twilio
from tests.carrier.twilio_double import ACCOUNT, TOKEN, Double

__all__ = ["twilio"]

ROOT = Path(__file__).parents[2]
SETTINGS = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "PUBLIC_URL", "IVR_PRACTICE", "PORT", "SECRET_KEY")


LIVE = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "PUBLIC_URL": "https://127.0.0.1:9",
    "SECRET_KEY": "a long secret of the tests",
    "FALLBACK_URL": "https://127.0.0.1:9/main.xml",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


Type = Callable[..., Typed]


@pytest.fixture
def command_line(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Types a command with the sample clinic as the configuration; `keys` are typed into it."""
    for name in (*SETTINGS, "IVR_CONFIG_KILOBYTES", "WEB_CONCURRENCY", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("IVR_CONFIG", str(config))
    monkeypatch.setenv("IVR_DATA", str(tmp_path / "var"))

    def typed(*words: str, keys: str = "", color: bool = False) -> Typed:
        result = CliRunner().invoke(ivr, words, input=keys, color=color)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Typed(result.exit_code, result.stdout, result.stderr)

    return typed


@pytest.fixture
def live(command_line: Type, twilio: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Typed]:
    """Types a command as on a live host whose Twilio is the double."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/log.db")
    for name, value in LIVE.items():
        monkeypatch.setenv(name, value)

    def typed(*words: str, keys: str = "") -> Typed:
        result = CliRunner().invoke(ivr, words, input=keys, obj=twilio.client())
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Typed(result.exit_code, result.stdout, result.stderr)

    return typed
