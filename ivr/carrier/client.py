"""Twilio's REST client as this project uses it: with a time limit, since the SDK's own waits for ever."""

from __future__ import annotations

from twilio.http import HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

TIMEOUT_SECONDS = 5.0


def rest_client(account_sid: str, auth_token: str, http: HttpClient | None = None) -> Client:
    """A client of one account. `http` carries its requests; left out, a new one that gives up after 5 seconds."""
    return Client(account_sid, auth_token, http_client=http or TwilioHttpClient(timeout=TIMEOUT_SECONDS))
