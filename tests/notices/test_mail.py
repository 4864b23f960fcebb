"""Mail through a real SMTP server: what arrives, with which safety, and what every bad answer means."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.call_flow.notice_rules import Way
from ivr.notices.mail import Mailer, Patience
from ivr.notices.parcel import Failed, Refused, Sent
from ivr.notices.sending import Sender
from ivr.settings_notices import MailServer
from tests.certificates import self_signed
from tests.local_server import nobody

from .conftest import Clock, a_parcel, note, states, words
from .mail_server import PASSWORD, USER, Running, authenticator, mail_server, silent_server

FROM = "desk@clinic.example"
TO = "maria@example.com"
SHORT = Patience(silence_seconds=2.0, most_seconds=30.0)


@pytest.fixture
def running() -> Iterator[Running]:
    with mail_server() as server:
        yield server


def mailer(port: int, scheme: str = "smtp", **named: object) -> Mailer:
    return Mailer(MailServer(scheme, "127.0.0.1", port), FROM, **named)  # type: ignore[arg-type]


def test_a_mail_arrives_as_it_was_written(running: Running) -> None:
    given = a_parcel(TO)
    assert mailer(running.port)(given) == Sent()
    (mail,) = running.handler.taken
    assert running.handler.envelopes == [(FROM, [TO])]
    assert (mail["From"], mail["To"], mail["Subject"]) == (FROM, TO, given.subject)
    assert mail["Message-ID"] == "<notice-12-0-abcdef@clinic.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert datetime.strptime(mail["Date"], "%a, %d %b %Y %H:%M:%S %z") == given.since.replace(microsecond=0)
    text = mail.get_content()
    assert "- 1 new message for Gilbert" in text
    assert "https://ivr.example.com/call-back" in text
    assert "Letter 12." in text


def test_names_in_spanish_and_lines_that_begin_with_a_dot_arrive_whole(running: Running) -> None:
    assert mailer(running.port)(a_parcel(TO, subject="Clínica Ñandú: 1 new message", link=".hidden")) == Sent()
    (mail,) = running.handler.taken
    assert mail["Subject"] == "Clínica Ñandú: 1 new message"
    assert "\n.hidden\n" in mail.get_content().replace("\r\n", "\n")


# The server of the tests does not see that a connection was TLS from its first byte.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_mail_goes_over_tls_with_a_user_and_password(tmp_path: Path, scheme: str) -> None:
    shows, trusts = self_signed(tmp_path / "mail.pem")
    safety = {"ssl_context": shows} if scheme == "smtps" else {"tls_context": shows, "require_starttls": True}
    tls_before = {"auth_require_tls": False} if scheme == "smtps" else {}
    with mail_server(**safety, **tls_before, authenticator=authenticator, auth_required=True) as server:
        known = MailServer(scheme, "127.0.0.1", server.port, USER, PASSWORD)
        assert Mailer(known, FROM, context=trusts)(a_parcel(TO)) == Sent()
        stranger = MailServer(scheme, "127.0.0.1", server.port, USER, "wrong")
        refused = Mailer(stranger, FROM, context=trusts)(a_parcel(TO))
    assert isinstance(refused, Failed)
    assert refused.blocked
    assert "password of SMTP_URL" in refused.why
    assert len(server.handler.taken) == 1


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path: Path, scheme: str) -> None:
    shows, _ = self_signed(tmp_path / "mail.pem")
    with mail_server(**({"ssl_context": shows} if scheme == "smtps" else {"tls_context": shows})) as server:
        result = Mailer(MailServer(scheme, "127.0.0.1", server.port, USER, PASSWORD), FROM)(a_parcel(TO))
    why = "its certificate is not trusted, or is for another name than SMTP_URL has"
    assert result == Failed(f"the mail server gave no usable answer: {why}", blocked=True)
    assert server.handler.taken == []


@pytest.mark.parametrize(
    ("scheme", "why"),
    [
        ("smtp+starttls", "it offers no STARTTLS, or no signing in, as SMTP_URL asks for"),
        ("smtps", "there is no TLS where SMTP_URL says: see its scheme and port"),
    ],
)
def test_a_server_that_offers_no_tls_gets_nothing_where_tls_is_asked_for(
    running: Running, scheme: str, why: str
) -> None:
    result = mailer(running.port, scheme)(a_parcel(TO))
    assert result == Failed(f"the mail server gave no usable answer: {why}", blocked=True)
    assert running.handler.taken == []


@pytest.mark.parametrize(
    ("place", "answer", "expected"),
    [
        ("receiver", "450 try later", Failed("the mail server answered 450")),
        ("receiver", "550 no such mailbox maria@example.com", Refused("the mail server answered 550")),
        ("words", "451 try later", Failed("the mail server answered 451")),
        ("words", "554 no", Refused("the mail server answered 554")),
    ],
)
def test_an_answer_of_4xx_is_tried_again_and_one_of_5xx_is_final(
    running: Running, place: str, answer: str, expected: object
) -> None:
    getattr(running.handler, place).append(answer)
    assert mailer(running.port)(a_parcel(TO)) == expected
    assert mailer(running.port)(a_parcel(TO)) == Sent()


@pytest.mark.parametrize("code", [421, 554])
def test_a_server_that_does_not_greet_us_costs_no_letter(code: int) -> None:
    def act(connection: socket.socket, _closing: threading.Event) -> None:
        connection.sendall(f"{code} no service for you\r\n".encode())

    with silent_server(act) as port:
        result = mailer(port)(a_parcel(TO))
    assert result == Failed(f"the mail server answered {code} to this service", blocked=True)


@pytest.mark.parametrize("answer", ["451 try later", "553 not your address"])
def test_a_server_that_does_not_want_our_address_costs_no_letter(running: Running, answer: str) -> None:
    running.handler.sender.append(answer)
    expected = Failed(f"the mail server answered {answer[:3]} to this service", blocked=True)
    assert mailer(running.port)(a_parcel(TO)) == expected
    assert mailer(running.port)(a_parcel(TO)) == Sent()


def test_a_server_that_is_not_there_is_a_failure_and_nothing_was_handed_over() -> None:
    with nobody() as port:
        result = mailer(port)(a_parcel(TO))
    why = "nobody listens where SMTP_URL says: see its host and port"
    assert result == Failed(f"the mail server gave no usable answer: {why}", blocked=True)


def test_a_server_whose_name_leads_nowhere_is_told_by_its_setting() -> None:
    result = Mailer(MailServer("smtps", "mail.invalid", 465), FROM)(a_parcel(TO))  # RFC 2606: never given to anybody
    assert result == Failed("the mail server gave no usable answer: the name in SMTP_URL leads nowhere", blocked=True)


def test_a_server_that_says_nothing_is_given_up_on() -> None:
    def act(_connection: socket.socket, closing: threading.Event) -> None:
        closing.wait(20)

    with silent_server(act) as port:
        result = mailer(port, patience=SHORT)(a_parcel(TO))
    why = "it does not answer in time"
    assert result == Failed(f"the mail server gave no usable answer: {why}", blocked=True)


def test_a_server_that_falls_silent_after_the_words_may_have_taken_them() -> None:
    def act(connection: socket.socket, closing: threading.Event) -> None:
        connection.sendall(b"220 here\r\n")
        for answer in (b"250 hello\r\n", b"250 OK\r\n", b"250 OK\r\n", b"354 go on\r\n"):
            connection.recv(4096)
            connection.sendall(answer)
        closing.wait(20)

    with silent_server(act) as port:
        result = mailer(port, patience=SHORT)(a_parcel(TO))
    assert isinstance(result, Failed)
    assert result.unsure


def test_a_server_that_drips_for_ever_is_cut_off() -> None:
    def act(connection: socket.socket, closing: threading.Event) -> None:
        try:
            while not closing.wait(0.05):
                connection.sendall(b"2")
        except OSError:
            return

    with silent_server(act) as port:
        result = mailer(port, patience=Patience(silence_seconds=5.0, most_seconds=0.3))(a_parcel(TO))
    assert isinstance(result, Failed)
    assert not result.unsure


def test_a_letter_waits_out_a_dead_server_and_arrives_once(outbox: Engine, running: Running, clock: Clock) -> None:
    note(outbox)
    with nobody() as dead:
        Sender(outbox, {Way.MAIL: mailer(dead)}, "one", clock).run(words())
    assert states(outbox) == {"waiting": 1}
    running.handler.words.append("421 closing")
    alive = Sender(outbox, {Way.MAIL: mailer(running.port)}, "one", clock)
    for _ in range(3):
        clock.later(minutes=5)
        alive.run(words())
    assert states(outbox) == {"sent": 1}
    assert len(running.handler.taken) == 1
