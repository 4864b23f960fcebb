"""Twilio's door as WSGI, in front of Flask: read the request, ask the door, give its answer, count it.

Calls do not pass through Flask's dispatch: it costs as much as the whole conversation (docs/performance.md), and a
caller waits. Everything that is not a call is Flask's.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING

from ivr.services import Services
from ivr.telemetry.logs import UnderWay, under_way
from ivr.telemetry.metrics import Metrics

from .door import LARGEST_BODY, Answer, Request, VoiceDoor
from .health import THIS_MACHINE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class VoiceFirst:
    """A WSGI application that answers POST /voice/... itself and hands all else to `others`."""

    def __init__(self, services: Services, metrics: Metrics, others: WSGIApplication) -> None:
        self._door = VoiceDoor(services)
        self._metrics = metrics
        self._practice = services.settings.practice
        self._others = others

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        current = UnderWay()
        under_way.set(current)  # each thread has its own, and the next request replaces it
        path: str = environ["PATH_INFO"]
        if not path.startswith("/voice/"):
            return self._others(environ, start_response)
        began = perf_counter()
        answer = self._answer(environ, current)
        self._metrics.answered(path.split("/", 3)[2], answer.status, perf_counter() - began)
        body = answer.body.encode()
        headers = [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(body)))]
        if answer.status == 405:
            headers.append(("Allow", "POST"))  # RFC 9110, 15.5.6
        start_response(STATUS_LINES[answer.status], headers)
        return (body,)

    def _answer(self, environ: WSGIEnvironment, current: UnderWay) -> Answer:
        if environ["REQUEST_METHOD"] != "POST":
            return Answer(405)
        if self._practice and environ.get("REMOTE_ADDR") not in THIS_MACHINE:  # practice mode takes no other calls
            return Answer(403)
        length = environ.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()) or len(length) > 9 or int(length) > LARGEST_BODY:
            return Answer(413)
        query = environ.get("QUERY_STRING", "")
        target = environ["PATH_INFO"] + (f"?{query}" if query else "")
        body = current.body = environ["wsgi.input"].read(int(length))
        signature = environ.get("HTTP_X_TWILIO_SIGNATURE", "")
        return self._door.answer(Request(target, environ.get("CONTENT_TYPE", ""), body, signature))
