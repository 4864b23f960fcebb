"""Bad configurations as data: each folder of `bad/` changes the good one, and `expected.txt` is what staff must read.

`case.yaml` lists the changes: find and replace, append, a whole new text (given times over, or in another encoding),
or the file taken away. To rewrite the expected texts: IVR_UPDATE=1 pytest tests/routing/test_bad_configurations.py
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivr.routing.problems import render

from .timing import compiled_in_time

CASES = sorted((Path(__file__).parent / "bad").iterdir())
_EXPECTED_ANYWAY = "this number is fictional (555)"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_configuration_is_refused_in_exactly_these_words(case: Path, good_files: dict[str, bytes]) -> None:
    change = yaml.load((case / "case.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    files = changed(good_files, change["edits"])
    compiled = compiled_in_time(files, live=change.get("live", False))
    told = without_the_fictional(render(compiled.problems), keep=change.get("live", False))
    expected = case / "expected.txt"
    if os.environ.get("IVR_UPDATE"):
        expected.write_text(told, "utf-8")
    assert told == expected.read_text("utf-8")
    assert told, "the case must be noticed"
    assert (compiled.routing is None) == any(not problem.warning for problem in compiled.problems)
    assert (compiled.routing is None) != change.get("only_warns", False)


def test_there_are_at_least_sixty_bad_configurations() -> None:
    assert len(CASES) >= 60


def changed(files: Mapping[str, bytes], edits: list[dict[str, Any]]) -> dict[str, bytes]:
    """The files with the changes of one case; a change that would change nothing is a fault of the case."""
    result = dict(files)
    for edit in edits:
        name = edit["file"]
        if "whole" in edit:
            result[name] = (edit["whole"] * edit.get("times", 1)).encode(edit.get("encoding", "utf-8"))
        elif "append" in edit:
            result[name] += edit["append"].encode()
        elif "find" in edit:
            assert edit["find"].encode() in result[name]
            result[name] = result[name].replace(edit["find"].encode(), edit["replace"].encode(), 1)
        else:
            del result[name]
    return result


def without_the_fictional(text: str, *, keep: bool) -> str:
    """Every case has fictional numbers; only those about going live speak of them."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if keep or _EXPECTED_ANYWAY not in line)
