"""Why no usable answer came from a server, in words that name the setting to look at."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator

NO_TLS = "WRONG_VERSION_NUMBER"  # what OpenSSL says when the other side does not speak TLS at all
# The first that fits; what is no fault of a setting is named by its kind, since its text may hold anything.
_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "its certificate is not trusted, or is for another name than {setting} has"),
    (ssl.SSLError, "TLS could not be agreed on with it: see which versions it speaks"),
    (socket.gaierror, "the name in {setting} leads nowhere"),
    (ConnectionRefusedError, "nobody listens where {setting} says: see its host and port"),
    (TimeoutError, "it does not answer in time"),
    (smtplib.SMTPNotSupportedError, "it offers no STARTTLS, or no signing in, as {setting} asks for"),
    (smtplib.SMTPServerDisconnected, "it hung up, or said nothing: see the scheme and port of {setting}"),
    (ConnectionError, "it hung up without an answer: see the scheme and port of {setting}"),
)


def why_unreached(fault: BaseException, setting: str) -> str:
    """What lies behind a fault of connecting or asking. `setting` names what says where the server is."""
    behind = list(_behind(fault))
    if any(isinstance(each, ssl.SSLError) and each.reason == NO_TLS for each in behind):
        return f"there is no TLS where {setting} says: see its scheme and port"
    for kind, words in _WORDS:
        if any(isinstance(each, kind) for each in behind):
            return words.format(setting=setting)
    return f"something else went wrong ({type(fault).__name__})"


def _behind(fault: BaseException) -> Iterator[BaseException]:
    """A fault and those that led to it: libraries wrap what the network said."""
    found: BaseException | None = fault
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
