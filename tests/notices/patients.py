"""Calls whose callers may get a text, written down as the worker does; a routing that sends texts; kept texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from ivr.call_flow.events import CallArrived, CallEnded, Event, Rang, RingingEnded
from ivr.call_flow.model import Guide, Mailbox, Routing
from ivr.call_flow.phrases import TextPhrase
from ivr.call_flow.text_rules import TextRules
from ivr.call_flow.wishes import CallbackRequested, GuideRequested, TextAnnounced
from ivr.call_log.database import reading
from ivr.call_log.recorder import record
from ivr.call_log.text_tables import PatientTextRow
from ivr.journal.entry import Entry, entries_for
from ivr.journal.sealing import Seal
from ivr.notices.parcel import Result, Sent, Text
from ivr.notices.patient_sending import TextSender
from ivr.notices.patient_texts import TextBirths
from tests.call_flow.conftest import location, menu, phone, routing_of
from tests.conftest import ZONE

from .conftest import NOW, Clock

LINK = "https://example.com/guide"
CALLER = "+14805550147"
GUIDE_WORDS = f"Sample Clinic: here it is: {LINK} Reply STOP to opt out."
MISSED_WORDS = "Sample Clinic: call us at 480-555-0100. Reply STOP to opt out."
SEAL = Seal(["a secret of these tests, long enough"])
ASKED: tuple[Event, ...] = (GuideRequested("guide"),)
MISSED: tuple[Event, ...] = (
    TextAnnounced("front"),
    Rang("front", ("Desk",), 20, 1, "front"),
    RingingEnded("front", ("Desk",), 1, "no answer", 0),
)
CALLED_BACK: tuple[Event, ...] = (CallbackRequested("callback"),)


def routing(rules: TextRules | None = None) -> Routing:
    """A small clinic that texts the guide, and word after missed calls."""
    made = routing_of(
        menu("main", "front", "guide"), Guide("guide", "main"), location("front", phone(1)), Mailbox("mailbox", "g", 60)
    )
    given = {TextPhrase.GUIDE: "Sample Clinic: here it is:", TextPhrase.MISSED_CALL: "Sample Clinic: call us at"}
    spanish = {TextPhrase.GUIDE: "Sample Clinic, el enlace:", TextPhrase.MISSED_CALL: "Sample Clinic, llame al"}
    words = {"en-US": given, "es-US": spanish}
    languages = {
        code: replace(each, prompts={**each.prompts, **{str(name): text for name, text in words[code].items()}})
        for code, each in made.languages.items()
    }
    return replace(made, languages=languages, texts=rules or TextRules(LINK, missed_calls=True))


def sid(number: int) -> str:
    return f"CA{number:032x}"


def a_call(
    number: int,
    *events: Event,
    at: datetime = NOW,
    caller: str = CALLER,
    language: str = "en-US",
    draft: bool = False,
    seal: Seal = SEAL,
    over: bool = True,
) -> list[Entry]:
    """The journal's entries of a call of half a minute; `over`: it has ended."""
    arrived = CallArrived("main", language, withheld=not caller, draft=draft)
    first, *others = entries_for(sid(number), 0, at, "v1", (arrived,))
    if caller:
        first = replace(first, sealed={"caller": seal.seal(caller), "caller_index": seal.index(caller)})
    then = [entry for hop, event in enumerate(events, 1) for entry in entries_for(sid(number), hop, at, "v1", (event,))]
    ended = entries_for(sid(number), 0, at + timedelta(seconds=30), "", (CallEnded("completed", 30),), tag="completed:")
    return [first, *others, *then, *(ended if over else ())]


def written_down(engine: Engine, *calls: Sequence[Entry], now: datetime = NOW, rules: TextRules | None = None) -> None:
    """Put calls into the log, each batch of entries in a transaction of its own, and let texts follow."""
    births = TextBirths(lambda: routing(rules), SEAL)
    for entries in calls:
        record(engine, entries, zone=ZONE, heard_at=now, follow=births)


@dataclass
class Phones:
    """Takes texts as Twilio would; `results` are used up one an attempt, then all is well."""

    texts: list[Text] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    def __call__(self, given: Text) -> Result:
        self.texts.append(given)
        return self.results.pop(0) if self.results else Sent("SM1")

    @property
    def words(self) -> list[str]:
        return [text.body for text in self.texts]


def sender(engine: Engine, phones: Phones, clock: Clock, holder: str = "one") -> TextSender:
    return TextSender(engine, phones, SEAL, holder, clock)


def fates(engine: Engine) -> list[tuple[str, str, str]]:
    """Kind, state and fault of every text, in order."""
    row = PatientTextRow
    with reading(engine) as connection:
        return [tuple(each) for each in connection.execute(select(row.kind, row.state, row.fault).order_by(row.id))]  # type: ignore[misc]
