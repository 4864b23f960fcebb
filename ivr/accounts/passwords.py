"""Passwords: which are good enough, and how they are kept (argon2id).

At least fifteen characters and nothing that is guessed early, after NIST SP 800-63B-4, section 3.1.1.2: length counts,
mixtures of signs do not.
"""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 15
LONGEST = 200
GOOD_ENOUGH = 3  # of 4: more than a hundred million guesses
# OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two rounds. More would let sign-ins take calls' processor time.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def problem_of(password: str, name: str) -> str:
    """Why this is no password for the account `name`, with the cure; empty when it is one."""
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} characters: four or five words that do not belong together do well."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    from zxcvbn import zxcvbn  # its lists of passwords take twelve megabytes, and a new password is rare

    # It reads a password piece by piece, and endless ones for ever.
    if zxcvbn(password[:72], user_inputs=[name, "ivr", "clinic"], max_length=72)["score"] < GOOD_ENOUGH:
        return "This would soon be guessed: take words that do not belong together, and nothing from a keyboard's row."
    return ""


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password)


def fits(kept: str, password: str) -> bool:
    """Whether this is the password of which `kept` was kept. With nothing kept it takes as long, and is False."""
    try:
        return _HASHER.verify(kept or _nobodys(), password[:LONGEST]) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return hashed("nobody has this password")
