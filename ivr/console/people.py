"""Who may enter, in which role; invitations, disabling, another role, the phone that rings."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Regexp

from ivr.accounts.desk import phones_by_account
from ivr.accounts.people import NAME, NAME_RULE, LastAdmin, disable, enable, invite, set_role
from ivr.accounts.people import people as everybody
from ivr.accounts.roles import RIGHTS, Right, Role
from ivr.call_flow.desk_phones import desk_phones

from .desk_phones import choose_phone
from .door import Door, answer, the_person

ROLES = [(role.value, role.value.capitalize()) for role in Role]


class InviteForm(FlaskForm):
    """Whom to invite, and as what."""

    name = StringField(
        "Name", validators=[InputRequired(NAME_RULE), Regexp(f"^(?:{NAME.pattern})$", message=NAME_RULE)]
    )
    role = SelectField("Role", choices=[SelectChoice(*role) for role in ROLES])


def add(door: Door) -> None:
    """Hang the pages."""

    @door.page("/people", Right.PEOPLE, title="People", methods=("GET", "POST"))
    def people() -> Response | str:
        form, link = InviteForm(), ""
        if form.validate_on_submit():
            name, role = str(form.name.data), Role(str(form.role.data))
            token = invite(door.engine, name, role, actor=the_person().name, now=door.services.clock())
            link = door.services.settings.public_url + url_for("console.welcome", token=token)
        shown = render_template("people.html", form=form, link=link, **_found(door))
        return answer(shown, 422 if form.errors else 200)

    _add_change(door)


def _found(door: Door) -> dict[str, object]:
    return {
        "people": everybody(door.engine),
        "roles": ROLES,
        "phones": list(desk_phones(door.routing)),
        "phone_of": phones_by_account(door.engine),
        "rights_of": RIGHTS,
        "all": list(Right),
    }


def _add_change(door: Door) -> None:
    @door.page("/people/<name>", Right.PEOPLE, methods=("POST",))
    def change_person(name: str) -> Response:
        actor, now = the_person().name, door.services.clock()
        try:
            match request.form.get("do"):
                case "disable":
                    found = disable(door.engine, name, actor=actor, now=now)
                case "enable":
                    found = enable(door.engine, name, actor=actor, now=now)
                case "phone":
                    _, found = choose_phone(door, name)
                case "role":
                    found = set_role(door.engine, name, _role(), actor=actor, now=now)
                case _:
                    abort(400)
        except LastAdmin as fault:
            flash(f"Nothing was changed: {fault}.")
        else:
            flash("Done." if found else "There is nobody of this name any more.")
        return redirect(url_for("console.people"), 303)


def _role() -> Role:
    text = request.form.get("role", "")
    if text not in {role.value for role in Role}:
        abort(400)
    return Role(text)
