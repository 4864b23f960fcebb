"""Overrides as staff make and end them: checked, written down for good, and brought to each host's disk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Row, Select, case, insert, select, update

from ivr.call_flow.duty import lasts_until, rotas_of
from ivr.call_flow.hours import closed_until, look
from ivr.call_flow.model import Location, Override, OverrideKind, Routing
from ivr.call_log import audit
from ivr.call_log.database import reading, writing
from ivr.routing.override_file import write_overrides
from ivr.routing.override_words import message_problems
from ivr.routing.problems import Spelling

from .tables import OverrideRow

LONGEST = timedelta(days=92)
LONGEST_REASON = 200
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An override somebody asks for. `location` "" is every one; moments are aware; `say` holds words by language.

    For a swap `location` is the rota, and `to` who is on call instead.
    """

    kind: OverrideKind
    location: str
    begins: datetime
    ends: datetime
    reason: str = ""
    say: Mapping[str, str] = field(default_factory=dict)
    to: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """An override as it was written down. `ended_at` is set when somebody ended it early."""

    override: Override
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str | None


def refusals(routing: Routing, wanted: Wanted, standing: Sequence[Made], now: datetime) -> list[str]:
    """Why this override cannot be made, a sentence with its cure each; empty when it can."""
    found = _about_its_names(routing, wanted)
    found += _about_its_time(wanted, now)
    if wanted.kind is OverrideKind.SEND and not found:
        found += _about_where_to(wanted, standing)
    if wanted.kind is OverrideKind.SAY and not wanted.say:
        found.append("A message needs its words: what is said to callers.")
    if len(wanted.reason) > LONGEST_REASON:
        found.append(f"The reason has {len(wanted.reason)} characters; {LONGEST_REASON} are enough.")
    return [*found, *message_problems(wanted.say, routing)]


def usual_end(routing: Routing, kind: OverrideKind, location: str, now: datetime) -> datetime | None:
    """Until when it holds if nobody says: the next opening by the schedule; for OPEN the next closing; for SWAP the end
    of the turn that is swapped.

    For every location the latest of theirs. None when it must be said.
    """
    if kind is OverrideKind.SWAP:
        rota = rotas_of(routing).get(location)
        return lasts_until(rota, now) if rota else None
    locations = locations_of(routing)
    asked = [locations[location]] if location in locations else list(locations.values())
    ends = [_usual_end(place, kind, now) for place in asked]
    found = [end for end in ends if end is not None]
    return max(found) if found and len(found) == len(ends) else None


def make(engine: Engine, wanted: Wanted, *, actor: str, now: datetime, source: str | None = None) -> Made:
    """Write it down. One with a `source` that is there already is left as it is. Raises SQLAlchemyError."""
    with writing(engine) as connection:
        if source is not None:
            known = connection.execute(_overrides().where(OverrideRow.source == source)).first()
            if known:
                return _made(known)
        row = {
            "kind": wanted.kind.value,
            "location": wanted.location,
            "begins": _whole_minute(wanted.begins),
            "ends": _whole_minute(wanted.ends),
            "reason": wanted.reason,
            "say": dict(wanted.say),
            "to": wanted.to,
            "made_at": now,
            "made_by": actor,
            "source": source,
        }
        number = connection.execute(insert(OverrideRow).values(row).returning(OverrideRow.id)).scalar_one()
        audit.note(
            connection,
            now,
            actor,
            "override",
            f"override {number}",
            kind=wanted.kind.value,
            location=wanted.location or "all",
            until=wanted.ends.isoformat(),
            reason=wanted.reason,
            **({"to": wanted.to} if wanted.to else {}),
        )
        return _made(connection.execute(_overrides().where(OverrideRow.id == number)).one())


def end(engine: Engine, number: int, *, actor: str, now: datetime) -> Made:
    """End an override now; one that is over stays as it is. Raises LookupError when there is none, SQLAlchemyError."""
    with writing(engine) as connection:
        ending = update(OverrideRow).where(
            OverrideRow.id == number, OverrideRow.ended_at.is_(None), OverrideRow.ends > now
        )
        changed = connection.execute(ending.values(ended_at=now, ended_by=actor)).rowcount
        found = connection.execute(_overrides().where(OverrideRow.id == number)).first()
        if found is None:
            raise LookupError(f"there is no override {number}")
        if changed:
            audit.note(connection, now, actor, "override ended", f"override {number}")
        return _made(found)


def standing(engine: Engine, now: datetime) -> list[Made]:
    """Those in force now or later, the oldest first."""
    query = _overrides().where(OverrideRow.ended_at.is_(None), OverrideRow.ends > now).order_by(OverrideRow.id)
    with reading(engine) as connection:
        return [_made(row) for row in connection.execute(query)]


def not_over_by(engine: Engine, moment: datetime) -> list[Made]:
    """Those in force after a moment, or to be so, the oldest first: whether they are over by now or not."""
    last = case((OverrideRow.ended_at < OverrideRow.ends, OverrideRow.ended_at), else_=OverrideRow.ends)
    with reading(engine) as connection:
        return [_made(row) for row in connection.execute(_overrides().where(last > moment).order_by(OverrideRow.id))]


def newest(engine: Engine, *, limit: int = 50) -> list[Made]:
    """The newest first, whether over or not."""
    with reading(engine) as connection:
        return [_made(row) for row in connection.execute(_overrides().order_by(OverrideRow.id.desc()).limit(limit))]


def bring_overrides(engine: Engine, folder: Path, now: datetime) -> bool:
    """Bring what stands to this host's disk; True when it changed there. Raises OSError, SQLAlchemyError."""
    return write_overrides(folder, [made.override for made in standing(engine, now)])


def locations_of(routing: Routing) -> dict[str, Location]:
    """Every location by its name."""
    return {name: place for name, place in routing.destinations.items() if isinstance(place, Location)}


def titles_of(routing: Routing) -> dict[str, str]:
    """How locations are called in sentences, by name."""
    return {name: place.title for name, place in locations_of(routing).items()}


def _about_its_names(routing: Routing, wanted: Wanted) -> list[str]:
    """Locations, rotas and people that there are not."""
    if wanted.kind is OverrideKind.SWAP:
        return _about_the_rota(routing, wanted)
    locations = locations_of(routing)
    return [
        f"There is no location {name!r}. There {_listed(locations)}."
        for name in (wanted.location, wanted.to)
        if name and name not in locations
    ]


def _about_the_rota(routing: Routing, wanted: Wanted) -> list[str]:
    rotas = rotas_of(routing)
    rota = rotas.get(wanted.location)
    if rota is None:
        return [f"There is no rota {wanted.location!r}. There {_listed(rotas)}."]
    people = {person.name: person.enabled for person in rota.people}
    if wanted.to not in people:
        cure = Spelling(people).cure(wanted.to) or f"There {_listed(people)}."
        return [f"Nobody in the rota {rota.name} is called {wanted.to!r}. {cure}"]
    if not people[wanted.to]:
        return [f"{wanted.to} is out (enabled: no in clinic.yaml), and would not be rung."]
    return []


def _about_its_time(wanted: Wanted, now: datetime) -> list[str]:
    if wanted.ends <= max(now, wanted.begins):
        return ["It would be over before it begins: say an end that lies ahead."]
    if wanted.ends - now > LONGEST:
        return [f"It would last longer than {LONGEST.days} days: change the hours or add a closure instead."]
    return []


def _about_where_to(wanted: Wanted, standing: Sequence[Made]) -> list[str]:
    if not wanted.location or not wanted.to or wanted.to == wanted.location:
        return ["Calls are sent from one location to another: name two different ones."]
    for made in standing:
        other = made.override
        overlaps = other.begins < wanted.ends and wanted.begins < other.ends
        if other.kind is OverrideKind.SEND and overlaps and other.location == wanted.to:
            return [
                f"Override {other.id} already sends calls on from {wanted.to}. End it first: override end {other.id}"
            ]
    return []


def _usual_end(place: Location, kind: OverrideKind, now: datetime) -> datetime | None:
    if kind is OverrideKind.OPEN:
        opening = look(place.schedule, now)
        return opening.until if opening.open else None
    return closed_until(place.schedule, now)


def _whole_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _listed(names: Collection[str]) -> str:
    return f"{'is' if len(names) == 1 else 'are'} {', '.join(names) or 'none'}"


def _overrides() -> Select[*tuple[Any, ...]]:
    row = OverrideRow
    kept = (row.id, row.kind, row.location, row.begins, row.ends, row.reason, row.say, row.to)
    return select(*kept, row.made_at, row.made_by, row.ended_at, row.ended_by)


def _made(row: Row[*tuple[Any, ...]]) -> Made:
    number, kind, location, begins, ends, reason, say, to, *about = row
    override = Override(number, OverrideKind(kind), location, begins, ends, reason, say, to)
    return Made(override, *about)
