"""Twilio's door as Flask views: read the request, ask the door, give its answer. And /healthz."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ivr.services import Services

from .door import LARGEST_BODY, Request, VoiceDoor

THIS_MACHINE = {"127.0.0.1", "::1"}  # practice mode takes calls from nowhere else


def voice_routes(services: Services) -> Blueprint:
    """POST /voice/..., signed, and GET /healthz, open and without secrets."""
    blueprint = Blueprint("voice", __name__)
    door = VoiceDoor(services)
    practice = services.settings.practice

    @blueprint.post("/voice/<path:_rest>")
    def voice(_rest: str) -> Response:
        if (request.content_length or 0) > LARGEST_BODY:
            return Response(status=413)
        environ = request.environ
        if practice and environ.get("REMOTE_ADDR") not in THIS_MACHINE:
            return Response(status=403)
        query = environ.get("QUERY_STRING", "")
        target = environ["PATH_INFO"] + (f"?{query}" if query else "")
        body = environ["wsgi.input"].read(request.content_length or 0)
        signature = environ.get("HTTP_X_TWILIO_SIGNATURE", "")
        answer = door.answer(Request(target, environ.get("CONTENT_TYPE", ""), body, signature))
        return Response(answer.body, answer.status, mimetype="text/xml")

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
