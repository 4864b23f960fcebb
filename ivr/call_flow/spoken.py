"""How keys, moments and numbers are said, in each language we know. Rules of speech are code; sentences are not.

A language is given by its tag, such as es-US; its base code decides (`SPOKEN`), and any other is spoken to in English.
What comes out is plain text for a speech engine: no markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

WORDS_A_MINUTE = 150
SLOW_WORDS_A_MINUTE = 120
SENTENCE_PAUSE_SECONDS = 0.4

_ASCII_DIGITS = frozenset("0123456789")
_KEYS = _ASCII_DIGITS | {"*", "#"}
_WORD = re.compile(r"[0-9]|[^\W\d_]+(?:['’][^\W\d_]+)*")
# Only the last mark of a run can match: a pattern that takes the run as one is quadratic on a long one.
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)]*(?=\s|$)")


@lru_cache(maxsize=256)  # said several times in every menu
def press(language: str, key: str) -> str:
    """The request to press one key: "press 1", "press star". ValueError for what is not a single key, 0-9 * #."""
    if key not in _KEYS:
        raise ValueError("a key is one of 0-9, * and #")
    return _speaker(language).press(key)


def moment(language: str, at: datetime, now: datetime) -> str:
    """The moment `at` as heard at `now`, by the clock of `at`'s zone: "tomorrow at 8 AM".

    The name of the day serves for the six days after today; any other day has its date, and a day that is a year or
    more away the year too. Seconds are dropped. ValueError when either moment has no time zone.
    """
    if at.utcoffset() is None or now.utcoffset() is None:
        raise ValueError("both moments must be aware: one has no time zone")
    speaker = _speaker(language)
    day = at.date()
    ahead = (day - now.astimezone(at.tzinfo).date()).days
    match ahead:
        case 0:
            spoken_day = speaker.today
        case 1:
            spoken_day = speaker.tomorrow
        case _ if 2 <= ahead <= 6:
            spoken_day = speaker.weekday(day)
        case _:
            spoken_day = speaker.full_date(day, abs(ahead) >= 365)
    return f"{spoken_day} {speaker.clock(at.time())}"


def digits(language: str, text: str) -> str:
    """The digits 0-9 in `text` so that they are read one by one, in any language: "0, 1, 4, 7". All else is dropped."""
    return ", ".join(_digits_in(text))


def phone_number(language: str, e164: str) -> str:
    """A phone number read digit by digit in groups, in any language: "4 8 0, 5 5 5, 0 1 0 0".

    North American numbers lose their country code and are grouped 3-3-4; all others keep it and go in threes.
    """
    found = _digits_in(e164)
    if e164.startswith("+1") and len(found) == 11:
        groups = [found[1:4], found[4:7], found[7:]]
    else:
        groups = [found[n : n + 3] for n in range(0, len(found), 3)]
    return ", ".join(" ".join(group) for group in groups)


def spoken_seconds(text: str, slow: bool = False) -> float:
    """About how long `text` takes to say: an estimate, since every voice differs.

    Counts 150 words a minute (120 when `slow`), each digit as a word, and 0.4 s after each sentence.
    """
    words = len(_WORD.findall(text))
    sentences = len(_SENTENCE_END.findall(text))
    return words * 60 / (SLOW_WORDS_A_MINUTE if slow else WORDS_A_MINUTE) + sentences * SENTENCE_PAUSE_SECONDS


@dataclass(frozen=True, slots=True)
class _Speaker:
    """What one language knows: the two nearest days as they are, and how to say the rest."""

    today: str
    tomorrow: str
    press: Callable[[str], str]
    weekday: Callable[[date], str]
    full_date: Callable[[date, bool], str]
    clock: Callable[[time], str]


def _speaker(language: str) -> _Speaker:
    return _SPEAKERS.get(language.partition("-")[0].lower(), _ENGLISH)


def _digits_in(text: str) -> list[str]:
    return [character for character in text if character in _ASCII_DIGITS]


# English. ------------------------------------------------------------------------------------------------------------

_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _english_press(key: str) -> str:
    return f"press {'star' if key == '*' else 'pound' if key == '#' else key}"


def _english_weekday(day: date) -> str:
    return f"on {_ENGLISH_DAYS[day.weekday()]}"


def _english_date(day: date, with_year: bool) -> str:
    year = f" {day.year}," if with_year else ""
    return f"on {_ENGLISH_DAYS[day.weekday()]}, {_ENGLISH_MONTHS[day.month - 1]} {day.day},{year}"


def _english_time(at: time) -> str:
    match at.hour, at.minute:
        case 0, 0:
            return "at midnight"
        case 12, 0:
            return "at noon"
        case hour, minute:
            minutes = f":{minute:02}" if minute else ""
            return f"at {_hour_of_twelve(hour)}{minutes} {'AM' if hour < 12 else 'PM'}"


def _hour_of_twelve(hour: int) -> int:
    return hour % 12 or 12


# Spanish. ------------------------------------------------------------------------------------------------------------

_SPANISH_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_SPANISH_MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)


def _spanish_press(key: str) -> str:
    match key:
        case "*":
            return "oprima asterisco"
        case "#":
            return "oprima la tecla numeral"
        case _:
            return f"oprima el {key}"


def _spanish_weekday(day: date) -> str:
    return f"el {_SPANISH_DAYS[day.weekday()]}"


def _spanish_date(day: date, with_year: bool) -> str:
    number = "primero" if day.day == 1 else day.day
    year = f" de {day.year}" if with_year else ""
    return f"el {_SPANISH_DAYS[day.weekday()]} {number} de {_SPANISH_MONTHS[day.month - 1]}{year}"


def _spanish_time(at: time) -> str:
    match at.hour, at.minute:
        case 0, 0:
            return "a medianoche"
        case 12, 0:
            return "a mediodía"
        case hour, minute:
            twelve = _hour_of_twelve(hour)
            spoken_hour = "la una" if twelve == 1 else f"las {twelve}"
            return f"a {spoken_hour}{_spanish_minutes(minute)} {_spanish_part_of_day(hour)}"


def _spanish_minutes(minute: int) -> str:
    match minute:
        case 0:
            return ""
        case 15:
            return " y cuarto"
        case 30:
            return " y media"
        case _:
            return f" y {minute}"


def _spanish_part_of_day(hour: int) -> str:
    if 1 <= hour < 6:
        return "de la madrugada"
    if 6 <= hour < 12:
        return "de la mañana"
    return "de la tarde" if 12 <= hour < 19 else "de la noche"


_ENGLISH = _Speaker("today", "tomorrow", _english_press, _english_weekday, _english_date, _english_time)
_SPANISH = _Speaker("hoy", "mañana", _spanish_press, _spanish_weekday, _spanish_date, _spanish_time)
_SPEAKERS = {"en": _ENGLISH, "es": _SPANISH}
SPOKEN = frozenset(_SPEAKERS)
