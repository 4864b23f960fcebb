"""What Twilio's own lists say: calls to our numbers and recordings made, read page by page through the SDK.

Facts of the API: https://www.twilio.com/docs/voice/api/call-resource#read-multiple-call-resources and
https://www.twilio.com/docs/voice/api/recording#read-multiple-recording-resources.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from twilio.rest import Client

from .asking import tried

PAGE = 500
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
CALL_SID = re.compile(r"CA[0-9a-f]{32}")
RECORDING_SID = re.compile(r"RE[0-9a-f]{32}")
MOST_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class ListedCall:
    """A call as Twilio lists it. `status` is "" while it is under way; `caller` as sent, perhaps no number at all."""

    sid: str
    dialled: str
    caller: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    seconds: int


@dataclass(frozen=True, slots=True)
class ListedRecording:
    """A recording as Twilio lists it."""

    sid: str
    call_sid: str
    status: str
    made_at: datetime
    seconds: int


class Lists:
    """Twilio's lists of one account. `pause` waits so many seconds between tries."""

    def __init__(self, client: Client, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._pause = pause

    def calls(self, dialled: str, since: datetime, until: datetime) -> Iterator[Sequence[ListedCall]]:
        """Calls that came in on the number `dialled` and began between two moments, a page at a time.

        Raises CarrierAway; what was handed out before stays true.
        """
        first = self._client.calls.page
        pages = self._pages(
            lambda: first(to=dialled, start_time_after=since, start_time_before=until, page_size=PAGE),
            self._client.calls.get_page,
        )
        for page in pages:
            found = [call for call in map(_call, page) if call and since <= call.started_at < until]
            yield [call for call in found if call.dialled == dialled]

    def recordings(self, since: datetime, until: datetime) -> Iterator[Sequence[ListedRecording]]:
        """Recordings of the whole account made between two moments, a page at a time. Raises CarrierAway."""
        first = self._client.recordings.page
        pages = self._pages(
            lambda: first(date_created_after=since, date_created_before=until, page_size=PAGE),
            self._client.recordings.get_page,
        )
        for page in pages:
            yield [made for made in map(_recording, page) if made and since <= made.made_at < until]

    def _pages(self, first: Callable[[], Any], following: Callable[[str], Any]) -> Iterator[list[Any]]:
        page = tried(first, self._pause)
        while True:
            yield list(page)
            address = page.next_page_url
            if not address:
                return
            page = tried(partial(following, address), self._pause)


def _call(listed: Any) -> ListedCall | None:
    """None for what is no incoming call, or has not begun."""
    started_at = _moment(listed.start_time) or _moment(listed.date_created)
    if not CALL_SID.fullmatch(listed.sid or "") or listed.direction != "inbound" or started_at is None:
        return None
    status = str(listed.status or "")
    return ListedCall(
        sid=listed.sid,
        dialled=listed.to or "",
        caller=listed._from or "",
        status=status if status in OVER else "",
        started_at=started_at,
        ended_at=_moment(listed.end_time),
        seconds=_seconds(listed.duration),
    )


def _recording(listed: Any) -> ListedRecording | None:
    made_at = _moment(listed.start_time) or _moment(listed.date_created)
    known = RECORDING_SID.fullmatch(listed.sid or "") and CALL_SID.fullmatch(listed.call_sid or "")
    if not known or made_at is None:
        return None
    return ListedRecording(listed.sid, listed.call_sid, str(listed.status or ""), made_at, _seconds(listed.duration))


def _moment(found: object) -> datetime | None:
    """The SDK gives a datetime, and the text itself where it could not read one."""
    if not isinstance(found, datetime):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _seconds(text: object) -> int:
    """A duration in seconds, 0 where there is none (an unfinished recording has -1)."""
    found = str(text)
    return min(int(found), MOST_SECONDS) if found.isascii() and found.isdigit() and len(found) < 8 else 0
