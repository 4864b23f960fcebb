"""The sentences the engine itself speaks, by name, and the two that no configuration may change.

Every language's prompt file must hold a sentence for each `Phrase`. The 911/988 sentence is code, not configuration,
and so is how a text can be stopped: nobody can remove, delay or bury them (wording: FCC and 988 Lifeline usage; call or
text 988 since July 2022).
"""

from __future__ import annotations

from enum import StrEnum

EMERGENCY = {
    "en": "If this is an emergency, hang up and dial 911. For crisis support, call or text 988.",
    "es": (
        "Si es una emergencia, cuelgue y marque el 911. "
        "Si necesita apoyo en una crisis, llame o envíe un mensaje de texto al 988."
    ),
}


STOP = {"en": "Reply STOP to opt out.", "es": "Responda STOP para cancelar."}


def stop_words(language: str) -> str:
    """How a text says that it can be stopped, for a language code such as es-US; English where we have no other."""
    return STOP.get(language.partition("-")[0], STOP["en"])


def emergency(language: str) -> str:
    """The 911/988 sentence for a language code such as es-US; English where we have no other."""
    return EMERGENCY.get(language.partition("-")[0], EMERGENCY["en"])


class StaffPhrase(StrEnum):
    """Names of the sentences staff hear who change something by phone; needed where clinic.yaml has `staff`."""

    PIN = "staff_pin"
    PIN_ENDS = "staff_pin_ends"
    PIN_WRONG = "staff_pin_wrong"
    PIN_LOCKED = "staff_pin_locked"
    IS_OPEN = "staff_is_open"
    IS_CLOSED = "staff_is_closed"
    UNTIL = "staff_until"
    TO_CLOSE = "staff_to_close"
    TO_REOPEN = "staff_to_reopen"
    WILL_BE_OPEN = "staff_will_be_open"
    WILL_BE_CLOSED = "staff_will_be_closed"
    CHANGED = "staff_changed"


class GuidePhrase(StrEnum):
    """Names of the sentences around the patient guide; needed where menus.yaml has a guide."""

    CONSENT = "guide_consent"
    TO_ASK = "guide_to_ask"
    ON_ITS_WAY = "guide_on_its_way"
    ADDRESS = "guide_address"


class TextPhrase(StrEnum):
    """Names of the words that are texted. The link or the number, and how to stop, are added after them."""

    GUIDE = "guide_text"
    MISSED_CALL = "missed_call_text"


MAY_TEXT = "may_text_you"  # said before phones ring, where clinic.yaml has `missed_calls`


class UrgentPhrase(StrEnum):
    """Names of the sentences of urgent calls; needed where menus.yaml has `urgent_calls`."""

    CONFIRM = "urgent_confirm"
    TO_RING = "urgent_to_ring"
    HOLD = "urgent_hold"
    NEXT = "urgent_next"
    NOBODY = "urgent_nobody"
    WHISPER = "urgent_whisper"


class Phrase(StrEnum):
    """Names of the sentences every language must provide; config/README.md tells staff what each is for."""

    FOR_THIS_LANGUAGE = "for_this_language"
    HEARING_A_DRAFT = "hearing_a_draft"
    YOU_CAN_SPEAK = "you_can_speak"
    FOR_A_PERSON = "for_a_person"
    TO_REPEAT = "to_repeat"
    FOR_SLOWER = "for_slower"
    SLOWER_NOW = "slower_now"
    FOR_NEXT_PART = "for_next_part"
    TO_GO_BACK = "to_go_back"
    NO_INPUT = "no_input"
    WRONG_KEY = "wrong_key"
    NOT_UNDERSTOOD = "not_understood"
    TO_A_PERSON = "to_a_person"
    PLEASE_HOLD = "please_hold"
    NOBODY_ANSWERED = "nobody_answered"
    TRYING_NEXT = "trying_next"
    IS_CLOSED = "is_closed"
    CLOSED_FOR = "closed_for"
    OPENS_AGAIN = "opens_again"
    TO_LEAVE_A_MESSAGE = "to_leave_a_message"
    FOR_A_CALLBACK = "for_a_callback"
    MESSAGE_TAKEN = "message_taken"
    NO_MESSAGE = "no_message"
    CALLBACK_NUMBER = "callback_number"
    TO_CONFIRM = "to_confirm"
    TO_DO_OTHERWISE = "to_do_otherwise"
    CALLBACK_NOTED = "callback_noted"
    CALLBACK_WITHHELD = "callback_withheld"
    CALL_US_AT = "call_us_at"
    GOODBYE = "goodbye"
    APOLOGY = "apology"
    WHISPER = "whisper"
    WHISPER_ACCEPT = "whisper_accept"
