"""Languages and their voices: which we have speech rules for, which voice speaks what, which key switches."""

from __future__ import annotations

import re

from ivr.call_flow.spoken import SPOKEN

from .findings import Findings
from .problems import Spelling, quoted
from .references import CLINIC
from .schema import LanguageShape
from .shape import Shapes

# Twilio's documentation of <Say>, text-to-speech voices.
_POLLY = {
    "en-US": ("Joanna", "Matthew", "Ruth", "Stephen", "Danielle", "Salli"),
    "es-US": ("Lupe", "Pedro", "Miguel", "Penelope"),
    "es-MX": ("Mia", "Andres"),
}
_POLLY_VOICE = re.compile("Polly[.]([A-Za-z]+)(?:-Neural|-Generative)?")
_GOOGLE_VOICE = re.compile("Google[.]([a-z]{2}-[A-Z]{2})-(?:Standard|Wavenet|Neural2|Chirp3-HD)-[A-Za-z]+")


def language_of(voice: str) -> str | None:
    """The language a voice speaks, None for a voice we do not know."""
    if google := _GOOGLE_VOICE.fullmatch(voice):
        return google.group(1)
    if polly := _POLLY_VOICE.fullmatch(voice):
        return next((language for language, names in _POLLY.items() if polly.group(1) in names), None)
    return None


def check_languages(shapes: Shapes, findings: Findings) -> None:
    """Codes, voices and keys of all languages, and that each line's language is one of them."""
    clinic = shapes.clinic.file
    owner: dict[str, str] = {}
    for code, language in clinic.languages.items():
        if code.partition("-")[0] not in SPOKEN:
            sentence = "there are no speech rules for this language."
            findings.error(CLINIC, ("languages", code), sentence, "English (en-US) and Spanish (es-US) are spoken.")
        else:
            _check_voice(code, language, findings)
        _check_key(code, language, owner, len(clinic.languages), findings)
    for name, line in clinic.lines.items():
        if line.language and line.language not in clinic.languages and not shapes.is_broken("languages", line.language):
            sentence = f"no language is called {quoted(line.language)}."
            findings.error(
                CLINIC, ("lines", name, "language"), sentence, Spelling(clinic.languages).cure(line.language)
            )


def _check_voice(code: str, language: LanguageShape, findings: Findings) -> None:
    path = ("languages", code, "voice")
    speaks = language_of(language.voice)
    if speaks is None:
        known = [f"Polly.{name}-Neural" for names in _POLLY.values() for name in names]
        cure = Spelling(known).cure(language.voice) or f"Possible: {', '.join(_fitting(code))}."
        findings.error(CLINIC, path, f"no voice is called {quoted(language.voice)}.", cure)
    elif speaks != code:
        sentence = f"the voice {quoted(language.voice)} speaks {speaks}, not {code}: callers would hear nothing."
        findings.error(CLINIC, path, sentence, f"Possible: {', '.join(_fitting(code))}.")


def _fitting(code: str) -> list[str]:
    names = _POLLY.get(code)
    return [f"Polly.{name}-Neural" for name in names[:3]] if names else [f"Google.{code}-Neural2-A"]


def _check_key(code: str, language: LanguageShape, owner: dict[str, str], count: int, findings: Findings) -> None:
    path = ("languages", code, "key")
    if not re.fullmatch("[1-9]", language.key):
        findings.error(CLINIC, path, f"{quoted(language.key)} cannot change the language.", "Use 9.")
        return
    other = owner.setdefault(language.key, code)
    # With two languages the key always means the other one, so both may share it.
    if other != code and count > 2:
        sentence = f"{language.key} already changes to {other}."
        findings.error(CLINIC, path, sentence, "With more than two languages each needs its own key.")
