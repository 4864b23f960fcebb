"""The callee's side: what a member of staff hears before being joined, and the key that accepts the call.

Only a key press joins the two, so that no personal voicemail swallows a patient.
"""

from __future__ import annotations

from datetime import datetime

from .events import CallAccepted, CallDeclined, WhisperHeard
from .hunting import Attempt, attempt_at
from .model import Routing, UrgentCall
from .phrases import Phrase, UrgentPhrase
from .scene import Scene
from .turn import Arrived, Ask, CallState, HangUp, Heard, Join, Pressed, Said, Turn

ACCEPT_SECONDS = 8


def answer_callee(routing: Routing, state: CallState, phone: int, heard: Heard | Said, now: datetime) -> Turn:
    """Answer one turn on the leg of phone number `phone` (0 is the first) of the attempt that `state` stands at.

    Picked up: whisper and wait for a key. Any key: join. Anything else, silence above all: hang up on this leg.
    """
    scene = Scene(routing, state, now)
    attempt = _attempt(routing, state)
    group, name = callee(routing, state, phone)
    match heard:
        case Arrived():
            scene.note(WhisperHeard(group, name))
            _whisper(scene, attempt)
            return scene.turn(Ask(state, ACCEPT_SECONDS))
        case Pressed(key) if key:
            scene.note(CallAccepted(group, name))
            return scene.turn(Join())
        case _:
            scene.note(CallDeclined(group, name))
            return scene.turn(HangUp())


def callee(routing: Routing, state: CallState, phone: int) -> tuple[str, str]:
    """The names of the hunt group and of its phone number `phone` that the call in `state` rings; "" if gone."""
    attempt = _attempt(routing, state)
    if attempt is None:
        return state.place, ""
    return attempt.group.name, attempt.phones[phone].name if phone < len(attempt.phones) else ""


def _attempt(routing: Routing, state: CallState) -> Attempt | None:
    return attempt_at(routing, routing.destinations.get(state.place), state.part)


def _whisper(scene: Scene, attempt: Attempt | None) -> None:
    """Staff hear the clinic's first language: whose call it is, the caller's language if another, how to take it."""
    own, callers = next(iter(scene.routing.languages)), scene.state.language
    urgent = isinstance(scene.routing.destinations.get(scene.state.place), UrgentCall)
    what = UrgentPhrase.WHISPER if urgent else Phrase.WHISPER
    scene.say_in(own, scene.text(what, own))
    if attempt and attempt.location:
        scene.say_in(own, f"{attempt.location.title}.")
    if callers != own:
        scene.say_in(callers, scene.text(what, callers))
    scene.say_in(own, scene.text(Phrase.WHISPER_ACCEPT, own))
