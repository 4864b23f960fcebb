"""Editions of the configuration that can be told apart by ear, and which of them each call heard.

Every edition is spoken in a sentence of the English file and in one of the Spanish file. The first answer of a call
holds both, so an answer made of two editions gives itself away.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

EDITION = re.compile(r"(?:edition|edición) (\d+)")
ENGLISH, SPANISH = Path("prompts/en-US.yaml"), Path("prompts/es-US.yaml")
MARKED = {
    ENGLISH: ("Thank you for calling the clinic", "These are short recordings about ketamine", "edition"),
    SPANISH: ("Para español", "Estas son grabaciones breves sobre la ketamina", "edición"),
}


@dataclass(slots=True)
class Heard:
    """The editions each call has heard, in the order it heard them."""

    of_call: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __call__(self, call: str, words: str) -> None:
        self.of_call[call].extend(EDITION.findall(words))

    def mixed(self) -> list[list[str]]:
        """What calls heard that heard more than one edition."""
        return [editions for editions in self.of_call.values() if len(set(editions)) > 1]

    def all(self) -> set[str]:
        return {edition for editions in self.of_call.values() for edition in editions}


def marked(texts: Mapping[Path, str], edition: int) -> dict[Path, str]:
    """The texts of both files, speaking this edition."""
    spoken = {}
    for name, (welcome, topics, word) in MARKED.items():
        text = texts[name]
        for sentence in (welcome, topics):
            assert sentence in text
            text = text.replace(sentence, f"{sentence}, {word} {edition}", 1)
        spoken[name] = text
    return spoken
