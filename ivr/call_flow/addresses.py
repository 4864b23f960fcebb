"""What counts as a telephone number, as a mail address, and as our own public address, wherever one is read."""

from __future__ import annotations

import re
from dataclasses import dataclass

# ITU-T E.164: a country code, and at most 15 digits in all; the shortest in use have 7.
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# The plain form of an address: one @, a host with a dot, nothing that needs quoting and so nothing that could break out
# of a header. RFC 5321 limits: 64 before the @, 254 in all.
_MAIL = re.compile(
    r"(?=.{3,254}\Z)[A-Za-z0-9_+-]+(?:[.'][A-Za-z0-9_+-]+)*@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_LONGEST_BEFORE_AT = 64
# Twilio signs the address it calls, letter by letter, so ours has one spelling only: nothing that clients rewrite
# (capitals in the scheme, percent signs, doubled slashes, other alphabets), nothing that Twilio refuses (underscores).
_PUBLIC = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*)(?::(?P<port>[0-9]{1,5}))?(?P<path>(?:/[A-Za-z0-9._~-]+)*)"
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """Where Twilio calls us, taken apart. `port` is as written, "" when it is not; `path` is empty or begins with /."""

    scheme: str
    host: str
    port: str
    path: str

    @property
    def bases(self) -> tuple[str, str]:
        """Without a port and with one, the scheme's own unless another is written."""
        port = self.port or _DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{self.host}{self.path}", f"{self.scheme}://{self.host}:{port}{self.path}"


def is_mail_address(text: str) -> bool:
    """Whether this is an address of the plain form that is accepted here."""
    return bool(_MAIL.fullmatch(text)) and len(text.partition("@")[0]) <= _LONGEST_BEFORE_AT


def read_public_address(text: str) -> PublicAddress | None:
    """An address such as https://ivr.example.com, without a slash at its end; None for any other text."""
    found = _PUBLIC.fullmatch(text)
    if found is None or (found["port"] and not 0 < int(found["port"]) < 65536):
        return None
    return PublicAddress(found["scheme"], found["host"], found["port"] or "", found["path"])
