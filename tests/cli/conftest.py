"""The command line as a person uses it: typed words in, text and an exit code out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from ivr.cli.commands import ivr

ROOT = Path(__file__).parents[2]
SETTINGS = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "PUBLIC_URL", "IVR_PRACTICE", "PORT", "SECRET_KEY")


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
