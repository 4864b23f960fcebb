"""`serve`: everything is checked before a call is taken; then gunicorn takes over in the same process."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

from ivr.accounts.people import Invitation, accept, invitation
from ivr.accounts.roles import Role
from ivr.app import build_services, utc_now
from ivr.call_log.database import open_database
from ivr.cli.serve import gunicorn_command
from ivr.settings import read_settings

from .conftest import ROOT, Type

Handed = list[list[str]]


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> Handed:
    """The command lines that this process would have become."""
    seen: Handed = []

    def become(program: str, command: list[str], environment: dict[str, str]) -> None:
        assert program == sys.executable
        assert environment["PROMETHEUS_MULTIPROC_DIR"].endswith(f"/var/metrics/{os.environ.get('PORT', '8000')}")
        seen.append(command)

    monkeypatch.setattr(os, "execve", become)
    return seen


def value_of(command: list[str], option: str) -> str:
    return command[command.index(option) + 1]


def test_it_becomes_gunicorn_with_fixed_settings(command_line: Type, handed: Handed) -> None:
    typed = command_line("serve")
    assert typed.code == 0
    (command,) = handed
    assert command[:3] == [sys.executable, "-m", "gunicorn"]
    assert command[-1] == "wsgi:app"
    assert value_of(command, "--bind") == "127.0.0.1:8000"
    assert value_of(command, "--workers") == "2"
    assert value_of(command, "--threads") == "16"
    assert value_of(command, "--worker-class") == "gthread"
    assert value_of(command, "--timeout") == value_of(command, "--graceful-timeout") == "15"
    assert value_of(command, "--keep-alive") == "30"
    assert "--no-control-socket" in command
    assert "--access-logfile" not in command


def test_in_practice_mode_it_says_how_to_place_a_call(command_line: Type, handed: Handed) -> None:
    out = command_line("serve").out
    assert "Practice mode" in out
    assert "python -m ivr call" in out


def test_the_first_start_prints_a_link_that_makes_the_first_admin_once(command_line: Type, handed: Handed) -> None:
    out = command_line("serve").out
    token = re.search(r"for the first admin, once and within a day: http://127\.0\.0\.1:8000/welcome/(\S+)\n", out)
    assert token, out
    engine = open_database(read_settings(os.environ).database_url)
    assert invitation(engine, token[1], utc_now()) == Invitation("", Role.ADMIN)
    assert accept(engine, token[1], "maria", "a long password of hers", utc_now())
    assert not accept(engine, token[1], "somebody else", "a long password of his", utc_now())
    engine.dispose()
    again = command_line("serve").out
    assert "Console: http://127.0.0.1:8000/\n" in again
    assert "/welcome/" not in again
    assert len(handed) == 2


def test_a_service_without_the_console_prints_no_link(
    command_line: Type, handed: Handed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVR_DOORS", "voice")
    typed = command_line("serve")
    assert typed.code == 0
    assert "Console" not in typed.out
    assert len(handed) == 1


def test_a_second_service_on_the_same_data_leaves_the_first_ones_figures_alone(
    command_line: Type, handed: Handed, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Path(os.environ["IVR_DATA"]) / "metrics" / "8000" / "counter_1.db"
    command_line("serve")
    counted.write_bytes(b"calls")
    monkeypatch.setenv("PORT", "8001")
    command_line("serve")
    assert counted.exists()
    monkeypatch.delenv("PORT")
    command_line("serve")
    assert not counted.exists()  # its own are emptied


@pytest.mark.parametrize(
    ("words", "concurrency", "workers"), [((), "5", "5"), (("--workers", "3"), "5", "3"), ((), "", "2")]
)
def test_workers_come_from_the_option_or_the_environment(
    command_line: Type,
    handed: Handed,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    concurrency: str,
    workers: str,
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", concurrency)
    command_line("serve", *words)
    assert value_of(handed[0], "--workers") == workers


def test_a_live_service_listens_on_every_address(tmp_path: Path) -> None:
    live = {
        "TWILIO_AUTH_TOKEN": "0" * 32,
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "PUBLIC_URL": "https://ivr.example.com",
        "SECRET_KEY": "a long secret of the tests",
        "PORT": "9000",
    }
    assert value_of(gunicorn_command(read_settings(live), 2), "--bind") == "0.0.0.0:9000"


def test_all_faults_of_the_settings_are_printed_and_nothing_starts(
    command_line: Type, handed: Handed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "0" * 32)
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setenv("WEB_CONCURRENCY", "0")
    monkeypatch.setenv("DATABASE_URL", "mysql://user:hush@db/ivr")
    typed = command_line("serve")
    assert typed.code == 1
    for name in ("PORT", "TWILIO_ACCOUNT_SID", "PUBLIC_URL", "SECRET_KEY", "WEB_CONCURRENCY", "DATABASE_URL"):
        assert name in typed.err
    assert "hush" not in typed.err
    assert not handed


def test_a_folder_of_the_database_that_cannot_be_made_costs_the_console_not_the_calls(
    command_line: Type, handed: Handed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/blocked/ivr.db")
    typed = command_line("serve")
    assert typed.code == 0
    assert "Warning: the console has no database. DATABASE_URL: the folder" in typed.err
    assert len(handed) == 1


def test_a_broken_configuration_does_not_start(command_line: Type, handed: Handed, config: Path) -> None:
    (config / "menus.yaml").write_text("menus: [\n")
    typed = command_line("serve")
    assert typed.code == 1
    assert f"{config}/menus.yaml:" in typed.err
    assert "does not start" in typed.err
    assert not handed


@pytest.mark.parametrize("gone", [False, True], ids=["broken", "gone"])
def test_a_broken_configuration_starts_with_a_last_good_one_and_a_warning(
    command_line: Type, handed: Handed, config: Path, tmp_path: Path, *, gone: bool
) -> None:
    services = build_services(read_settings(os.environ), utc_now)
    services.live.boot()
    if gone:
        config.rename(tmp_path / "elsewhere")
    else:
        (config / "menus.yaml").write_text("menus: [\n")
    typed = command_line("serve")
    assert typed.code == 0
    assert f"Warning: calls are answered by the last good configuration, {services.live.version}." in typed.err
    assert len(handed) == 1


def test_it_serves_and_a_practice_call_goes_through(
    command_line: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {**os.environ, "PORT": port, "PYTHONUNBUFFERED": "1"}
    run = [sys.executable, "-m", "ivr", "serve", "--workers", "1"]
    with (tmp_path / "log").open("w") as log:
        service = subprocess.Popen(run, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: answers(int(port)), service)
        assert command_line("call", "--url", f"http://127.0.0.1:{port}").code == 1  # signed for port 8000
        monkeypatch.setenv("PORT", port)
        typed = command_line("call", "--press", "9")
        assert typed.code == 0, typed.err
        assert "Gracias por llamar" in typed.out
    finally:
        service.send_signal(signal.SIGTERM)
        assert service.wait(30) == 0
    assert "Practice mode" in (tmp_path / "log").read_text()


def answers(port: int) -> bool:
    """Whether a worker answers. The door listens before one does: its worker still compiles the configuration."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_until(true: Callable[[], bool], service: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if true():
            return
        assert service.poll() is None, "the service stopped"
        time.sleep(0.1)
    raise AssertionError("the service does not answer")
