"""Signing in, the second step of it, and signing out."""

from __future__ import annotations

from flask import g, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from ivr.accounts.second_factor import give
from ivr.accounts.sessions import Refusal, end, note_failure, shut_by
from ivr.accounts.sessions import sign_in as signed_in

from .door import Door, answer, forget, local, remember
from .visitors import SHUT, visitor_of

WRONG = "Name and password do not fit together."
WRONG_CODE = "This code is not right, or was used already. Wait for the next one."


class SignInForm(FlaskForm):
    """Name and password."""

    name = StringField("Name", validators=[InputRequired("Type your name."), Length(max=40)])
    password = PasswordField("Password", validators=[InputRequired("Type your password."), Length(max=200)])


class CodeForm(FlaskForm):
    """A code of the authenticator app, or a recovery code."""

    code = StringField("Code", validators=[InputRequired("Type the code."), Length(max=20)])


def add(door: Door) -> None:
    """Hang the pages."""
    _add_first_step(door)
    _add_second_step(door)


def _add_first_step(door: Door) -> None:
    @door.page("/sign-in", None, methods=("GET", "POST"))
    def sign_in() -> Response | str:
        form = SignInForm()
        if not form.validate_on_submit():
            return render_template("sign_in.html", form=form)
        name = str(form.name.data).strip().lower()
        visitor = visitor_of(door, name)
        result = signed_in(door.engine, visitor, name, str(form.password.data), door.services.clock())
        match result:
            case Refusal.WRONG:
                return answer(render_template("sign_in.html", form=form, problem=WRONG), 401)
            case Refusal() as shut:
                return answer(render_template("sign_in.html", form=form, problem=SHUT[shut]), 429)
            case token:
                session.clear()  # a form's token from before is worth nothing after
                return remember(door, token, local(request.args.get("next", "/")))

    @door.page("/sign-out", None, methods=("POST",))
    def sign_out() -> Response:
        if g.session is not None:
            end(door.engine, g.session, door.services.clock())
        session.clear()
        return forget(door, url_for("console.sign_in"))


def _add_second_step(door: Door) -> None:
    @door.page("/sign-in/code", None, methods=("GET", "POST"))
    def second_step() -> Response | str:
        if g.session is None or not g.session.waits:
            return redirect(url_for("console.sign_in"))
        form = CodeForm()
        if not form.validate_on_submit():
            return render_template("second_step.html", form=form)
        visitor, now = visitor_of(door, g.session.person.name), door.services.clock()
        if shut := shut_by(door.engine, visitor, now):
            return answer(render_template("second_step.html", form=form, problem=SHUT[shut]), 429)
        if not give(door.engine, door.services.seal, g.session, str(form.code.data), now):
            note_failure(door.engine, visitor, now)
            return answer(render_template("second_step.html", form=form, problem=WRONG_CODE), 401)
        return redirect(url_for("console.today"), 303)
