"""What callers hear for keys, moments and numbers, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.call_flow.phrases import EMERGENCY
from ivr.call_flow.spoken import SPOKEN, digits, moment, phone_number, press, spoken_seconds

PHOENIX = "America/Phoenix"
NEW_YORK = "America/New_York"


def at(text: str, zone: str = PHOENIX) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


NOON = at("2026-11-23 12:00")  # a Monday


def test_every_spoken_language_has_an_emergency_sentence() -> None:
    assert frozenset(EMERGENCY) == SPOKEN


@pytest.mark.parametrize("language", ["fr-FR", "", "x-es", "english"])
def test_an_unknown_language_is_spoken_to_in_english(language: str) -> None:
    assert press(language, "1") == "press 1"
    assert moment(language, NOON, NOON) == "today at noon"


@pytest.mark.parametrize("language", ["es", "es-US", "es-MX", "ES-us"])
def test_the_base_code_of_a_language_decides(language: str) -> None:
    assert press(language, "1") == "oprima el 1"


# Keys. ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "english", "spanish"),
    [
        ("0", "press 0", "oprima el 0"),
        ("9", "press 9", "oprima el 9"),
        ("*", "press star", "oprima asterisco"),
        ("#", "press pound", "oprima la tecla numeral"),
    ],
)
def test_each_key_has_its_name(key: str, english: str, spanish: str) -> None:
    assert press("en-US", key) == english
    assert press("es-US", key) == spanish


@pytest.mark.parametrize("key", ["", "10", "A", "²", "１", " 1", "**"])
def test_what_is_not_one_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="a key is one of"):
        press("en-US", key)


# Moments. ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "english", "spanish"),
    [
        ("00:00", "midnight", "a medianoche"),
        ("00:01", "12:01 AM", "a las 12 y 1 de la noche"),
        ("00:30", "12:30 AM", "a las 12 y media de la noche"),
        ("01:00", "1 AM", "a la una de la madrugada"),
        ("05:59", "5:59 AM", "a las 5 y 59 de la madrugada"),
        ("06:00", "6 AM", "a las 6 de la mañana"),
        ("08:00", "8 AM", "a las 8 de la mañana"),
        ("08:05", "8:05 AM", "a las 8 y 5 de la mañana"),
        ("08:15", "8:15 AM", "a las 8 y cuarto de la mañana"),
        ("08:30", "8:30 AM", "a las 8 y media de la mañana"),
        ("11:59", "11:59 AM", "a las 11 y 59 de la mañana"),
        ("12:00", "noon", "a mediodía"),
        ("12:01", "12:01 PM", "a las 12 y 1 de la tarde"),
        ("12:30", "12:30 PM", "a las 12 y media de la tarde"),
        ("13:00", "1 PM", "a la una de la tarde"),
        ("13:05", "1:05 PM", "a la una y 5 de la tarde"),
        ("18:45", "6:45 PM", "a las 6 y 45 de la tarde"),
        ("19:00", "7 PM", "a las 7 de la noche"),
        ("23:59", "11:59 PM", "a las 11 y 59 de la noche"),
    ],
)
def test_each_time_of_day_is_said_as_people_say_it(clock: str, english: str, spanish: str) -> None:
    today = at(f"2026-11-23 {clock}")
    assert moment("en-US", today, NOON) == f"today at {english}"
    assert moment("es-US", today, NOON) == f"hoy {spanish}"


@pytest.mark.parametrize(
    ("day", "english", "spanish"),
    [
        ("2026-11-23", "today", "hoy"),
        ("2026-11-24", "tomorrow", "mañana"),
        ("2026-11-25", "on Wednesday", "el miércoles"),
        ("2026-11-26", "on Thursday", "el jueves"),
        ("2026-11-27", "on Friday", "el viernes"),
        ("2026-11-28", "on Saturday", "el sábado"),
        ("2026-11-29", "on Sunday", "el domingo"),
        ("2026-11-30", "on Monday, November 30,", "el lunes 30 de noviembre"),
        ("2026-12-01", "on Tuesday, December 1,", "el martes primero de diciembre"),
        ("2026-12-04", "on Friday, December 4,", "el viernes 4 de diciembre"),
        ("2027-11-22", "on Monday, November 22,", "el lunes 22 de noviembre"),
        ("2027-11-23", "on Tuesday, November 23, 2027,", "el martes 23 de noviembre de 2027"),
        ("2026-11-22", "on Sunday, November 22,", "el domingo 22 de noviembre"),
    ],
)
def test_the_further_a_day_the_more_of_it_is_said(day: str, english: str, spanish: str) -> None:
    assert moment("en-US", at(f"{day} 08:00"), NOON) == f"{english} at 8 AM"
    assert moment("es-US", at(f"{day} 08:00"), NOON) == f"{spanish} a las 8 de la mañana"


@pytest.mark.parametrize(
    ("month", "english", "spanish"),
    [
        (1, "January", "enero"),
        (2, "February", "febrero"),
        (3, "March", "marzo"),
        (4, "April", "abril"),
        (5, "May", "mayo"),
        (6, "June", "junio"),
        (7, "July", "julio"),
        (8, "August", "agosto"),
        (9, "September", "septiembre"),
        (10, "October", "octubre"),
        (11, "November", "noviembre"),
        (12, "December", "diciembre"),
    ],
)
def test_each_month_has_its_name(month: int, english: str, spanish: str) -> None:
    day = at(f"2027-{month:02}-15 08:00")
    assert f", {english} 15," in moment("en-US", day, at("2028-01-01 08:00"))
    assert f" 15 de {spanish}" in moment("es-US", day, at("2028-01-01 08:00"))


def test_tomorrow_reaches_over_the_year_end_and_into_a_leap_day() -> None:
    assert moment("en-US", at("2027-01-01 08:00"), at("2026-12-31 23:59")) == "tomorrow at 8 AM"
    assert moment("es-US", at("2027-01-01 08:00"), at("2026-12-31 00:00")) == "mañana a las 8 de la mañana"
    assert moment("en-US", at("2028-02-29 08:00"), at("2028-02-28 17:00")) == "tomorrow at 8 AM"
    assert moment("en-US", at("2028-03-01 08:00"), at("2028-02-28 17:00")) == "on Wednesday at 8 AM"


def test_tomorrow_is_a_date_and_not_24_hours_when_the_clock_changes() -> None:
    # 13 March 2027 23:30 is 22 hours and 30 minutes before 14 March 23:00, and 1 November 2026 lasts 25 hours.
    assert moment("en-US", at("2027-03-14 23:00", NEW_YORK), at("2027-03-13 23:30", NEW_YORK)) == "tomorrow at 11 PM"
    late = at("2026-11-01 23:30", NEW_YORK)
    assert late - at("2026-11-01 00:00", NEW_YORK).astimezone(UTC) == timedelta(hours=24, minutes=30)
    assert moment("en-US", late, at("2026-11-01 00:00", NEW_YORK)) == "today at 11:30 PM"


def test_both_showings_of_a_repeated_hour_are_said_alike() -> None:
    first = at("2026-11-01 01:30", NEW_YORK)
    for shown in (first, first.replace(fold=1)):
        assert moment("en-US", shown, at("2026-11-01 00:00", NEW_YORK)) == "today at 1:30 AM"


def test_the_day_is_counted_in_the_zone_of_the_moment() -> None:
    opens = at("2026-11-24 08:00")
    assert moment("en-US", opens, datetime(2026, 11, 24, 6, 59, tzinfo=UTC)) == "tomorrow at 8 AM"
    assert moment("en-US", opens, datetime(2026, 11, 24, 7, 0, tzinfo=UTC)) == "today at 8 AM"


def test_seconds_are_not_said() -> None:
    assert moment("en-US", at("2026-11-23 13:05:59.9"), NOON) == "today at 1:05 PM"


def test_a_naive_moment_is_refused() -> None:
    for pair in ((NOON.replace(tzinfo=None), NOON), (NOON, NOON.replace(tzinfo=None))):
        with pytest.raises(ValueError, match="aware"):
            moment("en-US", *pair)


@pytest.mark.parametrize("language", sorted(SPOKEN))
def test_no_two_minutes_of_a_day_sound_the_same(language: str) -> None:
    midnight = at("2026-11-23 00:00")
    assert len({moment(language, midnight + timedelta(minutes=minute), NOON) for minute in range(1440)}) == 1440


# Numbers. ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0147", "0, 1, 4, 7"),
        ("+1 (480) 55", "1, 4, 8, 0, 5, 5"),
        ("7", "7"),
        ("", ""),
        ("anonymous", ""),
        ("²１٣", ""),
    ],
)
@pytest.mark.parametrize("language", ["en-US", "es-US"])
def test_digits_are_read_one_by_one_and_nothing_else_is(language: str, text: str, expected: str) -> None:
    assert digits(language, text) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+14805550100", "4 8 0, 5 5 5, 0 1 0 0"),
        ("+4930123456", "4 9 3, 0 1 2, 3 4 5, 6"),
        ("+525512345678", "5 2 5, 5 1 2, 3 4 5, 6 7 8"),
        ("+1480555", "1 4 8, 0 5 5, 5"),
        ("4805550100", "4 8 0, 5 5 5, 0 1 0, 0"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("language", ["en-US", "es-US"])
def test_a_phone_number_is_read_in_groups(language: str, number: str, expected: str) -> None:
    assert phone_number(language, number) == expected


# Length. -------------------------------------------------------------------------------------------------------------


def test_a_minute_of_words_takes_a_minute() -> None:
    assert spoken_seconds("word " * 150) == pytest.approx(60)


def test_slow_speech_takes_a_quarter_longer() -> None:
    assert spoken_seconds("word " * 150, slow=True) == pytest.approx(75)


@pytest.mark.parametrize(
    ("text", "words", "sentences"),
    [
        ("", 0, 0),
        ("...", 0, 1),
        ("Hello", 1, 0),
        ("Hello.", 1, 1),
        ("Wait... then go!", 3, 2),
        ("Is it? Yes. “Good.” Fine", 5, 3),
        ("¿Cómo está? Señor Núñez, adiós.", 5, 2),
        ("It's a follow-up, don’t worry", 6, 0),
        ("Call 911", 4, 0),
        ("4 8 0, 5 5 5, 0 1 0 0.", 10, 1),
        ("At 8.5 or 8:30", 7, 0),
    ],
)
def test_words_digits_and_ends_of_sentences_are_counted(text: str, words: int, sentences: int) -> None:
    assert spoken_seconds(text) == pytest.approx(0.4 * words + 0.4 * sentences)


def test_a_hostile_text_is_measured_in_linear_time() -> None:
    # A quadratic pattern would need minutes, and the time limit of the tests would end it.
    assert spoken_seconds("." * 500_000 + "x" + "'" * 500_000) == pytest.approx(0.4)
    assert spoken_seconds('."' * 500_000 + "x") == pytest.approx(0.4)
