"""The whole conversation with Twilio, free of any web framework: a signed form in, an answer out.

Whatever fails after the signature was found good, the caller hears an apology and a ringing clinic phone: 200 and
TwiML, never an HTML error. Status callbacks are answered 204, or 503 when they could not be written down.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.call_flow.events import Apologised, CallEnded, CameThroughFallback, LegEnded, RecordingReady
from ivr.call_flow.turn import Arrived, CallState
from ivr.call_flow.whispering import callee
from ivr.services import Services
from ivr.turns import Caller, begin_call, receive, record, take_callee_turn, take_turn

from .apology import LastResort
from .calling import HANG_UP, CallingBack
from .known import Known, KnownAnswers
from .links import UnreadableLink, read_count, read_state, write_state
from .requests import (
    Call,
    Form,
    TooManyFields,
    read_call,
    read_failure,
    read_final_status,
    read_heard,
    read_leg_outcome,
    read_recording,
    read_recording_status,
    read_seconds,
    read_typed,
)
from .signature import SignatureCheck
from .twiml import HEAD, TAIL, Sheet, document, render_callee

FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 64 * 1024
JOIN_THEM = HEAD + TAIL
NOTHING: Mapping[str, str] = {}

log = logging.getLogger("ivr.voice")


@dataclass(frozen=True, slots=True)
class Request:
    """A POST as it came: `target` is the path with its query, `body` at most LARGEST_BODY bytes."""

    target: str
    content_type: str
    body: bytes
    signature: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body; a body is always TwiML."""

    status: int
    body: str = ""


class VoiceDoor:
    """Answers Twilio. Built once a process."""

    def __init__(self, services: Services) -> None:
        settings = services.settings
        self._services = services
        self._base = settings.public_url
        self._account = settings.account_sid
        self._check = SignatureCheck(settings.auth_tokens, settings.public_url)
        self._known = KnownAnswers(self._base)
        self._calling = CallingBack(services)
        self._last_resort = LastResort(services.live, self._base)

    def answer(self, request: Request) -> Answer:
        """Answer one request; 403 for what Twilio did not sign for our account, nothing of it recorded."""
        if not request.content_type.lower().startswith(FORM):
            return Answer(403)
        try:
            form = Form.read(request.body)
        except TooManyFields:
            return Answer(413)
        if not self._check.matches(request.target, form.pairs, request.signature):
            return Answer(403)
        call = read_call(form)
        if call.account != self._account:
            return Answer(403)
        door, _, rest = request.target.partition("?")[0].removeprefix("/voice/").partition("/")
        try:
            return self._open(door, rest, form, call)
        except Exception as error:  # the one boundary: a caller never hears an error
            return self._apologise(door, call, error)

    def _open(self, door: str, rest: str, form: Form, call: Call) -> Answer:
        match door, rest:
            case "incoming", "":
                self._note_failure(form, call)
                return self._incoming(call)
            case "status", "":
                return self._status(form, call)
            case "recording", "":
                return self._recording(form, call)
            case "sorry", "":
                return self._sorry(form, call)
            case "fallback", "":
                return self._noted(call, 0, "", CameThroughFallback())
            case "turn", path:
                return self._turn(path, form, call)
            case "callee" | "accept", path:
                return self._callee(door, path, form, call)
            case "leg", path:
                return self._leg(path, form, call)
            case "back", path:
                return Answer(200, self._calling.document(path, form, call))
            case "back-over", ticket:
                return Answer(204 if self._calling.ended(ticket, form, call) else 503)
            case _:
                return Answer(404)

    def _incoming(self, call: Call) -> Answer:
        self._last_resort.keep()
        # Before the routing is looked at: an answer worked out under newer overrides may be kept with the older ones,
        # never the other way round. Under any override an answer depends on the moment, so that it is not kept at all.
        answers = self._known.under(self._services.live.overrides)
        arrived = receive(self._services, Caller(call.sid, call.caller, call.dialled))
        routing, state = arrived.routing, arrived.state
        place = write_state(routing.version, state).partition("/")[2]
        known = answers.find(place, arrived.heard, state.hop)
        if known:
            return self._known_answer(known, call, state.hop, arrived.sealed)
        turn = begin_call(self._services, arrived, call.sid)
        text = document(self._base, routing, turn, "")
        answers.learn(place, state, arrived.heard, routing, turn, text)
        return Answer(200, text)

    def _sorry(self, form: Form, call: Call) -> Answer:
        """As the fallback address: the apology with its ringing. After that ringing: the farewell."""
        failed = self._note_failure(form, call)
        return Answer(200, self._last_resort.apology() if failed else self._last_resort.farewell())

    def _note_failure(self, form: Form, call: Call) -> bool:
        """Write down that the call came through the fallback, if it did."""
        code = read_failure(form)
        if code is not None:
            self._noted(call, 0, "", CameThroughFallback(code))
        return code is not None

    def _turn(self, path: str, form: Form, call: Call) -> Answer:
        counter, _, place = path.partition("/")
        heard = read_heard(form)
        try:
            hop = read_count(counter)
            answers = self._known.under(self._services.live.overrides)
            known = answers.find(place, heard, hop)
            if known:
                return self._known_answer(known, call, hop)
            version, state = read_state(path.split("/"))
        except UnreadableLink:  # signed, so ours: an address of another release. The call begins anew.
            return self._incoming(call)
        routing, turn = take_turn(self._services, version, state, heard, call.sid, read_typed(form))
        text = document(self._base, routing, turn, call.caller)
        answers.learn(place, state, heard, routing, turn, text)
        return Answer(200, text)

    def _known_answer(self, known: Known, call: Call, hop: int, sealed: Mapping[str, str] = NOTHING) -> Answer:
        lines = known.ready.lines(call.sid, hop, self._services.clock(), sealed)
        self._services.journal.append_lines(lines, known.ready.count)
        return Answer(200, known.document(hop))

    def _callee(self, door: str, path: str, form: Form, call: Call) -> Answer:
        phone, version, state = _leg_state(path)
        heard = Arrived() if door == "callee" else read_heard(form)
        routing, turn = take_callee_turn(self._services, version, state, phone, heard, call.sid)
        return Answer(200, render_callee(turn, Sheet(self._base, routing.version, routing.languages), phone))

    def _leg(self, path: str, form: Form, call: Call) -> Answer:
        try:
            phone, version, state = _leg_state(path)
        except UnreadableLink:  # of another release: telling us again would change nothing
            return Answer(204)
        group, name = callee(self._services.live.pinned(version), state, phone)
        ended = LegEnded(group, name, read_leg_outcome(form), read_seconds(form, "CallDuration"))
        return self._noted(call, state.hop, version, ended, tag=f"leg{phone}:")

    def _status(self, form: Form, call: Call) -> Answer:
        """Only final words count: a late "ringing" says nothing, so a call never goes backwards."""
        status = read_final_status(form)
        if not status:
            return Answer(204)
        ended = CallEnded(status, read_seconds(form, "CallDuration"))
        return self._noted(call, 0, "", ended, tag=f"{status}:")

    def _recording(self, form: Form, call: Call) -> Answer:
        sid = read_recording(form)
        ready = RecordingReady(sid, read_seconds(form, "RecordingDuration"), read_recording_status(form))
        return self._noted(call, 0, "", ready, tag=f"{sid}:")

    def _noted(
        self,
        call: Call,
        hop: int,
        version: str,
        event: CallEnded | RecordingReady | LegEnded | CameThroughFallback,
        tag: str = "",
    ) -> Answer:
        """204 once the event is durable; 503 asks Twilio to tell us again."""
        now = self._services.clock()
        return Answer(204 if record(self._services, call.sid, hop, version, (event,), now, tag) else 503)

    def _apologise(self, door: str, call: Call, error: Exception) -> Answer:
        """What to answer when our own code failed. The log names the fault, never the caller."""
        log.error("a %s request failed: %s", door, type(error).__name__, exc_info=error)
        if door in {"status", "recording", "leg", "fallback", "back-over"}:
            return Answer(503)
        if door == "back":  # somebody of the clinic is on the phone: nobody to apologise to, and no phone to ring
            return Answer(200, HANG_UP)
        if door in {"callee", "accept"}:
            return Answer(200, JOIN_THEM)  # better an unscreened join than a lost patient
        try:
            record(self._services, call.sid, 0, "", (Apologised(type(error).__name__),), self._services.clock())
        except Exception:
            log.exception("the apology could not be written down")
        return Answer(200, self._last_resort.apology())


def _leg_state(path: str) -> tuple[int, str, CallState]:
    """Phone number, routing version and state of a callee's address. Raises UnreadableLink."""
    phone, *segments = path.split("/")
    if not (phone.isascii() and phone.isdigit() and len(phone) <= 2):
        raise UnreadableLink
    version, state = read_state(segments)
    return int(phone), version, state
