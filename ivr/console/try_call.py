"""Try a call: a telephone in the browser. What callers hear at any time, step by step, with the reason for each step.

Each step plays the whole call from its beginning, with the engine that answers real ones. Nothing rings, nothing is
written down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby

from flask import render_template, request
from werkzeug.wrappers import Response

from ivr.accounts.roles import Right
from ivr.call_flow.model import Routing
from ivr.call_flow.moments import full_date
from ivr.call_flow.overrides import in_force, without_overrides
from ivr.call_flow.reasons import place
from ivr.call_flow.turn import Ask, Outcome, Pace, Ring, Turn
from ivr.routing.played_call import NotKept, PlayedCall, kept, play
from ivr.routing.problems import Problem
from ivr.routing.stories import Action, DoesNotFit, HangsUp, PhoneDoes, place_of, run_story
from ivr.routing.story_text import read_story
from ivr.routing.text import Limits
from ivr.routing.transcript import TurnText, phones_did, turn_text, whispered

from .door import Door, answer, fragment_only
from .try_form import (
    AT,
    MOST_DEEDS,
    Deed,
    Unreadable,
    Wanted,
    deeds_in,
    fits,
    new_deed,
    read_deed,
    start_of,
    wanted_in,
)
from .try_routing import Faulty, begun, drafts, routing_for

CALLER = "+14805550199"  # a number nobody has: the one practice calls come from
STORY = "a-call.yaml"
BEGIN, BACK = "call", "back"


@dataclass(frozen=True, slots=True)
class Spoken:
    """Phrases heard one after another in one language."""

    language: str
    slow: bool
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TurnShown:
    """A turn on the page. `document` is the TwiML in pieces, one a line; nothing once the caller has hung up."""

    text: TurnText
    spoken: tuple[Spoken, ...]
    whisper: tuple[str, ...]
    document: tuple[str, ...]
    of_phones: bool


@dataclass(frozen=True, slots=True)
class CallShown:
    """A call on the page. `turn` is where it stands."""

    turns: tuple[TurnShown, ...]
    turn: Turn
    where: str
    waits: str
    head: str
    story: str
    caution: str

    @property
    def listens(self) -> bool:
        return isinstance(self.turn.step, Ask) and self.turn.step.listen

    @property
    def asks_for_pin(self) -> bool:
        return isinstance(self.turn.step, Ask) and self.turn.step.digits > 1


@dataclass(frozen=True, slots=True)
class Tried:
    """A call that was played: on which routing, what was done, and what came of it. `anew` says why it began anew."""

    wanted: Wanted
    routing: Routing
    deeds: tuple[Deed, ...]
    call: PlayedCall
    anew: str = ""


def add(door: Door) -> None:
    """Hang the pages."""

    @door.page("/try", Right.SEE, title="Try a call", methods=("GET", "POST"))
    def try_call() -> Response | str:
        wanted = wanted_in(request.form if request.method == "POST" else request.args, _usual(door))
        if request.method == "GET":
            return _ready(door, replace(wanted, version=""))
        try:
            wanted, fault = _next(wanted)
            tried = _tried(door, wanted)
        except (Unreadable, DoesNotFit) as unfit:
            return _refused(door, wanted, unfit)
        fault = "" if tried.anew else fault or tried.call.fault
        return answer(_page(door, tried.wanted, tried, _sentence(fault)), 422 if fault else 200)

    @door.page("/try/story", Right.SEE, methods=("POST",))
    def try_story() -> Response | str:
        """The call as a story, a file to be kept."""
        wanted = wanted_in(request.form, _usual(door))
        try:
            tried = _tried(door, replace(wanted, deeds=deeds_in(request.form)))
            if tried.anew:
                return answer(_page(door, tried.wanted, tried), 409)
            text = kept(tried.routing, tried.call.start, tried.call.played, STORY, _limits(door))
        except (Unreadable, DoesNotFit, NotKept) as unfit:
            return _refused(door, wanted, unfit)
        return Response(
            text, content_type="application/yaml", headers={"Content-Disposition": f'attachment; filename="{STORY}"'}
        )


def _usual(door: Door) -> Wanted:
    return Wanted(door.routing.main_line.name, door.now().strftime(AT))


def _next(wanted: Wanted) -> tuple[Wanted, str]:
    """The call with what is done now; and why that cannot be done. Raises Unreadable for what was done before."""
    do = request.form.get("do", "")
    if do == BEGIN:
        return replace(wanted, version=""), ""
    before = deeds_in(request.form)
    for text in before:
        read_deed(text)
    if do == BACK:
        return replace(wanted, deeds=before[:-1]), ""
    deed = new_deed(request.form)
    if not deed:
        return replace(wanted, deeds=before), ""
    if len(before) >= MOST_DEEDS:
        return replace(wanted, deeds=before), f"A call is played for {MOST_DEEDS} steps at most. Begin it again."
    try:
        read_deed(deed)
    except Unreadable as unread:
        return replace(wanted, deeds=before), str(unread)
    return replace(wanted, deeds=(*before, deed)), ""


def _tried(door: Door, wanted: Wanted) -> Tried:
    """Play the call as far as it goes. Raises Unreadable and DoesNotFit when it cannot begin."""
    routing = routing_for(door, wanted)
    wanted, anew = begun(wanted, routing)
    start = start_of(wanted, door.now(), door.zone)
    deeds = tuple(read_deed(text) for text in wanted.deeds)
    call = play(routing, start, [deed.action for deed in deeds])
    done = len(call.played) - 1
    for number, deed in enumerate(deeds[:done]):
        step = call.played[number][1].step
        if isinstance(step, Ring) and not fits(deed, step.phones):
            done = number
            call = replace(call, played=call.played[: number + 1], fault="say of each phone that rings what it does.")
            break
    return Tried(replace(wanted, deeds=wanted.deeds[:done]), routing, deeds[:done], call, anew)


def _ready(door: Door, wanted: Wanted) -> str:
    """The page before the call, which says at once why there will be none."""
    try:
        return _page(door, wanted, routing=routing_for(door, wanted))
    except Unreadable as unfit:
        return _page(door, wanted, fault=str(unfit), problems=_problems(unfit))


def _refused(door: Door, wanted: Wanted, unfit: ValueError) -> Response:
    return answer(_page(door, wanted, fault=_sentence(str(unfit)), problems=_problems(unfit)), 422)


def _problems(unfit: ValueError) -> tuple[Problem, ...]:
    return unfit.problems if isinstance(unfit, Faulty) else ()


def _page(
    door: Door,
    wanted: Wanted,
    tried: Tried | None = None,
    fault: str = "",
    *,
    routing: Routing | None = None,
    problems: tuple[Problem, ...] = (),
) -> str:
    page, choices = ("try_now.html", None) if fragment_only() else ("try.html", drafts(door))
    on = tried.routing if tried else routing or door.routing
    return render_template(
        page,
        wanted=wanted,
        lines=list(on.lines.values()),
        languages=list(on.languages),
        drafts=choices,
        standing=in_force(door.routing.overrides, door.now()),
        call=_shown(door, tried) if tried else None,
        anew=tried.anew if tried else "",
        fault=fault,
        problems=problems,
    )


def _shown(door: Door, tried: Tried) -> CallShown:
    routing, call = tried.routing, tried.call
    deeds: list[Deed | None] = [None, *tried.deeds]
    turns = [
        _turn(door, tried, deed, before, turn)
        for deed, before, (_, turn) in zip(deeds, [None, *(turn for _, turn in call.played)], call.played, strict=False)
    ]
    where = place_of(call.last)
    story, caution = _story(door, tried)
    return CallShown(
        tuple(turns),
        call.last,
        place(routing, where) if where else "",
        turns[-1].text.waits,
        full_date(call.start.at),
        story,
        caution,
    )


def _turn(door: Door, tried: Tried, deed: Deed | None, before: Turn | None, turn: Turn) -> TurnShown:
    action: Action | None = deed.action if deed else None
    text = turn_text(tried.routing, action, turn)
    if deed and before and isinstance(before.step, Ring):
        text = replace(text, heard=_phones_did(deed, before.step, text.heard))
    whisper = tuple(phrase for _, phrase in whispered(tried.routing, turn, tried.call.start.at))
    document = _document(door, tried, action, before, turn)
    return TurnShown(text, _spoken(turn, text), whisper, document, isinstance(action, PhoneDoes))


def _phones_did(deed: Deed, ring: Ring, usual: str) -> str:
    """What happened while phones rang; of several it is said one by one, unless one of them took the call."""
    match deed:
        case Deed(each=each) if each:
            return phones_did(ring.phones, each)
        case Deed(action=PhoneDoes(outcome)) if len(ring.phones) > 1 and outcome is not Outcome.ANSWERED:
            return phones_did(ring.phones, [outcome] * len(ring.phones))
        case _:
            return usual


def _spoken(turn: Turn, text: TurnText) -> tuple[Spoken, ...]:
    slow = [say.pace is Pace.SLOW for say in turn.say for _ in say.phrases]
    heard = zip(text.says, slow, strict=True)
    groups = groupby(heard, key=lambda each: (each[0][0], each[1]))
    return tuple(Spoken(*key, tuple(phrase for (_, phrase), _ in group)) for key, group in groups)


def _document(door: Door, tried: Tried, action: Action | None, before: Turn | None, turn: Turn) -> tuple[str, ...]:
    """What Twilio is answered, cut between its elements; nothing where a caller hung up and Twilio asks no more."""
    if isinstance(action, HangsUp) and before and not isinstance(before.step, Ring):
        return ()
    number = "" if before is None or tried.wanted.withheld else CALLER
    return tuple(re.split(r"(?<=>)(?=<)", door.render(tried.routing, turn, number)))


def _story(door: Door, tried: Tried) -> tuple[str, str]:
    """The call as a story, and what to know before it is kept."""
    try:
        text = kept(tried.routing, tried.call.start, tried.call.played, STORY, _limits(door))
    except NotKept as fault:
        return "", str(fault)
    if not tried.routing.overrides:
        return text, ""
    story = read_story(STORY, text.encode(), _limits(door))
    plain = without_overrides(tried.routing)
    if isinstance(story, list) or run_story(plain, story).passed:
        return text, ""
    return text, "A change that ends by itself had its part in this call. Stories are run without it: this one differs."


def _limits(door: Door) -> Limits:
    return Limits.of_kilobytes(door.services.settings.config_kilobytes)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
