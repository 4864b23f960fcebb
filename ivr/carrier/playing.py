"""Fetches one recording from Twilio, to be played in the console.

The address is always made here, of our own account and the recording's id: whatever address the log or a form may hold
is never asked, and the account's credentials go to one host only. What comes back is held in memory, never on a disk,
and only handed out when it is whole, in time, and sound.

Facts of the API: https://www.twilio.com/docs/voice/api/recording#fetch-a-recording-media-file.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.call_log.messages import RECORDING
from ivr.settings import Settings

from .media import API, recording_address

if TYPE_CHECKING:
    from requests import Response

MOST_BYTES = 50_000_000
MOST_SECONDS = 60.0
CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
CHUNK = 64 * 1024
FOUND, GONE = 200, (404, 410)


class NoSound(Exception):
    """There is no sound to hand out; the text says why, without anything of a call."""


class SoundGone(NoSound):
    """Twilio knows no such recording."""


class Busy(NoSound):
    """This process is fetching another recording."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A whole recording and what it is: audio/mpeg or audio/wav."""

    data: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an answer may be, how long it may take in all, and how long one silence in it may last."""

    most_bytes: int = MOST_BYTES
    most_seconds: float = MOST_SECONDS
    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS


class Player:
    """Fetches recordings of one account, one at a time. `api` is where Twilio's REST API answers.

    `user` is the API key when `auth_token` is an API key's secret.
    """

    def __init__(
        self, account_sid: str, auth_token: str, *, user: str = "", api: str = API, limits: Limits | None = None
    ) -> None:
        self._api = api
        self._account = account_sid
        self._credentials = user or account_sid, auth_token
        self._limits = limits or Limits()
        self._fetching = threading.Lock()

    def fetch(self, recording: str) -> Sound:
        """The whole recording with this id. Raises NoSound and its kinds."""
        if not RECORDING.fullmatch(recording):
            raise SoundGone("this is no recording's id")
        if not self._fetching.acquire(blocking=False):
            raise Busy("another message is being fetched")
        try:
            data = self._answered(recording_address(self._api, self._account, recording))
        finally:
            self._fetching.release()
        return Sound(data, kind_of(data))

    def _answered(self, address: str) -> bytes:
        from requests import RequestException  # five megabytes, and messages are played now and then
        from urllib3.exceptions import HTTPError

        try:
            return self._fetched(address)
        except (RequestException, HTTPError, OSError) as fault:
            # Without the fault itself: its text names the address.
            raise NoSound(f"Twilio gave no usable answer: {type(fault).__name__}") from None

    def _fetched(self, address: str) -> bytes:
        from requests import get

        deadline = time.monotonic() + self._limits.most_seconds
        with get(
            address,
            auth=self._credentials,
            headers={"Accept": "audio/mpeg, audio/wav", "Accept-Encoding": "identity"},
            timeout=(self._limits.connect_seconds, self._limits.read_seconds),
            allow_redirects=False,
            stream=True,
        ) as response:
            if response.status_code in GONE:
                raise SoundGone("Twilio knows no such recording")
            if response.status_code != FOUND:
                raise NoSound(f"Twilio answered {response.status_code}")
            return self._read(response, deadline)

    def _read(self, response: Response, deadline: float) -> bytes:
        """The body, as it comes in: a reader that waited for full pieces would wait long for one that drips."""
        data = bytearray()
        while piece := response.raw.read1(CHUNK, decode_content=False):
            data += piece
            if len(data) > self._limits.most_bytes:
                raise NoSound("the recording is too large")
            if time.monotonic() > deadline:
                raise NoSound("the recording took too long to come")
        return bytes(data)


def usual_player(settings: Settings) -> Player | None:
    """The player of the account in the settings; None in practice mode, where recordings are there but in name."""
    if settings.practice:
        return None
    user, password = settings.credentials
    return Player(settings.account_sid, password, user=user)


def kind_of(data: bytes) -> str:
    """What sound this is by its first bytes, whatever was said of it. Raises NoSound for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "audio/wav"
    if data[:3] == b"ID3" or _is_mpeg_frame(data[:4]):
        return "audio/mpeg"
    raise NoSound("what came is no sound")


def _is_mpeg_frame(head: bytes) -> bool:
    """The header of a frame of layer III: 11 bits of sync, then version and layer, then a rate that exists."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer, bit_rate, rate = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and bit_rate not in (0, 15) and rate != 3
