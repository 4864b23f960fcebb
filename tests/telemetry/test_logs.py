"""The log: one line of JSON an event, from every logger, with the call's id and without anything a caller sent."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from ivr.telemetry.logs import UnderWay, about, name_of, show_logs, under_way
from tests.conftest import CALLER, Clinic, Clock

Lines = Callable[[], list[dict[str, Any]]]
SPOKEN = "I want to talk about my pills"


@pytest.fixture
def shown() -> Iterator[io.StringIO]:
    """What the process logs while the test runs; afterwards logging is as it was."""
    root, own = logging.getLogger(), logging.getLogger("ivr")
    before = root.handlers[:], root.level, own.level
    stream = io.StringIO()
    show_logs(stream)
    under_way.set(None)  # a test before may have answered a request in this thread
    yield stream
    root.handlers[:], root.level, own.level = before


@pytest.fixture
def lines(shown: io.StringIO) -> Lines:
    return lambda: [json.loads(line) for line in shown.getvalue().splitlines()]


def test_an_event_is_one_line_of_json(lines: Lines) -> None:
    logging.getLogger("ivr.worker").info("drained %d lines", 3)
    (line,) = lines()
    assert (line["event"], line["level"], line["logger"]) == ("drained 3 lines", "info", "ivr.worker")
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT[0-9:.]+Z", line["timestamp"])


@pytest.mark.parametrize(
    "forged",
    ['x\n{"event": "forged"}', "x\r\n\x1b[2Jcleared", "x\u2028y\x00z", '"}\n{"'],
    ids=["a line", "a terminal", "separators", "an object"],
)
def test_no_text_can_forge_a_second_line(shown: io.StringIO, lines: Lines, forged: str) -> None:
    logging.getLogger("ivr.voice").error("said: %s", forged, extra={"more": forged})
    assert len(lines()) == 1
    assert lines()[0]["event"] == f"said: {forged}"
    assert shown.getvalue().count("\n") == 1
    assert re.fullmatch(r"[ -~]+\n", shown.getvalue())


def test_a_line_names_the_request_and_the_call(lines: Lines) -> None:
    sid, parent = "CA" + "1" * 32, "CA" + "2" * 32
    request = UnderWay()
    request.body = f"Digits=1&CallSid={sid}&From=%2B14805550147".encode()
    token = under_way.set(request)
    logging.getLogger("ivr.voice").error("one")
    logging.getLogger("ivr.turns").error("two")
    request.body = f"CallSid={sid}&ParentCallSid={parent}".encode()
    logging.getLogger("ivr.voice").error("three")
    under_way.reset(token)
    logging.getLogger("ivr.voice").error("four")
    one, two, three, four = lines()
    assert one["call"] == two["call"] == sid
    assert one["request"] == two["request"]
    assert three["call"] == parent
    assert "call" not in four
    assert "request" not in four


def test_a_block_names_the_call_it_is_about(lines: Lines) -> None:
    with about("CA" + "3" * 32):
        logging.getLogger("ivr.worker").info("inside")
    logging.getLogger("ivr.worker").info("outside")
    inside, outside = lines()
    assert inside["call"] == "CA" + "3" * 32
    assert "call" not in outside


def test_an_exception_is_told_without_its_message(shown: io.StringIO, lines: Lines) -> None:
    try:
        int(SPOKEN)
    except ValueError:
        logging.getLogger("ivr.voice").exception("a turn failed")
    (line,) = lines()
    assert line["exception"] == "ValueError"
    assert line["trace"][-1].endswith("test_an_exception_is_told_without_its_message")
    assert SPOKEN not in shown.getvalue()


def test_a_database_error_is_told_by_its_code() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(OperationalError) as raised:
        connection.execute(text("select :number from nowhere"), {"number": CALLER})
    assert name_of(raised.value) == "OperationalError (OperationalError SQLITE_ERROR)"
    engine.dispose()


@pytest.mark.parametrize("number", ["+14805550147", "%2B14805550147", "+1 480 555-0147", "+1 (480) 555 0147"])
def test_numbers_are_masked_wherever_they_are(shown: io.StringIO, number: str) -> None:
    logging.getLogger("ivr.voice").error("from %s", number, extra={"caller": number})
    assert number not in shown.getvalue()
    assert shown.getvalue().count("[number]") == 2


def test_nothing_of_a_whole_call_is_in_the_log(
    clinic: Clinic, shown: io.StringIO, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Well, badly, and with a fault of our own whose message repeats what the caller sent."""
    telephone = clinic.telephone()
    telephone.dial()
    telephone.say(SPOKEN)
    telephone.press("3")

    def fail(_clock: Clock) -> None:
        raise ValueError(f"{CALLER} pressed 7 and said {SPOKEN}")

    monkeypatch.setattr(Clock, "__call__", fail)
    telephone.press("7")
    assert [line["exception"] for line in lines()] == ["ValueError", "ValueError"]
    assert {line["call"] for line in lines()} == {telephone.sid}
    for secret in (CALLER, CALLER[2:], SPOKEN, "pills", "Digits", "pressed"):
        assert secret not in shown.getvalue()
