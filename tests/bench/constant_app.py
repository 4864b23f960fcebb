"""Variant (a): bare Flask that answers every POST with the same document. The floor that the others stand on."""

from __future__ import annotations

from flask import Flask, Response

BODY = (
    '<?xml version="1.0" encoding="UTF-8"?><Response>'
    '<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="5" method="POST"'
    ' action="https://ivr.example.com/voice/turn/0123456789abcdef/main/main/0/1/0/0/en-US/normal/0/shown">'
    '<Say voice="Polly.Joanna-Neural" language="en-US">Thank you for calling. <break time="600ms"/>'
    'For our Scottsdale location, press 1. <break time="600ms"/>For our Gilbert location, press 2.'
    '<break time="600ms"/>For a person, press 0.</Say></Gather><Redirect method="POST">'
    "https://ivr.example.com/voice/turn/0123456789abcdef/main/main/0/1/0/0/en-US/normal/0/shown</Redirect></Response>"
)


def create_app() -> Flask:
    """The application; `BODY` is some 700 bytes of TwiML."""
    app = Flask("constant", static_folder=None)

    @app.post("/voice/<path:_rest>")
    def voice(_rest: str) -> Response:
        return Response(BODY, mimetype="text/xml")

    return app
