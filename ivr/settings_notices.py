"""The environment's part on telling people: the mail server, who texts come from, the webhook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from .call_flow.addresses import E164, is_mail_address

SHORTEST_SECRET = 16
MAIL_PORTS = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}
MESSAGING_SERVICE = re.compile("MG[0-9a-fA-F]{32}")
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over. `scheme` is smtps (TLS at once), smtp+starttls, or smtp: this machine's own, plain."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """By what people can be told. A way without its settings is off: `mail` None, `text_from` "", `webhook_url` "".

    `text_from` is a number (E.164) or a messaging service (MG...). `webhook_secret` signs what the webhook is sent.
    """

    mail: MailServer | None = None
    mail_from: str = ""
    text_from: str = ""
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)


def read_notices(environment: Mapping[str, str], faults: list[str]) -> NoticeSettings:
    """What is set up; what is wrong is added to `faults`, which repeat nothing given: it may be a password."""
    given = {
        name: environment.get(name, "").strip()
        for name in ("SMTP_URL", "MAIL_FROM", "TEXT_FROM", "NOTICE_WEBHOOK_URL", "NOTICE_WEBHOOK_SECRET")
    }
    mail = _mail_server(given["SMTP_URL"], faults) if given["SMTP_URL"] else None
    if bool(given["SMTP_URL"]) != bool(given["MAIL_FROM"]):
        faults.append("SMTP_URL and MAIL_FROM belong together: give both for notices by mail, or neither.")
    if given["MAIL_FROM"] and not is_mail_address(given["MAIL_FROM"]):
        faults.append("MAIL_FROM must be one plain mail address, such as frontdesk@example.com.")
    texts = given["TEXT_FROM"]
    if texts and not (E164.fullmatch(texts) or MESSAGING_SERVICE.fullmatch(texts)):
        faults.append("TEXT_FROM must be a number of yours like +14805550100, or a messaging service's id (MG...).")
    _check_webhook(given["NOTICE_WEBHOOK_URL"], given["NOTICE_WEBHOOK_SECRET"], faults)
    return NoticeSettings(mail, given["MAIL_FROM"], texts, given["NOTICE_WEBHOOK_URL"], given["NOTICE_WEBHOOK_SECRET"])


def _mail_server(address: str, faults: list[str]) -> MailServer | None:
    try:
        parts = urlsplit(address)
        port = parts.port or MAIL_PORTS.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    host = parts.hostname or ""
    known = parts.scheme in MAIL_PORTS  # any other would be spoken without TLS
    if not (known and port and host) or parts.path.strip("/") or parts.query or parts.fragment:
        faults.append("SMTP_URL must be like smtps://user:password@mail.example.com:465, or smtp+starttls://...:587.")
        return None
    if parts.scheme == "smtp" and host not in THIS_MACHINE:
        faults.append("SMTP_URL without TLS (smtp://) may only name this machine: write smtps:// or smtp+starttls://.")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.scheme, host, port, user, password)


def _check_webhook(address: str, secret: str, faults: list[str]) -> None:
    if bool(address) != bool(secret):
        faults.append("NOTICE_WEBHOOK_URL and NOTICE_WEBHOOK_SECRET belong together: give both, or neither.")
    if secret and len(secret) < SHORTEST_SECRET:
        faults.append(f"NOTICE_WEBHOOK_SECRET is too short: use at least {SHORTEST_SECRET} characters.")
    if not address:
        return
    try:
        parts = urlsplit(address)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        parts, host = urlsplit(""), None
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in THIS_MACHINE)
    if not host or not safe or parts.username or parts.fragment:
        faults.append("NOTICE_WEBHOOK_URL must be an https address without user or fragment.")
