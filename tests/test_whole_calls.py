"""Whole calls through the signed door: every kind of destination, and every way each can end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.cli.telephone import Ended, Key, Message, Ringing, Telephone
from tests.conftest import CALLER, LINE, Clinic

EMERGENCY = "If this is an emergency, hang up and dial 911. For crisis support, call or text 988."
EMERGENCIA = "Si es una emergencia, cuelgue y marque el 911."
SCOTTSDALE_DESK, SCOTTSDALE_OFFICE = "+14805550111", "+14805550112"
GILBERT = ["+14805550121", "+14805550122"]
NIGHT = "2026-11-24 22:00"


def rung(telephone: Telephone) -> list[str]:
    wait = telephone.moment.wait
    assert isinstance(wait, Ringing)
    return [phone.number for phone in wait.phones]


def in_call(clinic: Clinic, keys: str = "", caller: str = CALLER) -> Telephone:
    """A call that has pressed these keys; - is silence."""
    telephone = clinic.telephone(caller)
    telephone.dial()
    for key in keys:
        telephone.stay_silent() if key == "-" else telephone.press(key)
    return telephone


# The first words -----------------------------------------------------------------------------------------------------


def test_the_first_words_of_every_call_are_the_emergency_sentence(clinic: Clinic) -> None:
    moment = clinic.telephone().dial()
    assert moment.words.startswith(EMERGENCY)


def test_spanish_is_offered_in_spanish_before_the_menu(clinic: Clinic) -> None:
    moment = clinic.telephone().dial()
    languages = [spoken.language for spoken in moment.heard]
    assert languages == ["en-US", "es-US", "en-US"]
    assert moment.heard[1].text == "Para español, oprima el 9."
    assert "press 1" in moment.heard[2].text


def test_a_call_to_an_unknown_number_of_ours_is_served_as_the_main_line(clinic: Clinic) -> None:
    telephone = clinic.telephone(dialled="+14805550999")
    assert "press 1" in telephone.dial().words
    assert clinic.entries(telephone.sid)[0].data["known"] is False


# Menus ---------------------------------------------------------------------------------------------------------------


def test_each_key_is_named_after_its_function_in_ascending_order(clinic: Clinic) -> None:
    words = clinic.telephone().dial().words
    places = [words.index(f"press {key}") for key in "12340"]
    assert places == sorted(places)
    assert words.index("Scottsdale") < words.index("press 1")


def test_the_spanish_key_brings_the_whole_call_into_spanish(clinic: Clinic) -> None:
    telephone = in_call(clinic, "9")
    heard = telephone.moment.heard
    assert {spoken.language for spoken in heard} == {"es-US"}
    assert telephone.moment.words.startswith(EMERGENCIA)
    assert {spoken.language for spoken in telephone.press("3").heard} == {"es-US"}


def test_the_same_key_leads_back_to_english(clinic: Clinic) -> None:
    assert {spoken.language for spoken in in_call(clinic, "99").moment.heard} == {"en-US"}


def test_star_repeats_the_menu(clinic: Clinic) -> None:
    telephone = in_call(clinic, "3")
    first = telephone.moment.words
    assert telephone.press("*").words == first


def test_pound_slows_the_voice_and_doubles_the_time_from_then_on(clinic: Clinic) -> None:
    telephone = in_call(clinic)
    usual = telephone.moment.wait
    slow = telephone.press("#")
    assert isinstance(usual, Key)
    assert isinstance(slow.wait, Key)
    assert slow.wait.seconds == 2 * usual.seconds
    assert all(spoken.slow for spoken in slow.heard)
    assert all(spoken.slow for spoken in telephone.press("3").heard)


def test_a_wrong_key_is_not_blamed_and_the_choices_come_again(clinic: Clinic) -> None:
    moment = in_call(clinic, "8").moment
    assert "press 1" in moment.words
    assert not any(word in moment.words.lower() for word in ("invalid", "incorrect", "error", "wrong", "not a valid"))


def test_silence_and_wrong_keys_have_their_own_words(clinic: Clinic) -> None:
    assert in_call(clinic, "8").moment.words != in_call(clinic, "-").moment.words


@pytest.mark.parametrize("keys", ["--", "88", "8-8", "-8-"])
def test_two_silences_or_two_wrong_keys_lead_to_a_person(clinic: Clinic, keys: str) -> None:
    assert rung(in_call(clinic, keys)) == [SCOTTSDALE_DESK]


def test_one_silence_and_one_wrong_key_are_counted_apart(clinic: Clinic) -> None:
    assert isinstance(in_call(clinic, "-8").moment.wait, Key)


@pytest.mark.parametrize("keys", ["0", "30", "310", "90", "390", "40"])
def test_zero_reaches_a_person_from_everywhere(clinic: Clinic, keys: str) -> None:
    assert rung(in_call(clinic, keys)) == [SCOTTSDALE_DESK]


def test_zero_reaches_the_mailbox_when_nobody_is_there(open_clinic: Callable[..., Clinic]) -> None:
    words = in_call(open_clinic(NIGHT), "0").moment.words
    assert "To leave a message, press 1." in words


def test_zero_reaches_the_other_location_while_only_that_one_is_open(open_clinic: Callable[..., Clinic]) -> None:
    assert rung(in_call(open_clinic("2026-11-28 10:00"), "0")) == GILBERT


# Information ---------------------------------------------------------------------------------------------------------

TOPICS = {"1": 3, "2": 3, "3": 2, "4": 2, "5": 2, "6": 2}


@pytest.mark.parametrize(("key", "parts"), TOPICS.items())
@pytest.mark.parametrize("language", ["", "9"])
def test_each_topic_is_heard_to_its_end_with_a_way_to_a_person_after_each_part(
    clinic: Clinic, key: str, parts: int, language: str
) -> None:
    telephone = in_call(clinic, f"{language}3{key}")
    heard = [telephone.moment.words]
    for _ in range(parts - 1):
        heard.append(telephone.press("1").words)
    assert len(set(heard)) == parts
    person = "oprima el 0" if language else "press 0"
    assert all(person in words for words in heard)
    more = "oprima el 1" if language else "press 1"
    assert [more in words for words in heard] == [True] * (parts - 1) + [False]
    told = [entry.data["part"] for entry in clinic.entries(telephone.sid) if entry.kind == "InformationHeard"]
    assert told == list(range(1, parts + 1))


def test_back_leads_to_the_part_before_and_from_the_first_to_the_menu(clinic: Clinic) -> None:
    telephone = in_call(clinic, "31")
    first = telephone.moment.words
    telephone.press("1")
    assert telephone.press("2").words == first
    assert "These are short recordings" in telephone.press("2").words


def test_star_repeats_the_part(clinic: Clinic) -> None:
    telephone = in_call(clinic, "311")
    second = telephone.moment.words
    assert telephone.press("*").words == second


def test_after_the_last_part_the_next_key_is_a_wrong_key(clinic: Clinic) -> None:
    telephone = in_call(clinic, "361")
    telephone.press("1")
    assert clinic.kinds(telephone.sid)[-1] == "WrongKey"


def test_the_other_language_tells_the_same_part(clinic: Clinic) -> None:
    telephone = in_call(clinic, "3119")
    entry = [entry for entry in clinic.entries(telephone.sid) if entry.kind == "InformationHeard"][-1]
    assert entry.data["part"] == 2
    assert telephone.moment.heard[-1].language == "es-US"


# Ringing -------------------------------------------------------------------------------------------------------------


def test_scottsdale_rings_its_phones_one_after_another_then_gilbert_all_at_once(clinic: Clinic) -> None:
    telephone = in_call(clinic, "1")
    order = [rung(telephone)]
    for status in ("no-answer", "busy"):
        telephone.nobody_answers(status)
        order.append(rung(telephone))
    assert order == [[SCOTTSDALE_DESK], [SCOTTSDALE_OFFICE], GILBERT]
    assert "trying Gilbert" in telephone.moment.words


def test_gilbert_rings_all_at_once(clinic: Clinic) -> None:
    assert rung(in_call(clinic, "2")) == GILBERT


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled", "a word of tomorrow"])
def test_whatever_ends_a_leg_the_next_phone_rings(clinic: Clinic, status: str) -> None:
    telephone = in_call(clinic, "1")
    telephone.nobody_answers(status)
    assert rung(telephone) == [SCOTTSDALE_OFFICE]


def test_a_personal_voicemail_never_swallows_a_patient(clinic: Clinic) -> None:
    telephone = in_call(clinic, "1")
    telephone.voicemail_answers()
    assert rung(telephone) == [SCOTTSDALE_OFFICE]
    assert "CallDeclined" in clinic.kinds(telephone.sid)


def test_a_person_who_accepts_talks_and_the_call_ends_politely(clinic: Clinic) -> None:
    telephone = in_call(clinic, "1")
    moment = telephone.clinic_answers(seconds=240)
    assert moment.wait == Ended()
    assert "Goodbye" in moment.words
    ended = [entry for entry in clinic.entries(telephone.sid) if entry.kind == "RingingEnded"]
    assert [(entry.data["outcome"], entry.data["talk_seconds"]) for entry in ended] == [("answered", 240)]


def test_which_phone_took_the_call_is_written_down(clinic: Clinic) -> None:
    telephone = in_call(clinic, "2")
    telephone.clinic_answers(phone=1)
    accepted = [entry.data["phone"] for entry in clinic.entries(telephone.sid) if entry.kind == "CallAccepted"]
    assert accepted == ["Gilbert nurse"]
    legs = {
        entry.data["phone"]: entry.data["outcome"]
        for entry in clinic.entries(telephone.sid)
        if entry.kind == "LegEnded"
    }
    assert legs == {"Gilbert front desk": "no answer", "Gilbert nurse": "answered"}


def test_staff_hear_whose_call_it_is_and_in_which_language(clinic: Clinic) -> None:
    telephone = in_call(clinic, "91")
    telephone.clinic_answers()
    whisper = next(document for document in clinic.documents if "press any key" in document)
    order = ["Call for the clinic.", "Scottsdale.", "Llamada en español", "press any key"]
    places = [whisper.index(words) for words in order]
    assert places == sorted(places)


def test_nobody_anywhere_leads_to_the_mailbox(clinic: Clinic) -> None:
    telephone = in_call(clinic, "1")
    for _ in range(3):
        telephone.nobody_answers()
    assert "To leave a message, press 1." in telephone.moment.words


def test_the_ring_budget_ends_the_ringing(open_clinic: Callable[..., Clinic], config: Path) -> None:
    text = (config / "clinic.yaml").read_text()
    (config / "clinic.yaml").write_text(text.replace("  ring_seconds: 90\n", "  ring_seconds: 27\n"))
    clinic = open_clinic()
    telephone = in_call(clinic, "1")
    telephone.nobody_answers()
    wait = telephone.moment.wait
    assert isinstance(wait, Ringing)
    assert wait.seconds == 7
    telephone.nobody_answers()
    assert isinstance(telephone.moment.wait, Key)
    assert "RingBudgetSpent" in clinic.kinds(telephone.sid)


def test_the_callee_sees_the_clinics_number(clinic: Clinic) -> None:
    wait = in_call(clinic, "1").moment.wait
    assert isinstance(wait, Ringing)
    assert wait.shown == LINE


@pytest.mark.parametrize(("caller", "shown"), [(CALLER, ""), ("anonymous", LINE), ("+266696687", LINE)])
def test_the_callee_sees_the_callers_number_only_where_chosen_and_known(
    open_clinic: Callable[..., Clinic], config: Path, caller: str, shown: str
) -> None:
    text = (config / "clinic.yaml").read_text()
    (config / "clinic.yaml").write_text(text.replace("caller_id: clinic", "caller_id: caller"))
    wait = in_call(open_clinic(), "1", caller).moment.wait
    assert isinstance(wait, Ringing)
    assert wait.shown == shown


@pytest.mark.parametrize("status", ["canceled", "no-answer", "busy", "failed", "completed"])
def test_a_caller_who_hangs_up_while_it_rings_ends_the_call(clinic: Clinic, status: str) -> None:
    """Whatever Twilio calls the leg's end: nobody is there to ring another phone for."""
    telephone = in_call(clinic, "1")
    wait = telephone.moment.wait
    assert isinstance(wait, Ringing)
    telephone._form["CallStatus"] = "completed"
    assert telephone._dial_over(wait, status, bridged=False).wait == Ended()
    ended = [entry.data["outcome"] for entry in clinic.entries(telephone.sid) if entry.kind == "RingingEnded"]
    assert ended == ["caller left"]
    assert clinic.kinds(telephone.sid).count("Rang") == 1


def test_the_practice_telephone_hangs_up_while_it_rings_as_a_caller_does(clinic: Clinic) -> None:
    telephone = in_call(clinic, "1")
    telephone.hang_up()
    ended = [entry.data["outcome"] for entry in clinic.entries(telephone.sid) if entry.kind == "RingingEnded"]
    assert ended == ["caller left"]
    assert clinic.kinds(telephone.sid).count("Rang") == 1
    assert clinic.kinds(telephone.sid)[-1] == "CallEnded"


def test_a_disabled_phone_does_not_ring(open_clinic: Callable[..., Clinic], config: Path) -> None:
    text = (config / "clinic.yaml").read_text()
    off = text.replace("        number: +14805550111\n", "        number: +14805550111\n        enabled: no\n")
    (config / "clinic.yaml").write_text(off)
    assert rung(in_call(open_clinic(), "1")) == [SCOTTSDALE_OFFICE]


# Closed --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "key", "said"),
    [
        (NIGHT, "1", "Scottsdale is closed right now. We open again tomorrow at 8 AM."),
        ("2026-11-24 12:30", "1", "Scottsdale is closed right now. We open again today at 1 PM."),
        ("2026-11-26 10:00", "1", "We are closed for Thanksgiving Day. We open again on Monday at 8 AM."),
        ("2026-11-26 10:00", "2", "We are closed for Thanksgiving Day. We open again tomorrow at 9 AM."),
        ("2026-12-24 10:00", "1", "We are closed for"),
    ],
)
def test_a_closed_location_says_why_and_when_it_opens_then_takes_a_message(
    open_clinic: Callable[..., Clinic], at: str, key: str, said: str
) -> None:
    moment = in_call(open_clinic(at), key).moment
    assert said in moment.words
    assert "To leave a message, press 1." in moment.words


def test_closed_is_said_in_spanish_too(open_clinic: Callable[..., Clinic]) -> None:
    words = in_call(open_clinic("2026-11-26 10:00"), "91").moment.words
    assert "el Día de Acción de Gracias" in words
    assert "el lunes a las 8 de la mañana" in words


# Mailbox -------------------------------------------------------------------------------------------------------------


def test_a_message_is_invited_by_a_key_greeted_with_the_emergency_sentence_and_thanked(
    open_clinic: Callable[..., Clinic],
) -> None:
    clinic = open_clinic(NIGHT)
    telephone = in_call(clinic, "1")
    greeting = telephone.press("1")
    assert isinstance(greeting.wait, Message)
    assert greeting.words.startswith(EMERGENCY)
    thanks = telephone.leave_message(seconds=33)
    assert thanks.wait == Ended()
    assert "We have your message" in thanks.words
    taken = [entry for entry in clinic.entries(telephone.sid) if entry.kind == "MessageTaken"]
    assert [(entry.data["mailbox"], entry.data["seconds"]) for entry in taken] == [("scottsdale_mailbox", 33)]
    assert "RecordingReady" in clinic.kinds(telephone.sid)


def test_a_caller_who_does_nothing_in_the_mailbox_hears_the_number_to_call_and_goodbye(
    open_clinic: Callable[..., Clinic],
) -> None:
    clinic = open_clinic(NIGHT)
    moment = in_call(clinic, "1--").moment
    assert moment.wait == Ended()
    assert "You can call us at 4 8 0, 5 5 5, 0 1 0 0." in moment.words


def test_an_empty_recording_is_asked_for_once_more_and_then_ends(open_clinic: Callable[..., Clinic]) -> None:
    telephone = in_call(open_clinic(NIGHT), "11")
    assert isinstance(telephone.stay_silent().wait, Key)
    telephone.press("1")
    assert telephone.stay_silent().wait == Ended()


def test_two_wrong_keys_in_the_mailbox_start_the_recording(open_clinic: Callable[..., Clinic]) -> None:
    assert isinstance(in_call(open_clinic(NIGHT), "188").moment.wait, Message)


def test_the_mailbox_offers_a_call_back(open_clinic: Callable[..., Clinic]) -> None:
    assert "ending in 0, 1, 4, 7" in in_call(open_clinic(NIGHT), "12").moment.words


# Call back -----------------------------------------------------------------------------------------------------------


def test_a_call_back_is_confirmed_by_the_last_four_digits_of_the_callers_own_number(clinic: Clinic) -> None:
    telephone = in_call(clinic, "4")
    assert "ending in 0, 1, 4, 7" in telephone.moment.words
    assert telephone.press("1").wait == Ended()
    assert "CallbackRequested" in clinic.kinds(telephone.sid)


def test_a_declined_call_back_leads_to_the_mailbox(clinic: Clinic) -> None:
    assert "To leave a message, press 1." in in_call(clinic, "42").moment.words


def test_a_withheld_number_is_told_so_and_offered_the_mailbox(clinic: Clinic) -> None:
    words = in_call(clinic, "4", caller="anonymous").moment.words
    assert "does not show us its number" in words
    assert "To leave a message, press 1." in words
    assert "press 2" not in words


# Speech --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "numbers"), [("Gilbert please", GILBERT), ("the scottsdale office", [SCOTTSDALE_DESK])]
)
def test_a_spoken_choice_rings_the_location(clinic: Clinic, words: str, numbers: list[str]) -> None:
    telephone = in_call(clinic)
    telephone.say(words)
    assert rung(telephone) == numbers


def test_spanish_words_are_understood_in_spanish(clinic: Clinic) -> None:
    telephone = in_call(clinic, "9")
    assert telephone.say("información sobre el tratamiento").heard[-1].language == "es-US"
    assert clinic.entries(telephone.sid)[-1].data["menu"] == "topics"


def test_what_was_not_understood_is_asked_again(clinic: Clinic) -> None:
    telephone = in_call(clinic)
    assert isinstance(telephone.say("my dog likes the rain").wait, Key)


@pytest.mark.parametrize("words", ["I want to kill myself", "this is an emergency", "quiero morir"])
def test_words_of_crisis_bring_the_emergency_sentence_and_a_person(clinic: Clinic, words: str) -> None:
    telephone = in_call(clinic)
    moment = telephone.say(words)
    assert moment.words.startswith(EMERGENCY)
    assert rung(telephone) == [SCOTTSDALE_DESK]


def test_what_a_caller_said_is_stored_nowhere(clinic: Clinic) -> None:
    telephone = in_call(clinic)
    telephone.say("the Gilbert location xylophone")
    stored = b"".join(path.read_bytes() for path in clinic.settings.data.rglob("*") if path.is_file())
    assert b"ylophone" not in stored
    assert any(entry.data.get("score") for entry in clinic.entries(telephone.sid) if entry.kind == "KeyChosen")


# The other kinds -----------------------------------------------------------------------------------------------------

OTHERS = """
hunt_groups:
  nurses:
    phones:
      - {name: Nurse line, number: +14805550131, ring_seconds: 10}
    ring: all at once
    whisper: no
    caller_id: clinic
    otherwise: bye
by_hours:
  after_hours:
    location: gilbert
    open: nurses
    closed: gilbert_mailbox
    closures: {Thanksgiving Day: parking}
announcements:
  parking: {say: welcome, then: topics}
goodbyes:
  bye: {say: goodbye}
"""


@pytest.fixture
def with_others(config: Path) -> None:
    menus = (config / "menus.yaml").read_text()
    keys = "".join(
        f"      {key}: {{label: for_treatment, to: {to}}}\n"
        for key, to in [(5, "nurses"), (6, "after_hours"), (7, "parking"), (8, "bye")]
    )
    menus = menus.replace("\n  topics:\n", f"\n{keys}\n  topics:\n", 1)
    (config / "menus.yaml").write_text(menus + OTHERS)


@pytest.mark.usefixtures("with_others")
def test_a_hunt_group_of_its_own_rings_without_whisper_and_then_leads_on(open_clinic: Callable[..., Clinic]) -> None:
    telephone = in_call(open_clinic(), "5")
    wait = telephone.moment.wait
    assert isinstance(wait, Ringing)
    assert [(phone.number, phone.whisper) for phone in wait.phones] == [("+14805550131", "")]
    assert telephone.nobody_answers().wait == Ended()


@pytest.mark.usefixtures("with_others")
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-24 10:00", "Please hold"),
        (NIGHT, "Gilbert is closed right now."),
        ("2026-11-26 10:00", "short recordings"),
    ],
)
def test_by_hours_leads_by_open_closed_and_closure(open_clinic: Callable[..., Clinic], at: str, expected: str) -> None:
    assert expected in in_call(open_clinic(at), "6").moment.words


@pytest.mark.usefixtures("with_others")
@pytest.mark.parametrize("to", ["gilbert_mailbox", "scottsdale", "nurses", "topics", "bye", "gilbert"])
def test_a_closure_with_a_place_of_its_own_is_told_once_and_first(
    open_clinic: Callable[..., Clinic], config: Path, to: str
) -> None:
    menus = config / "menus.yaml"
    menus.write_text(menus.read_text().replace("{Thanksgiving Day: parking}", f"{{Thanksgiving Day: {to}}}"))
    words = in_call(open_clinic("2026-11-26 10:00"), "6").moment.words
    told = "Gilbert is closed right now. We are closed for Thanksgiving Day. We open again "
    assert words.startswith(told), words
    assert words.count("Gilbert is closed") == 1
    assert len(words) > len(told) + 20


@pytest.mark.usefixtures("with_others")
def test_a_closures_own_announcement_speaks_for_itself(open_clinic: Callable[..., Clinic]) -> None:
    words = in_call(open_clinic("2026-11-26 10:00"), "6").moment.words
    assert words.startswith("Thank you for calling the clinic.")
    assert "closed" not in words


@pytest.mark.usefixtures("with_others")
def test_an_announcement_is_heard_and_goes_on_in_the_same_turn(open_clinic: Callable[..., Clinic]) -> None:
    words = in_call(open_clinic(), "7").moment.words
    assert words.index("Thank you for calling the clinic.") < words.index("short recordings")


@pytest.mark.usefixtures("with_others")
def test_a_goodbye_hangs_up(open_clinic: Callable[..., Clinic]) -> None:
    assert in_call(open_clinic(), "8").moment.wait == Ended()


# Guards --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["2026-11-24 10:00", NIGHT])
def test_a_caller_who_does_nothing_at_all_ends_at_a_spoken_goodbye(open_clinic: Callable[..., Clinic], at: str) -> None:
    telephone = in_call(open_clinic(at))
    turns = 0
    while not isinstance(telephone.moment.wait, Ended):
        turns += 1
        assert turns < 12
        telephone.nobody_answers() if isinstance(telephone.moment.wait, Ringing) else telephone.stay_silent()
    assert "Goodbye" in telephone.moment.words


def test_a_caller_who_presses_keys_forever_reaches_a_person_and_then_a_goodbye(clinic: Clinic) -> None:
    telephone = in_call(clinic)
    kinds, turns = set(), 0
    while not isinstance(telephone.moment.wait, Ended):
        turns += 1
        assert turns < 80
        kinds.add(type(telephone.moment.wait))
        telephone.nobody_answers() if isinstance(telephone.moment.wait, Ringing) else telephone.press("*")
    assert kinds >= {Key, Ringing}
    assert "HopBudgetSpent" in clinic.kinds(telephone.sid)


def test_a_hang_up_at_any_moment_leaves_a_trace_of_the_end(clinic: Clinic) -> None:
    telephone = in_call(clinic, "31")
    telephone.hang_up(seconds=41)
    last = clinic.entries(telephone.sid)[-1]
    assert (last.kind, last.data["seconds"]) == ("CallEnded", 41)


def test_the_callers_number_is_in_the_journal_only_encrypted(clinic: Clinic) -> None:
    telephone = in_call(clinic, "4")
    stored = b"".join(path.read_bytes() for path in (clinic.settings.data / "journal").iterdir())
    assert CALLER.encode() not in stored
    assert b"5550147" not in stored
    assert clinic.entries(telephone.sid)[0].sealed["caller"]


def test_a_call_finishes_on_the_routing_it_started_with(clinic: Clinic, config: Path) -> None:
    services_before = in_call(clinic)
    prompts = config / "prompts" / "en-US.yaml"
    prompts.write_text(prompts.read_text().replace("Thank you for calling the clinic.", "Hello from the new version."))
    live = clinic.app.extensions["ivr"].live
    live.boot()
    assert "Thank you for calling" in services_before.press("*").words
    assert "Hello from the new version." in in_call(clinic).moment.words
