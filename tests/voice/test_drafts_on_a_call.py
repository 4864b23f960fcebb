"""Testers hear the draft on the real line, and nobody else does: whole calls through the signed door."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.cli.telephone import Ringing, Telephone
from ivr.journal.sealing import Seal
from ivr.routing.compile import version_of
from ivr.routing.draft_file import NAME, DraftNote, write_note
from ivr.routing.versions import Versions
from ivr.services import Services
from tests.conftest import CALLER, Clinic

TESTER, NAMED = "+14805550160", "+14805550161"
DRAFT_SAYS, LIVE_SAYS = "the new clinic", "Thank you for calling the clinic"
ANNOUNCED, ANUNCIADO = "You are hearing a draft.", "Está escuchando un borrador."
EMERGENCY = "If this is an emergency, hang up and dial 911. For crisis support, call or text 988."

Offer = Callable[..., str]


def services_of(clinic: Clinic) -> Services:
    services = clinic.app.extensions["ivr"]
    assert isinstance(services, Services)
    return services


def draft_files(clinic: Clinic, named: str = NAMED) -> dict[str, bytes]:
    """config/ with another welcome and a tester by name."""
    config = clinic.settings.config
    names = ("clinic.yaml", "menus.yaml", "prompts/en-US.yaml", "prompts/es-US.yaml")
    files = {name: (config / name).read_bytes() for name in names}
    for name, old, new in (
        ("prompts/en-US.yaml", LIVE_SAYS, f"Thank you for calling {DRAFT_SAYS}"),
        ("clinic.yaml", "testers: []", f"testers: ['{named}']"),
    ):
        assert files[name].decode().count(old) == 1
        files[name] = files[name].decode().replace(old, new).encode()
    return files


@pytest.fixture
def offer(clinic: Clinic) -> Offer:
    """Brings a draft to the host as its worker does, and has the web process look; gives the draft's version."""

    def offered(files: Mapping[str, bytes] | None = None, *, secret: str = "") -> str:
        files = files or draft_files(clinic)
        store = clinic.settings.data / "routing"
        seal = Seal([secret]) if secret else services_of(clinic).seal
        Versions(store).keep(version_of(files), files, draft=True)
        write_note(store, DraftNote(version_of(files), frozenset({seal.index(TESTER)})))
        services_of(clinic).live.refresh()
        return version_of(files)

    return offered


def call_off(clinic: Clinic) -> None:
    write_note(clinic.settings.data / "routing", None)
    services_of(clinic).live.refresh()


def dial(clinic: Clinic, caller: str) -> Telephone:
    telephone = clinic.telephone(caller)
    telephone.dial()
    return telephone


def hears_the_draft(telephone: Telephone) -> bool:
    words = telephone.moment.words
    assert (DRAFT_SAYS in words) == (ANNOUNCED in words)
    assert (LIVE_SAYS in words) == (ANNOUNCED not in words)
    return ANNOUNCED in words


@pytest.mark.parametrize("caller", [TESTER, NAMED])
def test_a_tester_is_told_and_hears_the_draft(clinic: Clinic, offer: Offer, caller: str) -> None:
    offer()
    assert hears_the_draft(dial(clinic, caller))


def test_the_emergency_sentence_comes_first_even_then(clinic: Clinic, offer: Offer) -> None:
    offer()
    assert dial(clinic, TESTER).moment.words.startswith(f"{EMERGENCY} {ANNOUNCED}")


def test_it_is_told_in_the_language_of_the_call(clinic: Clinic, offer: Offer) -> None:
    files = draft_files(clinic)
    clinic_yaml = (
        files["clinic.yaml"].decode().replace("person: scottsdale\n", "person: scottsdale\n    language: es-US\n")
    )
    offer({**files, "clinic.yaml": clinic_yaml.encode()})
    assert ANUNCIADO in dial(clinic, TESTER).moment.words


def test_the_call_and_no_other_is_marked(clinic: Clinic, offer: Offer) -> None:
    version = offer()
    tester, patient = dial(clinic, TESTER), dial(clinic, CALLER)
    assert (clinic.entries(tester.sid)[0].data["draft"], clinic.entries(tester.sid)[0].version) == (True, version)
    assert clinic.entries(patient.sid)[0].data["draft"] is False


def test_a_call_keeps_the_draft_it_began_with_when_it_is_called_off(clinic: Clinic, offer: Offer) -> None:
    version = offer()
    telephone = dial(clinic, TESTER)
    call_off(clinic)
    telephone.press("3")
    telephone.press("0")
    assert isinstance(telephone.moment.wait, Ringing)
    assert {entry.version for entry in clinic.entries(telephone.sid)} == {version}
    assert not hears_the_draft(dial(clinic, TESTER))


def test_a_call_keeps_the_draft_it_began_with_when_another_is_offered(clinic: Clinic, offer: Offer) -> None:
    version = offer()
    telephone = dial(clinic, TESTER)
    offer(draft_files(clinic, named="+14805550162"))
    telephone.press("3")
    assert {entry.version for entry in clinic.entries(telephone.sid)} == {version}
    assert not hears_the_draft(dial(clinic, NAMED)), "the new draft names another tester"


def test_a_draft_that_is_live_is_no_draft(clinic: Clinic, offer: Offer) -> None:
    files = draft_files(clinic)
    for name, text in files.items():
        (clinic.settings.config / name).write_bytes(text)
    while services_of(clinic).live.version != version_of(files):  # an edit must rest for a moment
        services_of(clinic).live.refresh()
    offer(files)
    words = dial(clinic, TESTER).moment.words
    assert DRAFT_SAYS in words
    assert ANNOUNCED not in words


def test_a_withheld_number_is_no_tester(clinic: Clinic, offer: Offer) -> None:
    offer()
    assert not hears_the_draft(dial(clinic, "anonymous"))


def test_a_hash_made_with_another_secret_is_nobody(clinic: Clinic, offer: Offer) -> None:
    offer(secret="quite another secret, long enough")
    assert not hears_the_draft(dial(clinic, TESTER))
    assert hears_the_draft(dial(clinic, NAMED)), "who stands in clinic.yaml needs no secret"


def test_a_draft_that_vanished_before_anybody_heard_it_leaves_testers_with_what_is_live(clinic: Clinic) -> None:
    store = clinic.settings.data / "routing"
    write_note(store, DraftNote("0" * 12, frozenset({services_of(clinic).seal.index(TESTER)})))
    services_of(clinic).live.refresh()
    assert not hears_the_draft(dial(clinic, TESTER))


def test_a_draft_that_does_not_compile_is_not_heard(clinic: Clinic, offer: Offer) -> None:
    offer({**draft_files(clinic), "menus.yaml": b"menus: ["})
    assert not hears_the_draft(dial(clinic, TESTER))


def test_a_damaged_draft_is_not_heard_until_it_is_whole_again(clinic: Clinic, offer: Offer) -> None:
    files = draft_files(clinic)
    folder = Versions(clinic.settings.data / "routing").folder_of(version_of(files))
    folder.mkdir(parents=True)
    (folder / "clinic.yaml").write_bytes(b"torn")
    write_note(clinic.settings.data / "routing", DraftNote(version_of(files)))
    services_of(clinic).live.refresh()
    assert not hears_the_draft(dial(clinic, NAMED))


@pytest.mark.parametrize(
    "note", [b"", b"{", b"[]", b'{"version": "../../x", "testers": []}', b'{"version": 1}', b"\xff"]
)
def test_a_note_that_makes_no_sense_is_no_draft(clinic: Clinic, offer: Offer, note: bytes) -> None:
    offer()
    (clinic.settings.data / "routing" / NAME).write_bytes(note)
    services_of(clinic).live.refresh()
    assert not hears_the_draft(dial(clinic, TESTER))


def test_a_draft_in_memory_needs_its_files_no_more(clinic: Clinic, offer: Offer) -> None:
    version = offer()
    shutil.rmtree(Versions(clinic.settings.data / "routing").folder_of(version))
    services_of(clinic).live.refresh()
    telephone = dial(clinic, TESTER)
    assert hears_the_draft(telephone)
    telephone.press("3")
    assert {entry.version for entry in clinic.entries(telephone.sid)} == {version}


FAMILY = st.sampled_from(
    [TESTER, NAMED, CALLER, "", "anonymous", "+266696687", "4805550160", "+1480555016", "+148055501600"]
)
NUMBERS = st.one_of(FAMILY, st.from_regex(r"\+1480555[0-9]{4}", fullmatch=True), st.text(max_size=20))
DOINGS = st.lists(st.sampled_from(["offer", "call off", "other"]), max_size=4)


@settings(max_examples=40)
@given(caller=NUMBERS, doings=DOINGS)
def test_nobody_but_a_tester_ever_hears_a_draft(clinic: Clinic, offer: Offer, caller: str, doings: list[str]) -> None:
    """Whatever was offered and called off before, and whatever the carrier says the number is."""
    named = {TESTER}
    call_off(clinic)
    for doing in doings:
        match doing:
            case "offer":
                offer()
                named = {TESTER, NAMED}
            case "other":
                offer(draft_files(clinic, named="+14805550162"))
                named = {TESTER, "+14805550162"}
            case _:
                call_off(clinic)
                named = set()
    on = bool(doings) and doings[-1] != "call off"
    assert hears_the_draft(dial(clinic, caller)) == (on and caller in named)
