"""Twilio's door as WSGI, in front of Flask: read the request, ask the door, give its answer. And /healthz in Flask.

Calls do not pass through Flask's dispatch: it costs as much as the whole conversation (docs/performance.md), and a
caller waits. Everything that is not a call is Flask's.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint

from ivr.services import Services

from .door import LARGEST_BODY, Answer, Request, VoiceDoor

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THIS_MACHINE = {"127.0.0.1", "::1"}  # practice mode takes calls from nowhere else
STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class VoiceFirst:
    """A WSGI application that answers POST /voice/... itself and hands all else to `others`."""

    def __init__(self, services: Services, others: WSGIApplication) -> None:
        self._door = VoiceDoor(services)
        self._practice = services.settings.practice
        self._others = others

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith("/voice/"):
            return self._others(environ, start_response)
        answer = self._answer(environ)
        body = answer.body.encode()
        headers = [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response(STATUS_LINES[answer.status], headers)
        return (body,)

    def _answer(self, environ: WSGIEnvironment) -> Answer:
        if environ["REQUEST_METHOD"] != "POST":
            return Answer(405)
        if self._practice and environ.get("REMOTE_ADDR") not in THIS_MACHINE:
            return Answer(403)
        length = environ.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()) or len(length) > 9 or int(length) > LARGEST_BODY:
            return Answer(413)
        query = environ.get("QUERY_STRING", "")
        target = environ["PATH_INFO"] + (f"?{query}" if query else "")
        body = environ["wsgi.input"].read(int(length))
        signature = environ.get("HTTP_X_TWILIO_SIGNATURE", "")
        return self._door.answer(Request(target, environ.get("CONTENT_TYPE", ""), body, signature))


def health_route(services: Services) -> Blueprint:
    """GET /healthz, open and without secrets."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> dict[str, object]:
        live, journal = services.live, services.journal
        return {
            "status": "ok" if not (live.trouble or journal.trouble) else "degraded",
            "routing": {"version": live.version, "adopted_at": str(live.adopted_at), "problem": live.trouble},
            "journal": {"problem": journal.trouble, "lost": journal.lost},
            "practice": services.settings.practice,
        }

    return blueprint
