"""Keeps callers' numbers unreadable on the disk, yet findable by those who hold the secret.

A plain hash of a phone number hides nothing: there are so few numbers that all of them can be hashed and compared in
minutes. So a value is encrypted (Fernet: AES-128 with a check against tampering), and the index used to look it up is
keyed (HMAC-SHA256). Both keys are derived from the same secret and tell nothing about each other (HKDF, RFC 5869).
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST_SECRET = 16
INDEX_LENGTH = 32


class SealBroken(Exception):
    """A sealed value that none of our secrets opens: made under another one, or damaged."""


class Seal:
    """Seals under the first secret, opens with all of them, so that a secret can be replaced without losing the past.

    Secrets must be random text of at least 16 characters; ValueError says which is too short and does not repeat it.
    """

    __slots__ = ("_fernet", "_index_keys")

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets:
            raise ValueError("at least one secret is needed to seal callers' numbers")
        for place, secret in enumerate(secrets, start=1):
            if len(secret) < SHORTEST_SECRET:
                raise ValueError(
                    f"secret {place} of {len(secrets)} is too short: "
                    f"use random text of at least {SHORTEST_SECRET} characters"
                )
        self._fernet = MultiFernet(
            [Fernet(urlsafe_b64encode(_derived(secret, b"ivr journal value"))) for secret in secrets]
        )
        self._index_keys = tuple(_derived(secret, b"ivr journal index") for secret in secrets)

    def seal(self, text: str) -> str:
        """The text encrypted, different each time; it shows its length to the nearest 16 bytes and when it was made."""
        return self._fernet.encrypt(_bytes(text)).decode("ascii")

    def unseal(self, token: str) -> str:
        """The text sealed in `token`; raises SealBroken, which holds neither."""
        try:
            return self._fernet.decrypt(token).decode("utf-8", "surrogatepass")
        except (InvalidToken, ValueError):
            pass
        raise SealBroken("a sealed value cannot be opened with the secrets given")

    def index(self, text: str) -> str:
        """32 hexadecimal digits, the same for the same text under the first secret. Give numbers in one form, E.164."""
        return _index(self._index_keys[0], text)

    def indexes(self, text: str) -> tuple[str, ...]:
        """The index under every secret, the first secret first: what to look for while secrets change."""
        return tuple(_index(key, text) for key in self._index_keys)


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(_bytes(secret))


def _index(key: bytes, text: str) -> str:
    return hmac.digest(key, _bytes(text), "sha256").hex()[:INDEX_LENGTH]


def _bytes(text: str) -> bytes:
    """Lone surrogates pass: any text a form can hold can be sealed."""
    return text.encode("utf-8", "surrogatepass")
