"""The patient guide: a caller asks by a key for one text with its link, after hearing what that means.

Who cannot be sent a text hears where the guide is, and so does everybody who asked for one: no promise hangs on it.
"""

from __future__ import annotations

from .conversation import AGAIN, PERSON, Talk, listen
from .events import KeyChosen
from .messages import CONFIRM, OTHERWISE
from .model import Guide
from .phrases import GuidePhrase, Phrase
from .scene import Go, Scene
from .turn import Heard, Step
from .wishes import GuideAddressHeard, GuideRequested


def enter_guide(scene: Scene, guide: Guide) -> Step | Go:
    """Say what pressing the key means; or, where no text can be sent, where the guide is."""
    return _read_consent(scene) if scene.state.gets_guide else _tell_address(scene, guide)


def hear_guide(scene: Scene, guide: Guide, heard: Heard) -> Step | Go:
    """Asked for: noted, which sends it. Either way the call goes on."""
    if not scene.state.gets_guide:
        return _tell_address(scene, guide)

    def choose(key: str, score: int | None) -> Step | Go | None:
        if key == CONFIRM:
            scene.note(KeyChosen(guide.name, key, "confirmed", score))
            scene.note(GuideRequested(guide.name))
            scene.prompt(GuidePhrase.ON_ITS_WAY)
            return _tell_address(scene, guide)
        if key == OTHERWISE:
            scene.note(KeyChosen(guide.name, key, guide.then, score))
            return Go(guide.then)
        return None

    return listen(scene, heard, Talk(choose, lambda: _read_consent(scene), lambda: _read_consent(scene)))


def _read_consent(scene: Scene) -> Step:
    """All of it each time: whoever presses the key has heard what it means."""
    scene.prompt(GuidePhrase.CONSENT)
    scene.offer(GuidePhrase.TO_ASK, CONFIRM)
    scene.offer(Phrase.TO_DO_OTHERWISE, OTHERWISE)
    scene.offer(Phrase.FOR_A_PERSON, PERSON)
    scene.offer(Phrase.TO_REPEAT, AGAIN)
    return scene.ask()


def _tell_address(scene: Scene, guide: Guide) -> Go:
    scene.note(GuideAddressHeard(guide.name))
    scene.prompt(GuidePhrase.ADDRESS)
    return Go(guide.then)
