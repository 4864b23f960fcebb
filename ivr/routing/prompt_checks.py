"""What callers hear: a sentence for every name in every language, none too long, nothing that only looks like code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape

from ivr.call_flow.phrases import MAY_TEXT, GuidePhrase, Phrase, StaffPhrase, TextPhrase, UrgentPhrase, emergency
from ivr.call_flow.spoken import press, spoken_seconds

from .findings import Findings, Path
from .holiday_names import dates_by_name, straight
from .problems import Spelling, quoted
from .reach import passing_ways
from .references import MENUS, PromptReference, prompt_references
from .schema import InformationShape, MenuShape
from .shape import Shapes

# Twilio takes 4,096 characters in one <Say> and 64 kB in one document (its error 11750).
LONGEST_PROMPT = 3_000
LARGEST_DOCUMENT = 64_000
LONGEST_PART_SECONDS = 20
LONGEST_MENU_SECONDS = 30
_MARKUP_BYTES = 200
LIKE_CODE = re.compile(r"\{[^{}]{0,80}\}|\$\w*\(|%\(\w{1,40}\)|%[sdr]\b|</?[A-Za-z][^<>]{0,80}>|&[a-z]{2,8};")

# An accent that was saved as UTF-8, read as another encoding, and saved again: it would be spelt out.
_GARBLED = re.compile("[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac.?")
# "Press 2", "oprima el dos": what a key is for is the menu's to say. 911 and 988 have more than one digit.
_A_KEY = re.compile(
    r"\b(?:press|hit|oprima|presione|marque|pulse)(?: (?:the|el|la|number|key|número|tecla))* "
    r"(?:[0-9*#]|zero|one|two|three|four|five|six|seven|eight|nine|star|pound"
    r"|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|asterisco|numeral)(?![\w-])",
    re.IGNORECASE,
)


def prompt_file(language: str) -> str:
    """The short name of a language's file."""
    return f"prompts/{language}.yaml"


def check_prompts(shapes: Shapes, findings: Findings) -> None:
    """Every language in turn, then what is missing in some or in all of them."""
    _check_files(shapes, findings)
    used = list(prompt_references(shapes))
    _check_presence(shapes, used, findings)
    _check_spoken_names(shapes, findings)
    for code in shapes.clinic.file.languages:
        if code in shapes.prompts:
            _Language(code, shapes, findings).check()


class _Language:
    """One language's sentences under their limits; each is measured once, however many menus use it."""

    def __init__(self, code: str, shapes: Shapes, findings: Findings) -> None:
        self._code = code
        self._shapes = shapes
        self._findings = findings
        self._prompts = shapes.prompts[code].file.prompts
        self._seconds = {name: spoken_seconds(text) for name, text in self._prompts.items()}
        self._bytes = {name: len(escape(text).encode()) + _MARKUP_BYTES for name, text in self._prompts.items()}
        self._press = spoken_seconds(press(code, "1"))

    def check(self) -> None:
        for name, text in self._prompts.items():
            self._check_sentence(name, text)
        starts = {line.start for line in self._shapes.clinic.file.lines.values()}
        for name, menu in self._shapes.menus.file.menus.items():
            self._check_menu(name, menu, is_start=name in starts)
        for name, topic in self._shapes.menus.file.information.items():
            self._check_topic(name, topic)
        self._check_documents()

    def _check_sentence(self, name: str, text: str) -> None:
        path: Path = ("prompts", name)
        if len(text) > LONGEST_PROMPT:
            sentence = f"this is {len(text):,} characters long, at most {LONGEST_PROMPT:,} can be spoken."
            self._findings.error(prompt_file(self._code), path, sentence, "Split it.")
        if found := LIKE_CODE.search(text):
            sentence = f"{quoted(found.group())} is spoken as it stands: nothing is filled in."
            self._findings.warn(prompt_file(self._code), path, sentence, "Write plain words.")
        if found := _GARBLED.search(text):
            sentence = f"at {quoted(found.group()[0])} an accent or a mark was damaged when the file was saved."
            self._findings.warn(prompt_file(self._code), path, sentence, "Write it anew, and save as UTF-8.")
        if found := _A_KEY.search(text):
            sentence = f"{quoted(found.group())} is a key in a sentence: it stays when the menu's keys change."
            self._findings.warn(
                prompt_file(self._code), path, sentence, "Take it out: the service says which key it is."
            )

    def _check_menu(self, name: str, menu: MenuShape, *, is_start: bool) -> None:
        offered: list[str] = [choice.label for choice in menu.keys.values()]
        offered += [Phrase.FOR_A_PERSON, *((Phrase.TO_REPEAT, Phrase.FOR_SLOWER) if is_start else ())]
        spoken = [*offered, menu.greeting or "", Phrase.YOU_CAN_SPEAK if menu.listen else ""]
        seconds = sum(self._seconds.get(prompt, 0) for prompt in spoken) + len(offered) * self._press
        if seconds > LONGEST_MENU_SECONDS:
            sentence = f"reading this menu takes about {seconds:.0f} seconds in {self._code}."
            self._findings.warn(MENUS, ("menus", name), sentence, f"Keep it under {LONGEST_MENU_SECONDS}.")

    def _check_topic(self, name: str, topic: InformationShape) -> None:
        for part in topic.parts:
            seconds = self._seconds.get(part, 0)
            if seconds > LONGEST_PART_SECONDS:
                sentence = f"this part of {name} takes about {seconds:.1f} seconds, at most {LONGEST_PART_SECONDS}."
                self._findings.error(prompt_file(self._code), ("prompts", part), sentence, "Split it into two parts.")

    def _check_documents(self) -> None:
        """An upper bound of one answer: our own sentences, a place's, and all announcements on the way to it."""
        ours = (*Phrase, *StaffPhrase, *GuidePhrase, MAY_TEXT, *UrgentPhrase)
        own = sum(self._bytes.get(phrase, 0) for phrase in ours)
        own += len(emergency(self._code).encode())
        weights = {name: own + weight for name, weight in self._weights().items()}
        heaviest = max(weights, key=weights.__getitem__, default="")
        along = self._along_announcements()
        if heaviest and weights[heaviest] + along > LARGEST_DOCUMENT:
            sentence = f"the longest answer, {heaviest}, may be over {LARGEST_DOCUMENT // 1000} kB in {self._code}."
            self._findings.error(prompt_file(self._code), (), sentence, "Shorten its sentences.")

    def _weights(self) -> dict[str, int]:
        tree, clinic = self._shapes.menus.file, self._shapes.clinic.file
        weights: dict[str, int] = {}
        for name, menu in tree.menus.items():
            labels = sum(self._bytes.get(choice.label, 0) for choice in menu.keys.values())
            weights[name] = labels + self._bytes.get(menu.greeting or "", 0)
        for name, topic in tree.information.items():
            weights[name] = max(self._bytes.get(part, 0) for part in topic.parts)
        for name, mailbox in clinic.mailboxes.items():
            weights[name] = self._bytes.get(mailbox.greeting, 0)
        for name, goodbye in tree.goodbyes.items():
            weights[name] = self._bytes.get(goodbye.say, 0)
        return weights

    def _along_announcements(self) -> int:
        """The most that announcements can add up to before a call waits again."""
        announcements = self._shapes.menus.file.announcements
        ways = passing_ways(self._shapes)
        total: dict[str, int] = {}
        for root in announcements:
            waiting = [root]
            entered: set[str] = set()
            while waiting:
                place = waiting[-1]
                onward = [way.to for way in ways.get(place, ())]
                if place not in total and place not in entered:
                    entered.add(place)
                    waiting.extend(to for to in onward if to not in total and to not in entered)
                    continue
                waiting.pop()
                said = self._bytes.get(announcements[place].say, 0) if place in announcements else 0
                total.setdefault(place, said + max((total.get(to, 0) for to in onward), default=0))
        return max(total.values(), default=0)


def _check_files(shapes: Shapes, findings: Findings) -> None:
    if shapes.clinic.is_broken("languages"):
        return
    languages = shapes.clinic.file.languages
    for code in languages:
        if code not in shapes.prompts:
            findings.error(prompt_file(code), (), "the file is missing.", f"Write the sentences of {code} into it.")
    for code in shapes.prompts:
        if languages and code not in languages and "languages" not in shapes.clinic.broken:
            cure = Spelling(languages).cure(code)
            findings.warn(prompt_file(code), (), f"no language is called {quoted(code)} in clinic.yaml.", cure)


def _check_presence(shapes: Shapes, used: Iterable[PromptReference], findings: Findings) -> None:
    """A name in no language is misspelled where it is used; a name in some of them is missing in the others."""
    # Where clinic.yaml does not tell the languages, the files that are there do.
    languages = shapes.clinic.file.languages or shapes.prompts
    spoken = {code: shapes.prompts[code] for code in languages if code in shapes.prompts}
    readable = {code: shape for code, shape in spoken.items() if not shape.is_broken("prompts")}
    anywhere = {name for shape in spoken.values() for name in (*shape.file.prompts, *shape.broken.get("prompts", ()))}
    spelling = Spelling(sorted(anywhere))  # of two names equally close always the same
    wanted = _wanted(shapes)
    needed: dict[str, PromptReference | None] = dict.fromkeys((*map(str, Phrase), *wanted))
    for reference in used:
        if reference.prompt in anywhere or len(readable) < len(languages):
            needed.setdefault(reference.prompt, reference)
        else:
            sentence = f"no sentence is called {quoted(reference.prompt)}."
            findings.error(reference.file, reference.path, sentence, spelling.cure(reference.prompt))
    for code, shape in readable.items():
        for name, where in needed.items():
            if name not in shape.file.prompts and not shape.is_broken("prompts", name):
                if findings.is_full:
                    return
                cure = _used_at(where, findings) if where else wanted.get(name, "Every call needs it.")
                findings.error(prompt_file(code), ("prompts", name), "this sentence is missing.", cure)


def _wanted(shapes: Shapes) -> dict[str, str]:
    """The sentences that only some clinics need, and why this one does."""
    clinic, menus, wanted = shapes.clinic.file, shapes.menus.file, dict[str, str]()
    if clinic.staff:
        wanted |= {phrase.value: "Changes by phone need it: staff > keys in clinic.yaml." for phrase in StaffPhrase}
    if menus.guides:
        phrases = (*GuidePhrase, TextPhrase.GUIDE)
        wanted |= {phrase.value: "The guide needs it: guides in menus.yaml." for phrase in phrases}
    if menus.urgent_calls:
        wanted |= {phrase.value: "Urgent calls need it: urgent_calls in menus.yaml." for phrase in UrgentPhrase}
    if clinic.texts and clinic.texts.missed_calls:
        phrases_of_missed = (MAY_TEXT, TextPhrase.MISSED_CALL.value)
        wanted |= dict.fromkeys(phrases_of_missed, "Texts after missed calls need it: texts in clinic.yaml.")
    return wanted


def _used_at(reference: PromptReference, findings: Findings) -> str:
    return f"It is used at {findings.shown(reference.file)}:{findings.line(reference.file, reference.path)}."


def _check_spoken_names(shapes: Shapes, findings: Findings) -> None:
    """The first language speaks closures and holidays as they are written; every other one needs its own words."""
    needed = spoken_names(shapes)
    for code in list(shapes.clinic.file.languages)[1:]:
        shape = shapes.prompts.get(code)
        if shape is None or shape.is_broken("names"):
            continue
        given = {straight(name) for name in shape.file.names} | set(shape.broken.get("names", ()))
        for name, what in needed.items():
            if name not in given:
                sentence = f"this {what} has no spoken name in {code}."
                findings.error(prompt_file(code), ("names", name), sentence, "Write how callers should hear it.")


def spoken_names(shapes: Shapes) -> Mapping[str, str]:
    """The names of all closures and holidays that a caller may hear, and which of the two each is."""
    clinic = shapes.clinic.file
    holidays = {straight(name) for name in clinic.holidays}
    for location in clinic.locations.values():
        holidays.update(straight(name) for name, hours in location.holidays.items() if hours is not None)
    found = dict.fromkeys(sorted(holidays & dates_by_name().keys()), "holiday")
    return found | {straight(closure.name): "closure" for closure in clinic.closures}
