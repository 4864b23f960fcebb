"""A turn as TwiML. Verbs and attributes are fixed here; tests hold them against the installed twilio package.

The text is written directly: an SDK document costs some 180 microseconds to build and lets unknown attributes and
characters that XML forbids pass (docs/performance.md has the figures).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

from ivr.call_flow.model import Language, Routing
from ivr.call_flow.spoken import digits
from ivr.call_flow.turn import Ask, CallerDigits, CallState, HangUp, Join, Pace, Record, Ring, Say, Turn

from .links import write_state

HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'
TAIL = "</Response>"
PAUSE = {Pace.NORMAL: '<break time="600ms"/>', Pace.SLOW: '<break time="1000ms"/>'}
SLOW_RATE = "85%"  # neural voices know prosody's rate, not its pitch (Amazon Polly, supported SSML tags)
LONGEST_SAY = 3000  # Twilio takes 4,096 characters in one Say
SILENCE_ENDS_MESSAGE_SECONDS = 5
MOST_HINTS, LONGEST_HINT = 500, 100
MOST_TEXTS = 4096  # kept ready as XML: prompts and names of the configuration, never what a caller said or is

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SPECIAL = re.compile('[&<>"\t\n\r]')
HOTLINE = re.compile(r"\b(911|988)\b")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What rendering needs to know besides the turn. `caller` is spoken only where a turn asks for its last digits."""

    base: str
    version: str
    languages: Mapping[str, Language]
    caller: str = ""


def render(turn: Turn, sheet: Sheet) -> str:
    """A caller's turn as a TwiML document. Every document ends in a verb that leads on, or in a hang-up."""
    said = "".join(_say(say, sheet) for say in turn.say)
    match turn.step:
        case Ask() as ask:
            return f"{HEAD}{_gather(ask, said, _link(sheet, 'turn', _path(sheet, ask.resume)), sheet)}{TAIL}"
        case Ring() as ring:
            return f"{HEAD}{said}{_dial(ring, sheet)}{TAIL}"
        case Record() as record:
            return f"{HEAD}{said}{_record(record, sheet)}{TAIL}"
        case HangUp():
            return f"{HEAD}{said}<Hangup/>{TAIL}"
        case Join():
            return f"{HEAD}{said}{TAIL}"


def document(base: str, routing: Routing, turn: Turn, caller: str) -> str:
    """A caller's turn on `routing` as the TwiML document that Twilio gets; `base` is where the service is reached."""
    return render(turn, Sheet(base, routing.version, routing.languages, caller))


def render_callee(turn: Turn, sheet: Sheet, phone: int) -> str:
    """A callee's turn: the whisper waits for any key; a document without Hangup joins the two (TwiML Number, url)."""
    if not isinstance(turn.step, Ask):
        return render(turn, sheet)
    said = "".join(_say(say, sheet) for say in turn.say)
    link = _link(sheet, f"accept/{phone}", _path(sheet, turn.step.resume))
    return f"{HEAD}{_gather(turn.step, said, link, sheet)}{TAIL}"


def speak(says: tuple[Say, ...], sheet: Sheet) -> str:
    """Say elements alone, for documents made ahead."""
    return "".join(_say(say, sheet) for say in says)


def _path(sheet: Sheet, state: CallState) -> str:
    return write_state(sheet.version, state)


def _link(sheet: Sheet, door: str, path: str) -> str:
    """An address of ours between quotes. Hardly any holds what must be escaped, and looking is quicker than trying."""
    link = f"{sheet.base}/voice/{door}/{path}"
    return quoteattr(link) if SPECIAL.search(link) else f'"{link}"'


def _gather(ask: Ask, said: str, link: str, sheet: Sheet) -> str:
    """Silence makes no request to a Gather's action, so a Redirect to the same address follows."""
    if ask.listen:
        kind = f'input="dtmf speech" speechTimeout="2" language="{ask.resume.language}"{_hints(ask.hints)}'
    else:
        kind = 'input="dtmf"'
    ends = "#" if ask.digits > 1 else ""  # as a lone key # must count as one
    return (
        f'<Gather {kind} numDigits="{ask.digits}" finishOnKey="{ends}" timeout="{ask.seconds}"'
        f' action={link} method="POST">'
        f'{said}</Gather><Redirect method="POST">{link[1:-1]}</Redirect>'
    )


@lru_cache(maxsize=MOST_TEXTS)
def _hints(hints: tuple[str, ...]) -> str:
    """Commas separate hints, so a hint holds none."""
    words = ", ".join(_clean(hint).replace(",", " ")[:LONGEST_HINT] for hint in hints[:MOST_HINTS])
    return f" hints={quoteattr(words)}" if words else ""


def _dial(ring: Ring, sheet: Sheet) -> str:
    """Ring the phones at once; callers hear ringing while a whisper runs (answerOnBridge)."""
    path = _path(sheet, ring.resume)
    shown = f" callerId={quoteattr(ring.shown)}" if ring.shown else ""
    numbers = "".join(_number(ring, index, path, sheet) for index in range(len(ring.phones)))
    return (
        f'<Dial answerOnBridge="true" timeout="{ring.seconds}"{shown}'
        f' action={_link(sheet, "turn", path)} method="POST">{numbers}</Dial>'
    )


def _number(ring: Ring, index: int, path: str, sheet: Sheet) -> str:
    whisper = f' url={_link(sheet, f"callee/{index}", path)} method="POST"' if ring.whisper else ""
    return (
        f"<Number{whisper} statusCallback={_link(sheet, f'leg/{index}', path)}"
        f' statusCallbackMethod="POST" statusCallbackEvent="completed">{escape(ring.phones[index].number)}</Number>'
    )


def _record(record: Record, sheet: Sheet) -> str:
    """An empty recording makes no request to Record's action (TwiML Record, action), so a Redirect follows."""
    link = _link(sheet, "turn", _path(sheet, record.resume))
    return (
        f'<Record action={link} method="POST" maxLength="{record.seconds}" timeout="{SILENCE_ENDS_MESSAGE_SECONDS}"'
        f' finishOnKey="#" playBeep="true" trim="trim-silence" recordingStatusCallback="{sheet.base}/voice/recording"'
        f' recordingStatusCallbackMethod="POST" recordingStatusCallbackEvent="completed absent"/>'
        f'<Redirect method="POST">{link[1:-1]}</Redirect>'
    )


def _say(say: Say, sheet: Sheet) -> str:
    """One Say, or several where the words would be too many for one."""
    voice = sheet.languages[say.language].voice
    head = f'<Say voice="{voice}" language="{say.language}">'
    pause = PAUSE[say.pace]
    pieces = [_phrase(phrase, say.language, sheet) for phrase in say.phrases]
    if sum(map(len, pieces)) <= LONGEST_SAY:
        return head + _paced(pause.join(pieces) + pause, say.pace) + "</Say>"
    return "".join(head + _paced(piece + pause, say.pace) + "</Say>" for piece in pieces)


def _phrase(phrase: str | CallerDigits, language: str, sheet: Sheet) -> str:
    match phrase:
        case CallerDigits(count):
            return digits(language, sheet.caller[-count:])
        case str():
            return _spoken(phrase)


@lru_cache(maxsize=MOST_TEXTS)
def _spoken(text: str) -> str:
    return HOTLINE.sub(_digit_by_digit, escape(_clean(text)))


def _digit_by_digit(found: re.Match[str]) -> str:
    """911 and 988 are read one digit at a time."""
    number = found.group()
    return f'<sub alias="{" ".join(number)}">{number}</sub>'


def _paced(text: str, pace: Pace) -> str:
    return text if pace is Pace.NORMAL else f'<prosody rate="{SLOW_RATE}">{text}</prosody>'


def _clean(text: str) -> str:
    """Without the characters XML forbids; one of them makes the whole document unreadable (Twilio error 12100)."""
    return FORBIDDEN.sub("", text)
