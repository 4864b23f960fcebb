"""What callers are told about treatment: the machine check of every prompt's words, in each language.

It looks for what no prompt may say, and for what each treatment topic must say. It cannot tell whether a text is good:
a clinician signs the topics. The rules stand in `wording_english` and `wording_spanish`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate

from .problems import Problem, quoted
from .wording_english import ENGLISH
from .wording_patterns import Book, Entry, Text, book, ends
from .wording_rules import ClinicalRules, Required
from .wording_spanish import SPANISH
from .wording_text import Written, foreign_letter, hyphens_joined, normal_words

Place = Callable[[str, str], tuple[str, int]]

_MOST_LISTED = 20
_SEARCHED_AT_ONCE = 400  # words: the steps of a search grow with the words, and so does what one step costs
_RULES: Mapping[str, ClinicalRules] = {"en": ENGLISH, "es": SPANISH}


@dataclass(frozen=True, slots=True)
class _Duty:
    """A required statement, ready to be looked for: for each saying its phrases and what denies it."""

    required: Required
    about: Book
    except_named: Book
    sayings: tuple[tuple[Book, Book], ...]


@dataclass(frozen=True, slots=True)
class _Reader:
    """One language's rules, ready to be looked for.

    `phrases` holds the allowed blocks, then the forbidden ones, then the one that shows a mailbox greeting;
    `excepted` the exceptions of the allowed blocks under the same numbers.
    """

    rules: ClinicalRules
    phrases: Book
    excepted: Book
    duties: tuple[_Duty, ...]
    health: Book
    refusal_begins: Book
    refusal_ends: Book


def wording_problems(
    prompts: Mapping[str, Mapping[str, str]],
    topics: Mapping[str, Sequence[str]],
    place: Place,
    mailboxes: Collection[str] = (),
) -> Iterator[Problem]:
    """Every clinical fault of wording, each an error.

    `prompts` holds the sentences by language code and name; `topics` the prompt names of each information topic's
    parts; `place(language, prompt)` tells the file and line (0: unknown) of a prompt; `mailboxes` names the prompts
    that greet at a mailbox, besides those that their own name or words give away.
    """
    for language, sentences in prompts.items():
        short = rules_of(language)
        if short in _RULES:
            yield from _in_one_language(_reader(short), language, sentences, topics, place, mailboxes)
        else:
            yield _no_rules(language, sentences, place)


def name_faults(rules: str, name: str) -> tuple[str, ...]:
    """A sentence for each rule that a spoken name breaks, such as a closure's or a location's.

    `rules` is what `rules_of` says of the language. What no prompt may say, no name may say either. That a language
    has no rules is told of its prompts.
    """
    if rules not in _RULES:
        return ()
    reader = _reader(rules)
    return tuple(
        sentence
        for _, prompt in _prompts(reader, {"": name})
        for sentence, _ in _must_not_say(reader, prompt, greeting=False)
    )


def rules_of(language: str) -> str:
    """The short name of the rules that a language is held to."""
    return language.casefold().replace("_", "-").partition("-")[0]


def _in_one_language(
    reader: _Reader,
    language: str,
    sentences: Mapping[str, str],
    topics: Mapping[str, Sequence[str]],
    place: Place,
    mailboxes: Collection[str],
) -> Iterator[Problem]:
    read: dict[str, list[str]] = {}
    for name, prompt in _prompts(reader, sentences):
        read[name] = prompt.words
        greeting = name in mailboxes or "mailbox" in name or "voicemail" in name
        for sentence, cure in _must_not_say(reader, prompt, greeting):
            yield Problem(*place(language, name), ("prompts", name), sentence, cure)
    told = _Topics(reader, read)
    for topic, parts in topics.items():
        # A part without a text is reported as a missing prompt; what it would say cannot be judged.
        if parts and all(part in read for part in parts):
            for sentence, cure in told.must_say(topic, parts):
                yield Problem(*place(language, parts[0]), ("prompts", parts[0]), sentence, cure)


def _no_rules(language: str, sentences: Mapping[str, str], place: Place) -> Problem:
    file, _ = place(language, next(iter(sentences), ""))
    known = " or ".join(f"{short}-..." for short in _RULES)
    return Problem(
        file,
        0,
        ("prompts",),
        f"there are no clinical wording rules for the language {quoted(language)}.",
        f"Use a language code such as {known}, or have the rules written first.",
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a prompt's words, and the phrases found in it by the place of their first word."""

    words: list[str]
    found: dict[int, list[Entry]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Prompt:
    """A prompt as it stands, and its readings; a second one joins hyphenated words."""

    text: str
    readings: tuple[_Reading, ...]

    @property
    def words(self) -> list[str]:
        return self.readings[0].words


def _prompts(reader: _Reader, sentences: Mapping[str, str]) -> Iterator[tuple[str, _Prompt]]:
    """The prompts by name, searched many at a time: thousands of short ones take no longer than a few long ones."""
    batch: dict[str, _Prompt] = {}
    words = 0
    for name, text in sentences.items():
        readings = (normal_words(text), hyphens_joined(text))
        batch[name] = _Prompt(text, tuple(_Reading(each) for each in readings if each is not None))
        words += len(batch[name].words)
        if words >= _SEARCHED_AT_ONCE:
            yield from _searched(reader, batch)
            batch, words = {}, 0
    yield from _searched(reader, batch)


def _searched(reader: _Reader, batch: Mapping[str, _Prompt]) -> Iterator[tuple[str, _Prompt]]:
    """A full stop parts the readings, and no phrase goes over one."""
    readings = [reading for prompt in batch.values() for reading in prompt.readings]
    hits = reader.phrases.found(Text(word for reading in readings for word in (*reading.words, ".")))
    begins = list(accumulate((len(reading.words) + 1 for reading in readings), initial=0))
    for at in sorted(hits):
        number = bisect_right(begins, at) - 1
        readings[number].found[at - begins[number]] = hits[at]
    return iter(batch.items())


def _must_not_say(reader: _Reader, prompt: _Prompt, greeting: bool) -> Iterator[tuple[str, str]]:
    """Sentence and cure for each rule a prompt breaks, told once a rule."""
    if letter := foreign_letter(prompt.words):
        yield f"the letter {quoted(letter)} is of another alphabet and cannot be checked.", "Write it in Latin letters."
    first, last = len(reader.rules.allowed), len(reader.rules.allowed) + len(reader.rules.forbidden)
    met: dict[int, str] = {}
    for reading in prompt.readings:
        for start, end, block in _not_allowed(reader, reading, met):
            met.setdefault(block, " ".join(reading.words[start:end]).rstrip(" ,."))
    written = Written(prompt.text)
    for block in filter(range(first, last).__contains__, met):
        rule = reader.rules.forbidden[block - first]
        yield f"{quoted(written.words(met[block]))} must not be spoken: {rule.reason}.", rule.cure
    if (greeting or last in met) and (asked := _health_question(reader, prompt.words)):
        yield (
            f"a mailbox greeting must not ask about health: {quoted(written.words(asked))}.",
            "Ask for a name and a number only.",
        )


def _not_allowed(reader: _Reader, reading: _Reading, met: Container[int]) -> Iterator[tuple[int, int, int]]:
    """Start, end and block of each phrase found, of blocks not met before; allowed phrases are stepped over whole."""
    over, allowed = 0, len(reader.rules.allowed)
    text = [*reading.words, "."] if reading.found else []
    for start, entries in reading.found.items():
        if start < over:
            continue
        found = ends([entry for entry in entries if entry.block not in met], text, start)
        passed: list[int] = []
        if any(block < allowed for _, block in found):
            exceptions = {block for _, block in reader.excepted.at(text, start)}
            passed = [end for end, block in found if block < allowed and block not in exceptions]
        if not passed:
            yield from ((start, end, block) for end, block in found if block >= allowed)
        over = max(passed, default=start + 1)


def _health_question(reader: _Reader, words: Sequence[str]) -> str:
    """The words of a greeting that ask about health, once clauses that ask NOT to tell such things are left out."""
    kept: list[str] = []
    refusing = False
    for at, word in enumerate(words):
        if refusing:
            refusing = word != "." and not reader.refusal_ends.at(words, at)
        if not refusing:
            refusing = bool(reader.refusal_begins.at(words, at))
            kept.append("," if refusing else word)
    found = reader.health.first(kept)
    return " ".join(kept[found[0] : found[1]]) if found else ""


@dataclass(frozen=True, slots=True)
class _Told:
    """What a part of a topic tells: numbers of the duties whose subject it speaks of, and of the sayings it holds."""

    about: frozenset[int]
    said: frozenset[tuple[int, int]]


class _Topics:
    """The topics of one language; each part is read once, however many topics share it."""

    def __init__(self, reader: _Reader, read: Mapping[str, list[str]]) -> None:
        self._reader = reader
        self._read = read
        self._told: dict[str, _Told] = {}

    def must_say(self, topic: str, parts: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Sentence and cure for each statement that the topic's parts, taken together, leave out."""
        name = Text(normal_words(topic.replace("_", " ")))
        told = [self._of(part) for part in dict.fromkeys(parts)]
        about = frozenset[int]().union(*(part.about for part in told))
        said = frozenset[tuple[int, int]]().union(*(part.said for part in told))
        for number, duty in enumerate(self._reader.duties):
            missing = any((number, saying) not in said for saying in range(len(duty.sayings)))
            if missing and _owed(duty, name, spoken_of=number in about):
                yield (
                    f"the topic {quoted(topic)} does not say that {duty.required.meaning}.",
                    f'Say in one of its parts ({_listed(parts)}): "{duty.required.sentence}"',
                )

    def _of(self, part: str) -> _Told:
        if part not in self._told:
            sentences, duties = _sentences(self._read[part]), self._reader.duties
            self._told[part] = _Told(
                about=frozenset(at for at, duty in enumerate(duties) if any(map(duty.about.first, sentences))),
                said=frozenset(
                    (at, number)
                    for at, duty in enumerate(duties)
                    for number, saying in enumerate(duty.sayings)
                    if _said(saying, sentences)
                ),
            )
        return self._told[part]


def _listed(parts: Sequence[str]) -> str:
    shown = parts if len(parts) <= _MOST_LISTED else [*parts[:_MOST_LISTED], "..."]
    return ", ".join(shown)


def _sentences(words: Sequence[str]) -> list[Text]:
    found: list[list[str]] = [[]]
    for word in words:
        if word == ".":
            found.append([])
        else:
            found[-1].append(word)
    return [Text(sentence) for sentence in found if sentence]


def _owed(duty: _Duty, name: Text, *, spoken_of: bool) -> bool:
    if name and duty.except_named.at(name, 0):
        return False
    return not duty.required.about or spoken_of or bool(duty.about.first(name))


def _said(saying: tuple[Book, Book], sentences: Sequence[Text]) -> bool:
    phrases, denied = saying
    return any(phrases.first(words) and not denied.first(words) for words in sentences)


@cache
def _reader(short: str) -> _Reader:
    rules = _RULES[short]
    mailbox = rules.mailbox

    def ready(*blocks: str) -> Book:
        return book(blocks, rules.lists)

    return _Reader(
        rules=rules,
        phrases=ready(
            *(rule.phrases for rule in rules.allowed), *(rule.phrases for rule in rules.forbidden), mailbox.greeting
        ),
        excepted=ready(*(rule.except_as for rule in rules.allowed)),
        duties=tuple(
            _Duty(
                required=required,
                about=ready(required.about),
                except_named=ready(required.except_named),
                sayings=tuple((ready(saying.phrases), ready(saying.denied)) for saying in required.sayings),
            )
            for required in rules.required
        ),
        health=ready(mailbox.health),
        refusal_begins=ready(mailbox.refusal_begins),
        refusal_ends=ready(mailbox.refusal_ends),
    )
