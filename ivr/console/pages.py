"""All pages, hung in one application, with what they share: assets, words of the templates, errors."""

from __future__ import annotations

import hashlib
import logging
from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Blueprint, Flask, Response, abort, g, render_template, send_file, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from ivr.accounts.roles import Right
from ivr.carrier.playing import Player
from ivr.publishing.examination import Examiner
from ivr.services import Services

from . import (
    account,
    audit,
    call,
    call_back,
    calls,
    change,
    draft,
    draft_forms,
    export,
    health,
    message,
    notices,
    people,
    reports,
    routing,
    sign_in,
    today,
    try_call,
    welcome,
)
from .door import YEAR_SECONDS, Door, Render, guard, with_headers
from .words import FILTERS

# In the order of the menu.
PAGES: tuple[Callable[[Door], None], ...] = (
    today.add,
    change.add,
    calls.add,
    export.add,
    call.add,
    call_back.add,
    message.add,
    reports.add,
    routing.add,
    draft.add,
    draft_forms.add,
    try_call.add,
    notices.add,
    health.add,
    people.add,
    audit.add,
    account.add,
    sign_in.add,
    welcome.add,
)
LIBRARY = {
    "bootstrap.min.css": ("flask_bootstrap", "static/bootstrap5/css/bootstrap.min.css"),
    "htmx.min.js": ("js_lib_htmx", "static/htmx/htmx.min.js"),
}
MOST_FORM_BYTES = 2_000_000
SORRY = {
    400: ("This could not be read", "Something in the address or the form is not as expected. Go back and try again."),
    401: ("Please sign in", "This page is for people who are signed in."),
    403: ("This is not yours to do", "Your role does not include it, or the form was too old. Go back and try again."),
    404: ("There is nothing here", "The page has moved, or what it told of is gone."),
    409: ("Somebody was faster", "This was changed meanwhile. Look at it again before you change it."),
    413: ("This is too large", "Send less at once."),
    429: ("Too many tries", "Wait a while and try again."),
    500: ("Something went wrong here", "It is written down. Calls are answered all the same. Try again in a moment."),
    503: ("The call log cannot be reached", "Calls are answered all the same. Try again in a moment."),
}


def add_console(
    app: Flask, services: Services, engine: Engine, examiner: Examiner, render: Render, player: Player | None = None
) -> None:
    """Give the application its pages. `player` fetches messages; None when they have no sound (practice mode)."""
    pages = Blueprint(
        "console", __name__, template_folder="templates", static_folder="static", static_url_path="/assets"
    )
    door = Door(services, engine, examiner, render, pages, player)
    door.rights["console.static"] = None
    app.extensions["ivr-console"] = door
    _configure(app, door)
    for add in PAGES:
        add(door)
    door.page("/library/<name>", None)(library)
    pages.before_request(guard(door))
    pages.after_request(with_headers(door))
    app.context_processor(
        lambda: {"door": door, "person": _person(), "asset": asset, "now": door.now(), "rights": Right}
    )
    for name, words in FILTERS.items():
        pages.add_app_template_filter(words, name)
    app.register_blueprint(pages)
    _tell_of_errors(app, door)


def library(name: str) -> Response:
    """A style sheet or script that a package brings along."""
    path = _library_file(name)
    if path is None:
        abort(404)
    return send_file(path, max_age=YEAR_SECONDS)


@cache
def asset(name: str) -> str:
    """The address of an asset; it changes when the asset does, so that browsers may keep it."""
    path = _library_file(name)
    own = Path(__file__).parent / "static" / name
    mark = hashlib.sha256((path or own).read_bytes()).hexdigest()[:12]
    if path is not None:
        return url_for("console.library", name=name, v=mark)
    return url_for("console.static", filename=name, v=mark)


def _library_file(name: str) -> Path | None:
    if name not in LIBRARY:
        return None
    package, inside = LIBRARY[name]
    return Path(str(files(package))) / inside


def _configure(app: Flask, door: Door) -> None:
    settings = door.services.settings
    keys = [_form_key(secret) for secret in settings.secret_keys]
    app.config.update(
        SECRET_KEY=keys[0],
        SECRET_KEY_FALLBACKS=keys[1:],
        SESSION_COOKIE_NAME="__Host-ivr-form" if door.is_https else "ivr-practice-form",
        SESSION_COOKIE_SECURE=door.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session it is bound to
        MAX_CONTENT_LENGTH=MOST_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_FORM_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=YEAR_SECONDS,  # addresses of assets change with them
    )
    CSRFProtect(app)


def _form_key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ivr console forms").derive(secret.encode())
    return urlsafe_b64encode(derived)


def _person() -> object:
    session = g.get("session")
    return session.person if session and not session.waits else None


def _tell_of_errors(app: Flask, door: Door) -> None:
    add_headers = with_headers(door)

    def page(code: int) -> Response:
        title, text = SORRY.get(code, SORRY[400])
        return add_headers(Response(render_template("sorry.html", title=title, text=text, code=code), code))

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        return page(403 if isinstance(error, CSRFError) else error.code or 500)

    @app.errorhandler(SQLAlchemyError)
    def no_database(error: SQLAlchemyError) -> Response:
        logging.getLogger("ivr").error("console: the call log cannot be used", extra={"fault": type(error).__name__})
        return page(503)
