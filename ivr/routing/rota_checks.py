"""Who is on call: names that exist, a turn for somebody at any hour, a second key that is a second key.

What depends on the day is looked at only where the day is given: a rota that runs out must not make files unusable
that are in use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.call_flow.duty import over_at, shifts
from ivr.call_flow.model import Rota
from ivr.call_flow.notice_rules import NoticeKind
from ivr.call_flow.situations import DAYS_AHEAD
from ivr.call_flow.urgent import MOST_PEOPLE, OTHERWISE
from ivr.call_flow.walks import day_and_time

from .findings import Findings, Path
from .hours_text import Misread
from .notice_checks import EVERYTHING
from .problems import Spelling, quoted
from .reach import passing_ways
from .references import CLINIC, MENUS
from .rota_shapes import days_of, rota_of
from .schema import RotaShape, UrgentShape
from .shape import Shapes
from .zone import time_zones

MOST_GAPS = 3
MOST_DATES = 4_000
COVER = "Let `weeks` or `dates` cover every day."


def check_rotas(shapes: Shapes, findings: Findings, now: datetime | None) -> None:
    """Every rota, and the urgent calls that ring them. With `now` (aware), whether somebody is on call from then on."""
    rotas, clinic = shapes.clinic.file.on_call, shapes.clinic.file.clinic
    for name, rota in rotas.items():
        sound = _check_people(("on_call", name), rota, findings)
        sound &= _check_dates(("on_call", name, "dates"), rota, findings)
        if sound and now and clinic and clinic.time_zone in time_zones():
            _check_ahead(("on_call", name), rota_of(name, rota, clinic.time_zone), now, findings)
    urgent = shapes.menus.file.urgent_calls
    used = {each.rota for each in urgent.values()}
    known = used <= rotas.keys()
    for name in rotas:
        if name not in used and known and not shapes.is_broken("urgent_calls"):
            findings.warn(CLINIC, ("on_call", name), "nothing under urgent_calls in menus.yaml rings this rota.")
    spelling = Spelling(rotas)
    for name, each in urgent.items():
        _check_urgent(shapes, name, each, spelling, findings)
    if urgent:
        _check_keys(shapes, urgent, findings)
        _check_told(shapes, findings)


def _check_people(path: Path, rota: RotaShape, findings: Findings) -> bool:
    """Whether every name is one of the people, and somebody has a turn."""
    people: dict[str, None] = {}
    before = len(findings.problems)
    for index, person in enumerate(each.name for each in rota.people):
        if person in people:
            here: Path = (*path, "people", index, "name")
            findings.error(CLINIC, here, f"{quoted(person)} is in the list already.", "Give everybody their own name.")
        people[person] = None
    if (count := len(rota.people)) > MOST_PEOPLE:
        findings.error(CLINIC, (*path, "people"), f"{count} people are too many.", f"Name at most {MOST_PEOPLE}.")
    spelling, there_are = Spelling(people), f"There are: {', '.join(list(people)[:MOST_PEOPLE])}."
    for here, name in _named(path, rota):
        if name not in people:
            cure = spelling.cure(name) or there_are
            findings.error(CLINIC, here, f"nobody under `people` is called {quoted(name)}.", cure)
    if not rota.weeks and not rota.dates:
        cure = "Give `weeks` with `starting`, or `dates`."
        findings.error(CLINIC, path, "nobody is ever on call: the rota is empty.", cure)
    if rota.weeks and rota.starting is None:
        findings.error(CLINIC, (*path, "weeks"), "nobody knows whose week it is.", "Give `starting`, a date.")
    sound = not any(not problem.warning for problem in findings.problems[before:])
    _warn_of_the_absent(path, rota, findings)
    return sound


def _named(path: Path, rota: RotaShape) -> Iterator[tuple[Path, str]]:
    yield from (((*path, "weeks", index), name) for index, name in enumerate(rota.weeks))
    yield from (((*path, "dates", text), name) for text, name in rota.dates.items())


def _warn_of_the_absent(path: Path, rota: RotaShape, findings: Findings) -> None:
    out = {person.name for person in rota.people if not person.enabled}
    for here, name in _named(path, rota):
        if name in out:
            findings.warn(CLINIC, here, f"{name} is out (enabled: no): the next of `people` rings in their place.")


def _check_dates(path: Path, rota: RotaShape, findings: Findings) -> bool:
    """Whether every date can be read, and is given to one person."""
    taken: dict[date, str] = {}
    sound, written = True, 0
    for text in rota.dates:
        try:
            days = list(days_of(text))
        except Misread as wrong:
            findings.error(CLINIC, (*path, text), wrong.sentence, wrong.cure)
            sound = False
            continue
        written += len(days)
        if written > MOST_DATES:
            sentence = f"the dates are more than {MOST_DATES:,} days."
            findings.error(CLINIC, path, sentence, "Take out those that are over, or use `weeks`.")
            return False
        twice = next((day for day in days if day in taken), None)
        if twice:
            sentence = f"{twice} is given under {quoted(taken[twice])} already."
            findings.error(CLINIC, (*path, text), sentence, "Give each date to one person.")
            sound = False
        taken.update(dict.fromkeys(days, text))
    return sound


def _check_ahead(path: Path, rota: Rota, now: datetime, findings: Findings) -> None:
    """Whether somebody has a turn at every hour of the days ahead; a rota of dates may end, which is told before."""
    zone, over = ZoneInfo(rota.zone), over_at(rota)
    end = now + timedelta(days=DAYS_AHEAD)
    if over and over <= now:
        sentence = f"this rota is over since {day_and_time(over.astimezone(zone))}: nobody is on call."
        findings.error(CLINIC, path, sentence, "Give the next dates, or `weeks` that go on by themselves.")
        return
    gaps = [each for each in shifts(rota, now, min(end, over) if over else end) if not each.name]
    for gap in gaps[:MOST_GAPS]:
        begins = "now" if gap.begins <= now.astimezone(UTC) else f"{day_and_time(gap.begins.astimezone(zone))}"
        sentence = f"nobody is on call from {begins} until {day_and_time(gap.ends.astimezone(zone))}."
        findings.error(CLINIC, path, sentence, COVER)
    if over and over < end:
        sentence = f"this rota ends on {day_and_time(over.astimezone(zone))}: nobody is on call after that."
        findings.warn(CLINIC, path, sentence, "Give the next dates in time, or `weeks` that go on by themselves.")


def _check_urgent(shapes: Shapes, name: str, urgent: UrgentShape, spelling: Spelling, findings: Findings) -> None:
    rotas = shapes.clinic.file.on_call
    if urgent.rota not in rotas and not shapes.clinic.is_broken("on_call", urgent.rota):
        cure = spelling.cure(urgent.rota) or "Add it under on_call in clinic.yaml."
        findings.error(MENUS, ("urgent_calls", name, "rota"), f"no rota is called {quoted(urgent.rota)}.", cure)
    path: Path = ("urgent_calls", name, "key")
    languages = shapes.clinic.file.languages
    if not re.fullmatch("[2-8]", urgent.key):
        sentence = f"{quoted(urgent.key)} cannot confirm an urgent call."
        findings.error(MENUS, path, sentence, f"Use a key from 2 to 8; {OTHERWISE} is for callers who can wait.")
    elif len(languages) > 1 and urgent.key in {shape.key for shape in languages.values()}:
        findings.error(MENUS, path, f"{urgent.key} changes the language.", "Use another key.")


def _check_keys(shapes: Shapes, urgent: Mapping[str, UrgentShape], findings: Findings) -> None:
    """Nobody comes to an urgent call by the key most pressed, by none at all, or by the one that confirms it."""
    led_to = _led_to(shapes, urgent)
    for menu, shape in shapes.menus.file.menus.items():
        for key, choice in shape.keys.items():
            for name in led_to.get(choice.to, ()):
                path: Path = ("menus", menu, "keys", key)
                if key == OTHERWISE:
                    sentence = f"key 1 leads to the urgent call {quoted(name)}, and callers press it without listening."
                    findings.error(MENUS, path, sentence, "Give the urgent call a later key.")
                elif key == urgent[name].key:
                    sentence = f"key {key} leads to the urgent call {quoted(name)} and confirms it too."
                    findings.error(MENUS, path, sentence, f"Use another `key` under urgent_calls > {name}.")
    for line, given in shapes.clinic.file.lines.items():
        for name in led_to.get(given.start, ()):
            sentence = f"calls come to the urgent call {quoted(name)} without pressing a key first."
            findings.error(CLINIC, ("lines", line, "start"), sentence, "Let a key of a menu lead there, not key 1.")


def _led_to(shapes: Shapes, urgent: Iterable[str]) -> dict[str, list[str]]:
    """By place: the urgent calls to which calls go on from there without another key."""
    back: dict[str, list[str]] = {}
    for place, ways in passing_ways(shapes).items():
        for way in ways:
            back.setdefault(way.to, []).append(place)
    found: dict[str, list[str]] = {}
    for name in urgent:
        seen = {name}
        waiting = [name]
        while waiting:
            place = waiting.pop()
            found.setdefault(place, []).append(name)
            new = [each for each in back.get(place, ()) if each not in seen]
            seen.update(new)
            waiting.extend(dict.fromkeys(new))
    return found


def _check_told(shapes: Shapes, findings: Findings) -> None:
    notices = shapes.clinic.file.notices
    if shapes.clinic.is_broken("notices"):
        return
    about = {word for rule in notices.rules for word in rule.about} if notices and notices.enabled else set()
    if not about & {NoticeKind.URGENT_CALL.value, EVERYTHING}:
        sentence = "nobody is told of an urgent call that no one on call took."
        cure = f"Add a rule about: {NoticeKind.URGENT_CALL.value}."
        findings.warn(CLINIC, ("notices",), sentence, cure)
