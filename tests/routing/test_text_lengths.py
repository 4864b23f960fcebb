"""A text to a caller is measured as it is sent, to the last character."""

from __future__ import annotations

from dataclasses import replace

import yaml

from ivr.call_flow.model import Routing
from ivr.call_flow.text_rules import TextKind, TextRules
from ivr.call_flow.text_words import body_of, segments
from ivr.routing.compile import Compiled, compile_files
from ivr.routing.folder import read_folder
from tests.conftest import ROOT

ENGLISH = "prompts/en-US.yaml"
TEXTS = b"\ntexts:\n  missed_calls: yes\n"


def saying(words: str) -> Compiled:
    """The sample clinic, which sends these words after a missed call."""
    files, problems = read_folder(ROOT / "config")
    assert problems == []
    prompts = yaml.load(files[ENGLISH], Loader=yaml.CBaseLoader)
    prompts["prompts"]["missed_call_text"] = words
    changed = {
        ENGLISH: yaml.safe_dump(prompts, allow_unicode=True).encode(),
        "clinic.yaml": files["clinic.yaml"] + TEXTS,
    }
    return compile_files({**files, **changed})


def sent(routing: Routing, words: str) -> str:
    prompts = {**routing.languages["en-US"].prompts, "missed_call_text": words}
    english = replace(routing.languages["en-US"], prompts=prompts)
    texting = replace(routing, languages={**routing.languages, "en-US": english}, texts=TextRules(missed_calls=True))
    return body_of(texting, TextKind.MISSED_CALL, "en-US", "main")


def test_words_that_fill_two_texts_are_accepted_and_one_letter_more_is_refused() -> None:
    routing = saying("Please call us.").routing
    assert routing is not None
    room = 2 * 153 - len(sent(routing, "x")) + 1
    assert [segments(sent(routing, "x" * (room + more))) for more in (0, 1)] == [2, 3]
    assert saying("x" * room).routing is not None
    refused = saying("x" * (room + 1))
    assert refused.routing is None
    assert any("makes 3 texts" in problem.sentence for problem in refused.problems)
