"""The shape of the configuration: which settings exist, and what kind of value each takes.

Every value arrives as text (see `text.py`) and is typed here. What the values mean together is `crosscheck.py`'s work.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

from ivr.call_flow.model import CallerId, Interval, Order
from ivr.call_flow.notice_rules import Way

from . import hours_text, notice_times
from .folder import MOST_LANGUAGES
from .hours_text import Misread

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_COUNTRIES = 50
MOST_TESTERS = 100
MOST_ROTAS = 100
NAME_PATTERN = "^[a-z][a-z0-9_]*$"
LANGUAGE_PATTERN = "^[a-z]{2}-[A-Z]{2}$"
TRUTHS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}

_T = TypeVar("_T")


def _read(parse: Callable[[str], _T]) -> Callable[[Any], _T]:
    """A pydantic validator from a parser that takes text and raises `Misread`."""

    def validate(value: Any) -> _T:
        if not isinstance(value, str):
            raise PydanticCustomError("string_type", "a single value is expected")
        try:
            return parse(value)
        except Misread as wrong:
            said = {"sentence": wrong.sentence, "cure": wrong.cure}
            raise PydanticCustomError("misread", "{sentence}", said) from None

    return validate


def _truth(text: str) -> bool:
    found = TRUTHS.get(text.strip().casefold())
    if found is None:
        raise Misread("this is neither yes nor no.", "Write yes or no.")
    return found


def _number(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch("[0-9]{1,6}", text.strip()):
            raise Misread("this is not a whole number.", f"Write a number from {lowest} to {highest}.")
        if not lowest <= int(text) <= highest:
            raise Misread(f"{int(text)} is out of range.", f"Write a number from {lowest} to {highest}.")
        return int(text)

    return parse


def _override(text: str) -> tuple[Interval, ...] | None:
    """What one location does on a holiday: None for its ordinary hours."""
    return None if text.strip().casefold() == "open" else hours_text.hours(text)


def _one_or_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=40)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
# A name that points somewhere is checked against what exists, where a misspelling gets a better answer.
Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Code = Annotated[str, StringConstraints(pattern=LANGUAGE_PATTERN)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Truth = Annotated[bool, PlainValidator(_read(_truth))]
Hours = Annotated[tuple[Interval, ...], PlainValidator(_read(hours_text.hours))]
HolidayHours = Annotated[tuple[Interval, ...] | None, PlainValidator(_read(_override))]
Dates = Annotated[tuple[date, date], PlainValidator(_read(hours_text.dates))]
References = Annotated[tuple[Reference, ...], BeforeValidator(_one_or_list)]
Numbers = Annotated[tuple[Text, ...], BeforeValidator(_one_or_list), Field(max_length=MOST_TESTERS)]
Countries = Annotated[tuple[Text, ...], BeforeValidator(_one_or_list), Field(min_length=1, max_length=MOST_COUNTRIES)]
Ways = Annotated[tuple[Way, ...], BeforeValidator(_one_or_list), Field(min_length=1)]
TimeOfDay = Annotated[int, PlainValidator(_read(notice_times.time_of_day))]
Day = Annotated[date, PlainValidator(_read(hours_text.day))]
Times = Annotated[tuple[int, ...], PlainValidator(_read(notice_times.times))]
QuietHours = Annotated[tuple[int, int], PlainValidator(_read(notice_times.quiet_hours))]
DayHours = Annotated[tuple[int, int], PlainValidator(_read(notice_times.day_hours))]
Link = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


def _whole(lowest: int, highest: int) -> PlainValidator:
    return PlainValidator(_read(_number(lowest, highest)))


RingSeconds = Annotated[int, _whole(5, 60)]
KeySeconds = Annotated[int, _whole(3, 20)]
MessageSeconds = Annotated[int, _whole(10, 600)]
RingBudget = Annotated[int, _whole(20, 300)]
HopBudget = Annotated[int, _whole(10, 200)]
TextsAnHour = Annotated[int, _whole(1, 500)]
UnansweredCalls = Annotated[int, _whole(2, 50)]
UrgentMinutes = Annotated[int, _whole(2, 120)]
UrgentTimes = Annotated[int, _whole(1, 200)]
# The carrier may tell us of a call's end days later; facts must outlive that, or the call would be told wrongly.
KeptDays = Annotated[int, _whole(1, 3650)]
KeptEventDays = Annotated[int, _whole(30, 3650)]


class Shape(BaseModel):
    """A group of settings: nothing unknown in it, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ClinicShape(Shape):
    name: Words
    time_zone: Text
    key_seconds: KeySeconds = 5
    countries: Countries = ("US",)


class LanguageShape(Shape):
    voice: Text
    key: Text = "9"


class LineShape(Shape):
    number: Text
    start: Reference
    person: Reference
    language: Reference | None = None


class PhoneShape(Shape):
    name: Words
    number: Text
    ring_seconds: RingSeconds = 20
    enabled: Truth = True


class WeekShape(Shape):
    monday: Hours
    tuesday: Hours
    wednesday: Hours
    thursday: Hours
    friday: Hours
    saturday: Hours
    sunday: Hours


class Ringing(Shape):
    """How phones are rung: what a location and a hunt group share."""

    phones: Annotated[tuple[PhoneShape, ...], Field(min_length=1)]
    ring: Order = Order.IN_TURN
    whisper: Truth = True
    caller_id: CallerId = CallerId.CLINIC


class LocationShape(Ringing):
    title: Words
    hours: WeekShape
    mailbox: Reference
    overflow: References = ()
    when_closed: Reference | None = None
    holidays: dict[Words, HolidayHours] = Field(default_factory=dict)


class HuntGroupShape(Ringing):
    otherwise: Reference


class ClosureShape(Shape):
    name: Words
    date: Dates
    hours: Hours = ()
    locations: References | None = None


class MailboxShape(Shape):
    greeting: Reference
    longest_seconds: MessageSeconds = 120
    callback: Reference | None = None


class RotaShape(Shape):
    people: Annotated[tuple[PhoneShape, ...], Field(min_length=1)]
    mailbox: Reference
    hand_over: TimeOfDay = 8 * 60
    starting: Day | None = None
    weeks: References = ()
    dates: dict[Words, Reference] = Field(default_factory=dict)


class BudgetsShape(Shape):
    ring_seconds: RingBudget = 90
    hops: HopBudget = 40


class KeepShape(Shape):
    numbers_days: KeptDays = 90
    events_days: KeptEventDays = 730
    messages_days: KeptDays = 90


class StaffShape(Shape):
    keys: Text


class ToldShape(Shape):
    name: Words | None = None
    mail: Text | None = None
    text: Text | None = None
    quiet: QuietHours | None = None


class RuleShape(Shape):
    about: Annotated[References, Field(min_length=1)]
    tell: References = ()
    by: Ways = (Way.MAIL,)
    locations: References = ()
    when: Times = ()
    despite_quiet: Truth = False


class NoticesShape(Shape):
    enabled: Truth = True
    unanswered_calls: UnansweredCalls = 3
    urgent_minutes: UrgentMinutes = 10
    urgent_times: UrgentTimes = 36
    people: dict[Name, ToldShape] = Field(default_factory=dict)
    rules: tuple[RuleShape, ...] = ()


class TextsShape(Shape):
    guide_link: Link | None = None
    an_hour: TextsAnHour = 20
    missed_calls: Truth = False
    missed_hours: DayHours = (9 * 60, 19 * 60)


class ChoiceShape(Shape):
    label: Reference
    to: Reference
    words: dict[Reference, Annotated[tuple[Text, ...], BeforeValidator(_one_or_list)]] = Field(default_factory=dict)


class MenuShape(Shape):
    keys: Annotated[dict[str, ChoiceShape], Field(min_length=1)]
    greeting: Reference | None = None
    person: Reference | None = None
    listen: Truth = False


class InformationShape(Shape):
    parts: Annotated[tuple[Reference, ...], BeforeValidator(_one_or_list), Field(min_length=1)]
    back: Reference
    person: Reference | None = None


class ByHoursShape(Shape):
    location: Reference
    open: Reference
    closed: Reference
    closures: dict[Words, Reference] = Field(default_factory=dict)


class CallbackShape(Shape):
    otherwise: Reference


class GuideShape(Shape):
    then: Reference


class UrgentShape(Shape):
    rota: Reference
    otherwise: Reference
    key: Text = "5"


class AnnouncementShape(Shape):
    say: Reference
    then: Reference


class GoodbyeShape(Shape):
    say: Reference


class ClinicFile(Shape):
    """clinic.yaml. What must not be missing altogether is crosscheck's concern, so that one fault hides no other."""

    clinic: ClinicShape | None = None
    languages: Annotated[dict[Code, LanguageShape], Field(max_length=MOST_LANGUAGES)] = Field(default_factory=dict)
    lines: dict[Name, LineShape] = Field(default_factory=dict)
    locations: dict[Name, LocationShape] = Field(default_factory=dict)
    holidays: tuple[Words, ...] = ()
    closures: tuple[ClosureShape, ...] = ()
    mailboxes: dict[Name, MailboxShape] = Field(default_factory=dict)
    on_call: Annotated[dict[Name, RotaShape], Field(max_length=MOST_ROTAS)] = Field(default_factory=dict)
    budgets: BudgetsShape = Field(default_factory=BudgetsShape)
    keep: KeepShape = Field(default_factory=KeepShape)
    testers: Numbers = ()
    staff: StaffShape | None = None
    notices: NoticesShape | None = None
    texts: TextsShape | None = None


class MenusFile(Shape):
    """menus.yaml."""

    menus: dict[Name, MenuShape] = Field(default_factory=dict)
    information: dict[Name, InformationShape] = Field(default_factory=dict)
    hunt_groups: dict[Name, HuntGroupShape] = Field(default_factory=dict)
    by_hours: dict[Name, ByHoursShape] = Field(default_factory=dict)
    callback_requests: dict[Name, CallbackShape] = Field(default_factory=dict)
    guides: dict[Name, GuideShape] = Field(default_factory=dict)
    urgent_calls: Annotated[dict[Name, UrgentShape], Field(max_length=MOST_ROTAS)] = Field(default_factory=dict)
    announcements: dict[Name, AnnouncementShape] = Field(default_factory=dict)
    goodbyes: dict[Name, GoodbyeShape] = Field(default_factory=dict)


class PromptsFile(Shape):
    """prompts/<language>.yaml."""

    prompts: dict[Name, Sentence] = Field(default_factory=dict)
    names: dict[Words, Words] = Field(default_factory=dict)
