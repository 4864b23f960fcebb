"""Plays a fallback document as Twilio would: words, phones in turn, what comes after. No service has to run for it.

Only what such a document may hold is understood: words, one or more rounds of ringing, a hang-up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import click

from .telephone import CallDropped, Rung, Spoken, spoken

LARGEST_BYTES = 64_000
LONGEST_WAIT_SECONDS = 30  # Twilio's default for Dial
_DECLARATION = re.compile(r"<!(?!--|\[CDATA\[)")  # comments and quoted text declare nothing


@dataclass(frozen=True, slots=True)
class Round:
    """Phones that ring together for `seconds`."""

    phones: tuple[Rung, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Over:
    """The document hangs up, or ends."""


Event = Spoken | Round | Over


class PlayedDocument:
    """One playing of a document. Say after each Round whether somebody took the call, by `answered`."""

    def __init__(self, document: str) -> None:
        """Raises CallDropped when Twilio could not read it."""
        if _DECLARATION.search(document):
            raise CallDropped("the document declares a type, which no TwiML of ours does")
        try:
            self._root = ElementTree.fromstring(document)  # noqa: S314  without a type it can hold no entities
        except ElementTree.ParseError as error:
            raise CallDropped(f"the document is not well-formed XML: {error}") from None
        self.answered = False

    def events(self) -> Iterator[Event]:
        """What the caller meets, one after another. Raises CallDropped."""
        for verb in self._root:
            match verb.tag:
                case "Say":
                    yield spoken(verb)
                case "Dial":
                    yield from self._dial(verb)
                case "Hangup":
                    break
                case _:
                    raise CallDropped(f"a verb that a fallback document does not need: {verb.tag}")
        yield Over()

    def _dial(self, dial: ElementTree.Element) -> Iterator[Round]:
        """One after another where it says `sequential`; whoever takes the call ends the ringing (TwiML Dial)."""
        if dial.get("action"):
            raise CallDropped("the Dial asks a service what to do next, which is not there")
        phones = tuple(Rung(number.text or "", "", number.get("statusCallback", "")) for number in dial.iter("Number"))
        timeout = dial.get("timeout") or str(LONGEST_WAIT_SECONDS)
        if not re.fullmatch("[0-9]{1,6}", timeout):
            raise CallDropped(f"the Dial's timeout is no number of seconds: {timeout[:40]!r}")
        in_turn = dial.get("sequential") == "true"
        self.answered = False
        for together in [(phone,) for phone in phones] if in_turn else [phones]:
            yield Round(together, int(timeout))
            if self.answered:
                return


def read_document(path: Path) -> str:
    """The document in a file. Raises click.ClickException."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            raise click.ClickException(f"{path} is longer than the {LARGEST_BYTES:,} bytes that Twilio takes.")
        return data.decode()
    except OSError as fault:
        raise click.ClickException(f"{path} cannot be read: {fault.strerror}.") from None
    except UnicodeDecodeError:
        raise click.ClickException(f"{path} is not UTF-8.") from None
