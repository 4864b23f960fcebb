"""Configurations to start from: the repository's own sample, and a small one that uses every section."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.call_flow.phrases import Phrase, StaffPhrase, UrgentPhrase
from ivr.routing.folder import read_folder

ROOT = Path(__file__).parents[2]
GOOD = Path(__file__).parent / "good"
_PHRASE = {"prompts/en-US.yaml": "A short phrase", "prompts/es-US.yaml": "Una frase corta"}


@pytest.fixture
def sample_files() -> dict[str, bytes]:
    """The configuration the repository ships."""
    files, problems = read_folder(ROOT / "config")
    assert problems == []
    return files


@pytest.fixture(scope="session")
def good_files() -> dict[str, bytes]:
    """A configuration without a fault, with every section and every kind of destination in it.

    The engine's own phrases are added at the end, so that a new one changes no line number.
    """
    files, problems = read_folder(GOOD)
    assert problems == []
    for name, sentence in _PHRASE.items():
        phrases = (*sorted(Phrase), *StaffPhrase, *UrgentPhrase)
        files[name] += "".join(f"  {phrase}: {sentence}\n" for phrase in phrases).encode()
    return files
