"""Where Twilio keeps recordings. The address is always made here, of our own account and the recording's id."""

from __future__ import annotations

API = "https://api.twilio.com"


def recording_address(api: str, account_sid: str, recording: str) -> str:
    """Where the sound of a recording is fetched; `api` is where Twilio's REST API answers."""
    return f"{api}/2010-04-01/Accounts/{account_sid}/Recordings/{recording}.mp3"
