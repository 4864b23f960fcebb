from __future__ import annotations

import re
import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.journal.sealing import Seal, SealBroken

OLD = "an old secret that was used for years"
NEW = "a new secret that replaces the old one"
NUMBER = "+14805550123"

any_text = st.text(st.one_of(st.characters(), st.characters(categories=["Cs"])))


@settings(deadline=None, max_examples=60)
@given(any_text)
def test_any_text_is_opened_again(text: str) -> None:
    seal = Seal([NEW])

    assert seal.unseal(seal.seal(text)) == text


def test_a_sealed_number_does_not_show_and_differs_each_time() -> None:
    seal = Seal([NEW])
    first, second = seal.seal(NUMBER), seal.seal(NUMBER)

    assert first != second
    assert "4805550123" not in first
    assert first.isascii()


def test_the_index_is_the_same_in_every_process_and_keyed() -> None:
    assert Seal([NEW]).index(NUMBER) == Seal([NEW]).index(NUMBER)
    assert Seal([NEW]).index(NUMBER) != Seal([OLD]).index(NUMBER)
    assert Seal([NEW]).index(NUMBER) != Seal([NEW]).index("+14805550124")
    assert re.fullmatch("[0-9a-f]{32}", Seal([NEW]).index(NUMBER))


@settings(deadline=None, max_examples=60)
@given(any_text)
def test_any_text_has_an_index(text: str) -> None:
    assert len(Seal([NEW]).index(text)) == 32


def test_a_replaced_secret_still_opens_and_finds_what_it_sealed() -> None:
    before, after = Seal([OLD]), Seal([NEW, OLD])

    assert after.unseal(before.seal(NUMBER)) == NUMBER
    assert after.indexes(NUMBER) == (Seal([NEW]).index(NUMBER), before.index(NUMBER))
    assert after.index(NUMBER) == after.indexes(NUMBER)[0]


def test_new_values_are_sealed_under_the_first_secret_only() -> None:
    token = Seal([NEW, OLD]).seal(NUMBER)

    assert Seal([NEW]).unseal(token) == NUMBER
    with pytest.raises(SealBroken):
        Seal([OLD]).unseal(token)


@pytest.mark.parametrize("damage", ["", "4805550123", "é", "\ud800", "gAAAA", "=" * 40, "\0"])
def test_a_damaged_token_is_refused_without_its_content(damage: str) -> None:
    with pytest.raises(SealBroken) as refusal:
        Seal([NEW]).unseal(damage)

    assert not damage or damage not in str(refusal.value)
    assert refusal.value.__context__ is None


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 99), st.sampled_from("AZaz09-_"))
def test_one_changed_character_never_opens_to_another_text(place: int, character: str) -> None:
    seal = Seal([NEW])
    token = seal.seal(NUMBER)
    changed = token[:place] + character + token[place + 1 :]

    try:
        opened = seal.unseal(changed)
    except SealBroken:
        assert changed != token
    else:
        # Base64 leaves spare bits in its last four characters, which mean nothing.
        assert changed == token or place >= 96
        assert opened == NUMBER


def test_a_short_secret_is_refused_by_its_place_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="secret 2 of 2 is too short") as refusal:
        Seal([NEW, "hunter2-hunter2"])

    assert "hunter2-hunter2" not in "".join(traceback.format_exception(refusal.value, limit=0))
    assert "at least 16 characters" in str(refusal.value)


def test_no_secret_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one secret"):
        Seal([])


def test_a_seal_does_not_show_its_secret() -> None:
    assert NEW not in repr(Seal([NEW]))
    assert not hasattr(Seal([NEW]), "__dict__")
