"""Variant (b): what the SDK's tutorials lead to. Its validator, its builder, and one SQLite row for each request."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

TABLE = "CREATE TABLE IF NOT EXISTS turns (id INTEGER PRIMARY KEY, call TEXT, digits TEXT, status TEXT, at TEXT)"
ROW = "INSERT INTO turns (call, digits, status, at) VALUES (?, ?, ?, datetime('now'))"


def create_app() -> Flask:
    """The application, with token, address and folder taken from the environment as the service takes them."""
    app = Flask("sdk", static_folder=None)
    validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
    base = os.environ["PUBLIC_URL"]
    database = Path(os.environ["IVR_DATA"]) / "turns.db"
    _prepare(database)
    of_thread = threading.local()

    def connection() -> sqlite3.Connection:
        if not hasattr(of_thread, "connection"):
            of_thread.connection = _open(database)
        opened: sqlite3.Connection = of_thread.connection
        return opened

    @app.post("/voice/<path:_rest>")
    def voice(_rest: str) -> Response:
        signature = request.headers.get("X-Twilio-Signature", "")
        if not validator.validate(base + request.path, request.form, signature):
            abort(403)
        with connection() as rows:
            form = request.form
            rows.execute(ROW, (form["CallSid"], form.get("Digits", ""), form.get("CallStatus", "")))
        return Response(_menu(base + request.path), mimetype="text/xml")

    return app


def _prepare(database: Path) -> None:
    """Once, before there are threads: two of them at this together would find the file locked."""
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute(TABLE)


def _open(database: Path) -> sqlite3.Connection:
    """Write-ahead log, synchronous NORMAL: survives a killed process, not a power cut."""
    opened = sqlite3.connect(database, timeout=30)
    opened.execute("PRAGMA synchronous=NORMAL")
    return opened


def _menu(action: str) -> str:
    answer = VoiceResponse()
    gather = Gather(input="dtmf", num_digits=1, finish_on_key="", timeout=5, action=action, method="POST")
    voice, language = "Polly.Joanna-Neural", "en-US"
    gather.say("Thank you for calling.", voice=voice, language=language)
    gather.say("For our Scottsdale location, press 1.", voice=voice, language=language)
    gather.say("For our Gilbert location, press 2.", voice=voice, language=language)
    gather.say("For a person, press 0.", voice=voice, language=language)
    answer.append(gather)
    answer.redirect(action, method="POST")
    return str(answer)
