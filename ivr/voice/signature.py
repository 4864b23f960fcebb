"""Did Twilio sign this request? One pass over the form, equal to the SDK's RequestValidator.

The rule is Twilio's (https://www.twilio.com/docs/usage/security): base64 of HMAC-SHA1, keyed with the account's auth
token, over the full URL followed by each parameter's name and value, names sorted, a name's values sorted and unique.
Two forms can sign alike ("Dig"="its1" and "Digits"="1"): the readers of a form must ignore names they do not know.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from itertools import chain
from urllib.parse import parse_qs, urlparse

from ivr.call_flow.addresses import read_public_address

_MARKS = re.compile("[?#;\t\r\n]")
SIGNATURE_LENGTH = 28  # base64 of the 20 bytes of SHA-1


class SignatureCheck:
    """Checks X-Twilio-Signature against the configured address, never against a Host or X-Forwarded header.

    `tokens` are the auth tokens accepted at this moment, more than one while a token is rotated. `public_url` is the
    address Twilio calls, such as https://ivr.example.com, without a slash at its end; a port or a path prefix may be
    in it. Raises ValueError for an address of another shape, for no token and for an empty one.
    """

    def __init__(self, tokens: Sequence[str], public_url: str) -> None:
        if not tokens or not all(tokens):
            raise ValueError("at least one auth token is needed, and none may be empty")
        self._bases = _with_and_without_port(public_url)
        self._begun = tuple(
            (number, hmac.new(token.encode(), base.encode(), "sha1"))
            for token in tokens
            for number, base in enumerate(self._bases)
        )

    def matches(self, target: str, form: Sequence[tuple[str, str]], signature: str) -> bool:
        """True if one of the tokens signed this request; whatever is wrong with it is False, never an exception.

        `target` is the path as it came, with "?" and the query if there was one; `form` holds every parameter of the
        body in any order, blanks and repeats included; `signature` is the header, "" when there was none. The
        algorithm is fixed. A JSON body (its URL holds bodySHA256) is not a form and is refused.
        """
        if len(signature) != SIGNATURE_LENGTH or not target.startswith("/"):
            return False
        try:
            given = signature.encode("ascii")
            parameters = "".join(chain.from_iterable(sorted(set(form)))).encode()
            endings = [ending.encode() for ending in self._endings(target)]
        except UnicodeEncodeError:  # not ASCII in the header, or half a surrogate pair in the target or the form
            return False
        return bool(endings) and any(
            hmac.compare_digest(_finished(begun, endings[number], parameters), given) for number, begun in self._begun
        )

    def _endings(self, target: str) -> tuple[str, ...]:
        """What follows each base in the text that is signed; empty when the target cannot be signed at all."""
        if not _MARKS.search(target):
            return (target,) * len(self._bases)
        if any(mark in target for mark in "\t\r\n") or "bodySHA256" in parse_qs(
            urlparse(self._bases[0] + target).query, keep_blank_values=True
        ):
            return ()
        # The SDK parses the URL and puts it together again, which drops an empty query, fragment or path parameter.
        return tuple(urlparse(base + target).geturl()[len(base) :] for base in self._bases)


def _finished(begun: hmac.HMAC, ending: bytes, parameters: bytes) -> bytes:
    mac = begun.copy()
    mac.update(ending + parameters)
    return base64.b64encode(mac.digest())


def _with_and_without_port(public_url: str) -> tuple[str, str]:
    """The two addresses the SDK tries, because Twilio signs with the port in some products and without in others."""
    address = read_public_address(public_url)
    if address is None:  # the settings refuse it by the same rule
        raise ValueError("the public URL must look like https://ivr.example.com, without a slash at its end")
    return address.bases
