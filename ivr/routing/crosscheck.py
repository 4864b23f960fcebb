"""What the settings mean together: names that lead nowhere, keys that clash, parts that are missing altogether."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from .findings import Findings
from .notice_checks import check_notices
from .numbers import known_countries
from .phone_checks import check_phones
from .problems import Spelling, quoted
from .prompt_checks import check_prompts
from .reach import check_reach
from .references import CLINIC, KINDS, MENUS, places, references
from .rota_checks import check_rotas
from .schedule_checks import check_schedules
from .schema import ChoiceShape, MenuShape
from .shape import Shapes
from .staff_checks import check_staff
from .text_checks import check_texts
from .voices import check_languages
from .zone import time_zones

MOST_START_KEYS = 5
_FIXED_KEYS = {
    "0": "0 always leads to a person; `person` says where.",
    "*": "* always repeats.",
    "#": "# always speaks slower.",
}


def crosscheck(shapes: Shapes, findings: Findings, *, live: bool, now: datetime | None = None) -> None:
    """Everything that can only be seen by looking at several settings at once; with `now` at the days ahead too."""
    _check_clinic(shapes, findings)
    _check_presence(shapes, findings)
    check_languages(shapes, findings)
    check_schedules(shapes, findings)
    check_phones(shapes, findings, live=live)
    check_prompts(shapes, findings)
    _check_menus(shapes, findings)
    check_staff(shapes, findings)
    check_notices(shapes, findings, live=live)
    check_texts(shapes, findings, live=live)
    check_rotas(shapes, findings, now)
    # A misspelled name makes others look unreached: say one thing at a time.
    if _check_names(shapes, findings) and shapes.whole and shapes.clinic.file.lines:
        check_reach(shapes, findings)


def _check_clinic(shapes: Shapes, findings: Findings) -> None:
    clinic = shapes.clinic.file.clinic
    if clinic is None:
        return
    zones = time_zones()
    if clinic.time_zone not in zones:
        cure = Spelling(zones).cure(clinic.time_zone) or "Write one like America/Phoenix."
        sentence = f"no time zone is called {quoted(clinic.time_zone)}."
        findings.error(CLINIC, ("clinic", "time_zone"), sentence, cure)
    for index, country in enumerate(clinic.countries):
        if country not in known_countries():
            sentence = f"no country has the code {quoted(country)}."
            findings.error(CLINIC, ("clinic", "countries", index), sentence, "Write two capital letters, such as US.")


def _check_presence(shapes: Shapes, findings: Findings) -> None:
    clinic = shapes.clinic
    if clinic.file.clinic is None and not clinic.is_broken("clinic"):
        findings.error(CLINIC, ("clinic",), "this section is missing.", "Give the clinic's name and time_zone.")
    for section in ("languages", "lines", "locations"):
        if not getattr(clinic.file, section) and section not in clinic.broken:
            findings.error(CLINIC, (section,), "this section is missing or empty.", "At least one is needed.")


def _check_names(shapes: Shapes, findings: Findings) -> bool:
    """Whether every name is unique and leads to the right kind of destination."""
    section_of: dict[str, str] = {}
    sound = True
    for section, name in places(shapes):
        if name in section_of:
            sound = False
            sentence = f"a {KINDS[section_of[name]][1]} has the same name."
            findings.error(KINDS[section][0], (section, name), sentence, "Every destination needs its own name.")
        section_of.setdefault(name, section)
    incomplete = any(shapes.is_broken(section) for section in KINDS)
    spellings: dict[tuple[str, ...], Spelling] = {}
    for reference in references(shapes):
        found = section_of.get(reference.to)
        if found in reference.kinds or (found is None and incomplete):
            continue
        sound = False
        kinds = reference.kinds
        if kinds not in spellings:
            spellings[kinds] = Spelling(name for name, section in section_of.items() if section in kinds)
        what = _either(kinds)
        if found is None:
            sentence = f"no {what} is called {quoted(reference.to)}."
            findings.error(reference.file, reference.path, sentence, spellings[kinds].cure(reference.to))
        else:
            sentence = f"{quoted(reference.to)} is a {KINDS[found][1]}, but a {what} is needed here."
            findings.error(reference.file, reference.path, sentence)
    return sound


def _either(kinds: tuple[str, ...]) -> str:
    if len(kinds) == len(KINDS):
        return "destination"
    words = [KINDS[kind][1] for kind in kinds]
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _check_menus(shapes: Shapes, findings: Findings) -> None:
    languages = shapes.clinic.file.languages
    switching = {shape.key: code for code, shape in languages.items()} if len(languages) > 1 else {}
    starts = {line.start for line in shapes.clinic.file.lines.values()}
    spelling = Spelling(languages)
    for name, menu in shapes.menus.file.menus.items():
        _check_keys(name, menu, switching, findings)
        _check_words(name, menu, shapes, spelling, findings)
        if name in starts and len(menu.keys) > MOST_START_KEYS:
            sentence = f"calls start here, and {len(menu.keys)} keys are many to remember."
            findings.warn(MENUS, ("menus", name, "keys"), sentence, f"Offer at most {MOST_START_KEYS}.")


def _check_keys(name: str, menu: MenuShape, switching: Mapping[str, str], findings: Findings) -> None:
    here = ("menus", name, "keys")
    for key in menu.keys:
        if key in _FIXED_KEYS:
            findings.error(MENUS, (*here, key), _FIXED_KEYS[key], "Use the keys 1 to 8.")
        elif key in switching:
            findings.error(MENUS, (*here, key), f"{key} changes the language.", "Use another key.")
        elif not re.fullmatch("[1-8]", key):
            findings.error(MENUS, (*here, key), f"{quoted(key)} is no key of a menu.", "Use the keys 1 to 8.")
    given = sorted(key for key in menu.keys if re.fullmatch("[1-8]", key))
    expected = [str(number) for number in range(1, len(given) + 1)]
    if len(given) == len(menu.keys) and given != expected:  # a key that is none may be the one that is missing
        missing = next(key for key in expected if key not in given)
        findings.error(MENUS, here, f"key {missing} is missing.", "Number the keys from 1, without a gap.")


def _check_words(name: str, menu: MenuShape, shapes: Shapes, spelling: Spelling, findings: Findings) -> None:
    taken: dict[tuple[str, str], str] = {}
    for key, choice in menu.keys.items():
        if not choice.words:
            continue
        _check_languages_of(name, key, choice, shapes, spelling, findings)
        for language, words in choice.words.items():
            for index, word in enumerate(words):
                other = taken.setdefault((language, word.casefold()), key)
                if other != key:
                    path = ("menus", name, "keys", key, "words", language, index)
                    findings.error(MENUS, path, f"{quoted(word)} already means key {other}.", "Keep it at one key.")


def _check_languages_of(
    name: str, key: str, choice: ChoiceShape, shapes: Shapes, spelling: Spelling, findings: Findings
) -> None:
    known = shapes.clinic.file.languages
    for language in choice.words:
        if known and language not in known and "languages" not in shapes.clinic.broken:
            sentence = f"no language is called {quoted(language)} in clinic.yaml."
            findings.error(MENUS, ("menus", name, "keys", key, "words", language), sentence, spelling.cure(language))
