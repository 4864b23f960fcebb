"""What notices say: how many, of what and where; one line in subjects; nothing that names anybody."""

from __future__ import annotations

import re

import pytest

from ivr.call_flow.notice_rules import NoticeKind, Way
from ivr.notices.outbox import Letter, Notice
from ivr.notices.parcel import Parcel
from ivr.notices.wording import LONGEST_TEXT, mail_body, parcel, text_body
from tests.conftest import ZONE

from .conftest import CONSOLE, NOW

TITLES = {"gilbert": "Gilbert"}


def written(*notices: Notice, clinic: str = "Sample Clinic", titles: dict[str, str] | None = None) -> Parcel:
    letter = Letter(12, "a key", "maria", Way.MAIL, 1, 0, False, NOW, NOW, notices)
    return parcel(letter, "maria@example.com", clinic=clinic, titles=titles or TITLES, zone=ZONE, console=CONSOLE)


def of(kind: NoticeKind, location: str = "", about: str = "") -> Notice:
    return Notice(kind, location, about, NOW)


def test_equal_notices_are_counted() -> None:
    given = written(*[of(NoticeKind.MESSAGE_LEFT, "gilbert")] * 3, of(NoticeKind.MISSED_CALL, "gilbert"))
    assert [item.words for item in given.items] == ["3 new messages for Gilbert", "1 missed call for Gilbert"]
    assert given.subject == "Sample Clinic: 4 notices"
    assert given.link == f"{CONSOLE}/call-back"


def test_one_alone_is_the_subject() -> None:
    assert written(of(NoticeKind.MESSAGE_LEFT, "gilbert")).subject == "Sample Clinic: 1 new message for Gilbert"
    assert written(of(NoticeKind.MISSED_CALL)).subject == "Sample Clinic: 1 missed call for the clinic"


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_kind_has_words_a_page_and_no_number(kind: NoticeKind) -> None:
    given = written(of(kind, "gilbert", "host one"))
    for text in (given.subject, mail_body(given), text_body(given)):
        assert not re.search(r"[0-9]{7}|CA[0-9a-f]{8}|RE[0-9a-f]{8}", text)
    assert given.link.startswith(f"{CONSOLE}/")


def test_an_end_is_told_by_the_clinics_clock() -> None:
    given = written(of(NoticeKind.OVERRIDE_ENDING, "gilbert", "override 3"))
    assert given.items[0].words == "override 3 for Gilbert ends at 10:00"


def test_a_line_break_in_a_name_cannot_add_a_header() -> None:
    given = written(
        of(NoticeKind.MESSAGE_LEFT, "gilbert"), clinic="Clinic\r\nBcc: x@y.example", titles={"gilbert": "G\nx"}
    )
    assert "\n" not in given.subject
    assert "\r" not in given.subject
    assert given.clinic == "Clinic Bcc: x@y.example"


def test_a_text_stays_short_and_keeps_its_mark() -> None:
    given = written(*[of(NoticeKind.DOCTOR_FINDING, about=f"{number} {'x' * 80}") for number in range(9)])
    text = text_body(given)
    assert len(text) <= LONGEST_TEXT
    assert text.endswith("/health (no. 12)")
    assert "9 notices" in text


def test_who_is_told_of_a_lost_database_hears_what_does_not_come_back_even_by_text() -> None:
    given = written(of(NoticeKind.DATABASE_LOST, about="front-1"))
    for text in (mail_body(given), text_body(given)):
        assert all(word in text for word in ("front-1", "claims", "notes", "accounts", "audit", "backup"))
