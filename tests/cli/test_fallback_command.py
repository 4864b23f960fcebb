"""`fallback` writes the document, and the practice telephone plays it with no service running."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivr.routing.compile import version_of
from ivr.routing.folder import read_folder
from ivr.routing.versions import Versions

from .conftest import Type


@pytest.fixture
def written(command_line: Type, tmp_path: Path) -> Path:
    """The main line's document in a file."""
    typed = command_line("fallback", "--output", str(tmp_path / "fallback"))
    assert typed.code == 0, typed.err
    return tmp_path / "fallback" / "fallback-main.xml"


def test_with_the_service_stopped_the_phones_ring_in_the_right_order(command_line: Type, written: Path) -> None:
    typed = command_line("call", "--document", str(written), keys="n\nb\nn\na\n")
    assert typed.code == 0, typed.err
    out = typed.out
    steps = (
        "If this is an emergency, hang up and dial 911.",
        "We are sorry",
        "Scottsdale front desk, +14805550111",
        "Nobody answers.",
        "Scottsdale back office, +14805550112",
        "The phone is busy.",
        "Gilbert front desk, +14805550121",
        "Gilbert nurse, +14805550122",
        "The clinic answers; they talk",
        "Goodbye.",
        "the call is over",
    )
    places = [out.index(step) for step in steps]
    assert places == sorted(places)


def test_who_answers_ends_the_ringing(command_line: Type, written: Path) -> None:
    out = command_line("call", "--document", str(written), keys="a\n").out
    assert "Scottsdale front desk" in out
    assert "Scottsdale back office" not in out
    assert out.rstrip().endswith("the call is over")


def test_a_voicemail_keeps_the_call_and_that_is_said(command_line: Type, written: Path) -> None:
    out = command_line("call", "--document", str(written), keys="v\n").out
    assert "A voicemail picks up and keeps the call" in out
    assert "Scottsdale back office" not in out


def test_with_press_nobody_is_asked_and_nobody_answers(command_line: Type, written: Path) -> None:
    out = command_line("call", "--document", str(written), "--press", "-").out
    assert out.count("Nobody answers.") == 4
    assert "4 8 0, 5 5 5, 0 1 0 0" in out


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ("<Response", "not well-formed"),
        ("<!DOCTYPE x><Response/>", "declares a type"),
        ("<Response><Gather/></Response>", "does not need: Gather"),
        ("<!-- x --><!DOCTYPE x><Response/>", "declares a type"),
        ('<Response><Dial timeout="soon"><Number>+1</Number></Dial></Response>', "no number of seconds: 'soon'"),
        ('<Response><Dial action="/x"><Number>+1</Number></Dial></Response>', "which is not there"),
    ],
)
def test_a_document_that_needs_a_service_is_refused(
    command_line: Type, tmp_path: Path, document: str, fault: str
) -> None:
    file = tmp_path / "x.xml"
    file.write_text(document)
    typed = command_line("call", "--document", str(file))
    assert typed.code == 1
    assert fault in typed.err


def test_a_comment_in_a_document_is_no_fault(command_line: Type, written: Path) -> None:
    written.write_text(written.read_text().replace("<Response>", "<Response><!-- hosted since May -->", 1))
    assert command_line("call", "--document", str(written), keys="a\n").code == 0


def test_a_file_that_is_not_there_is_told(command_line: Type, tmp_path: Path) -> None:
    typed = command_line("call", "--document", str(tmp_path / "gone.xml"))
    assert typed.code == 1
    assert "cannot be read" in typed.err


def test_the_document_alone_can_be_piped(command_line: Type) -> None:
    typed = command_line("fallback", "--line", "main")
    assert typed.out.startswith("<?xml")
    assert typed.out.rstrip().endswith("</Response>")
    assert "4 phones in turn" in typed.err


def test_json_holds_the_documents_and_their_phones(command_line: Type) -> None:
    (document,) = json.loads(command_line("fallback", "--json").out)
    assert document["phones"][0] == {"name": "Scottsdale front desk", "number": "+14805550111"}
    assert document["document"].startswith("<?xml")


def test_an_unknown_line_is_told_with_those_there_are(command_line: Type) -> None:
    typed = command_line("fallback", "--line", "mian")
    assert typed.code == 2
    assert "There is: main." in typed.err


def test_it_is_written_from_what_is_live_not_from_an_edit(command_line: Type, config: Path, tmp_path: Path) -> None:
    files, _ = read_folder(config)
    store = Versions(tmp_path / "var" / "routing")
    store.keep(version_of(files), files)
    store.note(version_of(files))
    clinic = config / "clinic.yaml"
    clinic.write_text(clinic.read_text().replace("+14805550111", "+14805550119"))
    assert "+14805550111" in command_line("fallback").out
