"""Every page stands behind this door: each names the right it asks for, and one that names none is not there.

A session is a row in the database (ivr.accounts.sessions); its cookie is worth nothing once the row is gone. Requests
that change something carry a token of the form (CSRF) and must come from our own pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, g, make_response, redirect, request, url_for
from sqlalchemy import Engine
from werkzeug.wrappers import Response as AnyResponse

from ivr.accounts.people import Person
from ivr.accounts.refusals import note_refusal
from ivr.accounts.roles import Right
from ivr.accounts.sessions import LONGEST, Session, session_of
from ivr.call_flow.model import Routing
from ivr.call_flow.turn import Turn
from ivr.carrier.playing import Player
from ivr.publishing.examination import Examiner
from ivr.routing.zone import clinic_zone
from ivr.services import Services

View = Callable[..., str | AnyResponse]
Render = Callable[[Routing, Turn, str], str]  # a turn as the voice door answers it; the string is the caller's number
POLLED = "HX-Polled"  # htmx sends it with fragments that ask by themselves: nobody did anything

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), payment=(), usb=()",
}
YEAR_SECONDS = 31_536_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu: what it is called and what its reader may do."""

    endpoint: str
    title: str
    right: Right


@dataclass(frozen=True, slots=True)
class Door:
    """What pages need, and where they are hung. `player` fetches messages to be heard; None in practice mode."""

    services: Services
    engine: Engine
    examiner: Examiner
    render: Render
    pages: Blueprint
    player: Player | None = None
    rights: dict[str, Right | None] = field(default_factory=dict)
    menu: list[Entry] = field(default_factory=list)

    def page(
        self, address: str, right: Right | None, *, title: str = "", methods: tuple[str, ...] = ("GET",)
    ) -> Callable[[View], View]:
        """Hang a view at an address. `right` None lets everybody in; with a `title` it stands in the menu."""

        def hung(view: View) -> View:
            name = view.__name__
            self.rights[f"console.{name}"] = right
            if title and right is not None:
                self.menu.append(Entry(f"console.{name}", title, right))
            self.pages.add_url_rule(address, endpoint=name, view_func=view, methods=[*methods])
            return view

        return hung

    @property
    def routing(self) -> Routing:
        """What callers hear now, with the overrides that stand."""
        return self.services.live.routing()

    @property
    def zone(self) -> ZoneInfo:
        return clinic_zone(self.routing)

    def now(self) -> datetime:
        """This moment by the clinic's clock, aware."""
        return self.services.clock().astimezone(self.zone)

    @property
    def cookie(self) -> str:
        """`__Host-` holds a cookie to this host and to https; a practice service has no https."""
        return "__Host-ivr" if self.is_https else "ivr-practice"

    @property
    def is_https(self) -> bool:
        return self.services.settings.public_url.startswith("https://")


def the_session() -> Session:
    """The session of this request. Only views behind a right may ask."""
    session = g.get("session")
    if not isinstance(session, Session):
        abort(401)
    return session


def the_person() -> Person:
    """Who is asking. Only views behind a right may ask."""
    return the_session().person


def guard(door: Door) -> Callable[[], AnyResponse | None]:
    """What stands before every view: who is it, may they, and does the request come from our own pages?"""

    def check() -> AnyResponse | None:
        g.session = _session(door)
        if request.endpoint not in door.rights:
            abort(404)
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            abort(403)
        right = door.rights[request.endpoint]
        if right is None:
            return None
        if g.session is None:
            return _sign_in_first()
        if g.session.waits:
            return redirect(url_for("console.second_step"))
        if not g.session.person.may(right):
            note_missing(door, right)
            abort(403)
        return None

    return check


def note_missing(door: Door, right: Right) -> None:
    """Write down that whoever is asking lacks this right. The page goes by its name: addresses may name a call."""
    page = (request.endpoint or "").removeprefix("console.")
    note_refusal(door.engine, the_person(), right, page, door.services.clock())


def remember(door: Door, token: str, to: str) -> AnyResponse:
    """Go on to a page with a new session's cookie."""
    response = redirect(to, 303)
    response.set_cookie(
        door.cookie,
        token,
        max_age=int(LONGEST.total_seconds()),
        secure=door.is_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def forget(door: Door, to: str) -> AnyResponse:
    """Go on to a page without the cookie."""
    response = redirect(to, 303)
    response.delete_cookie(door.cookie, secure=door.is_https, httponly=True, samesite="Lax", path="/")
    return response


def local(address: str) -> str:
    """Where to go next, when it is a path of this console; else the first page."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if plain and "\\" not in address else url_for("console.today")


def with_headers(door: Door) -> Callable[[Response], Response]:
    """Nothing of a page is kept by browsers, and nothing of it comes from elsewhere."""

    def add(response: Response) -> Response:
        response.headers.extend({name: text for name, text in HEADERS.items() if name not in response.headers})
        response.headers.setdefault("Cache-Control", "no-store")
        if door.is_https:
            response.headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}"
        return response

    return add


def fragment_only() -> bool:
    """Whether only the changing part of a page is asked for."""
    return request.headers.get("HX-Request") == "true"


def answer(page: str, status: int = 200, headers: Mapping[str, Any] | None = None) -> Response:
    """A page with another status than 200."""
    response = make_response(page, status)
    response.headers.update(headers or {})
    return response


def _session(door: Door) -> Session | None:
    token = request.cookies.get(door.cookie, "")
    if not token:
        return None
    return session_of(door.engine, token, door.services.clock(), touch=POLLED not in request.headers)


def _sign_in_first() -> AnyResponse:
    if fragment_only():
        return Response("", 401, {"HX-Redirect": url_for("console.sign_in")})
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("console.sign_in", next=wanted))
