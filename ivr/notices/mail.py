"""Mail over SMTP, with TLS unless the server is this machine's own.

At least once: when the outcome is unknown the mail is sent again with the same Message-ID, by which mail programs and
people know a repeat. Replies by RFC 5321, 4.2.1: 2xx taken, 4xx not now, 5xx never.
"""

from __future__ import annotations

import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as ON_THE_WIRE
from email.utils import format_datetime

from ivr.settings_notices import MailServer
from ivr.telemetry.unreached import why_unreached

from .parcel import Failed, Parcel, Refused, Result, Sent
from .wording import mail_body

SILENCE_SECONDS = 10.0
MOST_SECONDS = 60.0
NEVER = 500
TAKEN = range(200, 300)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one silence of the server may last, and how long the whole attempt."""

    silence_seconds: float = SILENCE_SECONDS
    most_seconds: float = MOST_SECONDS


class _NotTaken(Exception):
    """The server's answer to one letter's receiver or words."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class _NotServed(_NotTaken):
    """The server's answer to us, its greeting or what it says to our address: it would say the same to any letter."""


class Mailer:
    """Hands mail to one server. `context` is what TLS trusts; left out, the machine's own certificates."""

    def __init__(
        self,
        server: MailServer,
        sender: str,
        *,
        context: ssl.SSLContext | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._server = server
        self._sender = sender
        self._context = context or ssl.create_default_context()
        self._patience = patience or Patience()

    def __call__(self, given: Parcel) -> Result:
        """Hand a letter over. Never raises for anything the server or the network does."""
        handed_over = False
        try:
            with self._connection() as smtp:
                _expect(smtp.mail(self._sender), _NotServed)
                _expect(smtp.rcpt(given.to))
                handed_over = True
                _expect(smtp.data(self._written(given)))
        except _NotServed as answer:
            return Failed(f"the mail server answered {answer.code} to this service", blocked=True)
        except _NotTaken as answer:
            why = f"the mail server answered {answer.code}"
            return Refused(why) if answer.code >= NEVER else Failed(why)
        except smtplib.SMTPAuthenticationError:
            return Failed("the mail server does not accept the user or password of SMTP_URL", blocked=True)
        except smtplib.SMTPDataError as answer:
            # The server refused the command DATA, before any word was handed over.
            why = f"the mail server answered {answer.smtp_code}"
            return Refused(why) if answer.smtp_code >= NEVER else Failed(why)
        except (smtplib.SMTPException, OSError, ValueError) as fault:
            why = f"the mail server gave no usable answer: {why_unreached(fault, 'SMTP_URL')}"
            return Failed(why, unsure=handed_over, blocked=True)
        return Sent()

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """A greeted, safe and signed-in connection, cut off when it lasts too long: a server may drip for ever."""
        smtp = self._unconnected()
        cut = threading.Timer(self._patience.most_seconds, _cut, [smtp])
        cut.daemon = True
        cut.start()
        # TLS checks the certificate against this name, which smtplib sets only when the constructor connects, uncut.
        smtp._host = self._server.host  # type: ignore[attr-defined]  # smtplib has no public name for it
        try:
            _expect(smtp.connect(self._server.host, self._server.port), _NotServed)
            smtp.ehlo_or_helo_if_needed()
            if self._server.scheme == "smtp+starttls":
                smtp.starttls(context=self._context)
                smtp.ehlo()
            if self._server.user:
                smtp.login(self._server.user, self._server.password)
            yield smtp
            with suppress(smtplib.SMTPException, OSError):  # it has the letter; how it says goodbye does not matter
                smtp.quit()
        finally:
            cut.cancel()
            smtp.close()

    def _unconnected(self) -> smtplib.SMTP:
        seconds = self._patience.silence_seconds
        if self._server.scheme == "smtps":
            return smtplib.SMTP_SSL(timeout=seconds, context=self._context)
        return smtplib.SMTP(timeout=seconds)

    def _written(self, given: Parcel) -> bytes:
        message = EmailMessage(ON_THE_WIRE)
        message["From"] = self._sender
        message["To"] = given.to
        message["Subject"] = given.subject
        message["Date"] = format_datetime(given.since)
        message["Message-ID"] = f"<notice-{given.reference}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
        message.set_content(mail_body(given))
        return message.as_bytes()


def _expect(answer: tuple[int, bytes], otherwise: type[_NotTaken] = _NotTaken) -> None:
    if answer[0] not in TAKEN:
        raise otherwise(answer[0])


def _cut(smtp: smtplib.SMTP) -> None:
    with suppress(OSError, AttributeError):
        if smtp.sock:
            smtp.sock.shutdown(2)
