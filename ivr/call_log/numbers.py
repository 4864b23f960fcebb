"""Callers' numbers: masked for the eye, revealed on the record, found by what somebody types, sealed anew.

Numbers stand sealed in the log. Whoever sees one whole leaves a line in the audit table first.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import phonenumbers
from sqlalchemy import Connection, Engine, bindparam, delete, func, select, update

from ivr.journal.sealing import Seal, SealBroken

from . import audit
from .database import reading, writing
from .queries import Call
from .rekeyed import Rekeyed
from .tables import CallRow
from .text_numbers import count_text_numbers, rekey_texts
from .work_rule import refresh
from .work_tables import WorkClaimRow

BATCH = 1000
LAST_DIGITS = 2
LONGEST_TYPED = 40
WITHHELD, FORGOTTEN, UNREADABLE, UNKNOWN = "withheld", "forgotten", "unreadable", "unknown"


class NotANumber(ValueError):
    """What was typed is no phone number. The text says what to type and does not repeat it."""


class NoNumber(Exception):
    """There is no number to reveal; the text is one word that says why (see `shown`), or `no such call`."""


def masked(number: str) -> str:
    """The last two characters behind dots: "... 47"."""
    return f"... {number[-LAST_DIGITS:]}"


def shown(seal: Seal, call: Call) -> str:
    """A call's number for people who need not know it: masked, or the word for why there is none."""
    return _in_words(seal, call, masked)


def in_full(seal: Seal, call: Call) -> str:
    """A call's whole number, or the word for why there is none. The caller of this function notes it (see audit)."""
    return _in_words(seal, call, str)


def reveal(engine: Engine, seal: Seal, sid: str, *, actor: str, now: datetime) -> str:
    """The whole number of the call `sid`, after a line in the audit table says that `actor` saw it.

    Raises NoNumber.
    """
    with writing(engine) as connection:
        row = connection.execute(select(CallRow.__table__).where(CallRow.sid == sid)).first()
        if row is None:
            raise NoNumber("no such call")
        number = in_full(seal, Call(*row))
        if number in (WITHHELD, FORGOTTEN, UNREADABLE, UNKNOWN):
            raise NoNumber(number)
        audit.note(connection, now, actor, "number revealed", sid)
    return number


def look_up(seal: Seal, typed: str, *, country: str = "US") -> tuple[str, ...]:
    """The hashes under which calls from a number are found, however it is typed. Raises NotANumber."""
    try:
        number = phonenumbers.parse(typed[:LONGEST_TYPED], country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise NotANumber("This is not a phone number. Type it like 480 555 0147, or with + and the country code.")
    return seal.indexes(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def rekey(engine: Engine, seal: Seal, *, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Rekeyed:
    """Seal every number, those of texts too, under the first secret, in batches, while the service runs.

    Stopped half way it may simply be run again: what is done is recognised by its hash and left. `progress` hears how
    many of how many numbers have been looked at. A number forgotten meanwhile stays forgotten.
    """
    with reading(engine) as connection:
        calls = connection.scalar(select(func.count()).where(CallRow.caller.is_not(None))) or 0
        total = calls + count_text_numbers(connection)
    done = Rekeyed()
    for page in itertools.chain(_rekey_calls(engine, seal, BATCH), rekey_texts(engine, seal, BATCH)):
        done += page
        progress(min(done.looked_at, total), total)
    return done


def _rekey_calls(engine: Engine, seal: Seal, batch: int) -> Iterator[Rekeyed]:
    query = select(CallRow.sid, CallRow.caller, CallRow.caller_index).where(CallRow.caller.is_not(None))
    last = ""
    while True:
        with reading(engine) as connection:
            rows = connection.execute(query.where(CallRow.sid > last).order_by(CallRow.sid).limit(batch)).all()
        if not rows:
            return
        last = rows[-1].sid
        yield _rekey_page(engine, seal, [(sid, token or "", index) for sid, token, index in rows])


def _rekey_page(engine: Engine, seal: Seal, rows: Sequence[tuple[str, str, str | None]]) -> Rekeyed:
    fresh: list[dict[str, str]] = []
    already = unreadable = 0
    renamed: dict[str, str] = {}
    for sid, token, index in rows:
        try:
            number = seal.unseal(token)
        except SealBroken:
            unreadable += 1
            continue
        if seal.index(number) == index:
            already += 1
        else:
            fresh.append({"this": sid, "was": token, "now": seal.seal(number), "found_by": seal.index(number)})
            renamed[index or ""] = seal.index(number)
    if fresh:
        # A number erased between our look and now has another (no) token, and so is not brought back.
        change = update(CallRow).where(CallRow.sid == bindparam("this"), CallRow.caller == bindparam("was"))
        with writing(engine) as connection:
            connection.execute(change.values(caller=bindparam("now"), caller_index=bindparam("found_by")), fresh)
            refresh(connection, [row["this"] for row in fresh])
            _rename_claims(connection, renamed)
    return Rekeyed(len(fresh), already, unreadable)


def _rename_claims(connection: Connection, renamed: Mapping[str, str]) -> None:
    """Who is calling a caller back goes on doing so; a claim made under the new hash already is the newer one."""
    held = connection.scalars(select(WorkClaimRow.entry).where(WorkClaimRow.entry.in_(list(renamed)))).all()
    for old in held:
        taken = select(WorkClaimRow.entry).where(WorkClaimRow.entry == renamed[old])
        theirs = WorkClaimRow.entry == old
        if connection.scalar(taken) is None:
            connection.execute(update(WorkClaimRow).where(theirs).values(entry=renamed[old]))
        else:
            connection.execute(delete(WorkClaimRow).where(theirs))


def _in_words(seal: Seal, call: Call, form: Callable[[str], str]) -> str:
    if call.caller is None:
        return WITHHELD if call.withheld else FORGOTTEN if call.number_forgotten_at else UNKNOWN
    try:
        return form(seal.unseal(call.caller))
    except SealBroken:
        return UNREADABLE
