"""Every word that a notice may hold, subjects included. No patient's number, name or words can come in here.

What is told is how many, of what and where; the rest is behind the link, which needs a login.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from ivr.call_flow.notice_rules import NoticeKind

from .outbox import Letter, Notice
from .parcel import Item, Parcel

WHOLE_CLINIC = "the clinic"
LONGEST_TEXT = 300  # two parts as phones count them, with room for the link
TEST = "this is a test notice, nothing happened"
FOOT = "This notice names no patient. Sign in to see more. Letter {number}."

_CALL_BACK, _TODAY, _HEALTH = "/call-back", "/", "/health"
PAGES: Mapping[str, str] = {
    NoticeKind.MESSAGE_LEFT: _CALL_BACK,
    NoticeKind.CALLBACK_REQUESTED: _CALL_BACK,
    NoticeKind.MISSED_CALL: _CALL_BACK,
    NoticeKind.URGENT_CALL: _CALL_BACK,
    NoticeKind.PHONES_UNANSWERED: _TODAY,
    NoticeKind.OVERRIDE_ENDING: _TODAY,
    NoticeKind.OVERRIDE_ENDED: _TODAY,
    NoticeKind.CONFIGURATION_REFUSED: _HEALTH,
    NoticeKind.JOURNAL_BEHIND: _HEALTH,
    NoticeKind.WORKER_SILENT: _HEALTH,
    NoticeKind.DOCTOR_FINDING: _HEALTH,
    NoticeKind.DATABASE_LOST: _HEALTH,
    NoticeKind.FALLBACK_USED: _HEALTH,
    NoticeKind.TEST_CALL_UNHEARD: _HEALTH,
}
_COUNTED = {
    NoticeKind.MESSAGE_LEFT: "new message{s}",
    NoticeKind.CALLBACK_REQUESTED: "request{s} to be called back",
    NoticeKind.MISSED_CALL: "missed call{s}",
}


def parcel(letter: Letter, to: str, *, clinic: str, titles: Mapping[str, str], zone: ZoneInfo, console: str) -> Parcel:
    """A letter in words. `titles` names locations as people do; `console` is the address at which people sign in."""
    items = _items(letter.notices, titles, zone)
    pages = {PAGES.get(notice.kind, _TODAY) for notice in letter.notices}
    mark = f"{letter.id}/{letter.round}" if letter.round else str(letter.id)
    return Parcel(
        reference=f"{letter.id}-{letter.round}-{sha256(letter.key.encode()).hexdigest()[:16]}",
        mark=mark,
        to=to,
        clinic=_one_line(clinic),
        subject=_subject(clinic, items),
        items=items,
        link=console + (pages.pop() if len(pages) == 1 else _TODAY),
        since=letter.made_at,
        unsure=letter.unsure,
    )


def trial_parcel(clinic: str, to: str, console: str, now: datetime) -> Parcel:
    """A test that tells of nothing; no two are the same. `now` is aware."""
    moment = f"{now:%Y%m%d%H%M%S%f}"
    items = [Item("test", "", 1, TEST)]
    return Parcel(f"test-{moment}", "test", to, _one_line(clinic), _subject(clinic, items), items, console, now)


def mail_body(given: Parcel) -> str:
    """The words of a mail."""
    lines = "\n".join(f"- {item.words}" for item in given.items)
    return f"{lines}\n\n{given.link}\n\n{FOOT.format(number=given.mark)}\n"


def text_body(given: Parcel) -> str:
    """The words of a text, with the mark by which it is found again in Twilio's list."""
    words = "; ".join(item.words for item in given.items)
    tail = f" {given.link} {mark_in_text(given)}"
    if len(given.clinic) + len(words) + len(tail) + 2 > LONGEST_TEXT:
        words = _how_many(given.items)
    return f"{given.clinic}: {words}.{tail}"


def mark_in_text(given: Parcel) -> str:
    """How a text names its letter, and no other letter does."""
    return f"(no. {given.mark})"


def _subject(clinic: str, items: Sequence[Item]) -> str:
    return _one_line(f"{clinic}: {items[0].words if len(items) == 1 else _how_many(items)}")


def _how_many(items: Sequence[Item]) -> str:
    count = sum(item.count for item in items)
    return f"{count} notice{_s(count)}"


def _items(notices: Sequence[Notice], titles: Mapping[str, str], zone: ZoneInfo) -> list[Item]:
    """Equal ones counted together, in the order in which they came."""
    counts: dict[tuple[str, str, str], list[Notice]] = {}
    for notice in notices:
        counts.setdefault((notice.kind, notice.location, notice.about), []).append(notice)
    return [
        Item(str(kind), location, len(each), _one_line(_words(each[-1], len(each), titles, zone)))
        for (kind, location, _), each in counts.items()
    ]


def _words(notice: Notice, count: int, titles: Mapping[str, str], zone: ZoneInfo) -> str:
    place = titles.get(notice.location, notice.location) or WHOLE_CLINIC
    about = notice.about
    if not isinstance(notice.kind, NoticeKind):  # written by a newer release
        return f"{notice.kind} for {place}{f': {about}' if about else ''}"
    match notice.kind:
        case NoticeKind.MESSAGE_LEFT | NoticeKind.CALLBACK_REQUESTED | NoticeKind.MISSED_CALL:
            return f"{count} {_COUNTED[notice.kind].format(s=_s(count))} for {place}"
        case NoticeKind.URGENT_CALL:
            return f"{about} for {place}: nobody on call took it, somebody must call back now"
        case NoticeKind.PHONES_UNANSWERED:
            return f"nobody takes the calls at {place}: look whether its phones ring"
        case NoticeKind.OVERRIDE_ENDING:
            return f"{about} for {place} ends at {notice.at.astimezone(zone):%H:%M}"
        case NoticeKind.OVERRIDE_ENDED:
            return f"{about} for {place} has ended"
        case NoticeKind.CONFIGURATION_REFUSED:
            return f"the configuration on {about} is refused: callers hear the last good one"
        case NoticeKind.JOURNAL_BEHIND:
            return f"the call log of {about} is late: calls are answered, but do not show yet"
        case NoticeKind.WORKER_SILENT:
            return f"the worker of {about} is silent: its calls do not show"
        case NoticeKind.DOCTOR_FINDING | NoticeKind.DATABASE_LOST:
            return _found(notice)
        case NoticeKind.FALLBACK_USED | NoticeKind.TEST_CALL_UNHEARD:
            return _not_reached(notice)


def _found(notice: Notice) -> str:
    if notice.kind is NoticeKind.DOCTOR_FINDING:
        return f"the doctor found something: {notice.about}"
    return (
        f"the database of {notice.about} was damaged and set aside: its calls come back, claims, notes, accounts and"
        " the audit do not; a backup is better (docs/operations.md)"
    )


def _not_reached(notice: Notice) -> str:
    if notice.kind is NoticeKind.FALLBACK_USED:
        return "calls came through the fallback: the service did not answer Twilio in time"
    return f"a test call to the line {notice.about} was not answered with its greeting: call it yourself"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _one_line(text: str) -> str:
    """No line break and no control character: a subject is a header, and headers end at a line break."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
