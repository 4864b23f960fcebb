"""Who is told of what: kinds, people and locations that exist, addresses that can be written to, nobody left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from ivr.call_flow.addresses import is_mail_address
from ivr.call_flow.notice_rules import NoticeKind, Way

from . import numbers
from .findings import Findings, Path
from .problems import Spelling, quoted
from .references import CLINIC
from .schema import NoticesShape, RuleShape, ToldShape
from .shape import Shapes

EVERYTHING = "everything"
KINDS = {kind.value: kind for kind in NoticeKind}


def kinds_of(about: Sequence[str]) -> frozenset[NoticeKind]:
    """The kinds a rule names. Raises KeyError for one that does not exist."""
    return frozenset(NoticeKind) if EVERYTHING in about else frozenset(KINDS[word] for word in about)


def check_notices(shapes: Shapes, findings: Findings, *, live: bool) -> None:
    """With `live` a fictional number is an error. What is switched off is checked all the same."""
    notices = shapes.clinic.file.notices
    if notices is None:
        return
    own = {line.number for line in shapes.clinic.file.lines.values()}
    countries = shapes.countries
    for name, told in notices.people.items():
        _check_person(("notices", "people", name), told, findings)
        if told.text and countries:
            _check_text(("notices", "people", name, "text"), told.text, countries, own, findings, live=live)
    spelling = _Spellings(
        Spelling([*KINDS, EVERYTHING]), Spelling(shapes.clinic.file.locations), Spelling(notices.people)
    )
    for index, rule in enumerate(notices.rules):
        _check_rule(shapes, notices, ("notices", "rules", index), rule, spelling, findings)
    named = {name for rule in notices.rules for name in rule.tell}
    for name in notices.people:
        if name not in named:
            findings.warn(CLINIC, ("notices", "people", name), "no rule tells this person.", "Name them in a rule.")


class _Spellings(NamedTuple):
    kinds: Spelling
    locations: Spelling
    people: Spelling


def _check_person(path: Path, told: ToldShape, findings: Findings) -> None:
    if not told.mail and not told.text:
        findings.error(CLINIC, path, "there is no way to tell this person.", "Give `mail`, `text` or both.")
    if told.mail and not is_mail_address(told.mail):
        cure = "Write one like maria@example.com."
        findings.error(CLINIC, (*path, "mail"), f"{quoted(told.mail)} is no mail address.", cure)


def _check_text(
    path: Path, number: str, countries: Collection[str], own: Collection[str], findings: Findings, *, live: bool
) -> None:
    if found := numbers.fault(number, countries):
        findings.error(CLINIC, path, *found)
    elif numbers.is_fictional(number):
        say = findings.error if live else findings.warn
        say(CLINIC, path, "this number is fictional (555): nobody gets its texts.", "Put in a real one.")
    elif number in own:
        sentence = "this is the clinic's own line, where nobody reads texts."
        findings.error(CLINIC, path, sentence, "Write a mobile phone's number.")


def _check_rule(
    shapes: Shapes, notices: NoticesShape, path: Path, rule: RuleShape, spelling: _Spellings, findings: Findings
) -> None:
    for index, word in enumerate(rule.about):
        if word not in KINDS and word != EVERYTHING:
            cure = spelling.kinds.cure(word) or f"Possible here: {', '.join([*KINDS, EVERYTHING])}."
            findings.error(CLINIC, (*path, "about", index), f"nothing called {quoted(word)} is told.", cure)
    locations = shapes.clinic.file.locations
    for index, location in enumerate(rule.locations):
        if location not in locations and not shapes.is_broken("locations", location):
            cure = spelling.locations.cure(location)
            findings.error(CLINIC, (*path, "locations", index), f"no location is called {quoted(location)}.", cure)
    _check_people(notices, path, rule, spelling.people, findings)


def _check_people(notices: NoticesShape, path: Path, rule: RuleShape, spelling: Spelling, findings: Findings) -> None:
    personal = [way for way in rule.by if way is not Way.WEBHOOK]
    if personal and not rule.tell:
        findings.error(CLINIC, path, "this rule tells nobody.", "Name people under `tell`, or write `by: webhook`.")
    if not personal and rule.tell:
        findings.warn(CLINIC, (*path, "tell"), "the webhook tells no single person.", "Take `tell` out.")
    for index, name in enumerate(rule.tell):
        here: Path = (*path, "tell", index)
        told = notices.people.get(name)
        if told is None:
            findings.error(CLINIC, here, f"nobody under `people` is called {quoted(name)}.", spelling.cure(name))
            continue
        for way in personal:
            if not getattr(told, way.value):
                cure = f"Add `{way.value}` to them under `people`, or leave them out here."
                findings.error(CLINIC, here, f"{name} has no {way.value} address.", cure)
