"""What every place that waits for a key has in common: 0 * # and the language key, silence, wrong keys, crisis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .closing import first_words, to_person
from .events import (
    CrisisWordsHeard,
    KeyChosen,
    LanguageChosen,
    NoInput,
    PaceChosen,
    SpeechNotUnderstood,
    WrongKey,
)
from .phrases import Phrase, emergency
from .scene import Go, Scene
from .turn import CrisisHeard, Heard, NotUnderstood, Pace, Pressed, Step, Understood

MOST_TRIES = 2
PERSON, AGAIN, SLOWER = "0", "*", "#"


class Talk:
    """How one place talks: `choose` acts on its own keys (None: no such key), `play` says everything,
    `options` says only the choices, `give_up` says where two silences or wrong keys lead."""

    __slots__ = ("choose", "give_up", "options", "person", "play")

    def __init__(
        self,
        choose: Callable[[str, int | None], Step | Go | None],
        play: Callable[[], Step],
        options: Callable[[], Step],
        person: str | None = None,
        give_up: Callable[[str], Step | Go] | None = None,
    ) -> None:
        self.choose = choose
        self.play = play
        self.options = options
        self.person = person
        self.give_up = give_up


def listen(scene: Scene, heard: Heard, talk: Talk) -> Step | Go:
    """Act on what was heard in a place that waits for a key. Whatever came, there is an answer."""
    match heard:
        case Pressed(key):
            return _key(scene, key, None, talk)
        case Understood(key, score):
            return _key(scene, key, score, talk)
        case NotUnderstood():
            return _try_again(scene, talk, Phrase.NOT_UNDERSTOOD)
        case CrisisHeard():
            scene.note(CrisisWordsHeard(scene.state.place))
            scene.say(emergency(scene.state.language))
            return to_person(scene, "crisis", talk.person)
        case _:
            return _try_again(scene, talk, Phrase.NO_INPUT)


def _key(scene: Scene, key: str, score: int | None, talk: Talk) -> Step | Go:
    if key == PERSON:
        scene.note(KeyChosen(scene.state.place, key, "person", score))
        return to_person(scene, "asked", talk.person)
    if key == AGAIN:
        return _stay(scene, talk)
    if key == SLOWER:
        return _slower(scene, talk)
    if other := language_of_key(scene, key):
        return _switch_language(scene, other, talk)
    chosen = talk.choose(key, score)
    return chosen if chosen is not None else _try_again(scene, talk, Phrase.WRONG_KEY)


def language_of_key(scene: Scene, key: str) -> str | None:
    """The language a key switches to from the one being spoken, if any."""
    for code, language in scene.routing.languages.items():
        if code != scene.state.language and language.key == key:
            return code
    return None


def _stay(scene: Scene, talk: Talk) -> Step:
    scene.state = replace(scene.state, silences=0, wrong_keys=0)
    return talk.play()


def _slower(scene: Scene, talk: Talk) -> Step:
    scene.state = replace(scene.state, pace=Pace.SLOW)
    scene.note(PaceChosen(Pace.SLOW))
    scene.prompt(Phrase.SLOWER_NOW)
    return _stay(scene, talk)


def _switch_language(scene: Scene, code: str, talk: Talk) -> Step:
    """From here on the other language; its first words are the 911/988 sentence, unheard by this caller until now."""
    scene.state = replace(scene.state, language=code)
    scene.note(LanguageChosen(code))
    scene.say(emergency(code))
    first_words(scene)
    return _stay(scene, talk)


def _try_again(scene: Scene, talk: Talk, phrase: Phrase) -> Step | Go:
    """Count silence and wrong keys apart; after two of either the caller goes to a person."""
    place, state = scene.state.place, scene.state
    if phrase is Phrase.NO_INPUT:
        scene.state = replace(state, silences=state.silences + 1)
        scene.note(NoInput(place, scene.state.silences))
        tries, why = scene.state.silences, "silence"
    else:
        scene.state = replace(state, wrong_keys=state.wrong_keys + 1)
        wrong = WrongKey if phrase is Phrase.WRONG_KEY else SpeechNotUnderstood
        scene.note(wrong(place, scene.state.wrong_keys))
        tries, why = scene.state.wrong_keys, "wrong keys"
    if tries < MOST_TRIES:
        scene.prompt(phrase)
        return talk.options()
    if talk.give_up:
        return talk.give_up(why)
    scene.prompt(Phrase.TO_A_PERSON)
    return to_person(scene, why, talk.person)
