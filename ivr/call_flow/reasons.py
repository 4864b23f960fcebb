"""Events as plain sentences: why the call went where it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from .events import (
    AnnouncementHeard,
    Apologised,
    CallAccepted,
    CallArrived,
    CallDeclined,
    CallEnded,
    CameThroughFallback,
    CrisisWordsHeard,
    Event,
    FoundClosed,
    GoodbyeSaid,
    HopBudgetSpent,
    InformationHeard,
    KeyChosen,
    LanguageChosen,
    LegEnded,
    MailboxHeard,
    MenuHeard,
    MessageTaken,
    NoInput,
    NoMessageLeft,
    OverrideAsked,
    OverrideHeard,
    PaceChosen,
    PinAccepted,
    PinRefused,
    PlaceVanished,
    Rang,
    RecordingReady,
    RingBudgetSpent,
    RingingEnded,
    SentAcross,
    SentToPerson,
    SpeechNotUnderstood,
    WhisperHeard,
    WrongKey,
)
from .model import (
    Announcement,
    ByHours,
    CallbackRequest,
    Destination,
    Goodbye,
    Guide,
    HuntGroup,
    Information,
    Location,
    Mailbox,
    Menu,
    Routing,
    StaffMenu,
    UrgentCall,
)
from .moments import day_and_time
from .standing import on_call_sentence
from .wishes import CallbackRequested, GuideAddressHeard, GuideRequested, TextAnnounced, UrgentConfirmed

Chosen = (
    CallArrived
    | LanguageChosen
    | PaceChosen
    | KeyChosen
    | WrongKey
    | NoInput
    | SpeechNotUnderstood
    | CrisisWordsHeard
    | CallbackRequested
    | GuideRequested
    | GuideAddressHeard
    | TextAnnounced
)
OfStaff = PinAccepted | PinRefused | OverrideAsked
Played = MenuHeard | InformationHeard | AnnouncementHeard | MailboxHeard | GoodbyeSaid | MessageTaken | NoMessageLeft
Routed = (
    SentToPerson
    | SentAcross
    | OverrideHeard
    | FoundClosed
    | Rang
    | RingingEnded
    | RingBudgetSpent
    | HopBudgetSpent
    | UrgentConfirmed
    | PlaceVanished
)

WHY_PERSON = {
    "asked": "The caller asked for a person",
    "silence": "The caller made no choice",
    "wrong keys": "The caller's choices did not work",
    "crisis": "The caller needs a person now",
    "hops": "The call has gone on for long",
}
WHY_CLOSED = {"override": "an override closes it", "emergency": "an emergency closes it"}
WHY_GOODBYE = {
    "talked": "The caller has talked with the clinic",
    "message": "The message is taken",
    "callback": "The call back is noted",
    "no message": "No message was left",
    "goodbye": "The call ends as configured",
}
# What has a name of its own, by kind; a test holds that none is left out.
CALLED: Mapping[type[Destination], str] = {
    Menu: "menu",
    Information: "topic",
    HuntGroup: "hunt group",
    ByHours: "switch by hours",
    Mailbox: "mailbox",
    CallbackRequest: "call back request",
    Guide: "guide",
    UrgentCall: "urgent call",
    Announcement: "announcement",
    Goodbye: "goodbye",
}
ONWARD = {"person": "a person", "next": "the next part", "back": "the part before"}


def reasons(routing: Routing, events: Sequence[Event]) -> list[str]:
    """One sentence for each event that explains something, in order."""
    return [sentence for event in events if (sentence := reason(routing, event))]


def reason(routing: Routing, event: Event) -> str:
    """An event as a plain sentence."""
    match event:
        case (
            MenuHeard()
            | InformationHeard()
            | AnnouncementHeard()
            | MailboxHeard()
            | GoodbyeSaid()
            | MessageTaken()
            | NoMessageLeft()
        ):
            return _played(routing, event)
        case (
            SentToPerson()
            | SentAcross()
            | OverrideHeard()
            | FoundClosed()
            | Rang()
            | RingingEnded()
            | RingBudgetSpent()
            | HopBudgetSpent()
            | UrgentConfirmed()
            | PlaceVanished()
        ):
            return _routed(routing, event)
        case WhisperHeard() | CallAccepted() | CallDeclined() | LegEnded():
            return _on_the_leg(event)
        case Apologised() | CameThroughFallback() | RecordingReady() | CallEnded():
            return _outside(event)
        case PinAccepted() | PinRefused() | OverrideAsked():
            return _of_staff(routing, event)
        case _:
            return _chosen(routing, event)


def place(routing: Routing, name: str) -> str:
    """A destination as people would call it."""
    found = routing.destinations.get(name)
    match found:
        case None:
            return ONWARD.get(name, f'"{name}"')
        case Location(title=title):
            return title
        case StaffMenu():
            return "the staff's changes by phone"
        case _:
            return f'the {CALLED[type(found)]} "{name}"'


def _chosen(routing: Routing, event: Chosen) -> str:
    match event:
        case CallArrived(line, language, _, withheld):
            return f'The call comes in on the line "{line}", in {language}{", number withheld" if withheld else ""}.'
        case LanguageChosen(language):
            return f"From here on in {language}."
        case PaceChosen(pace):
            return f"From here on at a {pace} pace."
        case KeyChosen(_, key, to, None):
            return f"Key {key}{_leads(routing, to)}."
        case KeyChosen(_, key, to, score):
            return f"The words mean key {key} (score {score} of 100), which{_leads(routing, to)}."
        case WrongKey(where, count):
            return f"{_sentence(place(routing, where))} has no such key (number {count})."
        case NoInput(where, count):
            return f"Nothing came from the caller in {place(routing, where)} (number {count})."
        case SpeechNotUnderstood(where, count):
            return f"The words match nothing in {place(routing, where)} (number {count})."
        case CrisisWordsHeard():
            return "Words of crisis were heard."
        case CallbackRequested() | GuideRequested() | GuideAddressHeard() | TextAnnounced():
            return _offered(event)


def _offered(event: CallbackRequested | GuideRequested | GuideAddressHeard | TextAnnounced) -> str:
    match event:
        case CallbackRequested():
            return "The clinic is asked to call back."
        case GuideRequested():
            return "One text with the guide's link is asked for."
        case GuideAddressHeard():
            return "The caller is told where the guide is."
        case TextAnnounced():
            return "The caller is told that one text may follow if nobody answers."


def _leads(routing: Routing, to: str) -> str:
    words = {"confirmed": " confirms", "message": " begins the message"}
    return words.get(to, f" leads to {place(routing, to)}")


def _played(routing: Routing, event: Played) -> str:
    match event:
        case MenuHeard(menu, again):
            return f"{_sentence(place(routing, menu))} is read out{' again' if again else ''}."
        case InformationHeard(topic, part, parts):
            return f"{_sentence(place(routing, topic))} is told, part {part} of {parts}."
        case AnnouncementHeard(name):
            return f"{_sentence(place(routing, name))} is made."
        case MailboxHeard(mailbox):
            return f"{_sentence(place(routing, mailbox))} offers to take a message."
        case MessageTaken(mailbox):
            return f"{_sentence(place(routing, mailbox))} has taken a message."
        case NoMessageLeft(mailbox):
            return f"{_sentence(place(routing, mailbox))} got no message."
        case GoodbyeSaid(_, why):
            return f"{WHY_GOODBYE.get(why, 'Nobody could be reached')}: goodbye is said."


def _routed(routing: Routing, event: Routed) -> str:
    match event:
        case SentToPerson(_, to, why):
            return f"{WHY_PERSON.get(why, 'The caller needs a person')}: on to {place(routing, to)}."
        case SentAcross(location, to, override):
            return f"Override {override} sends calls for {place(routing, location)} to {place(routing, to)}."
        case OverrideHeard(location, override):
            return (
                f"The message of override {override} is played{f' at {place(routing, location)}' if location else ''}."
            )
        case FoundClosed():
            return _found_closed(routing, event)
        case Rang(_, phones, seconds):
            verb = "rings" if len(phones) == 1 else "ring together"
            return f"{_and(phones)} {verb} for up to {seconds} seconds."
        case RingingEnded(_, phones, _, outcome, _):
            return f"{_and(phones)}: {outcome}."
        case RingBudgetSpent(_, rung):
            return f"The call has rung for {rung} seconds, which is all it is granted."
        case HopBudgetSpent(_, hops):
            return f"The call has taken {hops} turns, which is all it is granted."
        case UrgentConfirmed(_, whose, until):
            return on_call_sentence(whose, datetime.fromisoformat(until) if until else None)
        case PlaceVanished(name):
            return f'"{name}" is not in the configuration any more: the call begins anew.'


def _of_staff(routing: Routing, event: OfStaff) -> str:
    match event:
        case PinAccepted(pin):
            return f'The PIN of "{pin}" was given.'
        case PinRefused(locked):
            return "No PIN is accepted now." if locked else "The PIN is wrong."
        case OverrideAsked(kind, location, _, ends):
            until = day_and_time(datetime.fromisoformat(ends))
            return f"An override is made: {kind} {place(routing, location)} until {until}."


def _found_closed(routing: Routing, event: FoundClosed) -> str:
    because = event.name or WHY_CLOSED.get(event.because, "outside its hours")
    again = f" It opens again on {day_and_time(datetime.fromisoformat(event.opens_at))}." if event.opens_at else ""
    return f"{_sentence(place(routing, event.location))} is closed: {because}.{again}"


def _on_the_leg(event: WhisperHeard | CallAccepted | CallDeclined | LegEnded) -> str:
    match event:
        case WhisperHeard(_, phone):
            return f"{phone} picked up and was told what the call is."
        case CallAccepted(_, phone):
            return f"{phone} took the call."
        case CallDeclined(_, phone):
            return f"{phone} picked up and pressed no key."
        case LegEnded(_, phone, outcome, seconds):
            return f"{phone}: {outcome}, {seconds} seconds."


def _outside(event: Apologised | CameThroughFallback | RecordingReady | CallEnded) -> str:
    match event:
        case CameThroughFallback(code):
            told = f" (error {code})" if code else ""
            return f"The carrier could not use our answer{told} and turned to the fallback."
        case Apologised():
            return "Something failed on our side: the caller heard an apology and the clinic's phone rang."
        case RecordingReady(_, seconds, status):
            return f"The recording is {status}, {seconds} seconds."
        case CallEnded(status, seconds):
            return f"The call is over: {status}, {seconds} seconds."


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _and(names: Sequence[str]) -> str:
    *first, last = names or ("nothing",)
    return f"{', '.join(first)} and {last}" if first else last
