"""One turn of a call, whole: understand, advance, write it down. Every call comes through here."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .call_flow.engine import advance, arrival
from .call_flow.events import Event, OverrideAsked
from .call_flow.heartbeat import is_own
from .call_flow.model import Override, OverrideKind, Routing
from .call_flow.staffing import asks_for_pin
from .call_flow.turn import Arrived, CallState, Heard, Said, Turn
from .call_flow.whispering import answer_callee
from .journal.entry import lines_for
from .routing.listening import converse
from .routing.numbers import can_be_texted
from .services import Services
from .telemetry.worker_file import read_worker_file

BY_PHONE = "by phone"

log = logging.getLogger("ivr.turns")


class NotWrittenDown(Exception):
    """What staff asked for could not be made durable: they must not hear that it is done."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls which of our numbers, on which call. `number` is E.164, or "" when withheld."""

    call: str
    number: str
    dialled: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call that arrives: what its first answer depends on beside the moment, and the caller's number, sealed."""

    routing: Routing
    state: CallState
    heard: Arrived
    sealed: Mapping[str, str]


def receive(services: Services, caller: Caller) -> Arrival:
    """How a call comes in: on the live routing, a tester's on the draft if there is one. The call keeps it."""
    draft = services.live.draft
    tested = draft if draft and draft.is_for(caller.number, services.seal.indexes) else None
    routing = tested.routing if tested else services.live.routing()
    textable = tested is None and _can_be_texted(services, routing, caller.number)
    full = textable and _guide_is_full(services, services.clock())
    state = arrival(routing, caller.dialled, withheld=not caller.number, textable=textable, guide_full=full)
    test = is_own(caller.number, routing, services.settings.heartbeat)
    heard = Arrived(caller.dialled in routing.line_of, draft=tested is not None, test=test)
    sealed: Mapping[str, str] = {}
    if caller.number:
        sealed = {"caller": services.seal.seal(caller.number), "caller_index": services.seal.index(caller.number)}
    return Arrival(routing, state, heard, sealed)


def begin_call(services: Services, arrived: Arrival, call: str) -> Turn:
    """Answer a call that arrived."""
    now = services.clock()
    turn = advance(arrived.routing, arrived.state, arrived.heard, now)
    hop, version = arrived.state.hop, arrived.routing.version
    lines = lines_for(call, hop, now, version, turn.events, sealed=arrived.sealed)
    services.journal.append_lines(lines, len(turn.events))
    return turn


def take_turn(
    services: Services, version: str, state: CallState, heard: Heard | Said, call: str, typed: str = ""
) -> tuple[Routing, Turn]:
    """Answer one turn of a call under way, on the routing version it began with.

    `typed` are several keys that came at once: they are a PIN where one is asked for, go no further than to be
    checked, and mean nothing elsewhere. Raises NotWrittenDown when what staff changed cannot be kept.
    """
    routing = services.live.pinned(version)
    now = services.clock()
    if typed and asks_for_pin(routing, state):
        heard = services.pins.check(typed, call, state.hop, now)
    turn = converse(routing, state, heard, now)
    written = record(services, call, state.hop, routing.version, turn.events, now)
    for asked in turn.events:
        if isinstance(asked, OverrideAsked):
            _put_into_force(services, f"{call}:{state.hop}:{OverrideAsked.__name__}", asked, written=written)
    return routing, turn


def take_callee_turn(
    services: Services, version: str, state: CallState, phone: int, heard: Heard | Said, call: str
) -> tuple[Routing, Turn]:
    """Answer one turn on a callee's leg: phone number `phone` of the attempt the call stands at."""
    routing = services.live.pinned(version)
    now = services.clock()
    turn = answer_callee(routing, state, phone, heard, now)
    record(services, call, state.hop, routing.version, turn.events, now, tag=f"leg{phone}:")
    return routing, turn


def record(
    services: Services,
    call: str,
    hop: int,
    version: str,
    events: Sequence[Event],
    now: datetime,
    tag: str = "",
) -> bool:
    """Write events to the journal. True when they are durable; a failure is an alarm, never the end of the call."""
    lines = lines_for(call, hop, now, version, events, tag) if events else b""
    return services.journal.append_lines(lines, len(events))


def _can_be_texted(services: Services, routing: Routing, number: str) -> bool:
    """Texts are set up, and the number can get them. Testers of a draft are sent none."""
    set_up = number and routing.texts and services.settings.sends_texts
    return bool(set_up) and can_be_texted(number, routing.countries)


def _guide_is_full(services: Services, now: datetime) -> bool:
    """This hour has no room for another guide; texts after missed calls are counted apart."""
    worker = read_worker_file(services.settings.data)
    return worker is not None and worker.guide_is_full(now)


def _put_into_force(services: Services, source: str, asked: OverrideAsked, *, written: bool) -> None:
    """On this host at once; everywhere, by way of the journal, when the worker has brought it to the database."""
    if not written:
        raise NotWrittenDown
    begins, ends = datetime.fromisoformat(asked.begins), datetime.fromisoformat(asked.ends)
    override = Override(0, OverrideKind(asked.kind), asked.location, begins, ends, BY_PHONE)
    try:
        services.live.override_by_phone(source, override)
    except OSError as fault:  # the journal has it, and the worker brings it back within seconds
        log.error("an override made by phone waits for the worker: %s", type(fault).__name__)
