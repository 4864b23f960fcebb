"""What spoken words mean in a menu: a deterministic match on labels and listed synonyms, crisis words first.

Whatever a menu reads out can be said: its own choices by label, word or number, and after them a person, "again", a
slower voice and the other language.

Words go in; only a key and a score come out. Nothing here stores or logs what a caller said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache

from rapidfuzz import fuzz

from ivr.call_flow.conversation import AGAIN, PERSON, SLOWER
from ivr.call_flow.engine import advance
from ivr.call_flow.model import Language, Menu, Routing
from ivr.call_flow.phrases import Phrase
from ivr.call_flow.turn import CallState, CrisisHeard, Heard, NotUnderstood, Said, Turn, Understood

LOWEST_SCORE = 85
CLEAR_LEAD = 5  # a match must beat the next choice by this much, or we ask again

# Words that lead straight to the 911/988 sentence and a person. A false alarm costs a caller one sentence.
CRISIS = {
    "en": (
        "suicide|suicidal|kill myself|killing myself|want to die|end my life|ending my life|end it all|take my life"
        "|end my own life|take my own life|don t want to live|do not want to live|don t want to be alive"
        "|better off dead|hurt myself|hurting myself|harm myself|cut myself|cutting myself|overdose|overdosed"
        "|too many pills|emergency|911|988|9 1 1|9 8 8|nine one one|nine eight eight|cannot breathe|can t breathe"
        "|can not breathe|chest pain|heart attack|stroke|seizure|unconscious|dying|crisis"
    ),
    "es": (
        "suicidio|suicidarme|suicidar|suicida|matarme|me quiero matar|me voy a matar|quitarme la vida|quitar la vida"
        "|acabar con mi vida|terminar con mi vida|no quiero vivir|no quiero seguir viviendo|quiero morir|quiero morirme"
        "|hacerme daño|lastimarme|me quiero lastimar|cortarme|sobredosis|demasiadas pastillas|emergencia|urgencia"
        "|911|988|9 1 1|9 8 8|nueve uno uno|nueve once|nueve ocho ocho|no puedo respirar|dolor en el pecho|infarto"
        "|derrame|convulsión|inconsciente|me muero|crisis"
    ),
}
# What the keys that are the same everywhere are called, beside their labels.
SAME_EVERYWHERE = {
    PERSON: {
        "en": "person|a person|operator|someone|representative|receptionist|front desk|human|help",
        "es": "persona|una persona|operadora|operador|alguien|recepcionista|recepción|ayuda",
    },
    AGAIN: {"en": "repeat|again|repeat that|say that again", "es": "repetir|repita|otra vez|de nuevo"},
    SLOWER: {"en": "slower|more slowly|slow down", "es": "más despacio|más lento|más lenta"},
}
# How callers name a language, whichever of them they are speaking.
LANGUAGES = {"en": "english|inglés", "es": "spanish|español"}
NUMBERS = {
    "en": "zero one two three four five six seven eight nine",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
}
BESIDE_A_NUMBER = {"en": "press number option key", "es": "oprima número opción tecla"}
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
    for key, words in SAME_EVERYWHERE.items():
        if spoken in _listed(words.get(base, "")):
            return Understood(key, 100)
    chosen = _best(spoken, base, _choices(place, language))
    if isinstance(chosen, Understood):
        return chosen
    same = dict(_same_everywhere(routing, language, base))
    number = _number(spoken, base)
    if number in place.choices or number in same:
        return Understood(number, 100)
    return _best(spoken, base, same.items())


def converse(routing: Routing, state: CallState, heard: Heard | Said, now: datetime) -> Turn:
    """Understand what was said, then advance: one turn of the conversation. `now` is aware."""
    return advance(routing, state, understand(routing, state, heard) if isinstance(heard, Said) else heard, now)


def _choices(menu: Menu, language: Language) -> Iterator[tuple[str, list[str]]]:
    """A menu's own keys, and what each is called in a language."""
    for choice in menu.choices.values():
        yield choice.key, [language.prompts.get(choice.label, ""), *choice.synonyms.get(language.code, ())]


def _same_everywhere(routing: Routing, language: Language, base: str) -> Iterator[tuple[str, list[str]]]:
    """The keys that every menu has: a person, again, slower, and each other language, which is offered in itself."""
    labels = {PERSON: Phrase.FOR_A_PERSON, AGAIN: Phrase.TO_REPEAT, SLOWER: Phrase.FOR_SLOWER}
    for key, words in SAME_EVERYWHERE.items():
        yield key, [language.prompts.get(labels[key], ""), *_listed(words.get(base, ""))]
    for code, other in routing.languages.items():
        if code != language.code:
            names = _listed(LANGUAGES.get(code.partition("-")[0], ""))
            yield other.key, [other.prompts.get(Phrase.FOR_THIS_LANGUAGE, ""), *names]


def _best(spoken: str, base: str, named: Iterable[tuple[str, list[str]]]) -> Understood | NotUnderstood:
    """The key whose names fit best what was said, if any fits well and no other nearly as well."""
    said = _without_fillers(spoken, base)
    scores: list[tuple[int, str]] = []
    for key, phrases in named:
        wanted = (_without_fillers(_plain(phrase), base) for phrase in phrases)
        scores.append((max(round(fuzz.token_set_ratio(said, phrase)) for phrase in wanted), key))
    scores.sort(reverse=True)
    if not scores or not said or scores[0][0] < LOWEST_SCORE:
        return NotUnderstood()
    if len(scores) > 1 and scores[0][0] - scores[1][0] < CLEAR_LEAD:
        return NotUnderstood()
    return Understood(scores[0][1], scores[0][0])


def _number(spoken: str, base: str) -> str:
    """The digit that was said, as a word or by "press 1"; "" when it was anything else or more than that."""
    beside = set(_plain(BESIDE_A_NUMBER.get(base, "")).split())
    words = [word for word in _without_fillers(spoken, base).split() if word not in beside]
    if len(words) != 1:
        return ""
    numbers = _plain(NUMBERS.get(base, "")).split()
    if words[0] in numbers:
        return str(numbers.index(words[0]))
    return words[0] if words[0] in set("0123456789") else ""


def _plain(text: str) -> str:
    """Lower case, letters and digits only, accents gone, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.findall(r"\w+", bare))


def _holds(spoken: str, listed: str) -> bool:
    return any(f" {phrase} " in f" {spoken} " for phrase in _listed(listed))


@lru_cache(maxsize=64)  # the lists of this file and no others
def _listed(phrases: str) -> frozenset[str]:
    return frozenset(_plain(phrase) for phrase in phrases.split("|") if phrase)


def _without_fillers(spoken: str, base: str) -> str:
    fillers = set(_plain(FILLERS.get(base, "")).split())
    return " ".join(word for word in spoken.split() if word not in fillers)
