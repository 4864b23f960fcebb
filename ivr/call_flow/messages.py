"""Mailboxes and callback requests: how a caller who reached nobody leaves word."""

from __future__ import annotations

from dataclasses import replace

from .closing import part_well, part_with_number
from .conversation import AGAIN, PERSON, Talk, listen
from .events import KeyChosen, MailboxHeard, MessageTaken, NoMessageLeft
from .model import CallbackRequest, Mailbox
from .phrases import Phrase, emergency
from .scene import Go, Scene
from .turn import CallerDigits, HangUp, Heard, MessageLeft, Record, Step
from .wishes import CallbackRequested

LEAVE_MESSAGE, CALL_ME_BACK = "1", "2"
CONFIRM, OTHERWISE = "1", "2"
INVITED, RECORDING = 0, 1


def enter_mailbox(scene: Scene, mailbox: Mailbox) -> Step:
    """Invite a key press first, so that people who hang up leave no empty messages."""
    scene.note(MailboxHeard(mailbox.name))
    return _read_invitation(scene, mailbox)


def hear_mailbox(scene: Scene, mailbox: Mailbox, heard: Heard) -> Step | Go:
    """Record after the key, thank after the message, say goodbye to those who leave none."""
    if scene.state.part == RECORDING:
        return _after_recording(scene, mailbox, heard)

    def choose(key: str, score: int | None) -> Step | Go | None:
        if key == LEAVE_MESSAGE:
            scene.note(KeyChosen(mailbox.name, key, "message", score))
            return _record(scene, mailbox)
        if key == CALL_ME_BACK and _offers_callback(scene, mailbox):
            scene.note(KeyChosen(mailbox.name, key, str(mailbox.callback), score))
            return Go(str(mailbox.callback))
        return None

    def give_up(why: str) -> Step:
        return _leave(scene, mailbox) if why == "silence" else _record(scene, mailbox)

    talk = Talk(
        choose, lambda: _read_invitation(scene, mailbox), lambda: _read_invitation(scene, mailbox), None, give_up
    )
    return listen(scene, heard, talk)


def _read_invitation(scene: Scene, mailbox: Mailbox) -> Step:
    scene.offer(Phrase.TO_LEAVE_A_MESSAGE, LEAVE_MESSAGE)
    if _offers_callback(scene, mailbox):
        scene.offer(Phrase.FOR_A_CALLBACK, CALL_ME_BACK)
    return scene.ask()


def _offers_callback(scene: Scene, mailbox: Mailbox) -> bool:
    return not scene.state.withheld and mailbox.callback in scene.routing.destinations


def _record(scene: Scene, mailbox: Mailbox) -> Record:
    """The greeting's first words are the 911/988 sentence, whatever the configuration says after it."""
    scene.state = replace(scene.state, part=RECORDING, wrong_keys=0)
    scene.say(emergency(scene.state.language))
    scene.prompt(mailbox.greeting)
    return Record(scene.resume(), mailbox.longest_seconds)


def _after_recording(scene: Scene, mailbox: Mailbox, heard: Heard) -> Step:
    if isinstance(heard, MessageLeft):
        scene.note(MessageTaken(mailbox.name, heard.recording, heard.seconds))
        scene.prompt(Phrase.MESSAGE_TAKEN)
        return part_well(scene, "message")
    if scene.state.silences:
        return _leave(scene, mailbox)
    scene.state = replace(scene.state, part=INVITED, silences=1)
    scene.prompt(Phrase.NO_MESSAGE)
    return _read_invitation(scene, mailbox)


def _leave(scene: Scene, mailbox: Mailbox) -> HangUp:
    scene.note(NoMessageLeft(mailbox.name))
    scene.prompt(Phrase.NO_MESSAGE)
    return part_with_number(scene, "no message")


def enter_callback(scene: Scene, request: CallbackRequest) -> Step | Go:
    """Read back the last four digits of the caller's own number; no number is ever typed in."""
    if scene.state.withheld:
        scene.prompt(Phrase.CALLBACK_WITHHELD)
        return Go(request.otherwise)
    return _read_number(scene)


def hear_callback(scene: Scene, request: CallbackRequest, heard: Heard) -> Step | Go:
    """Confirmed: noted and goodbye. Declined: on to the other way of leaving word."""

    def choose(key: str, score: int | None) -> Step | Go | None:
        if key == CONFIRM and not scene.state.withheld:
            scene.note(KeyChosen(request.name, key, "confirmed", score))
            scene.note(CallbackRequested(request.name))
            scene.prompt(Phrase.CALLBACK_NOTED)
            return part_well(scene, "callback")
        if key == OTHERWISE:
            scene.note(KeyChosen(request.name, key, request.otherwise, score))
            return Go(request.otherwise)
        return None

    return listen(scene, heard, Talk(choose, lambda: _read_number(scene), lambda: _read_number(scene)))


def _read_number(scene: Scene) -> Step:
    scene.prompt(Phrase.CALLBACK_NUMBER)
    scene.say(CallerDigits())
    scene.offer(Phrase.TO_CONFIRM, CONFIRM)
    scene.offer(Phrase.TO_DO_OTHERWISE, OTHERWISE)
    scene.offer(Phrase.FOR_A_PERSON, PERSON)
    scene.offer(Phrase.TO_REPEAT, AGAIN)
    return scene.ask()
