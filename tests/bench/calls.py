"""Signed forms as Twilio sends them: one practice call is placed, then told again by thousands of callers.

The addresses of the turns are taken from the service's own answers. They hold no caller's data, so the same address
serves every call that stands at the same place.
"""

from __future__ import annotations

import html
import http.client
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, repeat
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from ivr.voice.links import read_state, write_state
from tests.bench.prepared import Prepared
from tests.bench.server import BenchFault

PUBLIC_URL = "https://ivr.example.com"
TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC" + "0123456789abcdef" * 2
LINE = "+14805550100"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
ACTION = re.compile(r'action="([^"]+)"')

Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class Turn:
    """One request of a call: `target` is where it goes, `adds` what it adds to the call's fields."""

    what: str
    target: str
    adds: Fields
    expects: str


ARRIVAL = Turn("arrival", "/voice/incoming", {"CallStatus": "ringing"}, "<Gather")
TALKED = {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "95"}


def _pressed(key: str) -> Fields:
    return {"Digits": key, "FinishedOnKey": "", "msg": "Gather End"}


# What the caller of the practice call does after the first menu, and what must then be in the answer. The last two
# are the clinic's phone ringing and the end of the talk.
DEEDS: tuple[tuple[str, Fields, str], ...] = (
    ("topics", _pressed("3"), "<Gather"),
    ("a topic", _pressed("1"), "<Gather"),
    ("next part", _pressed("1"), "<Gather"),
    ("silence", {}, "<Gather"),
    ("a person", _pressed("0"), "<Dial"),
    ("dial ended", TALKED, "<Hangup/>"),
)
# The same length of call where there are only menus: `tests/routing/large_config.py`.
WANDERINGS: tuple[tuple[str, Fields, str], ...] = (
    *((f"menu {number}", _pressed("*"), "<Gather") for number in (1, 2, 3)),
    ("silence", {}, "<Gather"),
    ("a person", _pressed("0"), "<Dial"),
    ("dial ended", TALKED, "<Hangup/>"),
)


class Caller:
    """Makes callers: each has a call id, a number and a place of its own, the same ones in every run."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._validator = RequestValidator(TOKEN)

    def prepared(self, calls: Iterator[Sequence[Turn]], count: int) -> list[Prepared]:
        """`count` requests: one new caller for each of `calls`, who takes its turns in their order."""
        return list(
            islice((self.signed(turn, fields) for turns in calls for fields in [self.call()] for turn in turns), count)
        )

    def signed(self, turn: Turn, call: Fields) -> Prepared:
        """One turn of one call, signed by the SDK over the configured address."""
        form = {**call, **turn.adds}
        signature = self._validator.compute_signature(PUBLIC_URL + turn.target, form)
        headers = {"Content-Type": FORM, "X-Twilio-Signature": signature, "User-Agent": "TwilioProxy/1.1"}
        return Prepared(turn.what, turn.target, urlencode(form), headers, turn.expects)

    def call(self) -> Fields:
        """The 27 fields that every request of a new call carries."""
        number = f"+1480555{self._random.randrange(100, 200):04}"
        hexadecimal = f"{self._random.getrandbits(128):032x}"
        home = {"City": "SCOTTSDALE", "State": "AZ", "Zip": "85251", "Country": "US"}
        clinic = {"City": "PHOENIX", "State": "AZ", "Zip": "85003", "Country": "US"}
        token = f"{self._random.getrandbits(1400):0350x}"
        return {
            "CallSid": f"CA{hexadecimal}",
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "Direction": "inbound",
            "CallStatus": "in-progress",
            "StirVerstat": "TN-Validation-Passed-A",
            "CallToken": f'{{"parentCallInfoToken":"{token}","identityHeaderTokens":[]}}',
            "From": number,
            "Caller": number,
            "To": LINE,
            "Called": LINE,
            **{f"{end}{key}": value for end in ("From", "Caller") for key, value in home.items()},
            **{f"{end}{key}": value for end in ("To", "Called") for key, value in clinic.items()},
        }


def same_calls(turns: Sequence[Turn]) -> Iterator[Sequence[Turn]]:
    """The same turns for every caller."""
    return repeat(turns)


def wandering_calls(menus: Sequence[str], arrival: str, seed: int = 2) -> Iterator[Sequence[Turn]]:
    """Calls through menus taken at random. `arrival` is where the first menu's answer led on to."""
    chance = random.Random(seed)
    version, state = read_state(arrival.removeprefix("/voice/turn/").split("/"))
    for _ in repeat(None):
        turns = [ARRIVAL]
        for hop, (what, adds, expects) in enumerate(WANDERINGS, start=1):
            place = "location_0" if what == "dial ended" else chance.choice(menus)
            target = write_state(version, replace(state, place=place, hop=hop))
            turns.append(Turn(what, f"/voice/turn/{target}", adds, expects))
        yield turns


def practice_call(caller: Caller, post: Callable[[Prepared], str]) -> tuple[Turn, ...]:
    """Place one call through `post` and give back its turns. Raises BenchFault where an answer is not as expected."""
    call, turns = caller.call(), [ARRIVAL]
    for what, adds, expects in DEEDS:
        body = post(caller.signed(turns[-1], call))
        turns.append(Turn(what, next_target(body, turns[-1]), adds, expects))
    body = post(caller.signed(turns[-1], call))
    if turns[-1].expects not in body:
        raise BenchFault(f"{turns[-1].what}: the answer holds no {turns[-1].expects}")
    return tuple(turns)


def next_target(body: str, turn: Turn) -> str:
    """The path the answer to `turn` leads on to."""
    found = ACTION.search(body)
    if turn.expects not in body or found is None or not html.unescape(found[1]).startswith(PUBLIC_URL):
        raise BenchFault(f"{turn.what}: the answer holds no {turn.expects} that leads on")
    return html.unescape(found[1]).removeprefix(PUBLIC_URL)


def poster(port: int) -> Callable[[Prepared], str]:
    """Sends a request to this machine's `port` and gives back the body. Raises BenchFault unless the status is 200."""

    def post(prepared: Prepared) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("POST", prepared.target, prepared.body, prepared.headers)
            answer = connection.getresponse()
            body = answer.read().decode()
        finally:
            connection.close()
        if answer.status != 200:
            raise BenchFault(f"{prepared.what}: status {answer.status}")
        return body

    return post
