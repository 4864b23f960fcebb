"""The fallback document: one static answer for a line, hosted where this service is not, for when it does not answer.

Nobody can choose anything in it, since nobody would be there to hear the choice. The phones ring in turn within one
Dial (`sequential`): in several, Twilio would ring the next phone after a talk was over. There is no whisper, for it
would need a second document; a personal voicemail can take such a call. Once a phone has rung, our own service is told
so, should it be there again; when it is not, that does the caller no harm.

Facts: https://www.twilio.com/docs/voice/twiml/dial (without an action the document goes on after the Dial).
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from ivr.call_flow.model import Line, Phone, Routing

from .last_words import goodbye, sorry
from .twiml import HEAD, TAIL, Sheet, speak


def static_document(
    base: str, routing: Routing, line: Line, languages: tuple[str, ...], phones: tuple[Phone, ...]
) -> str:
    """911/988 and an apology in each of `languages`, `phones` in turn, the number to call again, goodbye.

    `base` is the service's own public address. The callee sees the clinic's number, as in any other call.
    """
    sheet = Sheet(base, routing.version, routing.languages)
    before = tuple(sorry(code, routing) for code in languages)
    after = tuple(goodbye(code, routing, line) for code in languages)
    dial = _dial(line, phones, quoteattr(f"{base}/voice/fallback")) if phones else ""
    return f"{HEAD}{speak(before, sheet)}{dial}{speak(after, sheet)}<Hangup/>{TAIL}"


def _dial(line: Line, phones: tuple[Phone, ...], told: str) -> str:
    seconds = max(phone.ring_seconds for phone in phones)
    numbers = "".join(
        f'<Number statusCallback={told} statusCallbackMethod="POST" statusCallbackEvent="completed">'
        f"{phone.number}</Number>"
        for phone in phones
    )
    order = ' sequential="true"' if len(phones) > 1 else ""
    return f'<Dial{order} answerOnBridge="true" timeout="{seconds}" callerId="{line.number}">{numbers}</Dial>'
