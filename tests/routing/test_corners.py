"""Configurations that strand a caller in one corner: the proof refuses each, with the shortest call that shows it.

Each folder of `corners/` changes the good configuration, as in `bad/`. The rules of `check` are left out here, so that
the proof must find every corner by itself; `expected.txt` also says whether `check` refuses it. To rewrite the
expected texts: IVR_UPDATE=1 pytest tests/routing/test_corners.py
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from ivr.call_flow.model import Routing
from ivr.call_flow.proofs import prove
from ivr.routing.build import build
from ivr.routing.compile import compile_files
from ivr.routing.findings import Findings
from ivr.routing.problems import render
from ivr.routing.schema import ClinicFile, MenusFile, PromptsFile
from ivr.routing.shape import Shapes, shaped
from ivr.routing.text import Group, Limits, read_text

CASES = sorted((Path(__file__).parent / "corners").iterdir())
SINCE = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("America/Phoenix"))
DAYS = 70  # past every closure of the good configuration
_EXPECTED_ANYWAY = "this number is fictional (555)"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_corner_is_shown_by_the_shortest_call(case: Path, sound_files: dict[str, bytes]) -> None:
    change = yaml.load((case / "case.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    files = changed(sound_files, change["edits"])
    proof = prove(of_good_shape(files), SINCE, days=DAYS)
    told = f"{_verdict_of_check(files)}\n" + "".join(f"{finding}\n" for finding in proof.findings)
    expected = case / "expected.txt"
    if os.environ.get("IVR_UPDATE"):
        expected.write_text(told, "utf-8")
    assert proof.findings, "the proof must notice it by itself"
    assert all(finding.script for finding in proof.findings)
    assert told == expected.read_text("utf-8")


def test_there_are_at_least_thirty_corners() -> None:
    assert len(CASES) >= 30


def test_some_corners_pass_check_and_are_found_by_the_proof_alone() -> None:
    told = [(case / "expected.txt").read_text("utf-8") for case in CASES]
    assert sum(text.startswith("check lets it pass") for text in told) >= 10


def test_the_configuration_that_the_corners_change_is_proved(sound_files: dict[str, bytes]) -> None:
    compiled = compile_files(sound_files)
    assert compiled.routing is not None
    assert prove(compiled.routing, SINCE).findings == ()


@pytest.fixture(scope="session")
def sound_files(good_files: dict[str, bytes]) -> dict[str, bytes]:
    """The good configuration, but for its own corner: on Winter break 0 leads from the topics to a menu."""
    edit = {"file": "menus.yaml", "find": "{Winter break: parking}", "replace": "{Winter break: gilbert_mailbox}"}
    return changed(good_files, [edit])


def of_good_shape(files: Mapping[str, bytes]) -> Routing:
    """The routing of files whose shape is right, whatever they mean."""
    documents: dict[str, Group] = {}
    for name, content in files.items():
        read = read_text(name, content, Limits())
        assert isinstance(read, Group), read
        documents[name] = read
    findings = Findings("", documents)
    shapes = Shapes(
        clinic=shaped(ClinicFile, "clinic.yaml", documents["clinic.yaml"], findings),
        menus=shaped(MenusFile, "menus.yaml", documents["menus.yaml"], findings),
        prompts={
            name.removeprefix("prompts/").removesuffix(".yaml"): shaped(PromptsFile, name, document, findings)
            for name, document in documents.items()
            if name.startswith("prompts/")
        },
    )
    assert findings.problems == [], "a corner passes the shape check"
    return build(shapes, "corner")


def changed(files: Mapping[str, bytes], edits: list[dict[str, Any]]) -> dict[str, bytes]:
    """The files with the changes of one case; a change that would change nothing is a fault of the case."""
    result = dict(files)
    for edit in edits:
        name, find = edit["file"], edit["find"].encode()
        assert find in result[name], edit["find"]
        result[name] = result[name].replace(find, edit["replace"].encode(), 1)
    return result


def _verdict_of_check(files: Mapping[str, bytes]) -> str:
    problems = compile_files(files).problems
    errors = [problem for problem in problems if not problem.warning and _EXPECTED_ANYWAY not in str(problem)]
    return f"check refuses it:\n{render(errors)}" if errors else "check lets it pass\n"
