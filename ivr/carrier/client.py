"""Twilio's REST client as this project uses it: with a time limit, and an ear for how long Twilio asks us to wait.

The SDK's own client waits for ever.
"""

from __future__ import annotations

from twilio.http import HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from ivr.settings import Settings

from .attention import Attentive

TIMEOUT_SECONDS = 5.0


def account_client(settings: Settings, http: HttpClient | None = None) -> Client:
    """A client of the account in the settings, by its API key where there is one."""
    user, password = settings.credentials
    return Client(user, password, settings.account_sid, http_client=_attentive(http))


def rest_client(account_sid: str, auth_token: str, http: HttpClient | None = None) -> Client:
    """A client of one account. `http` carries its requests; left out, a new one that gives up after 5 seconds."""
    return Client(account_sid, auth_token, http_client=_attentive(http))


def token_clients(settings: Settings, http: HttpClient | None = None) -> tuple[Client, ...]:
    """A client by each auth token, to try it: none where a token itself asks, and in practice mode."""
    if settings.practice or not settings.api_key:
        return ()
    return tuple(rest_client(settings.account_sid, token, http) for token in settings.auth_tokens)


def _attentive(http: HttpClient | None) -> HttpClient:
    return Attentive(http or TwilioHttpClient(timeout=TIMEOUT_SECONDS))
