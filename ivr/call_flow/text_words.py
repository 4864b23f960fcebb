"""The words of a text to a caller: the clinic's own, then the link or the number, then how to stop. Nothing else.

Lengths by GSM 03.38 (3GPP TS 23.038): 160 characters fit one text, 153 each of several; 70 and 67 as soon as one
character is outside its alphabet (https://www.twilio.com/docs/glossary/what-is-gsm-7-character-encoding).
"""

from __future__ import annotations

import re

from .model import Routing
from .phrases import TextPhrase, stop_words
from .text_rules import TextKind

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_OF_TWO = frozenset("^{}\\[~]|€")
_ALONE, _OF_SEVERAL, _ALONE_WIDE, _OF_SEVERAL_WIDE = 160, 153, 70, 67
_PHRASES = {TextKind.GUIDE: TextPhrase.GUIDE, TextKind.MISSED_CALL: TextPhrase.MISSED_CALL}
_NORTH_AMERICA = re.compile(r"\+1([0-9]{3})([0-9]{3})([0-9]{4})")


def body_of(routing: Routing, kind: TextKind, language: str, line: str) -> str:
    """A text's words in a language of the routing; "" while the clinic does not send this kind.

    `line` is the name of the line that was called: its number stands in a text after a missed call.
    """
    spoken = routing.languages.get(language) or next(iter(routing.languages.values()))
    given = given_in(routing, kind, line)
    return body(spoken.prompts.get(_PHRASES[kind], ""), given, spoken.code) if given else ""


def given_in(routing: Routing, kind: TextKind, line: str) -> str:
    """The link or the number that such a text gives, which no other text does; "" while this kind is not sent."""
    match kind:
        case TextKind.GUIDE:
            return routing.texts.guide_link if routing.texts else ""
        case TextKind.MISSED_CALL:
            called = routing.lines.get(line, routing.main_line)
            return number_given(called.number) if routing.texts and routing.texts.missed_calls else ""


def body(words: str, given: str, language: str) -> str:
    """The clinic's words, the link or number, and how to stop. "" when there are no words."""
    plain = " ".join(words.split())
    return f"{plain} {given} {stop_words(language)}" if plain else ""


def number_given(number: str) -> str:
    """What a text after a missed call gives of a line's number (E.164): 480-555-0100 and a full stop."""
    return f"{written_number(number)}."


def written_number(number: str) -> str:
    """480-555-0100 for +14805550100; numbers of other countries as they are."""
    match = _NORTH_AMERICA.fullmatch(number)
    return "-".join(match.groups()) if match else number


def segments(text: str) -> int:
    """How many texts a phone's network makes of it."""
    if all(char in _GSM or char in _GSM_OF_TWO for char in text):
        length = sum(2 if char in _GSM_OF_TWO else 1 for char in text)
        return 1 if length <= _ALONE else -(-length // _OF_SEVERAL)
    length = len(text.encode("utf-16-be", "surrogatepass")) // 2
    return 1 if length <= _ALONE_WIDE else -(-length // _OF_SEVERAL_WIDE)
