"""What the doctor found, and what else needs a look, is seen where people look."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from ivr.accounts.roles import RIGHTS, Right, Role
from ivr.call_flow.events import CallArrived, CallEnded, CameThroughFallback, Event, Rang, RingingEnded
from ivr.call_flow.notice_rules import NoticeKind
from ivr.call_flow.turn import Outcome
from ivr.call_flow.wishes import UrgentConfirmed
from ivr.call_log.database import writing
from ivr.call_log.findings import Finding, Severity, keep
from ivr.call_log.heartbeats import Beat, begin, judge, settle
from ivr.call_log.placing import NotPlaced, Placed, Unsure
from ivr.call_log.recorder import record
from ivr.console.health import BEATS
from ivr.journal.entry import entries_for
from ivr.notices.alarms import raise_alarm
from ivr.notices.births import of_calls
from ivr.notices.urgent import acknowledge, waiting
from ivr.notices.watching import watch_phones, watch_test_call
from tests.console.conftest import Desk

ZONE = ZoneInfo("America/Phoenix")
ALARM = Finding("profile", "account", Severity.ALARM, "No <profile>.", "Callers hear busy.", "Hand one in.")
NOTE = Finding("not-told", "recordings", Severity.NOTE, "Nobody can tell yet.", "A person must look.", "Look there.")


def test_findings_are_on_health_and_what_needs_mending_is_on_today(desk: Desk) -> None:
    keep(desk.engine, [ALARM, NOTE], desk.clock() - timedelta(hours=2))
    guest = desk.signed_in()
    health, today = guest.get("/health").text, guest.get("/").text
    for text in ("No &lt;profile&gt;.", "Callers hear busy.", "Hand one in.", "Nobody can tell yet.", "2 h 0 min ago"):
        assert text in health
    assert "what was mended goes from here within one" in health
    assert "No &lt;profile&gt;. Callers hear busy." in today
    assert "Nobody can tell yet." not in today


def test_calls_of_today_that_came_through_the_fallback_are_counted_on_today(desk: Desk) -> None:
    guest = desk.signed_in()
    assert "came through the fallback" not in guest.get("/").text
    for number in (1, 2):
        at = desk.clock() - timedelta(minutes=number)
        entries = entries_for(f"CA{number:032x}", 0, at, "", (CameThroughFallback("11205"),))
        record(desk.engine, entries, zone=ZONE, heard_at=at)
    before = entries_for("CA" + "3" * 32, 0, desk.clock() - timedelta(days=1), "", (CameThroughFallback(),))
    record(desk.engine, before, zone=ZONE, heard_at=desk.clock())
    assert "2 calls of today came through the fallback" in guest.get("/").text


def test_urgent_calls_that_nobody_took_stand_first_on_today_until_somebody_deals_with_them(desk: Desk) -> None:
    guest = desk.signed_in()
    keep(desk.engine, [ALARM], desk.clock())
    for number in (1, 2):
        events = CallArrived("main", "en-US"), UrgentConfirmed("urgent", "Dr. Lee", None), CallEnded("completed", 40)
        entries = entries_for(f"CA{number:032x}", 0, desk.clock() - timedelta(minutes=number), "", events)
        record(desk.engine, entries, zone=ZONE, heard_at=desk.clock(), follow=of_calls)
        page = guest.get("/").text
        what = "An urgent call waits: nobody on call took it." if number == 1 else "2 urgent calls wait: nobody on call"
        assert what in page
        assert "Take it under To call back" in page
        assert page.index(what) < page.index("No &lt;profile&gt;.")
    for each in waiting(desk.engine):
        acknowledge(desk.engine, each.number, actor="sam", now=desk.clock())
    assert "urgent call" not in guest.get("/").text


def test_a_line_that_did_not_answer_its_test_call_is_on_today_and_on_health_until_it_does(desk: Desk) -> None:
    guest = desk.signed_in()
    for heard in (False, True):
        watch_test_call(desk.engine, "main", desk.clock(), heard=heard)
        for page in (guest.get("/").text, guest.get("/health").text):
            assert ("the line “main” was not answered with its greeting" in page) is not heard


def rang_unheard(desk: Desk, number: int, outcome: Outcome, ago: timedelta) -> None:
    began = desk.clock() - ago
    events: list[Event] = [
        CallArrived("main", "en-US"),
        Rang("gilbert", ("desk",), 20, 1, "gilbert", False),
        RingingEnded("gilbert", ("desk",), 1, outcome, 20),
        CallEnded("completed", 40),
    ]
    turns = [
        entries_for(f"CA{number:032x}", hop, began + timedelta(seconds=hop), "v1", (event,))
        for hop, event in enumerate(events)
    ]
    entries = [entry for turn in turns for entry in turn]
    record(desk.engine, entries, zone=ZONE, heard_at=desk.clock())


def test_a_location_where_nobody_takes_the_calls_is_on_today_until_somebody_does(desk: Desk) -> None:
    guest, what = desk.signed_in(Role.FRONT_DESK), "Nobody takes the calls at Gilbert: the last {} went unanswered."
    for number in range(1, 5):
        rang_unheard(desk, number, Outcome.NO_ANSWER, timedelta(minutes=60 - number))
        watch_phones(desk.engine, 3, desk.clock())
        page = guest.get("/").text
        assert (what.format(number) in page) is (number >= 3)
    assert "send its calls across: on Today, under its name." in page
    watch_phones(desk.engine, 3, desk.clock() + timedelta(days=2))
    desk.clock.now += timedelta(days=2)
    assert what.format("ones") in desk.signed_in(Role.MANAGER).get("/").text
    rang_unheard(desk, 5, Outcome.ANSWERED, timedelta(minutes=1))
    watch_phones(desk.engine, 3, desk.clock())
    assert "Nobody takes the calls" not in desk.signed_in(Role.MANAGER).get("/").text


def test_unanswered_phones_of_a_location_that_is_gone_are_not_on_today(desk: Desk) -> None:
    with writing(desk.engine) as connection:
        raise_alarm(connection, NoticeKind.PHONES_UNANSWERED, "tempe", desk.clock(), location="tempe")
    assert "Nobody takes the calls" not in desk.signed_in().get("/").text


def test_health_tells_what_came_of_the_newest_test_calls(desk: Desk) -> None:
    guest = desk.signed_in()
    assert "Test calls" not in guest.get("/health").text
    now = desk.clock()
    for line, ago, result in (("main", 60, Placed("CA1")), ("gilbert", 5, NotPlaced("Twilio refused <it>"))):
        due = now - timedelta(minutes=ago)
        begin(desk.engine, line, due, due)
        settle(desk.engine, line, due, result, due)
    judge(desk.engine, "main", [], now)
    page = guest.get("/health").text
    failed = page.index("could not be placed</span> Twilio refused &lt;it&gt;")
    assert failed < page.index("was not heard</span>")  # the newest first
    assert page.index(">gilbert<") < page.index(">main<")
    assert set(BEATS) == set(Beat)


def test_a_test_call_that_twilio_refused_says_so_and_not_that_the_line_is_dead(desk: Desk) -> None:
    guest, now = desk.signed_in(), desk.clock()
    begin(desk.engine, "main", now, now)
    settle(desk.engine, "main", now, NotPlaced("Twilio refused it: error 21210"), now)
    watch_test_call(desk.engine, "main", now, heard=False)
    page = guest.get("/").text
    assert "The test call to the line “main” could not be placed: Twilio refused it: error 21210." in page
    assert "was not answered" not in page


def test_a_test_call_that_may_have_been_placed_is_not_called_refused(desk: Desk) -> None:
    guest, now = desk.signed_in(), desk.clock()
    begin(desk.engine, "main", now, now)
    settle(desk.engine, "main", now, Unsure("Twilio answered 503"), now)
    assert "may not have been placed</span> Twilio answered 503" in guest.get("/health").text
    judge(desk.engine, "main", [], now + timedelta(minutes=4))
    watch_test_call(desk.engine, "main", now, heard=False)
    assert "was not heard</span> Twilio answered 503" in guest.get("/health").text
    page = guest.get("/").text
    assert "The test call to the line “main” may not have been placed: Twilio answered 503." in page
    assert "could not be placed" not in page


def test_why_a_test_call_failed_stays_on_today_while_the_next_is_under_way(desk: Desk) -> None:
    guest, now = desk.signed_in(), desk.clock()
    for minutes, result in ((0, NotPlaced("Twilio refused it: error 21210")), (30, Placed("CA1")), (60, None)):
        due = now + timedelta(minutes=minutes)
        begin(desk.engine, "main", due, due)
        if result:
            settle(desk.engine, "main", due, result, due)
    watch_test_call(desk.engine, "main", now, heard=False)
    page = guest.get("/").text
    assert "The test call to the line “main” could not be placed: Twilio refused it: error 21210." in page


def test_who_cannot_mend_an_alarm_is_told_to_tell_somebody(desk: Desk) -> None:
    keep(desk.engine, [ALARM], desk.clock())
    for role in Role:
        page = desk.signed_in(role).get("/").text
        assert "No &lt;profile&gt;. Callers hear busy." in page
        mends = Right.HEALTH in RIGHTS[role]
        assert ("Hand one in." in page) is mends
        assert ("Please tell your manager, or whoever looks after this service." in page) is not mends
    assert Right.HEALTH not in RIGHTS[Role.FRONT_DESK]
