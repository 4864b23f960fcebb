"""A message, to be listened to: fetched from the carrier by its recording's id alone, and never kept by the browser."""

from __future__ import annotations

import logging

from flask import Response, abort, render_template, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from ivr.accounts.roles import Right
from ivr.call_log.messages import note_played, playable
from ivr.carrier.playing import Busy, NoSound, Sound, SoundGone

from .door import Door, answer, the_person

ENDINGS = {"audio/mpeg": "mp3", "audio/wav": "wav"}


def add(door: Door) -> None:
    """Hang the page."""

    @door.page("/call-back/message/<recording>", Right.LISTEN)
    def message(recording: str) -> Response:
        found = playable(door.engine, recording)
        if found is None:
            abort(404)
        if door.player is None:
            return _instead(404, "Practice messages have no sound", "Nobody spoke: the practice telephone only counts.")
        if _asks_for_many_pieces():
            return _out_of_range(None)
        try:
            sound = door.player.fetch(recording)
        except SoundGone:
            return _instead(404, "This message is gone", "Twilio does not have it any more.")
        except Busy:
            return _instead(429, "One message at a time", "Another one is being fetched. Try again in a moment.")
        except NoSound as fault:
            logging.getLogger("ivr").error("console: a message cannot be fetched", extra={"fault": str(fault)})
            return _instead(502, "The message cannot be fetched", "Twilio did not hand it out. Try again in a moment.")
        note_played(door.engine, found, actor=the_person().name, now=door.services.clock())
        return _sent(sound)


def _asks_for_many_pieces() -> bool:
    return "Range" in request.headers and (request.range is None or len(request.range.ranges) != 1)


def _sent(sound: Sound) -> Response:
    """The sound, or the one piece of it that was asked for. It is played by a page of ours or saved, never shown."""
    response = Response(sound.data, mimetype=sound.kind)
    response.headers["Content-Disposition"] = f"attachment; filename=message.{ENDINGS[sound.kind]}"
    response.headers["Cache-Control"] = "no-store"
    try:
        response.make_conditional(request.environ, accept_ranges=True, complete_length=len(sound.data))
    except RequestedRangeNotSatisfiable:
        return _out_of_range(len(sound.data))
    return response


def _out_of_range(length: int | None) -> Response:
    headers = {} if length is None else {"Content-Range": f"bytes */{length}"}
    return _instead(416, "There is no such piece", "The message is handed out whole, or one piece of it.", headers)


def _instead(code: int, title: str, text: str, headers: dict[str, str] | None = None) -> Response:
    return answer(render_template("sorry.html", title=title, text=text, code=code), code, headers)
