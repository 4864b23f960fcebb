"""The inputs that `check` takes longest over, as far as its guards let them in, and a few that they refuse."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count

from tests.bench.configurations import CLINIC, Files, sample
from tests.routing.large_config import large_config

MENUS, ENGLISH, SPANISH = "menus.yaml", "prompts/en-US.yaml", "prompts/es-US.yaml"
MOST_BYTES, MOST_NODES = 400_000, 39_500  # a little less than the guards let through
WEEK = (
    "{"
    + ", ".join(f"{day}: 8:00-9:00" for day in ("monday", "tuesday", "wednesday", "thursday", "friday"))
    + (", saturday: closed, sunday: closed}")
)
LONG = 2_900
Input = Callable[[], Files]


def worst() -> Mapping[str, Input]:
    """By what it is."""
    return {
        "the sample": sample,
        "long prompts that break every rule": lambda: _spoken(_endless(_EVERY_RULE)),
        "long prompts, all words the first of many phrases": lambda: _spoken(_endless("no 1 mg we 2 ")),
        "long prompts of hyphens": lambda: _spoken(_endless("no-we 1-mg no ")),
        "long prompts, words of the rules in any order": lambda: _spoken(_shuffled()),
        "long greetings that ask about health": lambda: _spoken(_endless("tell your name not your health "), "mailbox"),
        "many short prompts": lambda: _spoken(f"no we {number} pain" for number in count()),
        "many names of one topic's parts": _topics,
        "sentences missing in many languages": lambda: _languages(20),
        "1,000 locations, twenty languages": _locations,
        "names unlike any, and close to many": _unknown,
        "settings that do not exist": lambda: _menus("goodbyes:", "  g{0}: {{sya: 1, too: 2, many: 3}}", 8),
        "names that cannot be names": lambda: _menus("goodbyes:", '  "Bad Name {0}": {{say: x}}', 4),
        "the same name again and again": lambda: _menus("goodbyes:", "  same: x", 2),
        "a name of 300,000 characters": lambda: {**sample(), MENUS: b"? " + b"a" * 300_000 + b"\n:\n  x: y\n"},
        "switches by hours that lead round": lambda: _menus(
            "by_hours:", "  s{0}: {{location: gilbert, open: s{1}, closed: s{2}}}", 8, until=4_000
        ),
        "menus and a row of announcements before an urgent call": _urgent,
        "1,000 closures on one day": _closures,
        "a rota of many people and weeks": _rota,
        "many people to tell, many lines": _people,
        "phones abroad": lambda: _phones("+49301{0:06}"),
        "phones that are no numbers": lambda: _phones("0301{0:06}"),
        "ten prompt files of 0.5 MB (refused)": lambda: _languages(10, LONG),
        "10,000 menus, 1,000 locations (refused)": lambda: large_config(10_000, 1_000),
    }


_EVERY_RULE = (
    "this cures depression, ketamine is safe, fda approved for pain, stop taking your prozac, 50 mg a dose, "
    "guaranteed, no side effects, better than ketalar, we promise you will heal. "
)


def _filled(head: str, lines: Iterable[str], nodes: int, room: int) -> bytes:
    """The head and as many lines as fit, each of so many nodes."""
    given, size, used = [head], len(head.encode()), 0
    for line in lines:
        size, used = size + len(line.encode()) + 1, used + nodes
        if size > room or used > MOST_NODES - 1_500:  # what the sample's own files need
            break
        given.append(line)
    return "\n".join([*given, ""]).encode()


def _room(*replaced: str) -> int:
    return MOST_BYTES - sum(len(content) for name, content in sample().items() if name not in replaced)


def _prompts_first(content: bytes) -> str:
    """The file with its prompts at the end, where more can be added."""
    prompts, _, names = content.decode().rstrip().partition("\nnames:")
    return f"names:{names}\n{prompts}" if names else prompts


def _spoken(sentences: Iterable[str], name: str = "more") -> Files:
    lines = (f'  {name}_{number}: "{sentence}"' for number, sentence in enumerate(sentences))
    english = _filled(_prompts_first(sample()[ENGLISH]), lines, 2, _room(ENGLISH))
    return {**sample(), ENGLISH: english}


def _endless(words: str) -> Iterator[str]:
    while True:
        yield (words * (LONG // len(words))).strip()


def _shuffled() -> Iterator[str]:
    chance, words = random.Random(7), sorted(set(_EVERY_RULE.split()) | {"not", "only", "1", "we", "no", "approved"})
    while True:
        yield " ".join(chance.choice(words) for _ in range(400))


def _menus(head: str, line: str, nodes: int, until: int = 10**6) -> Files:
    content = sample()[MENUS].decode().rstrip() + "\n" + head
    lines = (line.format(at, (at + 1) % until, (at * 7 + 3) % until) for at in range(until))
    return {**sample(), MENUS: _filled(content, lines, nodes, _room(MENUS))}


def _in_section(section: str, lines: Iterable[str], content: str) -> str:
    """The lines put first into a section, or into one that is added."""
    before, found, after = f"\n{content}".partition(f"\n{section}:\n")
    given = "\n".join(lines)
    return f"{before}{found}{given}\n{after}"[1:] if found else f"{content.rstrip()}\n{section}:\n{given}\n"


def _clinic(section: str, lines: Iterable[str]) -> bytes:
    return _in_section(section, lines, sample()[CLINIC].decode()).encode()


def _codes(most: int) -> list[str]:
    return [f"{'en' if number % 2 else 'es'}-{chr(65 + number)}X" for number in range(most)]


def _languages(most: int, longest: int = 20) -> Files:
    """This many languages beside the two; every prompt is in one of them only."""
    files = dict(sample())
    codes = _codes(most - 2)
    files[CLINIC] = _clinic("languages", (f"  {code}: {{voice: Polly.Joanna-Neural, key: 1}}" for code in codes))
    for code in codes:
        lines = (f"  only_{code[3].lower()}_{at}: {('word ' * longest)[:longest]}" for at in range(900))
        files[f"prompts/{code}.yaml"] = _filled("prompts:", lines, 2, 20_000 if longest < LONG else 512_000)
    return files


def _topics() -> Files:
    prompts = [f'  p{at}: "{next(_endless("ketamine may help some people. not everyone. "))}"' for at in range(90)]
    topics = (f"  pain_{at}: {{parts: [{', '.join(f'p{n}' for n in range(90))}], back: main}}" for at in range(260))
    content = sample()[MENUS].decode().replace("information:", "information:\n" + "\n".join(topics), 1)
    english = f"{_prompts_first(sample()[ENGLISH])}\n" + "\n".join(prompts) + "\n"
    return {**sample(), MENUS: content.encode(), ENGLISH: english.encode()}


def _location(at: int, more: str = "") -> str:
    phone = f"{{name: Desk, number: +1480{5_550_200 + at}}}"
    return f"  at_{at}: {{title: No 1 mg place {at}, hours: {WEEK}, phones: [{phone}], mailbox: gilbert_mailbox{more}}}"


def _locations() -> Files:
    codes = _codes(18)
    clinic = _in_section(
        "languages",
        (f"  {code}: {{voice: Polly.Joanna-Neural, key: 1}}" for code in codes),
        _clinic("locations", map(_location, range(1_000))).decode(),
    )
    return {**sample(), CLINIC: clinic.encode(), **{f"prompts/{code}.yaml": b"prompts: {a: b}\n" for code in codes}}


def _unknown() -> Files:
    keys = "keys: {{1: {{label: to_bookinx_{0}, to: some_mena_{0}}}}}"
    line = f"  some_menu_name_{{0}}: {{{{person: some_menu_nome_{{0}}, {keys}}}}}"
    menus = _in_section("menus", (line.format(at) for at in range(2_800)), sample()[MENUS].decode())
    return {**sample(), MENUS: menus.encode()}


def _urgent() -> Files:
    rows = 2_500
    menus = "".join(f"  m{at}: {{keys: {{1: {{label: to_booking, to: row_0}}}}}}\n" for at in range(2_200))
    row = "".join(f"  row_{at}: {{say: greeting, then: row_{at + 1}}}\n" for at in range(rows))
    tree = f"menus:\n{menus}announcements:\n{row}  row_{rows}: {{say: greeting, then: now}}\n"
    person = "{name: a, number: +14805550199}"
    rota = f"  duty: {{mailbox: gilbert_mailbox, weeks: a, starting: 2026-01-01, people: [{person}]}}"
    urgent = "urgent_calls: {now: {rota: duty, otherwise: gilbert}}\n"
    return {**sample(), CLINIC: _clinic("on_call", [rota]), MENUS: (tree + urgent).encode()}


def _closures() -> Files:
    places = ", ".join(f"p{at}_{{0}}" for at in range(28))
    line = f"  - {{{{name: closure {{0}}, date: 2026-12-24, locations: [{places}]}}}}"
    return {**sample(), CLINIC: _clinic("closures", (line.format(at) for at in range(990)))}


def _rota() -> Files:
    people = (f"      - {{name: person {at}, number: +1480{5_560_100 + at}}}" for at in range(4_200))
    weeks = ", ".join(f"persan {at}" for at in range(11_500))
    lines = ["  duty:", "    mailbox: gilbert_mailbox", f"    weeks: [{weeks}]", "    people:", *people]
    return {**sample(), CLINIC: _clinic("on_call", lines)}


def _people() -> Files:
    people = "\n".join(f"    p{at}: {{text: +1480{5_560_100 + at}}}" for at in range(2_500))
    lines = (f"  l{at}: {{number: +1480{5_570_100 + at}, start: main, person: gilbert}}" for at in range(3_000))
    clinic = _in_section("lines", lines, sample()[CLINIC].decode().partition("\nnotices:")[0])
    rules = "  rules: [{about: message, tell: p1, by: text}]"
    return {**sample(), CLINIC: f"{clinic}\nnotices:\n{rules}\n  people:\n{people}\n".encode()}


def _phones(number: str) -> Files:
    phones = (", ".join(f"{{name: a, number: {number.format(g * 50 + at)}}}" for at in range(50)) for g in range(135))
    lines = "\n".join(f"  g{at}: {{otherwise: main, phones: [{each}]}}" for at, each in enumerate(phones))
    menus = sample()[MENUS].decode().rstrip() + f"\nhunt_groups:\n{lines}\n"
    return {**sample(), MENUS: menus.encode()}
