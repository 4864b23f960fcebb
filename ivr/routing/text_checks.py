"""What is texted to callers: a link that can be sent, words that name no treatment, and nothing half set up.

A text shows on a locked screen that others may see, so neither its words nor its link may tell what anybody is treated
for. Carriers refuse public link shorteners (Twilio, A2P 10DLC campaign rules).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from ivr.call_flow.phrases import GuidePhrase, TextPhrase
from ivr.call_flow.text_words import body, number_given, segments

from .findings import Findings, Path
from .problems import quoted
from .prompt_checks import prompt_file
from .references import CLINIC, MENUS
from .schema import TextsShape
from .shape import Shapes
from .wording_text import normal_words

MOST_SEGMENTS = 2
LONGEST_LINK = 100
LINK = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?(/[A-Za-z0-9._~/%-]*)?")
SHORTENERS = frozenset({"bit.ly", "tinyurl.com", "t.co", "goo.gl", "is.gd", "ow.ly", "buff.ly", "rb.gy", "cutt.ly"})
EXAMPLES = re.compile(r"(.+\.)?example(\.[a-z]+)?")
EXAMPLE_SPOKEN = re.compile(r"\bexample (dot|punto)\b")
SAMPLE_NAME = "sample clinic"
OWN = "Put in your own before you go live."
LIKE_A_LINK = re.compile(r"https?:|www\.|\.(com|org|net|health|us)\b", re.IGNORECASE)
_STEMS = (
    "ketamin|esketamin|ketalar|spravato|infus|therap|terapi|treatment|tratamiento|depres|antidepres|anxi|ansiedad"
    "|pain|dolor|mood|animo|mental|psych|psiqui|psico|anesth|anaesth|anestes|addict|adicc|suicid|ptsd|opioid"
    "|medica|medicin|dose|dosis|diagnos|prescri|receta|clinical|injection|inyecc"
)
TELLING_WORDS = re.compile(rf"\b(?:{_STEMS})\w*")
# Within a host's name words run together.
TELLING_LINK = re.compile("ketamin|ketalar|spravato|infusion|therap|terapia|depres|psych|psiqui|psico|anesth|anestes")


def check_texts(shapes: Shapes, findings: Findings, *, live: bool) -> None:
    """With `live` a link that is only an example is an error."""
    texts, guides = shapes.clinic.file.texts, shapes.menus.file.guides
    if shapes.clinic.is_broken("texts"):
        return
    if guides and (texts is None or not texts.guide_link):
        cure = "Write `texts` with `guide_link` into clinic.yaml, or take the guide out."
        findings.error(MENUS, ("guides", next(iter(guides))), "there is no link that could be texted.", cure)
    if texts is None:
        return
    if texts.guide_link:
        _check_link(texts.guide_link, findings, live=live)
        if not guides and not shapes.menus.is_broken("guides"):
            cure = "Add one under `guides` in menus.yaml, and a key that leads to it."
            findings.warn(CLINIC, ("texts", "guide_link"), "menus.yaml has no guide, so nobody can ask for it.", cure)
    elif not texts.missed_calls:
        findings.warn(CLINIC, ("texts",), "nothing is texted.", "Give `guide_link` or `missed_calls`.")
    _check_words(shapes, texts, findings)
    _check_samples(shapes, texts, findings)


def _check_link(link: str, findings: Findings, *, live: bool) -> None:
    here: Path = ("texts", "guide_link")
    if not LINK.fullmatch(link) or len(link) > LONGEST_LINK:
        cure = f"Write it like https://example.com/guide, at most {LONGEST_LINK} characters, without ? or #."
        findings.error(CLINIC, here, f"{quoted(link)} cannot be texted.", cure)
        return
    host = (urlsplit(link).hostname or "").removeprefix("www.")
    if host in SHORTENERS:
        findings.error(CLINIC, here, "carriers refuse texts with shortened links.", "Use an address of your own site.")
    if found := TELLING_LINK.search(link.casefold()):
        cure = "Use an address that does not say what anybody is treated for."
        findings.error(CLINIC, here, f"{quoted(found.group())} would show on the caller's screen.", cure)
    if EXAMPLES.fullmatch(host):
        say = findings.error if live else findings.warn
        say(CLINIC, here, "this address is an example: nothing is there.", OWN)


def _check_samples(shapes: Shapes, texts: TextsShape, findings: Findings) -> None:
    """What callers would hear or read of the sample's. A warning only: it must keep no service from starting."""
    for code, shape in shapes.prompts.items():
        address = GuidePhrase.ADDRESS.value
        if shapes.menus.file.guides and EXAMPLE_SPOKEN.search(_plainly(shape.file.prompts.get(address, ""))):
            findings.warn(prompt_file(code), ("prompts", address), "this address is an example: nothing is there.", OWN)
        for name, _ in _sent(shapes, texts):
            if SAMPLE_NAME in _plainly(shape.file.prompts.get(name, "")):
                findings.warn(prompt_file(code), ("prompts", name), "this is the sample's name, not yours.", OWN)


def _plainly(words: str) -> str:
    return " ".join(normal_words(words))


def _check_words(shapes: Shapes, texts: TextsShape, findings: Findings) -> None:
    for code, shape in shapes.prompts.items():
        for name, given in _sent(shapes, texts):
            words = shape.file.prompts.get(name, "")
            path: Path = ("prompts", name)
            if found := TELLING_WORDS.search(_plainly(words)):
                cure = "Leave it out: others may read the caller's screen."
                findings.error(prompt_file(code), path, f"a text must not say {quoted(found.group())}.", cure)
            if found := LIKE_A_LINK.search(words):
                cure = "Leave it out: the link of clinic.yaml is added by itself."
                findings.error(prompt_file(code), path, f"{quoted(found.group())} looks like a link.", cure)
            count = segments(body(words, given, code))
            if count > MOST_SEGMENTS:
                sentence = f"with what is added this makes {count} texts, at most {MOST_SEGMENTS} are sent."
                cure = "Shorten it. Letters such as á, í, ó and ú more than double its length."
                findings.error(prompt_file(code), path, sentence, cure)


def _sent(shapes: Shapes, texts: TextsShape) -> Iterator[tuple[str, str]]:
    """The sentences that are texted, each with what is added to it."""
    if texts.guide_link:
        yield TextPhrase.GUIDE.value, texts.guide_link
    if texts.missed_calls:
        lines = shapes.clinic.file.lines.values()
        yield TextPhrase.MISSED_CALL.value, max((number_given(line.number) for line in lines), key=len, default="")
