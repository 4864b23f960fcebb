"""What is wrong with a TwiML answer: form, verbs, nesting, attributes, limits, and whether the caller is left alone.

Verbs, nesting and attributes come from the installed twilio package (twiml_grammar), values from Twilio's documented
limits (twiml_limits). Twilio itself reports most of these only while a patient waits.
"""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from tests.twiml_grammar import ROOT, Known
from tests.twiml_limits import (
    E164,
    LARGEST_DOCUMENT,
    LIMITS,
    LONGEST_SAY,
    MOST_NUMBERS_IN_A_DIAL,
    is_standard,
    language_of,
)

DEEPEST = 12  # our own bound: nothing we say needs more

_START = re.compile(r"(<\?xml[^>]*\?>\s*)?<[A-Za-z]")
_ENCODING = re.compile(r"<\?xml[^>]*\bencoding=[\"']([^\"']*)[\"']")
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_MUST_SAY = {
    "Gather": ("action", "method"),
    "Dial": ("action", "method"),
    "Record": ("action", "method"),
    "Redirect": ("method",),
    "Say": ("voice",),
    "lang": ("xml:lang",),
    "sub": ("alias",),
}
_MUST_HOLD_TEXT = {"Say", "Redirect", "Number"}
_STATIC_VERBS = {"Say", "Pause", "Dial", "Hangup", "Reject"}
_CALLEE_VERBS = {"Play", "Say", "Gather", "Hangup", "Pause", "Redirect"}


def faults(document: str | bytes, *, base: str | None = None, callee: bool = False, static: bool = False) -> list[str]:
    """Everything wrong with a document, a sentence each; an empty list means that Twilio will do as it says.

    `base` is our public address: only URLs that start a path of ours, or that lie under `base`, are accepted.
    `callee` is True for the document played to the person who picked up: it may be empty or end after words, which
    joins the two, but may only use the verbs allowed there. `static` is True for a document that must do without any
    service: nothing in it may ask one what to do next, so that a Dial goes on with the verb after it.
    """
    encoded, found = _read(document)
    if found:
        return found
    try:
        root = ET.fromstring(encoded)  # a document type, and with it any entity, never gets this far
    except ET.ParseError as error:
        return [f"it is not well-formed XML: {error}"]
    if root.tag != ROOT.name:
        return [f"its root is <{root.tag}>, not <Response>"]
    if static:
        return _static(root, encoded, base)
    return [
        *_size(encoded),
        *_element(root, ROOT, "Response", base),
        *(_callee_verbs(list(root)) if callee else ()),
        *_order(list(root)),
        *(_callee_ending(list(root)) if callee else _ending(list(root))),
    ]


def _static(root: ET.Element, encoded: bytes, base: str | None) -> list[str]:
    asking = [f"<{verb.tag}> cannot do without a service" for verb in root if verb.tag not in _STATIC_VERBS]
    asking += [f"{each.tag}: {name} asks a service" for each in root.iter() for name in each.attrib if _asks(name)]
    lacking = {f"Response > Dial: {name} must be set" for name in _MUST_SAY["Dial"]}
    found = [
        *_size(encoded),
        *_element(root, ROOT, "Response", base),
        *_order(list(root)),
        *_ending(list(root)),
    ]
    return [*asking, *(fault for fault in found if fault not in lacking)]


def _asks(name: str) -> bool:
    """Whether an attribute is an address whose answer decides what happens; what a callback answers does not matter."""
    return name in ("action", "url") or name.endswith("Url")


# The document as text. -----------------------------------------------------------------------------------------------


def _read(document: str | bytes) -> tuple[bytes, list[str]]:
    try:
        text = document if isinstance(document, str) else document.decode()
        encoded = text.encode()
    except UnicodeError:
        return b"", ["it is not UTF-8"]
    declared = _ENCODING.match(text)
    if declared and declared[1].upper() != "UTF-8":
        return encoded, [f"it declares the encoding {declared[1]}, not UTF-8"]
    if not _START.match(text):
        return encoded, ["something stands before <?xml or <Response>"]
    return encoded, []


def _size(encoded: bytes) -> Iterator[str]:
    if len(encoded) > LARGEST_DOCUMENT:
        yield f"it has {len(encoded)} bytes; Twilio takes {LARGEST_DOCUMENT}"


# One element after another. ------------------------------------------------------------------------------------------


def _element(element: ET.Element, known: Known, place: str, base: str | None) -> Iterator[str]:
    attributes = {"xml:lang" if name == _XML_LANG else name: value for name, value in element.items()}
    for name, value in attributes.items():
        if name not in known.attributes:
            yield f"{place}: the twilio package knows no attribute {name!r} here"
        else:
            yield from _value(known, name, value, place, base)
    yield from _required(known, attributes, place)
    yield from _text(element, known, place)
    yield from _meaning(element, known, place, base)
    for child in element:
        inner = known.children.get(child.tag)
        if inner is None:
            yield f"{place}: <{child.tag}> cannot stand here"
        elif place.count(" > ") >= DEEPEST:
            yield f"{place}: nested too deep"
        else:
            yield from _element(child, inner, f"{place} > {child.tag}", base)


def _value(known: Known, name: str, value: str, place: str, base: str | None) -> Iterator[str]:
    limit = LIMITS.get((known.name, name))
    if limit is not None and not limit.holds(value):
        yield f"{place}: {name}={value!r} must be {limit.words}"
    if name == "method" or name.endswith("Method"):
        if value != "POST":
            yield f"{place}: {name}={value!r} must be 'POST'"
    elif name in ("action", "url") or name.endswith(("Callback", "Url")):
        yield from _url(value, f"{place}: {name}", base)


def _url(url: str, place: str, base: str | None) -> Iterator[str]:
    if not re.fullmatch(r"[!-~]+", url):
        yield f"{place} is no URL: {url!r}"
        return
    try:
        parts = urlsplit(url)
    except ValueError:
        yield f"{place} is no URL: {url!r}"
        return
    if (parts.scheme or parts.netloc) and not (base and (url == base or url.startswith(base.rstrip("/") + "/"))):
        yield f"{place} leads away from us: {url!r}"
    elif not parts.path.startswith("/"):
        yield f"{place} does not start with /: {url!r}"
    if parts.query:
        yield f"{place} has a query, which may be re-ordered on its way: {url!r}"


def _required(known: Known, attributes: dict[str, str], place: str) -> Iterator[str]:
    for name in _MUST_SAY.get(known.name, ()):
        if name not in attributes:
            yield f"{place}: {name} must be set"
    for name in attributes:
        method = "method" if name == "url" else f"{name}Method"
        if method in known.attributes and method not in attributes:
            yield f"{place}: {name} is set without {method}"


def _text(element: ET.Element, known: Known, place: str) -> Iterator[str]:
    within = element.text or ""
    between = "".join(child.tail or "" for child in element)
    if within.strip() and not known.takes_text:
        yield f"{place}: text where the twilio package knows none: {within.strip()[:40]!r}"
    if between.strip() and not known.speech:
        yield f"{place}: text between elements: {between.strip()[:40]!r}"
    if within.strip() and len(element) and known.takes_text and not known.speech:
        yield f"{place}: both text and elements"
    if known.name in _MUST_HOLD_TEXT and not _spoken(element):
        yield f"{place}: it is empty"


def _spoken(element: ET.Element) -> str:
    return "".join(element.itertext()).strip()


def _meaning(element: ET.Element, known: Known, place: str, base: str | None) -> Iterator[str]:
    match known.name:
        case "Say":
            yield from _say(element, place)
        case "Gather":
            yield from _gather(element, place)
        case "Dial":
            yield from _dial(element, place)
        case "Number" if not E164.fullmatch(element.text or ""):
            yield f"{place}: {element.text!r} is no number in E.164 form"
        case "Redirect" if element.text:
            yield from _url(element.text, place, base)
        case "Play" if element.text:
            yield from _url(element.text, place, base)
        case "Play" if "digits" not in element.attrib:
            yield f"{place}: it is empty"
        case "break" | "prosody" if not element.attrib:
            yield f"{place}: it says nothing about how"
        case _:
            return


def _say(say: ET.Element, place: str) -> Iterator[str]:
    voice = say.get("voice", "")
    language = say.get("language", "en-US")  # Twilio's default
    if voice and language_of(voice) is None:
        yield f"{place}: {voice!r} is not a voice we know"
    elif voice and language_of(voice) != language:
        yield f"{place}: the voice {voice} does not speak {language}"
    if (length := len("".join(say.itertext()))) > LONGEST_SAY:
        yield f"{place}: {length} characters; Twilio takes {LONGEST_SAY}"
    if voice and not is_standard(voice):
        if say.find(".//emphasis") is not None:
            yield f"{place}: the voice {voice} does not take <emphasis>"
        if any("pitch" in prosody.attrib for prosody in say.iter("prosody")):
            yield f"{place}: the voice {voice} takes prosody's rate and volume only"


def _gather(gather: ET.Element, place: str) -> Iterator[str]:
    if "dtmf" in gather.get("input", "dtmf") and "finishOnKey" not in gather.attrib:
        yield f"{place}: finishOnKey must be set, or a lone # counts as no input"
    if gather.find("Play[@digits]") is not None:
        yield f"{place}: <Play digits> cannot stand inside <Gather>"
    if "speechModel" in gather.attrib and gather.get("speechTimeout", "auto") == "auto":
        yield f"{place}: a speechModel needs a speechTimeout in seconds"


def _dial(dial: ET.Element, place: str) -> Iterator[str]:
    for noun in dial:
        if noun.tag != "Number":
            yield f"{place}: <{noun.tag}> is rung, which is no number"
    if len(dial) > MOST_NUMBERS_IN_A_DIAL:
        yield f"{place}: {len(dial)} numbers; Twilio rings {MOST_NUMBERS_IN_A_DIAL} at most"
    if not len(dial) and not E164.fullmatch(dial.text or ""):
        yield f"{place}: {dial.text!r} is no number in E.164 form"


# What comes after what. ----------------------------------------------------------------------------------------------


def _order(verbs: Sequence[ET.Element]) -> Iterator[str]:
    for verb, after in itertools.pairwise(verbs):
        if verb.tag in ("Redirect", "Hangup", "Reject") or (verb.tag == "Dial" and "action" in verb.attrib):
            yield f"<{after.tag}> is never reached after <{verb.tag}>"
        if after.tag == "Reject":
            yield "<Reject> works only as the first verb"


def _ending(verbs: Sequence[ET.Element]) -> Iterator[str]:
    last = verbs[-1] if verbs else None
    if last is None:
        yield "it is empty: the caller hears silence and is cut off"
    elif last.tag == "Gather" and not _answers_silence(last):
        yield "nothing follows <Gather>: a silent caller is cut off"
    elif last.tag == "Record":
        yield "nothing follows <Record>: a caller who says nothing is cut off"
    elif last.tag not in ("Redirect", "Hangup", "Reject", "Dial", "Gather"):
        yield f"it ends after <{last.tag}>: the caller is cut off"


def _answers_silence(gather: ET.Element) -> bool:
    return gather.get("actionOnEmptyResult") == "true"


def _callee_verbs(verbs: Sequence[ET.Element]) -> Iterator[str]:
    for verb in verbs:
        if verb.tag not in _CALLEE_VERBS:
            yield f"<{verb.tag}> is not allowed on the callee's side"


def _callee_ending(verbs: Sequence[ET.Element]) -> Iterator[str]:
    for index, verb in enumerate(verbs):
        if verb.tag == "Gather" and not _answers_silence(verb):
            if not any(after.tag in ("Redirect", "Hangup") for after in verbs[index:]):
                yield "nothing but silence follows <Gather>: a voicemail that presses no key would be joined"
            return
