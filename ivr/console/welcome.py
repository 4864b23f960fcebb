"""The link by which somebody comes in for the first time, or again after losing password and phone."""

from __future__ import annotations

from flask import render_template, session, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from ivr.accounts.passwords import problem_of
from ivr.accounts.people import NAME, NAME_RULE, Person, accept, enter_practice, invitation
from ivr.accounts.sessions import begin

from .door import Door, answer, remember

VOID = "This link has been used, or is older than a day. Ask for a new one."
TAKEN = "This name is taken, or the link was used meanwhile. Choose another name, or ask for a new link."


class WelcomeForm(FlaskForm):
    """A name, where it is free to choose, and a password."""

    name = StringField("Name", validators=[Length(max=40)])
    password = PasswordField("Password", validators=[InputRequired("Choose a password.")])
    again = PasswordField(
        "The same password again", validators=[EqualTo("password", "The two passwords are not the same.")]
    )


def add(door: Door) -> None:
    """Hang the page."""

    @door.page("/welcome/<token>", None, methods=("GET", "POST"))
    def welcome(token: str) -> Response | str:
        now = door.services.clock()
        invited = invitation(door.engine, token, now)
        if invited is None:
            return answer(_void(), 404)
        if door.services.settings.practice and not invited.name:
            person = enter_practice(door.engine, token, now)
            return _let_in(door, person) if person else answer(_void(), 404)
        form = WelcomeForm()
        name = invited.name or str(form.name.data or "").strip().lower()
        if not form.validate_on_submit() or not _is_fine(form, name):
            return render_template("welcome.html", form=form, invited=invited)
        person = accept(door.engine, token, name, str(form.password.data), now)
        if person is None:
            return answer(render_template("welcome.html", form=form, invited=invited, problem=TAKEN), 409)
        return _let_in(door, person)


def _let_in(door: Door, person: Person) -> Response:
    session.clear()
    return remember(door, begin(door.engine, person, door.services.clock()), url_for("console.today"))


def _void() -> str:
    return render_template("sorry.html", title="This link is void", text=VOID, code=404)


def _is_fine(form: WelcomeForm, name: str) -> bool:
    """Name and password by our own rules; what is wrong stands at its field afterwards."""
    if not NAME.fullmatch(name):
        form.name.errors = [NAME_RULE]
    if problem := problem_of(str(form.password.data), name):
        form.password.errors = [problem]
    return not (form.name.errors or form.password.errors)
