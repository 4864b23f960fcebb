"""A prompt's text made plain, so that no spelling hides a word from the wording rules."""

from __future__ import annotations

import re
import unicodedata

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_HYPHEN = re.compile(r"(?<=[^\W_])-+\s*(?=[^\W_])")
_DOTTED = re.compile(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])\.?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_SIGNS = str.maketrans(
    {"%": " percent ", "‰": " percent ", **dict.fromkeys("$€£¢", " dollars "), **dict.fromkeys("!?;:", ".")}
)
_WORD = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*|[.,]")
_ABBREVIATION = re.compile(r"\b(?:f d a|n i h|m g)\b")
_SPELT_OUT = re.compile(r"\b[^\W\d_](?: [^\W\d_]){3,}\b")


def normal_words(text: str) -> list[str]:
    """The words of the text: lower case, no accents, "," and "." as words of their own, % and $ as percent and dollars.

    Look-alike forms (full width, ligatures) become plain letters, invisible characters vanish, hyphens part words,
    and words spelt out letter by letter are joined.
    """
    return _words(_plain(text))


def hyphens_joined(text: str) -> list[str] | None:
    """The words again with hyphenated ones joined, or None when the text has no hyphen."""
    flat = _plain(text)
    return _words(_HYPHEN.sub("", flat)) if "-" in flat else None


def foreign_letter(words: list[str]) -> str:
    """The first letter of another alphabet than the Latin one, or nothing."""
    read = "".join(words)
    if read.isascii():
        return ""
    return next((char for char in read if char.isalpha() and not unicodedata.name(char, "").startswith("LATIN")), "")


class Written:
    """A text as it stands, asked for the writing of its normal words."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._flat: str | None = None

    def words(self, words: str) -> str:
        """The normal words as they stand in the text, accents and all; unchanged when they are not found so."""
        if self._flat is None:  # most texts are never asked
            self._text = unicodedata.normalize("NFC", self._text)
            plain = {ord(char): unicodedata.normalize("NFD", char)[0] for char in set(self._text)}
            self._flat = self._text.translate(plain).lower()
        start = self._flat.find(words)
        if start < 0 or len(self._flat) != len(self._text):
            return words
        return self._text[start : start + len(words)]


def _plain(text: str) -> str:
    flat = unicodedata.normalize("NFKC", text).casefold()
    return flat if flat.isascii() else _NOT_ASCII.sub(_ascii_like, unicodedata.normalize("NFKD", flat))


def _ascii_like(match: re.Match[str]) -> str:
    """Letters, figures and signs of money or share stay; accents and invisible characters vanish; dashes become "-"."""
    char = match.group()
    if char.isalnum() or char in "€£¢‰":
        return char
    if char in "’‘":
        return "'"
    match unicodedata.category(char):
        case "Mn" | "Me" | "Cf":
            return ""
        case "Pd":
            return "-"
        case _:
            return " "


def _words(flat: str) -> list[str]:
    spaced = _THOUSANDS.sub("", _DOTTED.sub(_undotted, flat.translate(_SIGNS)))
    read = _ABBREVIATION.sub(_unspaced, " ".join(_WORD.findall(spaced)))
    return _SPELT_OUT.sub(_unspaced, read).split(" ") if read else []


def _undotted(match: re.Match[str]) -> str:
    """F.D.A. as one word; a full stop that ends both it and a sentence is lost, which only joins two sentences."""
    return match.group().replace(".", "")


def _unspaced(match: re.Match[str]) -> str:
    return match.group().replace(" ", "")
