"""Twilio is the other witness: what its lists hold and our log lacks is added, what differs in length is corrected.

Every addition is written as an event through the recorder, so that repeating it changes nothing and a journal drained
later fits in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, func, insert, select

from ivr.call_flow.addresses import E164
from ivr.call_flow.events import CallArrived, CallEnded, RecordingReady
from ivr.call_flow.heartbeat import Heartbeat, is_own
from ivr.call_flow.model import Line, Routing
from ivr.call_log.database import reading, writing
from ivr.call_log.leases import GoOn, always
from ivr.call_log.placing import LONGEST_CALL
from ivr.call_log.recorder import Follow, record
from ivr.call_log.tables import CallRow, MessageRow, Reconciliation
from ivr.journal.entry import Entry, entries_for
from ivr.journal.sealing import Seal

from .listed import ListedCall, ListedRecording, Lists

FIRST_LOOK = timedelta(days=2)
LONGEST_LOOK = timedelta(days=30)
SETTLING = timedelta(seconds=60)  # younger calls may still be on their way through the journal
MOST_DRIFT_SECONDS = 1
TAG = "carrier:"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What one comparison found."""

    since: datetime
    until: datetime
    calls_seen: int = 0
    calls_added: int = 0
    calls_corrected: int = 0
    recordings_seen: int = 0
    recordings_added: int = 0


@dataclass(frozen=True, slots=True)
class _Known:
    """A call as the log has it."""

    closed_by: str
    total_seconds: int


class Reconciler:
    """Compares the log with Twilio's lists. `seal` hides callers' numbers; moments are aware.

    `follow` adds what follows from calls that were added, in the same transaction. The calls that
    `heartbeat` has placed are tests.
    """

    def __init__(
        self,
        engine: Engine,
        lists: Lists,
        seal: Seal,
        follow: Follow | None = None,
        heartbeat: Heartbeat | None = None,
    ) -> None:
        self._engine = engine
        self._lists = lists
        self._seal = seal
        self._follow = follow
        self._heartbeat = heartbeat

    def run(self, routing: Routing, zone: ZoneInfo, now: datetime, go_on: GoOn = always) -> Reconciled | None:
        """Compare all that may have changed since the last comparison; None when `go_on` said to stop.

        Raises CarrierAway and SQLAlchemyError: what was added by then stays, and the next run begins where this began.
        """
        since, until = self._since(now), now - SETTLING
        found = Reconciled(since, until)
        for line in routing.lines.values():
            for page in self._lists.calls(line.number, since, until):
                if not go_on():
                    return None
                found = self._calls(found, page, line, routing, zone, now)
        for recordings in self._lists.recordings(since, until):
            if not go_on():
                return None
            found = self._recordings(found, recordings, zone, now)
        self._note(found, now)
        return found

    def _since(self, now: datetime) -> datetime:
        """From the end of the last comparison, less the longest a call may last: it may have been under way then."""
        with reading(self._engine) as connection:
            last = connection.scalar(select(func.max(Reconciliation.until)))
        since = (last or now - FIRST_LOOK) - LONGEST_CALL
        return max(since, now - LONGEST_LOOK)

    def _calls(
        self,
        found: Reconciled,
        page: Sequence[ListedCall],
        line: Line,
        routing: Routing,
        zone: ZoneInfo,
        now: datetime,
    ) -> Reconciled:
        known = self._known([call.sid for call in page])
        lacking = [call for call in page if call.sid not in known]
        wrong = [call for call in page if call.sid in known and _differs(call, known[call.sid])]
        entries = [entry for call in lacking for entry in self._arrival(call, line, routing)]
        entries += [entry for call in (*lacking, *wrong) for entry in _end(call)]
        record(self._engine, entries, zone=zone, heard_at=now, follow=self._follow)
        return replace(
            found,
            calls_seen=found.calls_seen + len(page),
            calls_added=found.calls_added + len(lacking),
            calls_corrected=found.calls_corrected + len(wrong),
        )

    def _recordings(
        self, found: Reconciled, made: Sequence[ListedRecording], zone: ZoneInfo, now: datetime
    ) -> Reconciled:
        """Only recordings of calls in the log: an account may have other uses."""
        ours = self._known([each.call_sid for each in made])
        seen = [each for each in made if each.call_sid in ours]
        lacking = self._lacking([each for each in seen if each.status == "completed"])
        ready = [entry for each in lacking for entry in _ready(each)]
        record(self._engine, ready, zone=zone, heard_at=now, follow=self._follow)
        return replace(
            found,
            recordings_seen=found.recordings_seen + len(seen),
            recordings_added=found.recordings_added + len(lacking),
        )

    def _known(self, sids: Sequence[str]) -> Mapping[str, _Known]:
        columns = select(CallRow.sid, CallRow.closed_by, CallRow.total_seconds)
        with reading(self._engine) as connection:
            rows = connection.execute(columns.where(CallRow.sid.in_(sids)))
            return {row.sid: _Known(row.closed_by, row.total_seconds) for row in rows}

    def _lacking(self, made: Sequence[ListedRecording]) -> list[ListedRecording]:
        """Those the log does not have, or has without word that they are there."""
        there = select(MessageRow.recording).where(MessageRow.recording.in_([each.sid for each in made]))
        with reading(self._engine) as connection:
            known = set(connection.scalars(there.where(MessageRow.status != "")))
        return [each for each in made if each.sid not in known]

    def _arrival(self, call: ListedCall, line: Line, routing: Routing) -> Iterable[Entry]:
        """The call we never heard of, as it would have been written down."""
        number = call.caller if E164.fullmatch(call.caller) else ""
        test = is_own(number, routing, self._heartbeat)
        arrived = CallArrived(line.name, line.language, withheld=not number, test=test)
        (entry,) = entries_for(call.sid, 0, call.started_at, "", (arrived,), tag=TAG)
        if not number:
            return (entry,)
        return (replace(entry, sealed={"caller": self._seal.seal(number), "caller_index": self._seal.index(number)}),)

    def _note(self, found: Reconciled, now: datetime) -> None:
        row = {
            "at": now,
            "since": found.since,
            "until": found.until,
            "calls_seen": found.calls_seen,
            "calls_added": found.calls_added,
            "calls_corrected": found.calls_corrected,
            "recordings_seen": found.recordings_seen,
            "recordings_added": found.recordings_added,
        }
        with writing(self._engine) as connection:
            connection.execute(insert(Reconciliation).values(row))


def _differs(call: ListedCall, known: _Known) -> bool:
    """Twilio has an end and the log has none, another length, or only a guess."""
    if not call.status or known.closed_by == "reconciler":
        return False
    guessed = known.closed_by != "carrier"
    return guessed or (bool(call.seconds) and abs(call.seconds - known.total_seconds) > MOST_DRIFT_SECONDS)


def _end(call: ListedCall) -> Iterable[Entry]:
    if not call.status:
        return ()
    ended_at = call.ended_at or call.started_at + timedelta(seconds=call.seconds)
    return entries_for(call.sid, 0, ended_at, "", (CallEnded(call.status, call.seconds, "reconciler"),), tag=TAG)


def _ready(made: ListedRecording) -> Iterable[Entry]:
    """The same fact, under the same key, as Twilio's own callback would have brought."""
    ready = RecordingReady(made.sid, made.seconds, "completed")
    return entries_for(made.call_sid, 0, made.made_at, "", (ready,), tag=f"{made.sid}:")
