"""PINs: which may be set, how they are hashed, and whether one that was typed on a call is right.

Digits come in and only a verdict goes out; nothing here stores, logs or repeats them. A PIN is hashed with argon2id
over its keyed hash, so that a copy of the database or of the disk alone does not tell it.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ivr.call_flow.staffing import LONGEST_PIN, MOST_TRIES, SHORTEST_PIN
from ivr.call_flow.turn import PinChecked, Verdict

from .staff_file import UnreadableStaff, moments, read_staff
from .whole_file import write_whole

REFUSALS = "pin-refusals.json"
LOCK = "pin-refusals.lock"
MOST_REFUSALS = 10
WINDOW = LOCKED_FOR = timedelta(minutes=15)
KEPT_FOR = WINDOW + LOCKED_FOR
REFUSED = "PinRefused"

Keyed = Callable[[str], Sequence[str]]

log = logging.getLogger("ivr.pins")


class Pins:
    """Checks PINs on this host. `keyed` gives a text's keyed hash under each secret, the current one first.

    `folder` holds what the worker brings; this host's own refusals are counted there too, in a file that its
    processes share.
    """

    def __init__(self, folder: Path, keyed: Keyed) -> None:
        self._folder = folder
        self._keyed = keyed

    def check(self, typed: str, call: str, hop: int, now: datetime) -> PinChecked:
        """What is to be said of the keys `typed` in the turn `hop` of a call. A disk that fails opens nothing.

        One check at a time on a host, so that many calls at once have no more tries than one.
        """
        try:
            with _alone(self._folder):
                return self._check(typed, call, f"{call}:{hop}:{REFUSED}", now)
        except (OSError, UnreadableStaff) as fault:
            log.error("no PIN can be checked: %s", type(fault).__name__)
            return PinChecked(Verdict.LOCKED)

    def _check(self, typed: str, call: str, key: str, now: datetime) -> PinChecked:
        staff = read_staff(self._folder)
        own = _own_refusals(self._folder, now)
        before = {other: at for other, at in {**staff.refusals, **own}.items() if other != key}
        if is_locked(before.values(), now) or sum(other.startswith(f"{call}:") for other in before) >= MOST_TRIES:
            return PinChecked(Verdict.LOCKED)
        name = name_of(staff.pins, typed, self._keyed)
        if name is not None:
            return PinChecked(Verdict.RIGHT, name)
        if key not in own:
            _write_refusals(self._folder, {**own, key: now})
        return PinChecked(Verdict.WRONG)


def problem_of(pin: str) -> str:
    """Why this may not be a PIN, with the cure; "" when it may."""
    if not _fits(pin):
        return f"A PIN is {SHORTEST_PIN} to {LONGEST_PIN} digits."
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    if steps in ({0}, {1}, {9}):
        return "This PIN is too easy to guess: choose digits that are not all alike and no run such as 345678."
    return ""


def hashed(pin: str, keyed: Keyed) -> str:
    """The hash of a PIN under the current secret."""
    return _hasher().hash(keyed(_tagged(pin))[0])


def name_of(pins: Mapping[str, str], typed: str, keyed: Keyed) -> str | None:
    """Whose PIN these keys are, None if nobody's. Some 20 ms for each name and secret."""
    if not _fits(typed):
        return None
    hasher, texts = _hasher(), keyed(_tagged(typed))
    return next((name for name, known in pins.items() if any(_verifies(hasher, known, text) for text in texts)), None)


def is_locked(refusals: Iterable[datetime], now: datetime) -> bool:
    """Whether the last of ten refusals within 15 minutes is less than 15 minutes ago."""
    ordered = sorted(refusals)
    tens = zip(ordered, ordered[MOST_REFUSALS - 1 :], strict=False)
    return any(last - first <= WINDOW and now < last + LOCKED_FOR for first, last in tens)


def _fits(pin: str) -> bool:
    return SHORTEST_PIN <= len(pin) <= LONGEST_PIN and pin.isascii() and pin.isdigit()


def _tagged(pin: str) -> str:
    return f"pin {pin}"


def _hasher() -> PasswordHasher:
    """The least that OWASP's password storage sheet asks of argon2id: a web process checks it while somebody waits."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def _verifies(hasher: PasswordHasher, known: str, text: str) -> bool:
    try:
        return hasher.verify(known, text)
    except (VerificationError, InvalidHashError):
        return False


def _own_refusals(folder: Path, now: datetime) -> dict[str, datetime]:
    """Those of this host that still count. A file that cannot be understood is begun anew."""
    try:
        found = moments(json.loads((folder / REFUSALS).read_bytes()))
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError, RecursionError):
        log.error("%s cannot be understood and is begun anew", REFUSALS)
        return {}
    return {key: at for key, at in found.items() if now - at < KEPT_FOR}


def _write_refusals(folder: Path, refusals: Mapping[str, datetime]) -> None:
    text = json.dumps({key: at.isoformat() for key, at in refusals.items()}).encode()
    write_whole(folder / REFUSALS, text)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
