"""Menus and information topics: what is read out, and what each key does there."""

from __future__ import annotations

from dataclasses import replace

from .conversation import AGAIN, PERSON, SLOWER, Talk, listen
from .events import InformationHeard, KeyChosen, MenuHeard
from .model import Information, Menu
from .phrases import Phrase
from .scene import Go, Scene
from .staffing import knock
from .turn import Heard, Step

NEXT, BACK = "1", "2"


def enter_menu(scene: Scene, menu: Menu) -> Step:
    """Greet and read the choices."""
    if menu.greeting:
        scene.prompt(menu.greeting)
    return _read_choices(scene, menu)


def hear_menu(scene: Scene, menu: Menu, heard: Heard) -> Step | Go:
    """A choice leads on; anything else stays or goes to a person. The staff's keys lead to their menu."""
    if inside := knock(scene, menu, heard):
        return inside

    def choose(key: str, score: int | None) -> Step | Go | None:
        choice = menu.choices.get(key)
        if choice is None:
            return None
        scene.note(KeyChosen(menu.name, key, choice.to, score))
        return Go(choice.to)

    talk = Talk(choose, lambda: enter_menu(scene, menu), lambda: _read_choices(scene, menu), menu.person)
    return listen(scene, heard, talk)


def _read_choices(scene: Scene, menu: Menu) -> Step:
    again = scene.state.silences + scene.state.wrong_keys
    scene.note(MenuHeard(menu.name, again))
    for choice in menu.choices.values():
        scene.offer(choice.label, choice.key)
    scene.offer(Phrase.FOR_A_PERSON, PERSON)
    if menu.listen:
        scene.prompt(Phrase.YOU_CAN_SPEAK)
    if again or menu.name == scene.line.start:
        scene.offer(Phrase.TO_REPEAT, AGAIN)
        scene.offer(Phrase.FOR_SLOWER, SLOWER)
    return scene.ask(listen=menu.listen, hints=_hints(scene, menu) if menu.listen else ())


def _hints(scene: Scene, menu: Menu) -> tuple[str, ...]:
    """The words we expect to hear: each choice's label and its synonyms in the call's language."""
    words: list[str] = []
    for choice in menu.choices.values():
        words.append(scene.text(choice.label))
        words.extend(choice.synonyms.get(scene.state.language, ()))
    return tuple(words)


def enter_information(scene: Scene, topic: Information) -> Step:
    """Tell the part the call stands at, then what can be done next."""
    part = min(scene.state.part, len(topic.parts) - 1)
    scene.state = replace(scene.state, part=part)
    scene.note(InformationHeard(topic.name, part + 1, len(topic.parts)))
    scene.prompt(topic.parts[part])
    return _read_ways_on(scene, topic)


def hear_information(scene: Scene, topic: Information, heard: Heard) -> Step | Go:
    """Next part, back, or the keys that mean the same everywhere."""

    def choose(key: str, score: int | None) -> Step | Go | None:
        part = scene.state.part
        if key == NEXT and part + 1 < len(topic.parts):
            scene.note(KeyChosen(topic.name, key, "next", score))
            return _tell(scene, topic, part + 1)
        if key == BACK and part > 0:
            scene.note(KeyChosen(topic.name, key, "back", score))
            return _tell(scene, topic, part - 1)
        if key == BACK:
            scene.note(KeyChosen(topic.name, key, topic.back, score))
            return Go(topic.back)
        return None

    talk = Talk(choose, lambda: enter_information(scene, topic), lambda: _read_ways_on(scene, topic), topic.person)
    return listen(scene, heard, talk)


def _tell(scene: Scene, topic: Information, part: int) -> Step:
    scene.state = replace(scene.state, part=part, silences=0, wrong_keys=0)
    return enter_information(scene, topic)


def _read_ways_on(scene: Scene, topic: Information) -> Step:
    if scene.state.part + 1 < len(topic.parts):
        scene.offer(Phrase.FOR_NEXT_PART, NEXT)
    scene.offer(Phrase.TO_GO_BACK, BACK)
    scene.offer(Phrase.FOR_A_PERSON, PERSON)
    scene.offer(Phrase.TO_REPEAT, AGAIN)
    return scene.ask()
