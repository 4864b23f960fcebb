"""Who was told of what, what could not be sent, and sending it again."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.accounts.roles import Right
from ivr.notices.outbox import OVER, again
from ivr.notices.patient_shown import stopped, text_counts
from ivr.notices.set_up import missing
from ivr.notices.shown import newest

from .door import Door, the_person

TEXTS_SHOWN = timedelta(days=30)


def add(door: Door) -> None:
    """Hang the pages."""

    @door.page("/notices", Right.HEALTH, title="Notices")
    def notices() -> str:
        dead = request.args.get("dead") == "1"
        return render_template(
            "notices.html",
            letters=newest(door.engine, dead=dead),
            dead=dead,
            over=OVER,
            people=door.routing.notices.people,
            rules=door.routing.notices.rules,
            missing=missing(door.services.settings, door.routing),
            moment=door.services.clock(),
            texts=text_counts(door.engine, door.services.clock() - TEXTS_SHOWN),
            stopped=stopped(door.engine),
        )

    @door.page("/notices/<int:number>/again", Right.HEALTH, methods=("POST",))
    def notice_again(number: int) -> Response:
        try:
            waits = again(door.engine, number, actor=the_person().name, now=door.services.clock())
        except LookupError:
            flash("This letter is not there any more.")
        else:
            flash(f"Letter {number} is sent again." if waits else f"Letter {number} is still on its way.")
        return redirect(url_for("console.notices"), 303)
