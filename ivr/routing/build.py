"""From checked shapes to the routing the engine reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ivr.call_flow.model import (
    Announcement,
    Budgets,
    ByHours,
    CallbackRequest,
    Choice,
    Closure,
    Destination,
    Goodbye,
    Guide,
    HuntGroup,
    Information,
    Interval,
    Language,
    Line,
    Location,
    Mailbox,
    Menu,
    Phone,
    Retention,
    Routing,
    Schedule,
    StaffMenu,
    UrgentCall,
)
from ivr.call_flow.notice_rules import NoticeRules, Rule, Told
from ivr.call_flow.staffing import STAFF
from ivr.call_flow.text_rules import TextRules

from .holiday_names import dates_by_name, straight
from .notice_checks import kinds_of
from .prompt_checks import spoken_names
from .rota_shapes import rota_of
from .schedule_checks import closed_dates
from .schema import DAYS, ClinicFile, LocationShape, MenusFile, MenuShape, Ringing
from .shape import Shapes


def build(shapes: Shapes, version: str) -> Routing:
    """The routing of shapes in which no problem was found."""
    clinic = shapes.clinic.file
    assert clinic.clinic is not None, "crosscheck refuses a configuration without its clinic"
    destinations: dict[str, Destination] = {}
    destinations.update(_locations(clinic, clinic.clinic.time_zone))
    for name, mailbox in clinic.mailboxes.items():
        destinations[name] = Mailbox(name, mailbox.greeting, mailbox.longest_seconds, mailbox.callback)
    destinations.update(_tree(shapes.menus.file))
    rotas = {name: rota_of(name, shape, clinic.clinic.time_zone) for name, shape in clinic.on_call.items()}
    for name, urgent in shapes.menus.file.urgent_calls.items():
        destinations[name] = UrgentCall(name, rotas[urgent.rota], urgent.key, urgent.otherwise)
    staff = StaffMenu(STAFF, clinic.staff.keys, tuple(clinic.locations)) if clinic.staff else None
    if staff:
        destinations[STAFF] = staff
    first = next(iter(clinic.languages))
    lines = {
        name: Line(name, line.number, line.start, line.person, line.language or first)
        for name, line in clinic.lines.items()
    }
    return Routing(
        version=version,
        clinic=clinic.clinic.name,
        languages=_languages(shapes),
        lines=lines,
        line_of={line.number: name for name, line in lines.items()},
        destinations=destinations,
        budgets=Budgets(clinic.budgets.ring_seconds, clinic.budgets.hops),
        key_seconds=clinic.clinic.key_seconds,
        keep=Retention(clinic.keep.numbers_days, clinic.keep.events_days, clinic.keep.messages_days),
        testers=frozenset(clinic.testers),
        staff=staff,
        notices=_notices(clinic),
        countries=tuple(clinic.clinic.countries),
        texts=_texts(clinic),
    )


def _languages(shapes: Shapes) -> dict[str, Language]:
    names = spoken_names(shapes)
    languages: dict[str, Language] = {}
    for code, shape in shapes.clinic.file.languages.items():
        file = shapes.prompts[code].file
        given = {straight(name): spoken for name, spoken in file.names.items()}
        spoken = {name: given.get(name, name) for name in names}
        languages[code] = Language(code, shape.voice, shape.key, dict(file.prompts), spoken)
    return languages


def _locations(clinic: ClinicFile, zone: str) -> dict[str, Location]:
    calendar = _Calendar(clinic)
    found: dict[str, Location] = {}
    for name, shape in clinic.locations.items():
        week = tuple(getattr(shape.hours, day) for day in DAYS)
        found[name] = Location(
            name=name,
            title=shape.title,
            schedule=Schedule(zone, week, calendar.of(name, shape)),
            hunt_group=_hunt_group(name, shape, shape.mailbox),
            overflow=shape.overflow,
            mailbox=shape.mailbox,
            when_closed=shape.when_closed or shape.mailbox,
        )
    return found


class _Calendar:
    """The dates on which weekly hours do not apply. Locations without exceptions of their own share one calendar."""

    def __init__(self, clinic: ClinicFile) -> None:
        self._listed = list(dict.fromkeys(straight(name) for name in clinic.holidays))
        self._closures = clinic.closures
        self._with_own = {name for closure in clinic.closures for name in closure.locations or ()}
        self._shared = self._dates("", {})

    def of(self, name: str, location: LocationShape) -> Mapping[date, Closure]:
        if not location.holidays and name not in self._with_own:
            return self._shared
        return self._dates(name, {straight(holiday): hours for holiday, hours in location.holidays.items()})

    def _dates(self, location: str, own: Mapping[str, tuple[Interval, ...] | None]) -> dict[date, Closure]:
        """A closure beats a holiday, and of two closures the first in the file counts."""
        found: dict[date, Closure] = {}
        for shape in self._closures:
            if shape.locations is None or location in shape.locations:
                closure = Closure(straight(shape.name), hours=shape.hours)
                for day in closed_dates(shape):
                    found.setdefault(day, closure)
        for name in dict.fromkeys((*self._listed, *own)):
            hours = own.get(name, ())
            if hours is not None:
                holiday = Closure(name, holiday=True, hours=hours)
                for day in dates_by_name()[name]:
                    found.setdefault(day, holiday)
        return found


def _hunt_group(name: str, shape: Ringing, otherwise: str) -> HuntGroup:
    phones = tuple(Phone(phone.name, phone.number, phone.ring_seconds, phone.enabled) for phone in shape.phones)
    return HuntGroup(name, phones, shape.ring, shape.whisper, shape.caller_id, otherwise)


def _notices(clinic: ClinicFile) -> NoticeRules:
    """Nobody is told of anything while the section is missing or switched off."""
    shape = clinic.notices
    if shape is None or not shape.enabled:
        return NoticeRules()
    people = {
        name: Told(told.name or name, told.mail or "", told.text or "", told.quiet)
        for name, told in shape.people.items()
    }
    rules = tuple(
        Rule(rule.tell, kinds_of(rule.about), rule.by, frozenset(rule.locations), rule.when, rule.despite_quiet)
        for rule in shape.rules
    )
    return NoticeRules(people, rules, shape.unanswered_calls, shape.urgent_minutes, shape.urgent_times)


def _texts(clinic: ClinicFile) -> TextRules | None:
    shape = clinic.texts
    if shape is None:
        return None
    return TextRules(shape.guide_link or "", shape.an_hour, shape.missed_calls, shape.missed_hours)


def _tree(tree: MenusFile) -> dict[str, Destination]:
    found: dict[str, Destination] = {}
    for name, menu in tree.menus.items():
        found[name] = _menu(name, menu)
    for name, topic in tree.information.items():
        found[name] = Information(name, topic.parts, topic.back, topic.person)
    for name, group in tree.hunt_groups.items():
        found[name] = _hunt_group(name, group, group.otherwise)
    for name, switch in tree.by_hours.items():
        closures = {straight(closure): to for closure, to in switch.closures.items()}
        found[name] = ByHours(name, switch.location, switch.open, switch.closed, closures)
    for name, request in tree.callback_requests.items():
        found[name] = CallbackRequest(name, request.otherwise)
    for name, guide in tree.guides.items():
        found[name] = Guide(name, guide.then)
    for name, announcement in tree.announcements.items():
        found[name] = Announcement(name, announcement.say, announcement.then)
    for name, goodbye in tree.goodbyes.items():
        found[name] = Goodbye(name, goodbye.say)
    return found


def _menu(name: str, shape: MenuShape) -> Menu:
    """The choices stand in the order of their keys, which is how they are read out."""
    choices = {
        key: Choice(key, choice.label, choice.to, dict(choice.words)) for key, choice in sorted(shape.keys.items())
    }
    return Menu(name, shape.greeting, choices, shape.person, shape.listen)
