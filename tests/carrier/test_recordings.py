"""A recording counts as erased only when Twilio says so, or knows of none; the SDK itself asks, a double answers."""

from __future__ import annotations

from typing import Any

import pytest
from requests import ConnectTimeout
from twilio.http import HttpClient
from twilio.http.response import Response

from ivr.carrier.client import rest_client
from ivr.carrier.recordings import eraser

ACCOUNT = "AC" + "0" * 32
RECORDING = "RE" + "1" * 32


class Answers(HttpClient):  # type: ignore[misc]  # the SDK ships no type information
    """Answers every request alike, and remembers what was asked."""

    def __init__(self, answer: Response | Exception) -> None:
        super().__init__(None, False, None)
        self.asked: list[tuple[str, str]] = []
        self._answer = answer

    def request(self, method: str, url: str, *_rest: Any, **_more: Any) -> Response:
        self.asked.append((method, url))
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.mark.parametrize(
    ("answer", "gone"),
    [
        (Response(204, ""), True),
        (Response(404, '{"code": 20404, "message": "not found", "status": 404}'), True),
        (Response(401, '{"code": 20003, "message": "no", "status": 401}'), False),
        (Response(429, '{"code": 20429, "message": "slower", "status": 429}'), False),
        (Response(500, "<html>oops</html>"), False),
        (ConnectTimeout("no answer"), False),
    ],
    ids=["gone now", "gone before", "refused", "too many", "fault", "away"],
)
def test_only_twilios_word_makes_a_recording_erased(answer: Response | Exception, gone: bool) -> None:
    http = Answers(answer)
    assert eraser(rest_client(ACCOUNT, "token", http))(RECORDING) is gone
    assert http.asked == [
        ("DELETE", f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}.json")
    ]
