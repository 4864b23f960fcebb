"""The telephone of "Try a call" in a real Chromium: what it speaks, in which language, and what typed keys do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.conftest import ROOT
from tests.console.browser import CHROMIUM, Served, Watched, served

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed: the telephone was not heard"),
    pytest.mark.timeout(600),
]
# The browser's own speech, replaced by one that writes down what it is given.
RECORDER = """
window.spoken = [];
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => [{ lang: "fr-FR", name: "Fleur" }, { lang: "en_US", name: "Ada" }, { lang: "es-MX", name: "Pilar" }],
  speak: ({ text, lang, voice, rate }) => window.spoken.push({ text, language: lang, voice: voice?.name, rate }),
  cancel: () => { window.spoken = []; },
} });
"""
NO_SPEECH = """Object.defineProperty(window, "speechSynthesis", { value: undefined });"""
NO_UTTERANCE = """Object.defineProperty(window, "SpeechSynthesisUtterance", { value: undefined });"""
SWITCHED_ON = """window.localStorage.setItem("ivr-voice", "on");"""
SHOWN = """() => [...document.querySelectorAll("[data-newest] [data-say]")].map((words) => {
  const block = words.closest("p");
  return { text: words.textContent, language: block.lang, rate: block.classList.contains("slow") ? 0.85 : 1 };
})"""
VOICES = {"en-US": "Ada", "es-US": "Pilar"}  # Spanish of Mexico is nearest to that of the States


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("clinic")
    shutil.copytree(ROOT / "config", folder / "config")
    with served(folder) as site:
        yield site


def begin(watched: Watched, script: str) -> Page:
    """A call in a browser that is as the script makes it."""
    watched.page.add_init_script(script)
    page = watched.go("/try")
    if script == RECORDER:
        page.get_by_role("button", name="Voice: off").click()
        page.get_by_role("button", name="Voice: on").wait_for()
    page.get_by_role("button", name="Call", exact=True).click()
    turns(page, 1)
    return page


def turns(page: Page, number: int) -> None:
    """Wait for the so-and-so-many-th answer, and until the page has the hands free again."""
    page.locator(f".talk > li:nth-child({number})#now").wait_for()
    page.locator(".htmx-request, .htmx-swapping, .htmx-settling").first.wait_for(state="detached")


def heard(page: Page) -> list[dict[str, Any]]:
    """What is spoken, which is what the page shows."""
    spoken: list[dict[str, Any]] = page.evaluate("window.spoken")
    shown = [{**words, "voice": VOICES[words["language"]]} for words in page.evaluate(SHOWN)]
    assert spoken == shown
    return spoken


def test_what_the_page_shows_is_spoken_in_its_own_language(watched: Watched) -> None:
    page = begin(watched, RECORDER)
    assert {words["language"] for words in heard(page)} == {"en-US", "es-US"}, "the greeting offers Spanish in Spanish"
    page.get_by_role("button", name="9", exact=True).click()
    turns(page, 2)
    assert {words["language"] for words in heard(page)} == {"es-US"}
    page.get_by_role("button", name="Voice: on").click()
    assert page.evaluate("window.spoken") == [], "switched off, it falls silent"
    page.get_by_role("button", name="Stay silent").click()
    turns(page, 3)
    assert page.evaluate("window.spoken") == []


def test_a_typed_key_presses_the_key_and_ends_what_is_said(watched: Watched) -> None:
    page = begin(watched, RECORDER)
    assert heard(page)
    page.keyboard.type("x")  # no key of a telephone
    page.keyboard.type("3")
    turns(page, 2)
    assert page.locator("#now .did").inner_text() == "The caller presses 3."
    heard(page)


def test_keys_typed_faster_than_the_answers_come_are_pressed_one_after_another(watched: Watched) -> None:
    page = begin(watched, RECORDER)
    page.keyboard.type("31")
    turns(page, 3)
    assert page.locator(".talk .did").all_inner_texts() == ["The caller presses 3.", "The caller presses 1."]


def test_a_digit_typed_into_a_field_presses_nothing(watched: Watched) -> None:
    page = begin(watched, RECORDER)
    page.get_by_label("Say words").click()
    page.keyboard.type("2")
    assert page.get_by_label("Say words").input_value() == "2"
    page.get_by_role("button", name="Say", exact=True).click()
    turns(page, 2)
    assert "presses" not in page.locator("#now .did").inner_text()


@pytest.mark.parametrize("missing", [NO_SPEECH, NO_UTTERANCE, NO_SPEECH + NO_UTTERANCE])
def test_a_browser_that_cannot_speak_offers_no_voice_and_shows_the_words(watched: Watched, missing: str) -> None:
    """Also when the voice was switched on before; `watched` sees that nothing goes wrong in the page."""
    page = begin(watched, missing + SWITCHED_ON)
    assert not page.locator("#voice").is_visible()
    assert page.locator("#now [data-say]").count() > 1
    page.keyboard.type("3")
    turns(page, 2)
    told = page.locator("#told").text_content() or ""
    assert page.locator("#now [data-say]").first.inner_text() in told, "those who listen to pages are told"
