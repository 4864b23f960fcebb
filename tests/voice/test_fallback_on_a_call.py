"""A call that came through the fallback is served, written down, told in its story, and counted on Today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select

from ivr.call_flow.noted import Noted, restore
from ivr.call_log.database import reading
from ivr.call_log.fallbacks import calls_through_fallback
from ivr.call_log.recorder import record
from ivr.call_log.story import tell
from ivr.call_log.tables import CallRow
from tests.call_log.conftest import database, new_database, postgres, sqlite_template
from tests.conftest import CALLER, LINE, PUBLIC_URL, Clinic

__all__ = ["database", "new_database", "postgres", "sqlite_template"]

SID = "CA" + "7" * 32
ZONE = ZoneInfo("America/Phoenix")
FAILED = {"ErrorCode": "11205", "ErrorUrl": f"{PUBLIC_URL}/voice/incoming"}


CHILD = {"CallSid": "CA" + "8" * 32, "ParentCallSid": SID, "CallStatus": "completed"}  # the leg that the fallback rang


def post(clinic: Clinic, path: str, **extra: str) -> tuple[int, str]:
    form = {"CallSid": SID, "AccountSid": clinic.settings.account_sid, "From": CALLER, "To": LINE, **extra}
    return clinic.ask(PUBLIC_URL + path, form)


def story(clinic: Clinic) -> list[str]:
    entries = clinic.entries(SID)
    noted = [Noted(each.hop, each.nth, each.at, restore(each.kind, each.data), each.version) for each in entries]
    return [step.text for step in tell(noted, ZONE)]


def test_our_own_fallback_address_apologises_and_rings_and_says_goodbye_after_that(clinic: Clinic) -> None:
    status, document = post(clinic, "/voice/sorry", **FAILED)
    assert status == 200
    assert document.index("911") < document.index("We are sorry") < document.index("<Dial")
    assert clinic.kinds(SID) == ["CameThroughFallback"]
    assert story(clinic) == ["came through the fallback, since the service did not answer (the carrier's error 11205)"]
    _, after = post(clinic, "/voice/sorry", DialCallStatus="no-answer")
    assert "<Dial" not in after
    assert clinic.kinds(SID) == ["CameThroughFallback"]


def test_a_call_sent_to_the_front_door_by_a_failure_is_served_and_marked(clinic: Clinic) -> None:
    status, document = post(clinic, "/voice/incoming", **FAILED)
    assert status == 200
    assert "<Gather" in document
    assert story(clinic)[:2] == [
        "came through the fallback, since the service did not answer (the carrier's error 11205)",
        "heard the greeting in English",
    ]


def test_an_ordinary_call_is_not_marked(clinic: Clinic) -> None:
    post(clinic, "/voice/incoming")
    assert "CameThroughFallback" not in clinic.kinds(SID)


@pytest.mark.parametrize("code", ["", "<script>", "9" * 50, "+14805550147"])
def test_an_error_code_that_is_none_is_not_kept(clinic: Clinic, code: str) -> None:
    post(clinic, "/voice/sorry", ErrorCode=code)
    (entry,) = clinic.entries(SID)
    assert entry.data == {"code": ""}


def test_the_hosted_document_tells_us_of_the_call_when_a_phone_has_rung(clinic: Clinic) -> None:
    for _ in range(2):
        assert post(clinic, "/voice/fallback", **CHILD)[0] == 204
    assert {entry.key for entry in clinic.entries()} == {f"{SID}:0:CameThroughFallback"}


def test_such_a_call_counts_as_our_fault_and_once(clinic: Clinic, database: Engine) -> None:
    post(clinic, "/voice/fallback", **CHILD)
    post(clinic, "/voice/status", CallStatus="completed", CallDuration="40")
    now = datetime.now(UTC)
    record(database, clinic.entries(), zone=ZONE, heard_at=now)
    with reading(database) as connection:
        assert connection.scalars(select(CallRow.disposition)).all() == ["failed"]
    began = clinic.clock()
    assert calls_through_fallback(database, began - timedelta(minutes=1)) == 1
    assert calls_through_fallback(database, began + timedelta(minutes=1)) == 0
