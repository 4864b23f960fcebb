"""Who looked at or changed what, the newest first."""

from __future__ import annotations

from flask import render_template, request

from ivr.accounts.roles import Right
from ivr.call_log.audit import deeds

from .door import Door

A_PAGE = 50


def add(door: Door) -> None:
    """Hang the page."""

    @door.page("/audit", Right.AUDIT, title="Audit")
    def audit() -> str:
        text = request.args.get("before", "")
        before = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
        found = deeds(door.engine, limit=A_PAGE + 1, before=before)
        more = found[A_PAGE - 1].id if len(found) > A_PAGE else None
        return render_template("audit.html", deeds=found[:A_PAGE], more=more)
