"""The fallback documents: what stands in each, whether it fits, and whether what is hosted is what it should be.

Rendering is Twilio's door's own business; it is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree import ElementTree

import requests
from urllib3.exceptions import HTTPError

from ivr.call_flow.hunting import MOST_AT_ONCE, attempts
from ivr.call_flow.model import ByHours, Destination, HuntGroup, Line, Location, Phone, Routing

# What our own checks grant a document that is to be kept in a TwiML Bin. Twilio's page on bins names no figure; 4,000
# characters is what its API takes where a document is handed over whole (Calls resource, `Twiml`).
LARGEST_BIN = 4_000
BINS = "handler.twilio.com"
LARGEST_ANSWER = 64_000  # Twilio's error 11750
CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
FOUND = 200
REFUSED = frozenset({401, 403})
LONGEST_KIND = 40
XML = frozenset({"text/xml", "application/xml"})

# Makes the document of a line, in these languages, ringing these phones.
Render = Callable[[Routing, Line, tuple[str, ...], tuple[Phone, ...]], str]
# Says why Twilio would not take a document, None when it would.
Weigh = Callable[[str], str | None]


class NotHosted(Exception):
    """Nothing usable is hosted at the address; the text says what came instead."""


class NotReadable(NotHosted):
    """The address answers, but not to us."""


@dataclass(frozen=True, slots=True)
class Document:
    """The fallback document of a line, at most `largest` bytes long.

    `left_out` says what had to go to make it fit; `fault` why it is of no use.
    """

    line: str
    text: str
    phones: tuple[Phone, ...]
    largest: int
    left_out: tuple[str, ...] = ()
    fault: str = ""

    @property
    def bytes(self) -> int:
        return len(self.text.encode())


class FallbackWriter:
    """Writes the documents of a routing, as `render` renders and `weigh` weighs them."""

    def __init__(self, render: Render, weigh: Weigh) -> None:
        self._render = render
        self._weigh = weigh

    def write(self, routing: Routing, line: Line, address: str = "") -> Document:
        """The document of a line, made small enough for where it is hosted if what matters is not lost by that.

        First other languages than the line's own go, the last first, then phones beyond the first. As long as there is
        no address it is made to fit into a TwiML Bin.
        """
        largest = _largest_at(address)
        languages = (line.language, *(code for code in routing.languages if code != line.language))
        phones, left_out = _at_most_ten(phones_of(routing, line))
        while True:
            text = self._render(routing, line, languages, phones)
            if len(text.encode()) <= largest or (len(languages) == 1 and len(phones) <= 1):
                fault = self._fault(text, phones, largest)
                return Document(line.name, text, phones, largest, tuple(left_out), fault)
            if len(languages) > 1:
                left_out.append(f"the words in {languages[-1]}")
                languages = languages[:-1]
            else:
                left_out.append(f"the phone {phones[-1].name}")
                phones = phones[:-1]

    def _fault(self, text: str, phones: tuple[Phone, ...], largest: int) -> str:
        if not phones:
            return "No phone would ring: the configuration has none that is enabled."
        size = len(text.encode())
        if LARGEST_BIN == largest < size:
            return f"It is {size:,} bytes long, and a TwiML Bin takes {LARGEST_BIN:,}. Host it elsewhere."
        return self._weigh(text) or ""


def _largest_at(address: str) -> int:
    return LARGEST_BIN if not address or urlsplit(address).hostname == BINS else LARGEST_ANSWER


def phones_of(routing: Routing, line: Line) -> tuple[Phone, ...]:
    """The phones that ring when a caller of the line asks for a person, in the order in which they ring, each once.

    Hours do not count: nobody is there to look at the clock. Where the line's person has no enabled phone, those of
    all other places ring: any of the clinic's people is better than nobody. Who is on call is in no such document.
    """
    person = _person(routing, line.person)
    return _rung(routing, [person]) or _rung(routing, routing.destinations.values())


def _rung(routing: Routing, places: Iterable[Destination | None]) -> tuple[Phone, ...]:
    """Each phone once, at the first of its places."""
    found: dict[str, Phone] = {}
    for place in places:
        if isinstance(place, Location | HuntGroup):
            for attempt in attempts(routing, place):
                for phone in attempt.phones:
                    found.setdefault(phone.number, phone)
    return tuple(found.values())


def hosted(address: str) -> str:
    """What is hosted at an address, asked for by POST as Twilio will. Raises NotHosted, NotReadable."""
    waits = CONNECT_SECONDS, READ_SECONDS
    try:
        with requests.post(address, timeout=waits, allow_redirects=False, stream=True) as answer:
            _check_head(answer)
            body = answer.raw.read(LARGEST_ANSWER + 1, decode_content=True)
    except (requests.RequestException, HTTPError, OSError) as fault:
        raise NotHosted(f"it does not answer ({type(fault).__name__})") from None
    if len(body) > LARGEST_ANSWER:
        raise NotHosted("what it answers is too long for Twilio")
    return str(body.decode("utf-8", "replace"))


def _check_head(answer: requests.Response) -> None:
    if answer.status_code in REFUSED:
        raise NotReadable(f"it answers {answer.status_code}")
    if answer.status_code != FOUND:
        raise NotHosted(f"it answers {answer.status_code} to a POST")
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in XML:
        named = kind[:LONGEST_KIND] or "no Content-Type"
        raise NotHosted(f"it answers with {named}, which Twilio may not read as TwiML")


def same(one: str, other: str) -> bool:
    """Whether two documents mean the same: blanks between elements and the order of attributes do not count."""
    try:
        return _plain(one) == _plain(other)
    except (ElementTree.ParseError, ValueError):
        return False


def _plain(document: str) -> str:
    if "<!" in document:  # a document type could make a few bytes into many
        raise ValueError("no TwiML of ours")
    return ElementTree.canonicalize(document, strip_text=True)


def _person(routing: Routing, name: str) -> Destination | None:
    """Who is meant; a switch by hours means the place that is reached while it is open."""
    place = routing.destinations.get(name)
    return routing.destinations.get(place.open) if isinstance(place, ByHours) else place


def _at_most_ten(phones: tuple[Phone, ...]) -> tuple[tuple[Phone, ...], list[str]]:
    """Twilio rings at most ten numbers in one Dial."""
    return phones[:MOST_AT_ONCE], [f"the phone {phone.name}" for phone in phones[MOST_AT_ONCE:]]
