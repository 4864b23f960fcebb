"""The one-pass check says what the SDK's own validator says, and never raises."""

from __future__ import annotations

import base64
import hashlib
import hmac
import inspect
from collections.abc import Sequence
from urllib.parse import urlparse

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from ivr.voice.signature import SIGNATURE_LENGTH, SignatureCheck

TOKEN = "0123456789abcdef0123456789abcdef"
BASE = "https://ivr.example.com"
TARGET = "/voice/turn/0a1b2c3d4e5f/main/3"
FORM = [
    ("CallSid", "CA" + "0" * 32),
    ("AccountSid", "AC" + "0" * 32),
    ("From", "+14805550123"),
    ("Digits", "1"),
    ("CallerName", ""),
    ("FromCity", "Peñasco ☎"),
]

DOCS_TOKEN = "12345"
DOCS_BASE = "https://example.com"
DOCS_TARGET = "/myapp.php?foo=1&bar=2"
DOCS_FORM = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675310"),
    ("Digits", "1234"),
    ("From", "+14158675310"),
    ("To", "+18005551212"),
]
DOCS_SIGNATURE = "L/OH5YylLD5NRKLltdqwSvS0BnU="


def sdk_signature(token: str, url: str, form: Sequence[tuple[str, str]]) -> str:
    return str(RequestValidator(token).compute_signature(url, MultiDict(form)))


def sdk_says(token: str, url: str, form: Sequence[tuple[str, str]], signature: str) -> bool:
    return bool(RequestValidator(token).validate(url, MultiDict(form), signature))


@pytest.fixture
def check() -> SignatureCheck:
    return SignatureCheck([TOKEN], BASE)


@pytest.fixture
def signature() -> str:
    return sdk_signature(TOKEN, BASE + TARGET, FORM)


# The documented vector and the table of what the SDK says to its variations. -----------------------------------------


def test_the_documented_example_passes() -> None:
    assert SignatureCheck([DOCS_TOKEN], DOCS_BASE).matches(DOCS_TARGET, DOCS_FORM, DOCS_SIGNATURE)


@pytest.mark.parametrize("base", ["https://example.com:443", "https://example.com:8443"])
def test_the_documented_example_passes_with_a_port_in_our_address(base: str) -> None:
    assert SignatureCheck([DOCS_TOKEN], base).matches(DOCS_TARGET, DOCS_FORM, DOCS_SIGNATURE)
    assert sdk_says(DOCS_TOKEN, base + DOCS_TARGET, DOCS_FORM, DOCS_SIGNATURE)


@pytest.mark.parametrize(
    ("base", "target"),
    [
        ("http://example.com", DOCS_TARGET),
        (DOCS_BASE, "/myapp.php?bar=2&foo=1"),
        (DOCS_BASE, "/myapp.php/?foo=1&bar=2"),
        (DOCS_BASE, "//myapp.php?foo=1&bar=2"),
        (DOCS_BASE, DOCS_TARGET + "#fragment"),
        (DOCS_BASE, "/myapp.php"),
        (DOCS_BASE, "/MyApp.php?foo=1&bar=2"),
        ("https://www.example.com", DOCS_TARGET),
        ("https://EXAMPLE.com", DOCS_TARGET),
        ("https://example.com/prefix", DOCS_TARGET),
    ],
)
def test_another_scheme_host_path_or_query_order_is_refused(base: str, target: str) -> None:
    assert not SignatureCheck([DOCS_TOKEN], base).matches(target, DOCS_FORM, DOCS_SIGNATURE)
    assert not sdk_says(DOCS_TOKEN, base + target, DOCS_FORM, DOCS_SIGNATURE)


def test_a_blank_parameter_that_went_missing_is_refused(check: SignatureCheck, signature: str) -> None:
    assert check.matches(TARGET, FORM, signature)
    assert not check.matches(TARGET, [pair for pair in FORM if pair[1]], signature)


@pytest.mark.parametrize("base", ["https://ivr.example.com:443", "https://ivr.example.com:9"])
def test_a_signature_made_over_the_port_passes(base: str) -> None:
    signature = sdk_signature(TOKEN, base + TARGET, FORM)
    assert SignatureCheck([TOKEN], base).matches(TARGET, FORM, signature)


def test_a_signature_made_over_the_default_port_passes_where_our_address_names_none(check: SignatureCheck) -> None:
    assert check.matches(TARGET, FORM, sdk_signature(TOKEN, BASE + ":443" + TARGET, FORM))
    assert not check.matches(TARGET, FORM, sdk_signature(TOKEN, BASE + ":80" + TARGET, FORM))


def test_a_path_prefix_in_our_address_is_signed_with_it() -> None:
    check = SignatureCheck([TOKEN], BASE + "/front/desk")
    assert check.matches(TARGET, FORM, sdk_signature(TOKEN, BASE + "/front/desk" + TARGET, FORM))
    assert not check.matches(TARGET, FORM, sdk_signature(TOKEN, BASE + TARGET, FORM))


# Equal to the SDK. ---------------------------------------------------------------------------------------------------

words = st.text(max_size=8) | st.sampled_from(
    ["", "Digits", "Dig", "its1", "1", " ", "é", "e\u0301", "☎", "\x00", "&="]
)
forms = st.lists(st.tuples(words, words), max_size=8).flatmap(
    lambda pairs: st.tuples(st.just(pairs), st.lists(st.sampled_from(pairs), max_size=3) if pairs else st.just([])).map(
        lambda both: both[0] + both[1]
    )
)
bases = st.sampled_from(
    [
        "https://ivr.example.com",
        "https://ivr.example.com:443",
        "https://IVR.example.com:8443/front",
        "http://127.0.0.1:8000",
        "http://clinic.example.com",
        "http://clinic.example.com:80/a/b",
    ]
)
targets = st.builds(
    "/{}".format,
    st.text(st.characters(codec="utf-8", exclude_characters="\t\r\n"), max_size=12)
    | st.text("ab/?#;:@%=&.[]", max_size=12),
)
tokens = st.text(min_size=1, max_size=40)


@settings(deadline=None, max_examples=40)
@given(bases, targets, forms, tokens)
@example("https://ivr.example.com", "/voice?", [], "t")
@example("https://ivr.example.com", "/voice;", [("a", "1"), ("a", "0"), ("a", "1")], "t")
@example("https://ivr.example.com", "/a;b;", [("", "")], "t")
@example("https://ivr.example.com", "/a;/b#", [("b", ""), ("a", "")], "t")
@example("https://ivr.example.com", "//evil.example.com:99/a", [], "t")
def test_what_the_sdk_signs_passes(base: str, target: str, form: list[tuple[str, str]], token: str) -> None:
    check = SignatureCheck([token], base)
    parts = urlparse(base + target)
    host = parts.netloc.split(":")[0]
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    for netloc in (host, f"{host}:{port}"):
        signature = sdk_signature(token, parts._replace(netloc=netloc).geturl(), form)
        assert sdk_says(token, base + target, form, signature)
        assert check.matches(target, form, signature)
        assert check.matches(target, form[::-1], signature)


@settings(deadline=None, max_examples=40)
@given(bases, targets, targets, forms, forms, st.booleans(), st.booleans())
def test_we_and_the_sdk_agree_on_any_pair_of_requests(
    base: str,
    signed: str,
    sent: str,
    signed_form: list[tuple[str, str]],
    sent_form: list[tuple[str, str]],
    same_target: bool,
    same_form: bool,
) -> None:
    sent = signed if same_target else sent
    sent_form = signed_form if same_form else sent_form
    signature = sdk_signature(TOKEN, base + signed, signed_form)
    ours = SignatureCheck([TOKEN], base).matches(sent, sent_form, signature)
    assert ours == sdk_says(TOKEN, base + sent, sent_form, signature)


def test_repeats_and_order_do_not_change_the_signature(check: SignatureCheck, signature: str) -> None:
    assert check.matches(TARGET, [*FORM, ("Digits", "1"), *FORM], signature)
    assert not check.matches(TARGET, [*FORM, ("Digits", "2")], signature)


def test_two_forms_of_the_same_letters_sign_alike_as_they_do_for_the_sdk(check: SignatureCheck) -> None:
    signature = sdk_signature(TOKEN, BASE + TARGET, [("Digits", "1")])
    assert check.matches(TARGET, [("Dig", "its1")], signature)
    assert sdk_says(TOKEN, BASE + TARGET, [("Dig", "its1")], signature)
    assert check.matches(TARGET + "Digits1", [], signature)
    assert sdk_says(TOKEN, BASE + TARGET + "Digits1", [], signature)


# Tampering and nonsense. ---------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_changing_any_one_part_is_refused(data: st.DataObject) -> None:
    check, signature = SignatureCheck([TOKEN], BASE), sdk_signature(TOKEN, BASE + TARGET, FORM)
    target, form = TARGET, list(FORM)
    letter = data.draw(st.characters(codec="utf-8"))
    match data.draw(st.sampled_from(["target", "name", "value", "drop", "signature"])):
        case "target":
            target = changed(TARGET, data.draw(st.integers(1, len(TARGET) - 1)), letter)
        case "name":
            index = data.draw(st.integers(0, len(FORM) - 1))
            form[index] = (changed(FORM[index][0], 0, letter), FORM[index][1])
        case "value":
            index = data.draw(st.integers(0, len(FORM) - 1))
            form[index] = (FORM[index][0], changed(FORM[index][1], 0, letter))
        case "drop":
            del form[data.draw(st.integers(0, len(FORM) - 1))]
        case _:
            signature = changed(signature, data.draw(st.integers(0, len(signature) - 1)), letter)
    original = (target, form) == (TARGET, FORM) and signature == sdk_signature(TOKEN, BASE + TARGET, FORM)
    assert check.matches(target, form, signature) == original


def changed(text: str, index: int, letter: str) -> str:
    return text[:index] + letter + text[index + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: "",
        lambda good: good[:-1],
        lambda good: good[:-2],
        lambda good: good + "=",
        lambda good: " " + good,
        lambda good: good + "\n",
        lambda good: good.swapcase(),
        lambda good: "é" + good[1:],
        lambda good: "\udc80" + good[1:],
        lambda good: "１" * SIGNATURE_LENGTH,
        lambda good: good * 100_000,
        lambda good: "\x00" * SIGNATURE_LENGTH,
        lambda good: base64.b64encode(bytes(20)).decode(),
    ],
)
def test_a_missing_cut_padded_or_foreign_signature_is_false(
    check: SignatureCheck, signature: str, spoil: object
) -> None:
    assert callable(spoil)
    assert check.matches(TARGET, FORM, signature)
    assert check.matches(TARGET, FORM, spoil(signature)) is False


@settings(deadline=None, max_examples=30)
@given(st.text(st.characters(), max_size=40), st.text(st.characters(), max_size=40))
def test_no_text_at_all_raises(anything: str, signature: str) -> None:
    check = SignatureCheck([TOKEN], BASE)
    assert check.matches(anything, [(anything, anything)], signature) is False
    assert check.matches("/" + anything, [(anything, anything)], "A" * SIGNATURE_LENGTH) is False


@pytest.mark.parametrize("half", ["\ud800", "a\udc80b"])
def test_half_a_surrogate_pair_is_false_where_the_sdk_raises(check: SignatureCheck, signature: str, half: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        sdk_says(TOKEN, BASE + TARGET, [("Digits", half)], signature)
    assert check.matches(TARGET, [*FORM, ("Digits", half)], signature) is False
    assert check.matches(TARGET, [*FORM, (half, "1")], signature) is False
    assert check.matches(TARGET + half, FORM, signature) is False


@pytest.mark.parametrize("target", ["", "voice/incoming", ".evil.example.com/", "@evil.example.com/", ":99/", "?a=1"])
def test_a_target_that_is_no_path_is_false_even_when_signed(check: SignatureCheck, target: str) -> None:
    assert check.matches(target, FORM, sdk_signature(TOKEN, BASE + target, FORM)) is False


@pytest.mark.parametrize("gap", ["\t", "\r", "\n"])
def test_a_gap_that_a_url_parser_would_drop_is_another_path(check: SignatureCheck, signature: str, gap: str) -> None:
    broken = TARGET[:8] + gap + TARGET[8:]
    assert sdk_says(TOKEN, BASE + broken, FORM, signature)
    assert not check.matches(broken, FORM, signature)


def test_the_bytes_of_the_path_are_signed_not_their_meaning(check: SignatureCheck, signature: str) -> None:
    assert not check.matches(TARGET.replace("main", "m%61in"), FORM, signature)


@pytest.mark.parametrize("name", ["bodySHA256", "body%53HA256"])
def test_a_json_request_is_refused_although_its_url_is_signed(check: SignatureCheck, name: str) -> None:
    body = '{"Digits": "1"}'
    target = f"{TARGET}?{name}={hashlib.sha256(body.encode()).hexdigest()}"
    signature = sdk_signature(TOKEN, BASE + target, [])
    assert RequestValidator(TOKEN).validate(BASE + target, body, signature)
    assert not check.matches(target, [], signature)


# Keys and settings. --------------------------------------------------------------------------------------------------


def test_while_a_token_is_rotated_both_are_accepted_and_afterwards_only_the_new_one() -> None:
    old, new = (sdk_signature(token, BASE + TARGET, FORM) for token in ("the old token", "the new token"))
    during = SignatureCheck(["the new token", "the old token"], BASE)
    after = SignatureCheck(["the new token"], BASE)
    assert (during.matches(TARGET, FORM, old), during.matches(TARGET, FORM, new)) == (True, True)
    assert (after.matches(TARGET, FORM, old), after.matches(TARGET, FORM, new)) == (False, True)


def test_a_check_can_be_used_again_and_again(check: SignatureCheck, signature: str) -> None:
    assert [check.matches(TARGET, FORM, signature) for _ in range(3)] == [True] * 3
    assert not check.matches(TARGET, FORM, sdk_signature("another token", BASE + TARGET, FORM))
    assert check.matches(TARGET, FORM, signature)


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "md5"])
def test_no_other_algorithm_is_accepted(check: SignatureCheck, algorithm: str) -> None:
    text = BASE + TARGET + "".join(name + value for name, value in sorted(FORM))
    digest = hmac.new(TOKEN.encode(), text.encode(), algorithm).digest()
    for cut in (digest, digest[:20]):
        assert not check.matches(TARGET, FORM, base64.b64encode(cut).decode())


def test_no_header_but_the_signature_reaches_the_check() -> None:
    assert list(inspect.signature(SignatureCheck.matches).parameters) == ["self", "target", "form", "signature"]


@pytest.mark.parametrize("tokens", [[], [""], ["a", ""]])
def test_an_empty_token_is_a_fault_of_the_settings(tokens: list[str]) -> None:
    with pytest.raises(ValueError, match="auth token"):
        SignatureCheck(tokens, BASE)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ivr.example.com",
        "ftp://ivr.example.com",
        "HTTPS://ivr.example.com",
        "https://",
        "https://ivr.example.com/",
        "https://ivr.example.com/a/",
        "https://ivr.example.com?a=1",
        "https://ivr.example.com#a",
        "https://user:pass@ivr.example.com",
        "https://ivr_1.example.com",
        "https://ivr.example.com:0",
        "https://ivr.example.com:65536",
        "https://ivr.example.com:",
        "https://ivr.example.com\n",
        "https://[::1]:8000",
    ],
)
def test_an_address_that_cannot_be_signed_over_is_a_fault_of_the_settings(address: str) -> None:
    with pytest.raises(ValueError, match="public URL"):
        SignatureCheck([TOKEN], address)
