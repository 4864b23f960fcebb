"""A recording is fetched from Twilio alone, whole, small, in time and as sound, or not at all."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import pytest

from ivr.carrier.playing import Busy, Limits, NoSound, Player, SoundGone, kind_of, usual_player
from tests.conftest import settings_for
from tests.local_server import Quiet, listening

ACCOUNT = "AC" + "0" * 32
TOKEN = "0123456789abcdef0123456789abcdef"
RECORDING = "RE" + "1" * 32
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(2000)
WAV = b"RIFF\x24\x08\x00\x00WAVEfmt " + bytes(2000)
USUAL = Limits(most_bytes=100_000)

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass(slots=True)
class Api:
    """What answers in Twilio's place: how, what it was asked and with which credentials."""

    answer: Answer
    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def player(self, limits: Limits = USUAL) -> Player:
        return Player(ACCOUNT, TOKEN, api=self.url, limits=limits)


@contextmanager
def answering(answer: Answer) -> Iterator[Api]:
    """A server that answers every request alike, until the end."""
    api = Api(answer)

    class Handler(Quiet):
        def do_GET(self) -> None:
            api.asked.append((self.path, self.headers.get("Authorization", "")))
            try:
                api.answer(self)
            except OSError:
                self.close_connection = True

    with listening(Handler) as api.port:
        try:
            yield api
        finally:
            api.closing.set()


def giving(body: bytes, status: int = 200, length: int | None = None, **headers: str) -> Answer:
    """An answer with this body; `length` is what it claims to be long, when that is a lie."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def without_end(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    request.wfile.write(MP3)
    while True:
        request.wfile.write(bytes(50_000))


@pytest.mark.parametrize(("body", "kind"), [(MP3, "audio/mpeg"), (WAV, "audio/wav")])
def test_a_recording_is_fetched_whole_from_an_address_made_of_our_account_and_its_id(body: bytes, kind: str) -> None:
    with answering(giving(body, Content_Type="text/html")) as api:
        sound = api.player().fetch(RECORDING)
    assert (sound.data, sound.kind) == (body, kind)
    credentials = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    assert api.asked == [(f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}.mp3", f"Basic {credentials}")]


@pytest.mark.parametrize(
    "recording",
    [
        "RE" + "1" * 31,
        "RE" + "1" * 33,
        "RE" + "G" * 32,
        RECORDING + "\n",
        "../" + RECORDING,
        "http://169.254.169.254/" + RECORDING,
        "https://api.twilio.com.evil/" + RECORDING,
        f"x@{RECORDING}",
        "",
    ],
)
def test_nothing_but_a_recordings_id_is_ever_asked_for(recording: str) -> None:
    with answering(giving(MP3)) as api, pytest.raises(SoundGone):
        api.player().fetch(recording)
    assert api.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_credentials_go_nowhere_else(status: int) -> None:
    with answering(giving(MP3)) as elsewhere, answering(giving(b"", status, Location=elsewhere.url + "/x")) as api:
        with pytest.raises(NoSound, match=str(status)):
            api.player().fetch(RECORDING)
        assert len(api.asked) == 1
        assert elsewhere.asked == []


@pytest.mark.parametrize("status", [404, 410])
def test_what_twilio_does_not_know_is_gone(status: int) -> None:
    with answering(giving(b"{}", status)) as api, pytest.raises(SoundGone):
        api.player().fetch(RECORDING)


@pytest.mark.parametrize("status", [206, 401, 403, 429, 500, 503])
def test_any_other_answer_is_no_sound(status: int) -> None:
    with answering(giving(MP3, status)) as api, pytest.raises(NoSound, match=f"answered {status}"):
        api.player().fetch(RECORDING)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>out of order</html>",
        b"PK\x03\x04 a zip",
        b"\x1f\x8b\x08 gzip",
        b"RIFF\x00\x00\x00\x00AVI ",
        b"RIFF",
        b"\xff\xd8\xff\xe0 a picture",
        b"\xff\xff\xff\xff",
        b"\xff\xfb",
        b"%PDF-1.7",
    ],
)
def test_what_is_no_sound_is_refused_whatever_it_is_called(body: bytes) -> None:
    with answering(giving(body, Content_Type="audio/mpeg")) as api, pytest.raises(NoSound, match="no sound"):
        api.player().fetch(RECORDING)


def test_sound_without_a_tag_is_known_by_its_first_frame() -> None:
    assert kind_of(b"\xff\xfb\x90\x00" + bytes(100)) == "audio/mpeg"
    assert kind_of(b"\xff\xf3\x40\xc4" + bytes(100)) == "audio/mpeg"


def test_a_recording_without_end_is_cut_off_by_its_size() -> None:
    with answering(without_end) as api, pytest.raises(NoSound, match="too large"):
        api.player(Limits(most_bytes=100_000)).fetch(RECORDING)


def test_a_recording_that_drips_is_cut_off_by_the_time_it_takes() -> None:
    with answering(lambda request: drip(request, api)) as api, pytest.raises(NoSound, match="too long"):
        api.player(Limits(most_seconds=0.5)).fetch(RECORDING)


def drip(request: BaseHTTPRequestHandler, api: Api) -> None:
    request.send_response(200)
    request.end_headers()
    request.wfile.write(MP3)
    while not api.closing.wait(0.05):
        request.wfile.write(b"\0")


def test_a_server_that_says_nothing_is_given_up() -> None:
    with answering(lambda _request: hang(api)) as api, pytest.raises(NoSound, match="ReadTimeout"):
        api.player(Limits(read_seconds=0.2)).fetch(RECORDING)


def hang(api: Api) -> None:
    api.waiting.set()
    api.closing.wait(30)


def test_half_a_recording_is_none() -> None:
    with answering(giving(MP3, length=len(MP3) * 2)) as api, pytest.raises(NoSound, match="no usable answer"):
        api.player().fetch(RECORDING)


def test_a_server_that_is_away_is_told_without_its_address() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        player = Player(ACCOUNT, TOKEN, api=f"http://127.0.0.1:{taken.getsockname()[1]}", limits=USUAL)
        with pytest.raises(NoSound) as caught:
            player.fetch(RECORDING)
    assert ACCOUNT not in str(caught.value)
    assert RECORDING not in str(caught.value)


def test_one_recording_is_fetched_at_a_time_and_the_next_after_it() -> None:
    with answering(lambda _request: hang(api)) as api:
        player = api.player(Limits(read_seconds=20))
        first = threading.Thread(target=in_vain, args=(player,))
        first.start()
        assert api.waiting.wait(20)
        with pytest.raises(Busy):
            player.fetch(RECORDING)
        api.closing.set()
        first.join()
        api.answer = giving(MP3)
        assert player.fetch(RECORDING).data == MP3


def in_vain(player: Player) -> None:
    with pytest.raises(NoSound):
        player.fetch(RECORDING)


def test_practice_messages_have_no_sound(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("practice")
    assert usual_player(settings_for(folder, folder)) is None
