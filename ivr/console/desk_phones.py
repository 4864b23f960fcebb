"""Whose phone rings when they call somebody back: chosen on one's own account page, or by who looks after accounts."""

from __future__ import annotations

from flask import abort, request

from ivr.accounts.desk import set_phone
from ivr.call_flow.desk_phones import desk_phones

from .door import Door, the_person


def choose_phone(door: Door, name: str) -> tuple[str, bool]:
    """Give the account `name` the phone of the form, "" for none; the phone, and whether there is such an account.

    It is one of the clinic's phones by its name: nobody types a number. Aborts with 400 for any other.
    """
    phone = request.form.get("phone", "")
    if phone and phone not in desk_phones(door.routing):
        abort(400)
    found = set_phone(door.engine, name, phone, actor=the_person().name, now=door.services.clock())
    return phone, found
