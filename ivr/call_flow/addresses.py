"""What counts as a telephone number, and as a mail address, wherever one is read."""

from __future__ import annotations

import re

# ITU-T E.164: a country code, and at most 15 digits in all; the shortest in use have 7.
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# The plain form of an address: one @, a host with a dot, nothing that needs quoting and so nothing that could break out
# of a header. RFC 5321 limits: 64 before the @, 254 in all.
_MAIL = re.compile(
    r"(?=.{3,254}\Z)[A-Za-z0-9_+-]+(?:[.'][A-Za-z0-9_+-]+)*@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_LONGEST_BEFORE_AT = 64


def is_mail_address(text: str) -> bool:
    """Whether this is an address of the plain form that is accepted here."""
    return bool(_MAIL.fullmatch(text)) and len(text.partition("@")[0]) <= _LONGEST_BEFORE_AT
