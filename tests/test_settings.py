"""The environment becomes settings, or every fault is named at once."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ivr.settings import PRACTICE_ACCOUNT, SettingsFault, read_settings

LIVE = {
    "TWILIO_ACCOUNT_SID": "AC" + "a" * 32,
    "TWILIO_AUTH_TOKEN": "current, next",
    "PUBLIC_URL": "https://ivr.example.com/",
    "SECRET_KEY": "a long and random secret",
}


def live(tmp_path: Path, **changes: str) -> dict[str, str]:
    return {**LIVE, "IVR_DATA": str(tmp_path), **changes}


def test_without_a_token_the_service_practises_on_this_machine_only(tmp_path: Path) -> None:
    settings = read_settings({"IVR_DATA": str(tmp_path), "PORT": "8123"})
    assert settings.practice
    assert (settings.host, settings.public_url) == ("127.0.0.1", "http://127.0.0.1:8123")
    assert settings.account_sid == PRACTICE_ACCOUNT


def test_practice_secrets_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first = read_settings({"IVR_DATA": str(tmp_path)})
    second = read_settings({"IVR_DATA": str(tmp_path)})
    assert first.auth_tokens == second.auth_tokens
    assert first.secret_keys == second.secret_keys
    assert len(first.auth_tokens[0]) == 32
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_token_given_in_practice_is_used(tmp_path: Path) -> None:
    settings = read_settings({"IVR_DATA": str(tmp_path), "IVR_PRACTICE": "1", "TWILIO_AUTH_TOKEN": "given"})
    assert settings.practice
    assert settings.auth_tokens == ("given",)


def test_a_live_service_reads_all_it_needs(tmp_path: Path) -> None:
    settings = read_settings(live(tmp_path))
    assert not settings.practice
    assert settings.auth_tokens == ("current", "next")
    assert settings.public_url == "https://ivr.example.com"
    assert settings.host == "0.0.0.0"
    assert not list(tmp_path.iterdir())


def test_all_faults_are_named_together(tmp_path: Path) -> None:
    broken = live(
        tmp_path, TWILIO_ACCOUNT_SID="x", PUBLIC_URL="http://a_b/?q", SECRET_KEY="short", PORT="0", IVR_PRACTICE="?"
    )
    with pytest.raises(SettingsFault) as fault:
        read_settings(broken)
    lines = str(fault.value).splitlines()
    assert [line.split()[0] for line in lines] == [
        "IVR_PRACTICE",
        "PORT",
        "TWILIO_ACCOUNT_SID",
        "PUBLIC_URL",
        "SECRET_KEY",
    ]


@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "PUBLIC_URL", "SECRET_KEY"])
def test_a_live_service_names_what_is_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsFault, match=name):
        read_settings(live(tmp_path, **{name: ""}))


@pytest.mark.parametrize(
    "url", ["http://ivr.example.com", "https://", "https://u:p@x.org", "https://x.org#ct=1", "https://x.org:99999", "x"]
)
def test_a_public_address_that_twilio_cannot_use_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsFault, match="PUBLIC_URL"):
        read_settings(live(tmp_path, PUBLIC_URL=url))


def test_no_fault_repeats_a_secret(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault) as fault:
        read_settings(live(tmp_path, SECRET_KEY="hush-hush", PORT="x"))
    assert "hush" not in str(fault.value)
