"""One's own account: another password, a second factor, the phone that rings."""

from __future__ import annotations

from datetime import datetime

import segno
from flask import flash, redirect, render_template, session, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from ivr.accounts.desk import phone_of
from ivr.accounts.passwords import problem_of
from ivr.accounts.people import Person, set_password
from ivr.accounts.roles import Right
from ivr.accounts.second_factor import address_for_app, new_secret, step_of, switch_off, switch_on
from ivr.accounts.sessions import Refusal, begin, person_with
from ivr.call_flow.desk_phones import desk_phones
from ivr.journal.sealing import SealBroken

from .desk_phones import choose_phone
from .door import Door, answer, remember, the_person
from .visitors import SHUT, visitor_of

NOT_YOURS = "This is not your present password."
NOT_THE_CODE = "This is not the code the app shows now. Try the next one."


class PasswordForm(FlaskForm):
    """The present password and a new one."""

    present = PasswordField("Present password", validators=[Length(max=200)])
    password = PasswordField("New password", validators=[InputRequired("Choose a new password.")])
    again = PasswordField(
        "The new password again", validators=[EqualTo("password", "The two passwords are not the same.")]
    )


class SecondFactorForm(FlaskForm):
    """The secret, sealed on its way, and the code that proves the app has it."""

    sealed = HiddenField()
    code = StringField("Code that the app shows", validators=[InputRequired("Type the code."), Length(max=20)])


def add(door: Door) -> None:
    """Hang the pages."""
    _add_password(door)
    _add_second_factor(door)
    _add_phone(door)


def _add_phone(door: Door) -> None:
    @door.page("/account/phone", Right.CALL, methods=("POST",))
    def own_phone() -> Response:
        phone, _ = choose_phone(door, the_person().name)
        flash(f"{phone} rings when you call somebody back." if phone else "No phone of yours rings any more.")
        return redirect(url_for("console.account"), 303)


def _account_page(door: Door, form: PasswordForm) -> str:
    phones = list(desk_phones(door.routing))
    return render_template("account.html", form=form, phones=phones, phone=phone_of(door.engine, the_person().name))


def _add_password(door: Door) -> None:
    @door.page("/account", Right.SEE)
    def account() -> str:
        return _account_page(door, PasswordForm())

    @door.page("/account/password", Right.SEE, methods=("POST",))
    def change_password() -> Response | str:
        form, person, now = PasswordForm(), the_person(), door.services.clock()
        if not form.validate_on_submit():
            return answer(_account_page(door, form), 400)
        if problem := problem_of(str(form.password.data), person.name):
            form.password.errors = [problem]
        elif person.has_password and (refused := _refused(door, person, str(form.present.data), now)):
            form.present.errors = [refused]
        else:
            set_password(door.engine, person, str(form.password.data), now)
            session.clear()
            flash("Your password is changed. Every other browser is signed out.")
            return remember(door, begin(door.engine, person, now), url_for("console.account"))
        return answer(_account_page(door, form), 400)


def _add_second_factor(door: Door) -> None:
    @door.page("/account/second-factor", Right.SEE, methods=("GET", "POST"))
    def second_factor() -> Response | str:
        form, person = SecondFactorForm(), the_person()
        secret = _secret_in(door, form)
        if form.validate_on_submit() and secret:
            if step_of(secret, str(form.code.data), door.services.clock()) is not None:
                codes = switch_on(door.engine, door.services.seal, person, secret, door.services.clock())
                return render_template("recovery_codes.html", codes=codes)
            form.code.errors = [NOT_THE_CODE]
        secret = secret or new_secret()
        form.sealed.data = door.services.seal.seal(secret)
        drawing = _drawn(address_for_app(secret, person.name))
        return render_template("second_factor.html", form=form, secret=secret, drawing=drawing)

    @door.page("/account/second-factor/off", Right.SEE, methods=("POST",))
    def second_factor_off() -> Response:
        switch_off(door.engine, the_person(), door.services.clock())
        flash("From now on your password alone lets you in.")
        return redirect(url_for("console.account"), 303)


def _refused(door: Door, person: Person, password: str, now: datetime) -> str:
    """Why this is not taken as the present password, "" when it is; tries are counted like those of signing in."""
    found = person_with(door.engine, visitor_of(door, person.name), person.name, password, now)
    return SHUT.get(found, NOT_YOURS) if isinstance(found, Refusal) else ""


def _secret_in(door: Door, form: SecondFactorForm) -> str:
    """The secret that the form was made with; empty for a new form, or one that somebody tampered with."""
    try:
        return door.services.seal.unseal(str(form.sealed.data)) if form.sealed.data else ""
    except SealBroken:
        return ""


def _drawn(address: str) -> str:
    """A square code as an image that needs no style of its own."""
    return segno.make(address, error="m").svg_data_uri(scale=5, border=2, dark="#111", light="#fff")
