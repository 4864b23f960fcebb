"""What Twilio accepts as the value of an attribute: ranges, words, formats, voices (docs/voice/twiml, Amazon Polly)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MOST_NUMBERS_IN_A_DIAL = 10
LONGEST_SAY = 4096
LARGEST_DOCUMENT = 64_000  # "64 kB", read the strict way
MOST_HINTS = 500
LONGEST_HINT = 100

E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Limit:
    """A test of an attribute's value; `words` complete the sentence "it must be ..."."""

    words: str
    holds: Callable[[str], bool]


def whole(least: int, most: int) -> Limit:
    """A whole number in plain ASCII digits, both ends included."""
    return Limit(
        f"a whole number from {least} to {most}",
        lambda value: re.fullmatch("[0-9]{1,9}", value) is not None and least <= int(value) <= most,
    )


def either(*words: str) -> Limit:
    return Limit("one of " + ", ".join(repr(word) for word in words), words.__contains__)


def some_of(*words: str) -> Limit:
    """One or more of these words, single spaces between them."""
    return Limit("words out of " + ", ".join(words), lambda value: set(value.split(" ")) <= set(words))


def shaped(pattern: str, words: str) -> Limit:
    compiled = re.compile(pattern, re.ASCII)
    return Limit(words, lambda value: compiled.fullmatch(value) is not None)


def _are_hints(value: str) -> bool:
    entries = [entry.strip() for entry in value.split(",")]
    return len(entries) <= MOST_HINTS and all(0 < len(entry) <= LONGEST_HINT for entry in entries)


def _is_pause(value: str) -> bool:
    found = re.fullmatch(r"(?P<number>[0-9]{1,5}(\.[0-9]{1,3})?)(?P<unit>ms|s)", value, re.ASCII)
    return found is not None and 0 < float(found["number"]) * (1 if found["unit"] == "ms" else 1000) <= 10_000


_BOOLEAN = either("true", "false")
_LANGUAGE = shaped("[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", "a language such as en-US")
_KEYS = Limit(
    "different keys out of 0-9 * #, or nothing",
    lambda value: set(value) <= set("0123456789*#") and len(set(value)) == len(value),
)
_CALLBACK_EVENTS = some_of("initiated", "ringing", "answered", "completed")
_RECORDING_EVENTS = some_of("in-progress", "completed", "absent")
_LOOP = whole(1, 1000)  # 0 would mean a thousand times

LIMITS: Mapping[tuple[str, str], Limit] = {
    ("Gather", "input"): either("dtmf", "speech", "dtmf speech"),
    ("Gather", "timeout"): whole(1, 600),
    ("Gather", "numDigits"): whole(1, 1000),
    ("Gather", "finishOnKey"): _KEYS,
    ("Gather", "speechTimeout"): shaped("auto|[1-9][0-9]{0,2}", "auto or whole seconds above 0"),
    ("Gather", "maxSpeechTime"): whole(1, 60),
    ("Gather", "language"): _LANGUAGE,
    ("Gather", "hints"): Limit(
        f"at most {MOST_HINTS} entries of 1 to {LONGEST_HINT} characters, commas between them", _are_hints
    ),
    ("Gather", "actionOnEmptyResult"): _BOOLEAN,
    ("Gather", "profanityFilter"): _BOOLEAN,
    ("Gather", "bargeIn"): _BOOLEAN,
    ("Gather", "debug"): _BOOLEAN,
    ("Gather", "enhanced"): either("false"),  # deprecated
    ("Gather", "speechModel"): shaped(
        "default|numbers_and_commands|phone_call|experimental_[a-z]+|googlev2_(long|short|telephony|telephony_short)"
        "|deepgram_nova-[23][a-z-]*",
        "a speech model that Twilio lists",
    ),
    ("Dial", "timeout"): whole(5, 600),
    ("Dial", "timeLimit"): whole(1, 14_400),
    ("Dial", "callerId"): Limit("a number in E.164 form", lambda value: E164.fullmatch(value) is not None),
    ("Dial", "answerOnBridge"): _BOOLEAN,
    ("Dial", "hangupOnStar"): _BOOLEAN,
    ("Dial", "sequential"): _BOOLEAN,
    ("Dial", "record"): either(
        "do-not-record",
        "record-from-answer",
        "record-from-answer-dual",
        "record-from-ringing",
        "record-from-ringing-dual",
    ),
    ("Dial", "trim"): either("trim-silence", "do-not-trim"),
    ("Dial", "recordingStatusCallbackEvent"): _RECORDING_EVENTS,
    ("Number", "sendDigits"): shaped("[0-9*#wW]{1,100}", "keys and the pauses w and W"),
    ("Number", "statusCallbackEvent"): _CALLBACK_EVENTS,
    ("Number", "machineDetection"): either("Enable", "DetectMessageEnd"),
    ("Number", "machineDetectionTimeout"): whole(3, 60),
    ("Number", "machineDetectionSpeechThreshold"): whole(1000, 6000),
    ("Number", "machineDetectionSpeechEndThreshold"): whole(500, 5000),
    ("Number", "machineDetectionSilenceTimeout"): whole(2000, 10_000),
    ("Record", "timeout"): whole(1, 600),
    ("Record", "maxLength"): whole(1, 3600),
    ("Record", "finishOnKey"): _KEYS,
    ("Record", "playBeep"): _BOOLEAN,
    ("Record", "transcribe"): _BOOLEAN,
    ("Record", "trim"): either("trim-silence", "do-not-trim"),
    ("Record", "recordingStatusCallbackEvent"): _RECORDING_EVENTS,
    ("Reject", "reason"): either("rejected", "busy"),
    ("Pause", "length"): whole(1, 600),
    ("Play", "loop"): _LOOP,
    ("Play", "digits"): shaped("[0-9*#wW]{1,100}", "keys and the pauses w and W"),
    ("Say", "loop"): _LOOP,
    ("Say", "language"): _LANGUAGE,
    ("break", "time"): Limit("a time above 0 and up to ten seconds, such as 600ms or 1s", _is_pause),
    ("break", "strength"): either("none", "x-weak", "weak", "medium", "strong", "x-strong"),
    ("lang", "xml:lang"): _LANGUAGE,
    ("prosody", "rate"): shaped("x-slow|slow|medium|fast|x-fast|([2-9][0-9]|1[0-9]{2}|200)%", "a word or 20% to 200%"),
    ("prosody", "volume"): shaped(
        "default|silent|x-soft|soft|medium|loud|x-loud|[+-][0-9]{1,2}(\\.[0-9])?dB", "a word or a change such as +6dB"
    ),
    ("prosody", "pitch"): shaped(
        "default|x-low|low|medium|high|x-high|[+-][0-9]{1,2}%", "a word or a change such as -5%"
    ),
    ("sub", "alias"): Limit("some text", lambda value: bool(value.strip())),
}

_VOICES = {
    "en-US": ("Joanna", "Matthew", "Ruth", "Stephen", "Danielle", "Salli"),
    "es-US": ("Lupe", "Pedro"),
    "es-MX": ("Mia", "Andres"),
}
_LANGUAGE_OF = {
    f"Polly.{name}{kind}": language
    for language, names in _VOICES.items()
    for name in names
    for kind in ("", "-Neural", "-Generative")
} | {"Polly.Miguel": "es-US", "Polly.Penelope": "es-US"}
_GOOGLE = re.compile(r"Google\.(?P<language>[a-z]{2}-[A-Z]{2})-(Standard|Wavenet|Neural2|Chirp3-HD)-[A-Za-z]+")


def language_of(voice: str) -> str | None:
    """The language a voice speaks, None for a voice that is not known."""
    google = _GOOGLE.fullmatch(voice)
    return google["language"] if google else _LANGUAGE_OF.get(voice)


def is_standard(voice: str) -> bool:
    """True for Polly's older voices, which take every SSML tag; neural and generative voices take only some."""
    return voice in _LANGUAGE_OF and not voice.endswith(("-Neural", "-Generative"))
