"""The difference names what callers will notice, in words that staff use, and leaves nothing out."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import timedelta

import pytest

from ivr.call_flow.engine import advance, arrival
from ivr.call_flow.model import Routing
from ivr.call_flow.turn import (
    Arrived,
    Ask,
    DialEnded,
    HangUp,
    Heard,
    Join,
    Outcome,
    Pressed,
    Record,
    Ring,
    Silence,
    Turn,
)
from ivr.publishing.difference import difference, text_difference
from ivr.routing.compile import compile_files
from tests.on_call import with_on_call
from tests.publishing.conftest import NOW, Files, edited

CLINIC, MENUS, ENGLISH = "clinic.yaml", "menus.yaml", "prompts/en-US.yaml"


def routing_of(files: Mapping[str, bytes]) -> Routing:
    compiled = compile_files(files)
    assert compiled.routing, compiled.problems
    return compiled.routing


def told(old: Files, new: Files) -> str:
    return "\n".join(map(str, difference(routing_of(old), routing_of(new), NOW)))


def test_no_difference_is_no_change(sample: Files) -> None:
    assert difference(routing_of(sample), routing_of(sample), NOW) == []
    assert text_difference(sample, sample) == ""


def test_earlier_closing_is_told_with_the_days_it_is_felt_and_where_calls_go(sample: Files) -> None:
    new = edited(sample, CLINIC, "friday: 9:00-17:00", "friday: 9:00-15:00")

    assert told(sample, new) == (
        "Gilbert, Friday: closes 15:00 instead of 17:00. In the next 14 days this affects Fri 4 Dec."
        " Calls then go to gilbert mailbox."
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (CLINIC, "saturday: 9:00-12:00", "saturday: closed", "Gilbert, Saturday: closed instead of 9:00-12:00."),
        (
            CLINIC,
            "friday: 8:00-12:00, 13:00-15:00",
            "friday: 8:00-12:00",
            "Scottsdale, Friday: open 8:00-12:00 instead",
        ),
        (CLINIC, "number: +14805550111", "number: +14805550113", "has the number +14805550113 instead of +14805550111"),
        (CLINIC, "ring_seconds: 15", "ring_seconds: 25", "rings 25 seconds instead of 15"),
        (
            CLINIC,
            "ring: all at once",
            "ring: one after another",
            "phones ring one after another instead of all at once",
        ),
        (CLINIC, "overflow: gilbert", "", "unanswered calls go on to none instead of gilbert"),
        (CLINIC, "  - Labor Day\n", "", 'Scottsdale: no longer closed for the holiday "Labor Day": Mon 6 Sep 2027'),
        (CLINIC, "date: 2027-01-15", "date: 2027-01-18", 'closed for the closure "Painting": Mon 18 Jan 2027'),
        (CLINIC, "hops: 40", "hops: 30", "hops=30"),
        (CLINIC, "person: scottsdale", "person: gilbert", '"a person" is gilbert instead of scottsdale'),
        (MENUS, "to: topics\n", "to: callback\n", "Menu main: key 3 leads to callback instead of topics."),
    ],
)
def test_each_kind_of_edit_has_its_sentence(sample: Files, name: str, old: str, new: str, words: str) -> None:
    assert words in told(sample, edited(sample, name, old, new))


def test_a_changed_sentence_is_told_with_old_and_new_words(sample: Files) -> None:
    line = next(line for line in sample[ENGLISH].decode().splitlines() if line.strip().startswith("goodbye:"))
    new = edited(sample, ENGLISH, line, "  goodbye: Thank you. Take care.")

    assert re.search(r'en-US, goodbye: says "Thank you. Take care." instead of "', told(sample, new))


def test_texts_to_callers_are_told_as_what_they_do(sample: Files) -> None:
    texts = "\ntexts:\n  missed_calls: yes\n  an_hour: 5\n  missed_hours: 10:00-16:00\n"
    new = {**sample, CLINIC: sample[CLINIC] + texts.encode()}
    assert told(sample, new).splitlines() == [
        "Texts to callers: are on.",
        "Texts to callers: 5 of a kind leave in an hour instead of 20.",
        "Texts to callers: word after missed calls is on instead of off.",
        "Texts to callers: word after missed calls is sent 10:00-16:00 instead of 9:00-19:00.",
    ]
    assert "Texts to callers: are off." in told(new, sample)


def test_of_the_dates_of_a_rota_only_those_that_differ_are_told() -> None:
    old = {"2026-12-24 to 2026-12-26": "Dr. Lee", "2026-12-31": "Dr. Kim", "2027-01-01": "Nurse Ana"}
    new = {"2026-12-24": "Dr. Lee", "2026-12-25 to 2026-12-27": "Dr. Kim", "2027-01-01": "Nurse Ana"}
    assert told(with_on_call(dates=old), with_on_call(dates=new)).splitlines() == [
        "Urgent call urgent, 2026-12-25 to 2026-12-26: Dr. Kim's turn instead of Dr. Lee's.",
        "Urgent call urgent, 2026-12-27: Dr. Kim's turn.",
        "Urgent call urgent, 2026-12-31: no longer Dr. Kim's turn by date.",
    ]


def test_the_exact_lines_stand_below(sample: Files) -> None:
    text = text_difference(sample, edited(sample, CLINIC, "friday: 9:00-17:00", "friday: 9:00-15:00"))

    assert "-      friday: 9:00-17:00\n+      friday: 9:00-15:00" in text
    assert "before/clinic.yaml" in text


EDITS = [
    (CLINIC, "friday: 9:00-17:00", "friday: 10:00-17:00"),
    (CLINIC, "ring: all at once", "ring: one after another"),
    (CLINIC, "ring_seconds: 15", "ring_seconds: 10"),
    (CLINIC, "    overflow: gilbert\n", ""),
    (CLINIC, "date: 2027-01-15", "date: 2026-12-02"),
    (CLINIC, "ring_seconds: 90", "ring_seconds: 45"),
    (MENUS, "to: topics\n", "to: gilbert\n"),
    (CLINIC, "# The clinic:", "# A clinic:"),
    (CLINIC, "person: scottsdale", "person: gilbert"),
]


def walked(routing: Routing, seed: int) -> list[Turn]:
    """One caller's turns: the same moment, the same deeds for the same seed."""
    chance = random.Random(seed)
    at = NOW + timedelta(hours=chance.randrange(24 * 14))
    state = arrival(routing, next(iter(routing.lines.values())).number, withheld=False)
    turns = [advance(routing, state, Arrived(), at)]
    for _ in range(8):
        heard: Heard = Silence()
        match turns[-1].step:
            case HangUp() | Join():
                break
            case Ring(resume=resume):
                heard = DialEnded(chance.choice((Outcome.NO_ANSWER, Outcome.BUSY, Outcome.ANSWERED)))
            case Ask(resume=resume) | Record(resume=resume):
                if (key := chance.choice("0123459*# ")) != " ":
                    heard = Pressed(key)
        turns.append(advance(routing, resume, heard, at))
    return turns


def test_whatever_a_caller_would_notice_is_in_the_difference(sample: Files) -> None:
    """Walked with many callers: where any of them hears or reaches something else, the difference is not empty."""
    noticed = 0
    before = routing_of(sample)
    for name, old, new in EDITS:
        after = routing_of(edited(sample, name, old, new))
        felt = any(walked(before, seed) != walked(after, seed) for seed in range(200))
        noticed += felt
        assert bool(difference(before, after, NOW)) or not felt
    assert noticed >= 7


def test_a_comment_is_no_difference_to_callers(sample: Files) -> None:
    new = edited(sample, CLINIC, "# The clinic:", "# A clinic:")

    assert told(sample, new) == ""
    assert text_difference(sample, new)
