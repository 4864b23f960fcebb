"""What spoken words mean in a menu: a deterministic match on labels and listed synonyms, crisis words first.

Words go in; only a key and a score come out. Nothing here stores or logs what a caller said.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from rapidfuzz import fuzz

from ivr.call_flow.engine import advance
from ivr.call_flow.model import Language, Menu, Routing
from ivr.call_flow.turn import CallState, CrisisHeard, Heard, NotUnderstood, Said, Turn, Understood

LOWEST_SCORE = 85
CLEAR_LEAD = 5  # a match must beat the next choice by this much, or we ask again

# Words that lead straight to the 911/988 sentence and a person. A false alarm costs a caller one sentence.
CRISIS = {
    "en": (
        "suicide|suicidal|kill myself|killing myself|want to die|end my life|end it all|hurt myself|harm myself"
        "|overdose|overdosed|emergency|911|988|cannot breathe|can t breathe|chest pain|heart attack|stroke"
        "|unconscious|dying|crisis"
    ),
    "es": (
        "suicidio|suicidarme|suicidar|suicida|matarme|quitarme la vida|quiero morir|quiero morirme|hacerme daño"
        "|sobredosis|emergencia|urgencia|911|988|no puedo respirar|dolor en el pecho|infarto|inconsciente|me muero"
        "|crisis"
    ),
}
PERSON = {
    "en": "person|a person|operator|someone|representative|receptionist|front desk|human|help",
    "es": "persona|una persona|operadora|operador|alguien|recepcionista|recepción|ayuda",
}
AGAIN = {"en": "repeat|again|repeat that|say that again", "es": "repetir|repita|otra vez|de nuevo"}
FILLERS = {
    "en": "for our the a an to of about with and or please i want need would like is my how it",
    "es": "para el la los las un una de del en con y o por favor quiero necesito sobre nuestra nuestro mi cómo",
}


def understand(routing: Routing, state: CallState, said: Said) -> Heard:
    """What `said` means where the call stands: a key with its score (0-100), a crisis, or nothing we understood."""
    language = routing.languages.get(state.language) or next(iter(routing.languages.values()))
    spoken = _plain(said.words)
    base = language.code.partition("-")[0]
    if any(_holds(spoken, words) for words in CRISIS.values()):
        return CrisisHeard()
    place = routing.destinations.get(state.place)
    if not isinstance(place, Menu) or not place.listen or not spoken:
        return NotUnderstood()
    if spoken in _listed(PERSON.get(base, "")):
        return Understood("0", 100)
    if spoken in _listed(AGAIN.get(base, "")):
        return Understood("*", 100)
    return _best_choice(place, language, _without_fillers(spoken, base), base)


def converse(routing: Routing, state: CallState, heard: Heard | Said, now: datetime) -> Turn:
    """Understand what was said, then advance: one turn of the conversation. `now` is aware."""
    return advance(routing, state, understand(routing, state, heard) if isinstance(heard, Said) else heard, now)


def _best_choice(menu: Menu, language: Language, spoken: str, base: str) -> Heard:
    scores: list[tuple[int, str]] = []
    for choice in menu.choices.values():
        phrases = (language.prompts.get(choice.label, ""), *choice.synonyms.get(language.code, ()))
        wanted = (_without_fillers(_plain(phrase), base) for phrase in phrases)
        scores.append((max(round(fuzz.token_set_ratio(spoken, phrase)) for phrase in wanted), choice.key))
    scores.sort(reverse=True)
    if not scores or not spoken or scores[0][0] < LOWEST_SCORE:
        return NotUnderstood()
    if len(scores) > 1 and scores[0][0] - scores[1][0] < CLEAR_LEAD:
        return NotUnderstood()
    return Understood(scores[0][1], scores[0][0])


def _plain(text: str) -> str:
    """Lower case, letters and digits only, accents gone, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.findall(r"\w+", bare))


def _holds(spoken: str, listed: str) -> bool:
    return any(f" {phrase} " in f" {spoken} " for phrase in _listed(listed))


def _listed(phrases: str) -> set[str]:
    return {_plain(phrase) for phrase in phrases.split("|") if phrase}


def _without_fillers(spoken: str, base: str) -> str:
    fillers = set(_plain(FILLERS.get(base, "")).split())
    return " ".join(word for word in spoken.split() if word not in fillers)
