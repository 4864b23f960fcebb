"""The environment becomes settings, or every fault is named at once."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator

from ivr.call_flow.heartbeat import Heartbeat
from ivr.call_log.database import DatabaseFault, open_database
from ivr.settings import PRACTICE_ACCOUNT, SettingsFault, read_settings
from ivr.settings_notices import MailServer, NoticeSettings
from ivr.voice.signature import SignatureCheck

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


@pytest.mark.parametrize("text", ["0", "65", "-1", "two", "²"])
def test_a_wrong_number_of_workers_is_a_fault(tmp_path: Path, text: str) -> None:
    assert read_settings({"IVR_DATA": str(tmp_path), "WEB_CONCURRENCY": "5"}).workers == 5
    with pytest.raises(SettingsFault, match="WEB_CONCURRENCY must be a whole number from 1 to 64"):
        read_settings({"IVR_DATA": str(tmp_path), "WEB_CONCURRENCY": text})


@pytest.mark.parametrize(
    "address",
    [
        "mysql://ivr:hush@db/ivr",
        "postgres://ivr:hush@db/ivr",
        "postgresql:/ivr:hush@db/ivr",
        "postgresql://ivr:hush@db:port/ivr",
        "sqlite://ivr:hush@db/ivr",
        "sqlite+hush:///ivr.db",
        "hush.db",
    ],
)
def test_an_address_that_the_call_log_cannot_open_is_named_without_repeating_it(tmp_path: Path, address: str) -> None:
    with pytest.raises(DatabaseFault):
        open_database(address)
    with pytest.raises(SettingsFault, match="DATABASE_URL must be sqlite:///") as fault:
        read_settings(live(tmp_path, DATABASE_URL=address))
    assert "hush" not in str(fault.value)


@pytest.mark.parametrize(
    "address",
    [
        "sqlite://",
        "sqlite:///{}/a b/log.db",
        "sqlite+pysqlite:///{}/log.db?timeout=1",
        "postgresql:///ivr?host=/tmp",
        "postgresql://db.example.com",
        "postgresql+psycopg://ivr:p%40ss/w:rd@[::1]:5432/ivr?sslmode=require",
        "postgresql+psycopg2://ivr@db/ivr",
    ],
)
def test_an_address_that_the_call_log_can_open_is_taken(tmp_path: Path, address: str) -> None:
    read = read_settings(live(tmp_path, DATABASE_URL=address.format(tmp_path))).database_url
    engine = open_database(read)
    assert read.startswith(engine.dialect.name)
    engine.dispose()


def test_a_live_service_reads_all_it_needs(tmp_path: Path) -> None:
    settings = read_settings(live(tmp_path))
    assert not settings.practice
    assert settings.auth_tokens == ("current", "next")
    assert settings.public_url == "https://ivr.example.com"
    assert settings.host == "0.0.0.0"
    assert not list(tmp_path.iterdir())


def test_the_settings_show_no_secret_when_they_are_printed(tmp_path: Path) -> None:
    secrets = {
        "TWILIO_AUTH_TOKEN": "signing-token",
        "TWILIO_API_SECRET": "api-secret",
        "SECRET_KEY": "encrypting-secret-key",
        "IVR_METRICS_TOKEN": "metrics-token-secret",
        "NOTICE_WEBHOOK_SECRET": "webhook-signing-secret",
    }
    addresses = {
        "DATABASE_URL": "postgresql://ivr:database-password@db/ivr",
        "SMTP_URL": "smtps://ivr:mail-password@mail.example.com",
        "NOTICE_WEBHOOK_URL": "https://hooks.example.com/in",
        "MAIL_FROM": "desk@example.com",
        "TWILIO_API_KEY": "SK" + "1" * 32,
    }
    shown = repr(read_settings(live(tmp_path, **secrets, **addresses)))
    assert "desk@example.com" in shown
    assert not [word for word in (*secrets.values(), "database-password", "mail-password") if word in shown]


def test_an_api_key_asks_twilio_and_the_token_still_signs(tmp_path: Path) -> None:
    key = {"TWILIO_API_KEY": "SK" + "1" * 32, "TWILIO_API_SECRET": "hidden"}
    settings = read_settings(live(tmp_path, **key))
    assert settings.credentials == ("SK" + "1" * 32, "hidden")
    assert settings.auth_tokens[0] == "current"
    assert read_settings(live(tmp_path)).credentials == ("AC" + "a" * 32, "current")


def test_each_line_has_its_own_fallback_or_the_one_for_all(tmp_path: Path) -> None:
    text = "https://one.example/twiml/EH1, spanish=https://two.example/twiml/EH2"
    settings = read_settings(live(tmp_path, FALLBACK_URL=text))
    assert settings.fallback_of("main") == "https://one.example/twiml/EH1"
    assert settings.fallback_of("spanish") == "https://two.example/twiml/EH2"
    assert read_settings(live(tmp_path)).fallback_of("main") == ""


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"TWILIO_API_KEY": "SK" + "1" * 32}, "go together"),
        ({"TWILIO_API_SECRET": "hidden"}, "go together"),
        ({"TWILIO_API_KEY": "AC" + "1" * 32, "TWILIO_API_SECRET": "hidden"}, "TWILIO_API_KEY must be SK"),
        ({"FALLBACK_URL": "http://one.example/x"}, "FALLBACK_URL must be an https address"),
        ({"FALLBACK_URL": "https://one.example/x?y"}, "FALLBACK_URL must be"),
        ({"FALLBACK_URL": "https://one.example/x#y"}, "FALLBACK_URL must be"),
        ({"FALLBACK_URL": "https://u:p@one.example/x"}, "FALLBACK_URL must be"),
        ({"FALLBACK_URL": "main=https://a.example/1,main=https://a.example/2"}, "two addresses for main"),
    ],
)
def test_credentials_and_fallbacks_of_no_use_are_named(tmp_path: Path, changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsFault, match=named) as fault:
        read_settings(live(tmp_path, **changes))
    assert "hidden" not in str(fault.value)


def test_no_proxy_is_trusted_unless_it_is_counted(tmp_path: Path) -> None:
    assert read_settings(live(tmp_path)).trusted_proxies == 0
    assert read_settings(live(tmp_path, IVR_TRUSTED_PROXIES="2")).trusted_proxies == 2


@pytest.mark.parametrize("proxies", ["6", "-1", "all", "1.5"])
def test_a_count_of_proxies_of_no_use_is_named_with_the_other_faults(tmp_path: Path, proxies: str) -> None:
    with pytest.raises(SettingsFault, match=r"(?s)PUBLIC_URL.*IVR_TRUSTED_PROXIES must be a whole number from 0 to 5"):
        read_settings(live(tmp_path, IVR_TRUSTED_PROXIES=proxies, PUBLIC_URL="http://a"))


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
    "url",
    [
        "https://",
        "https://u:p@x.org",
        "https://x.org#ct=1",
        "https://x.org:99999",
        "https://x.org:0",
        "x",
        "HTTPS://IVR.example.com",
        "https://[::1]",
        "https://x/a%20b",
        "https://x/a+b",
        "https://x//y",
        "https://x y",
        "https://x?",
        "https://klinik-ü.example",
        "https://front_desk.example.com",
        "https://x\ny",
    ],
)
def test_a_public_address_that_cannot_be_served_is_refused_with_the_cure(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsFault, match="PUBLIC_URL must be an address such as https://ivr"):
        read_settings(live(tmp_path, PUBLIC_URL=url))
    with pytest.raises(ValueError, match="public URL"):
        SignatureCheck(["token"], url)


def test_only_a_practice_service_may_be_reached_without_tls(tmp_path: Path) -> None:
    assert read_settings({"IVR_DATA": str(tmp_path), "PUBLIC_URL": "http://127.0.0.1:8000"}).practice
    with pytest.raises(SettingsFault, match="PUBLIC_URL"):
        read_settings(live(tmp_path, PUBLIC_URL="http://ivr.example.com"))


@pytest.mark.parametrize(
    "url",
    [
        "https://IVR.Example.com",
        "https://ivr.example.com:8443/front-desk/",
        "https://203.0.113.7",
        "https://xn--klinik--r2a.example",
        " https://ivr.example.com\n",
    ],
)
def test_a_public_address_that_passes_the_settings_passes_at_the_door(tmp_path: Path, url: str) -> None:
    read = read_settings(live(tmp_path, PUBLIC_URL=url)).public_url
    assert SignatureCheck(["token"], read).matches("/", [], RequestValidator("token").compute_signature(f"{read}/", {}))


def test_no_fault_repeats_a_secret(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault) as fault:
        read_settings(live(tmp_path, SECRET_KEY="hush-hush", PORT="x"))
    assert "hush" not in str(fault.value)


def test_without_their_settings_all_ways_of_telling_people_are_off(tmp_path: Path) -> None:
    assert read_settings(live(tmp_path)).notices == NoticeSettings()


def test_ways_of_telling_people_are_read(tmp_path: Path) -> None:
    settings = read_settings(
        live(
            tmp_path,
            SMTP_URL="smtps://desk%40example.com:p%3Ass@mail.example.com",
            MAIL_FROM="desk@example.com",
            TEXT_FROM="+14805550100",
            NOTICE_WEBHOOK_URL="https://hooks.example.com/in?clinic=1",
            NOTICE_WEBHOOK_SECRET="long enough for this",
        )
    )
    assert settings.notices.mail == MailServer("smtps", "mail.example.com", 465, "desk@example.com", "p:ss")
    assert settings.notices.text_from == "+14805550100"
    assert "p:ss" not in repr(settings)
    assert "long enough" not in repr(settings.notices)


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"SMTP_URL": "smtp://mail.example.com", "MAIL_FROM": "a@example.com"}, "may only name this machine"),
        ({"SMTP_URL": "http://mail.example.com", "MAIL_FROM": "a@example.com"}, "SMTP_URL must be like"),
        ({"SMTP_URL": "http://u:secret@mail.example.com:25", "MAIL_FROM": "a@example.com"}, "SMTP_URL must be like"),
        ({"SMTP_URL": "smtp+tls://u:secret@h:587", "MAIL_FROM": "a@example.com"}, "SMTP_URL must be like"),
        ({"SMTP_URL": "smtps://u:secret@h:99999", "MAIL_FROM": "a@example.com"}, "SMTP_URL must be like"),
        ({"SMTP_URL": "smtps://mail.example.com"}, "belong together"),
        ({"MAIL_FROM": "a@example.com\nBcc: b@example.com", "SMTP_URL": "smtps://h"}, "one plain mail address"),
        ({"MAIL_FROM": "front..desk@example.com", "SMTP_URL": "smtps://h"}, "one plain mail address"),
        ({"TEXT_FROM": "480 555 0100"}, "TEXT_FROM must be"),
        ({"NOTICE_WEBHOOK_URL": "https://h.example.com"}, "belong together"),
        ({"NOTICE_WEBHOOK_URL": "http://h.example.com", "NOTICE_WEBHOOK_SECRET": "x" * 16}, "https address"),
        ({"NOTICE_WEBHOOK_URL": "https://h.example.com", "NOTICE_WEBHOOK_SECRET": "secret"}, "too short"),
    ],
)
def test_a_way_that_is_set_up_wrongly_is_refused_without_repeating_it(
    tmp_path: Path, changes: dict[str, str], finding: str
) -> None:
    with pytest.raises(SettingsFault) as fault:
        read_settings(live(tmp_path, **changes))
    assert finding in str(fault.value)
    assert "secret" not in str(fault.value)


def test_test_calls_are_off_until_their_times_are_given(tmp_path: Path) -> None:
    assert read_settings(live(tmp_path)).heartbeat is None
    settings = read_settings(live(tmp_path, IVR_HEARTBEAT="8:30, 13:00", IVR_HEARTBEAT_FROM="+14805550199"))
    assert settings.heartbeat == Heartbeat((510, 780), number="+14805550199")
    with pytest.raises(SettingsFault, match=r"IVR_HEARTBEAT_FROM must be .*\nIVR_HEARTBEAT is not understood: write"):
        read_settings(live(tmp_path, IVR_HEARTBEAT="noon", IVR_HEARTBEAT_FROM="us"))
