"""What the page "Try a call" carries from step to step: how the call begins, and all that was done in it so far.

Nothing of it is kept here or in a session: the form brings it along, and whatever it brings is checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.call_flow.model import Phone
from ivr.call_flow.moments import UnclearMoment, read_moment
from ivr.call_flow.turn import Outcome
from ivr.routing.played_call import Start, together
from ivr.routing.stories import Action, HangsUp, LeavesMessage, LeavesNoMessage, PhoneDoes, Presses, Says, StaysSilent
from ivr.routing.story_text import KEYS, PHONE_WORDS

MOST_DEEDS = 200
LONGEST_WORDS = 200
LONGEST_DEED = 400
AT = "%Y-%m-%dT%H:%M"
LIVE, PLAIN, DRAFT, TESTERS = "live", "plain", "draft", "testers"
WHATS = (LIVE, PLAIN, DRAFT, TESTERS)
DRAFTS = (DRAFT, TESTERS)
PLAIN_DEEDS: dict[str, Action] = {
    "stays silent": StaysSilent(),
    "leaves a message": LeavesMessage(),
    "leaves no message": LeavesNoMessage(),
    "hangs up": HangsUp(),
}
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2})(:00)?")


class Unreadable(ValueError):
    """The form holds what this page never sends; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What the caller or the clinic's phones did. `each` says it phone by phone where they were told apart."""

    action: Action
    each: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call as the form carries it, in the form's own words. `version` is that of the draft it began on, if it did."""

    line: str
    at: str
    language: str = ""
    withheld: bool = False
    what: str = LIVE
    version: str = ""
    deeds: tuple[str, ...] = ()

    @property
    def written(self) -> str:
        """The deeds as one hidden field."""
        return json.dumps(self.deeds, separators=(",", ":"))


def wanted_in(form: Mapping[str, str], usual: Wanted) -> Wanted:
    """The call the form carries, its deeds left out; what is missing is as usual."""
    return replace(
        usual,
        line=form.get("line", usual.line)[:LONGEST_DEED],
        at=form.get("at", "")[:LONGEST_DEED] or usual.at,
        language=form.get("language", "")[:LONGEST_DEED],
        withheld=form.get("caller", "") == "withheld",
        what=form.get("what", usual.what)[:LONGEST_DEED],
        version=form.get("version", "")[:LONGEST_DEED],
    )


def deeds_in(form: Mapping[str, str]) -> tuple[str, ...]:
    """What was done so far. Raises Unreadable."""
    try:
        found = json.loads(form.get("deeds") or "[]")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(each, str) and len(each) <= LONGEST_DEED for each in found):
        raise Unreadable("What was done so far cannot be read. Begin the call again.")
    if len(found) > MOST_DEEDS:
        raise Unreadable(f"A call is played for {MOST_DEEDS} steps at most. Begin it again.")
    return tuple(found)


def new_deed(form: Mapping[str, str]) -> str:
    """What is done now, as `read_deed` reads it; "" for nothing."""
    do = form.get("do", "")
    if do == "says":
        return f"says {form.get('words', '')[:LONGEST_WORDS]}"
    if do == "phones":
        return f"phones {','.join(_phones_in(form))}"
    return do


def read_deed(text: str) -> Deed:
    """A deed, written as in `presses 1`, `says Gilbert`, `phone busy`, `phones busy,no answer`. Raises Unreadable."""
    if text in PLAIN_DEEDS:
        return Deed(PLAIN_DEEDS[text])
    verb, _, rest = text.partition(" ")
    match verb:
        case "presses" if rest in KEYS:
            return Deed(Presses(rest))
        case "says" if words := _words(rest):
            return Deed(Says(words))
        case "says":
            raise Unreadable("Write the words that are said.")
        case "phone" if rest in PHONE_WORDS:
            return Deed(PhoneDoes(PHONE_WORDS[rest]))
        case "phones" if all(word in PHONE_WORDS for word in rest.split(",")):
            each = tuple(PHONE_WORDS[word] for word in rest.split(","))
            return Deed(PhoneDoes(together(each)), each)
        case _:
            raise Unreadable("This step cannot be read. Choose one of those on the page.")


def fits(deed: Deed, phones: Sequence[Phone]) -> bool:
    """Whether a deed that tells phones apart speaks of as many as ring."""
    return not deed.each or len(deed.each) == len(phones)


def start_of(wanted: Wanted, now: datetime, zone: ZoneInfo) -> Start:
    """How the call begins. Raises Unreadable for a time that is none, or that does not exist."""
    match = _MOMENT.fullmatch(wanted.at)
    if match is None:
        raise Unreadable("Choose a day and a time.")
    try:
        at = read_moment(f"{match[1]} {match[2]}", now, zone)
    except UnclearMoment as unclear:
        raise Unreadable(f"{str(unclear)[:1].upper()}{str(unclear)[1:]}") from None
    return Start(at, wanted.line, wanted.language, wanted.withheld)


def _words(text: str) -> str:
    """Words on one line, without what no microphone hears."""
    return " ".join("".join(char if char.isprintable() else " " for char in text[:LONGEST_WORDS]).split())


def _phones_in(form: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    while (word := form.get(f"phone-{len(found)}")) is not None and len(found) < MOST_DEEDS:
        found.append(word)
    return found
