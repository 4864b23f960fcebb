"""Every rule of twiml_rules catches a document that breaks it, and documents that Twilio would play pass."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twilio.twiml import voice_response
from twilio.twiml.voice_response import Gather, Say, VoiceResponse

from tests.twiml_grammar import ROOT, Known
from tests.twiml_limits import LARGEST_DOCUMENT, LIMITS
from tests.twiml_rules import faults

JOANNA = 'voice="Polly.Joanna-Neural" language="en-US"'
LUPE = 'voice="Polly.Lupe-Neural" language="es-US"'
GATHER = 'input="dtmf" numDigits="1" finishOnKey="" timeout="5" action="/voice/turn/a" method="POST"'
DIAL = 'action="/voice/turn/b" method="POST" timeout="20"'
NUMBER = "<Number>+14805550111</Number>"
HI = f"<Say {JOANNA}>Hello.</Say>"
BYE = "<Hangup/>"
PAST = '<Redirect method="POST">/voice/turn/c</Redirect>'


def response(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'


def say(inside: str, attributes: str = JOANNA) -> str:
    return response(f"<Say {attributes}>{inside}</Say>{BYE}")


def gather(attributes: str = GATHER, inside: str = HI, after: str = PAST) -> str:
    return response(f"<Gather {attributes}>{inside}</Gather>{after}")


def dial(attributes: str = DIAL, inside: str = NUMBER) -> str:
    return response(f"<Dial {attributes}>{inside}</Dial>")


def record(attributes: str) -> str:
    return response(f'<Record action="/a" method="POST" {attributes}/>{PAST}')


# Good documents. -----------------------------------------------------------------------------------------------------


def menu_by_sdk() -> str:
    answer = VoiceResponse()
    gather = Gather(
        input="dtmf speech",
        num_digits=1,
        finish_on_key="",
        timeout=5,
        speech_timeout=2,
        speech_model="googlev2_telephony",
        action="/voice/turn/a",
        method="POST",
        hints="scottsdale, gilbert",
        language="en-US",
        action_on_empty_result=False,
    )
    words = Say("Welcome.", voice="Polly.Joanna-Neural", language="en-US")
    words.break_(time="600ms")
    words.prosody("For Scottsdale, press 1.", rate="85%")
    words.lang("Para español, oprima el nueve.", xml_lang="es-US")
    words.sub("Dr.", alias="doctor")
    gather.append(words)
    gather.pause(length=1)
    answer.append(gather)
    answer.redirect("/voice/turn/b", method="POST")
    return str(answer)


def transfer_by_sdk() -> str:
    answer = VoiceResponse()
    answer.say("Please hold.", voice="Polly.Joanna-Neural", language="en-US")
    dial = answer.dial(
        action="/voice/turn/a",
        method="POST",
        timeout=20,
        caller_id="+14805550100",
        answer_on_bridge=True,
        time_limit=3600,
    )
    for last in range(10):
        dial.number(
            f"+1480555011{last}",
            url="/voice/whisper/a",
            method="POST",
            status_callback="/voice/leg",
            status_callback_method="POST",
            status_callback_event="initiated answered completed",
        )
    return str(answer)


def message_by_sdk() -> str:
    answer = VoiceResponse()
    answer.say("Diga su mensaje.", voice="Polly.Lupe-Neural", language="es-US")
    answer.record(
        action="/voice/turn/a",
        method="POST",
        max_length=120,
        timeout=5,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback="/voice/recording",
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
    )
    answer.redirect("/voice/turn/b", method="POST")
    return str(answer)


def goodbye_by_sdk() -> str:
    answer = VoiceResponse()
    answer.play("/voice/sound/bell.wav", loop=1)
    answer.pause(length=1)
    answer.say("Goodbye & thank you <all>.", voice="Polly.Matthew", language="en-US").emphasis("Bye.", level="strong")
    answer.hangup()
    return str(answer)


@pytest.mark.parametrize("build", [menu_by_sdk, transfer_by_sdk, message_by_sdk, goodbye_by_sdk])
def test_what_the_sdk_builds_within_the_limits_passes(build: object) -> None:
    assert callable(build)
    assert faults(build()) == []
    assert faults(build().encode()) == []


@pytest.mark.parametrize(
    "document",
    [
        f"<Response>{HI}{BYE}</Response>",
        f"<?xml version='1.0' encoding='utf-8'?>\n<Response>\n  {HI}\n  {BYE}\n</Response>\n",
        gather(),
        gather(after=HI + PAST),
        gather(after=f"<Dial {DIAL}>{NUMBER}</Dial>"),
        gather(GATHER + ' actionOnEmptyResult="true"', after=""),
        gather('input="speech" action="/a" method="POST"'),
        dial(inside="+14805550111"),
        dial(DIAL.replace("20", "5")),
        dial(DIAL.replace("20", "600")),
        response('<Reject reason="busy"/>'),
        response(PAST),
        response(BYE),
        record('maxLength="3600"'),
        say("Hola.", LUPE),
        say("Hola.", 'voice="Google.es-US-Neural2-A" language="es-US"'),
        say("Hello.", 'voice="Polly.Joanna"'),
        say("a" * 4096),
        say('<prosody pitch="high">Hello.</prosody>', 'voice="Polly.Joanna"'),
        say("¿Qué tal? ☎ 😀"),
    ],
)
def test_a_document_that_twilio_plays_passes(document: str) -> None:
    assert faults(document) == []


@pytest.mark.parametrize(
    "inside",
    [
        "",
        HI,
        f"{HI}<Pause length='1'/>",
        f"<Gather {GATHER}>{HI}</Gather>{BYE}",
        f"<Gather {GATHER}>{HI}</Gather>{PAST}",
        f"<Gather {GATHER} actionOnEmptyResult='true'>{HI}</Gather>",
        PAST,
        BYE,
    ],
)
def test_what_a_callee_hears_may_end_in_words(inside: str) -> None:
    assert faults(response(inside), callee=True) == []


# Bad documents, by rule. ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "finding"),
    [
        ("", "something stands before"),
        ("Hello", "something stands before"),
        (" " + gather(), "something stands before"),
        ("\n" + gather(), "something stands before"),
        ("\ufeff" + gather(), "something stands before"),
        ('<?xml version="1.0"?><!DOCTYPE Response><Response><Hangup/></Response>', "something stands before"),
        ("<!-- note -->" + response(BYE), "something stands before"),
        ("<Response><Hangup></Response>", "not well-formed XML"),
        ("<Response><Hangup/></Response><Response/>", "not well-formed XML"),
        (say("you & me"), "not well-formed XML"),
        (say("bell \x07"), "not well-formed XML"),
        (say("\x00"), "not well-formed XML"),
        (say("\ufffe"), "not well-formed XML"),
        ('<Response><Hangup a="1" a="2"/></Response>', "not well-formed XML"),
        (say("half a pair \ud800"), "not UTF-8"),
        (say("ñ").encode("latin-1"), "not UTF-8"),
        (response(BYE).encode("utf-16"), "not UTF-8"),
        (response(BYE).replace("UTF-8", "ISO-8859-1"), "declares the encoding ISO-8859-1"),
        ("<response><Hangup/></response>", "its root is <response>"),
        ("<html><body>Internal Server Error</body></html>", "its root is <html>"),
        ('<Response xmlns="urn:a"><Hangup/></Response>', "its root is <{urn:a}Response>"),
        (response(HI * 1200 + BYE), f"Twilio takes {LARGEST_DOCUMENT}"),
    ],
)
def test_a_document_of_the_wrong_form_is_caught(document: str | bytes, finding: str) -> None:
    assert any(finding in fault for fault in faults(document))


@pytest.mark.parametrize(
    ("document", "finding"),
    [
        (response(f"<hangup/>{BYE}"), "<hangup> cannot stand here"),
        (response(f"<Transfer/>{BYE}"), "<Transfer> cannot stand here"),
        (response(f"{NUMBER}{BYE}"), "<Number> cannot stand here"),
        (gather(inside=f"<Dial {DIAL}>{NUMBER}</Dial>"), "Response > Gather: <Dial> cannot stand here"),
        (gather(inside=f"<Gather {GATHER}/>"), "Response > Gather: <Gather> cannot stand here"),
        (gather(inside=BYE), "Response > Gather: <Hangup> cannot stand here"),
        (say('one<Pause length="1"/>two'), "Response > Say: <Pause> cannot stand here"),
        (dial(inside=HI), "Response > Dial: <Say> cannot stand here"),
        (say("<voice>hi</voice>"), "Response > Say: <voice> cannot stand here"),
        (say("<s><p>hi</p></s>"), "Response > Say > s: <p> cannot stand here"),
        (say("<prosody rate='90%'>" * 40 + "hi" + "</prosody>" * 40), "nested too deep"),
        (gather(GATHER + ' finishonkey=""'), "no attribute 'finishonkey'"),
        (gather(GATHER + ' num_digits="1"'), "no attribute 'num_digits'"),
        (response(f"{HI}<Hangup after='1'/>"), "no attribute 'after'"),
        (say("hi", JOANNA + ' lang="en-US"'), "no attribute 'lang'"),
        (say('<lang lang="es-US">hola</lang>'), "no attribute 'lang'"),
        (response(f"hello{BYE}"), "text where the twilio package knows none"),
        (response(f"{BYE}hello"), "text between elements"),
        (gather(inside=f"hello{HI}"), "text where the twilio package knows none"),
        (gather(inside=f"{HI}hello"), "text between elements"),
        (dial(inside=f"{NUMBER}hello"), "text between elements"),
        (dial(inside=f"+14805550111{NUMBER}"), "both text and elements"),
        (response("<Hangup>bye</Hangup>"), "text where the twilio package knows none"),
    ],
)
def test_unknown_verbs_nesting_attributes_and_text_are_caught(document: str, finding: str) -> None:
    assert any(finding in fault for fault in faults(document))


@pytest.mark.parametrize(
    ("document", "finding"),
    [
        (gather(GATHER.replace('numDigits="1"', 'numDigits="0"')), "numDigits='0'"),
        (gather(GATHER.replace('numDigits="1"', 'numDigits="one"')), "numDigits='one'"),
        (gather(GATHER.replace('numDigits="1"', 'numDigits="١"')), "numDigits="),
        (gather(GATHER.replace('timeout="5"', 'timeout="0"')), "timeout='0'"),
        (gather(GATHER.replace('timeout="5"', 'timeout="-1"')), "timeout='-1'"),
        (gather(GATHER.replace('timeout="5"', 'timeout="2.5"')), "timeout='2.5'"),
        (gather(GATHER.replace('finishOnKey=""', 'finishOnKey="A"')), "finishOnKey='A'"),
        (gather(GATHER.replace('finishOnKey=""', 'finishOnKey="##"')), "finishOnKey='##'"),
        (gather(GATHER.replace('input="dtmf"', 'input="keys"')), "input='keys'"),
        (gather(GATHER.replace('method="POST"', 'method="GET"')), "method='GET' must be 'POST'"),
        (gather(GATHER.replace('method="POST"', 'method="post"')), "method='post' must be 'POST'"),
        (gather(GATHER + ' actionOnEmptyResult="True"'), "actionOnEmptyResult='True'"),
        (gather(GATHER + ' enhanced="true"'), "enhanced='true'"),
        (gather(GATHER + ' language="english"'), "language='english'"),
        (gather(GATHER + ' speechTimeout="0"'), "speechTimeout='0'"),
        (gather(GATHER + ' speechModel="best"'), "speechModel='best'"),
        (gather(GATHER + ' speechModel="phone_call"'), "needs a speechTimeout"),
        (gather(GATHER + ' speechModel="phone_call" speechTimeout="auto"'), "needs a speechTimeout"),
        (gather(GATHER + f' hints="{",".join(["word"] * 501)}"'), "hints="),
        (gather(GATHER + f' hints="{"a" * 101}"'), "hints="),
        (gather(GATHER + ' hints="one,,two"'), "hints="),
        (gather(GATHER.replace('finishOnKey=""', "")), "finishOnKey must be set"),
        (gather(inside='<Play digits="1"/>'), "<Play digits> cannot stand inside <Gather>"),
        (dial(DIAL.replace("20", "4")), "timeout='4' must be a whole number from 5 to 600"),
        (dial(DIAL.replace("20", "601")), "timeout='601'"),
        (dial(DIAL + ' timeLimit="14401"'), "timeLimit='14401'"),
        (dial(DIAL + ' callerId="anonymous"'), "callerId='anonymous'"),
        (dial(DIAL + ' answerOnBridge="yes"'), "answerOnBridge='yes'"),
        (dial(DIAL + ' record="yes"'), "record='yes'"),
        (dial(inside=NUMBER * 11), "11 numbers; Twilio rings 10 at most"),
        (dial(inside=""), "None is no number"),
        (dial(inside="4805550111"), "'4805550111' is no number"),
        (dial(inside="<Number>911</Number>"), "'911' is no number"),
        (dial(inside="<Number>+1 480 555 0111</Number>"), "is no number in E.164 form"),
        (dial(inside="<Number> +14805550111 </Number>"), "is no number in E.164 form"),
        (dial(inside="<Number>+１4805550111</Number>"), "is no number in E.164 form"),
        (dial(inside="<Number/>"), "None is no number"),
        (dial(inside="<Sip>sip:desk@example.com</Sip>"), "<Sip> is rung"),
        (dial(inside="<Client>desk</Client>"), "<Client> is rung"),
        (dial(inside='<Number statusCallbackEvent="done">+14805550111</Number>'), "statusCallbackEvent='done'"),
        (dial(inside='<Number sendDigits="12a">+14805550111</Number>'), "sendDigits='12a'"),
        (dial(inside='<Number machineDetectionTimeout="61">+14805550111</Number>'), "machineDetectionTimeout='61'"),
        (record('maxLength="3601"'), "maxLength='3601'"),
        (record('playBeep="1"'), "playBeep='1'"),
        (record('finishOnKey="any"'), "finishOnKey='any'"),
        (response(f'<Pause length="0"/>{BYE}'), "length='0'"),
        (response(f"<Play/>{BYE}"), "Response > Play: it is empty"),
        (response(f'<Play loop="0">/a.wav</Play>{BYE}'), "loop='0'"),
        (response('<Reject reason="tired"/>'), "reason='tired'"),
    ],
)
def test_a_value_outside_twilios_limits_is_caught(document: str, finding: str) -> None:
    assert any(finding in fault for fault in faults(document))


@pytest.mark.parametrize(
    ("document", "finding"),
    [
        (say("a" * 4097), "4097 characters; Twilio takes 4096"),
        (say(""), "Response > Say: it is empty"),
        (say(' <break time="1s"/> '), "Response > Say: it is empty"),
        (say("hi", ""), "voice must be set"),
        (say("hi", 'voice="alice"'), "'alice' is not a voice we know"),
        (say("hi", 'voice="Polly.Miguel-Neural" language="es-US"'), "is not a voice we know"),
        (say("hola", 'voice="Polly.Lupe-Neural"'), "Polly.Lupe-Neural does not speak en-US"),
        (say("hola", 'voice="Polly.Lupe-Neural" language="es-MX"'), "does not speak es-MX"),
        (say("hi", 'voice="Polly.Joanna-Neural" language="es-US"'), "does not speak es-US"),
        (say("hi", 'voice="Google.es-US-Neural2-A" language="en-US"'), "does not speak en-US"),
        (say("hi", JOANNA + ' loop="0"'), "loop='0'"),
        (say('hi<break time="1"/>'), "time='1'"),
        (say('hi<break time="1sec"/>'), "time='1sec'"),
        (say('hi<break time="11s"/>'), "time='11s'"),
        (say('hi<break time="0ms"/>'), "time='0ms'"),
        (say('hi<break time="1ms\n"/>'), "time="),
        (say('hi<break strength="huge"/>'), "strength='huge'"),
        (say("hi<break/>"), "it says nothing about how"),
        (say("<prosody>hi</prosody>"), "it says nothing about how"),
        (say('<prosody rate="10%">hi</prosody>'), "rate='10%'"),
        (say('<prosody rate="slowly">hi</prosody>'), "rate='slowly'"),
        (say('<prosody volume="11">hi</prosody>'), "volume='11'"),
        (say('<prosody pitch="high">hi</prosody>'), "takes prosody's rate and volume only"),
        (say('<s><emphasis level="strong">hi</emphasis></s>'), "does not take <emphasis>"),
        (say("<emphasis>hi</emphasis>", 'voice="Polly.Ruth-Generative"'), "does not take <emphasis>"),
        (say("<lang>hola</lang>"), "xml:lang must be set"),
        (say('<lang xml:lang="spanish">hola</lang>'), "xml:lang='spanish'"),
        (say("<sub>Dr.</sub>"), "alias must be set"),
        (say('<sub alias=" ">Dr.</sub>'), "alias=' '"),
        (gather(inside="<Say>hi</Say>"), "Response > Gather > Say: voice must be set"),
    ],
)
def test_words_that_the_voice_cannot_say_are_caught(document: str, finding: str) -> None:
    assert any(finding in fault for fault in faults(document))


@pytest.mark.parametrize(
    ("document", "finding"),
    [
        (gather(GATHER.replace('action="/voice/turn/a"', "")), "Response > Gather: action must be set"),
        (gather(GATHER.replace('method="POST"', "")), "Response > Gather: method must be set"),
        (dial('method="POST"'), "Response > Dial: action must be set"),
        (dial('action="/a"'), "Response > Dial: method must be set"),
        (response(f'<Record method="POST"/>{PAST}'), "Response > Record: action must be set"),
        (response(f'<Record action="/a"/>{PAST}'), "Response > Record: method must be set"),
        (response("<Redirect>/a</Redirect>"), "Response > Redirect: method must be set"),
        (response('<Redirect method="POST"/>'), "Response > Redirect: it is empty"),
        (dial(inside='<Number url="/a">+14805550111</Number>'), "url is set without method"),
        (dial(inside='<Number statusCallback="/a">+14805550111</Number>'), "without statusCallbackMethod"),
        (record('recordingStatusCallback="/a"'), "without recordingStatusCallbackMethod"),
        (gather(GATHER.replace("/voice/turn/a", "")), "action is no URL"),
        (gather(GATHER.replace("/voice/turn/a", "turn/a")), "does not start with /"),
        (gather(GATHER.replace("/voice/turn/a", "/a b")), "is no URL"),
        (gather(GATHER.replace("/voice/turn/a", "/ñ")), "is no URL"),
        (gather(GATHER.replace("/voice/turn/a", "http://[")), "is no URL"),
        (gather(GATHER.replace("/voice/turn/a", "/a?b=1")), "has a query"),
        (gather(GATHER.replace("/voice/turn/a", "https://evil.example.com/a")), "leads away from us"),
        (gather(GATHER.replace("/voice/turn/a", "//evil.example.com/a")), "leads away from us"),
        (gather(GATHER.replace("/voice/turn/a", "https://ivr.example.com.evil.example/a")), "leads away from us"),
        (gather(GATHER.replace("/voice/turn/a", "https://ivr.example.com@evil.example/a")), "leads away from us"),
        (gather(GATHER.replace("/voice/turn/a", "http://ivr.example.com/a")), "leads away from us"),
        (gather(GATHER.replace("/voice/turn/a", "javascript:/a")), "leads away from us"),
        (response('<Redirect method="POST">https://evil.example.com/</Redirect>'), "leads away from us"),
        (response(f"<Play>https://evil.example.com/a.wav</Play>{BYE}"), "leads away from us"),
        (dial(inside='<Number url="https://evil.example/" method="POST">+14805550111</Number>'), "leads away from us"),
    ],
)
def test_a_url_or_method_that_is_missing_or_leads_away_is_caught(document: str, finding: str) -> None:
    assert any(finding in fault for fault in faults(document, base="https://ivr.example.com"))


def test_an_absolute_url_passes_only_under_our_own_address() -> None:
    document = gather(GATHER.replace("/voice/turn/a", "https://ivr.example.com/voice/turn/a"))
    assert faults(document, base="https://ivr.example.com") == []
    assert any("leads away from us" in fault for fault in faults(document, base="https://other.example.com"))
    assert any("leads away from us" in fault for fault in faults(document))


@pytest.mark.parametrize(
    ("inside", "finding"),
    [
        (f"<Dial {DIAL}>{NUMBER}</Dial>{BYE}", "<Hangup> is never reached after <Dial>"),
        (f"{PAST}{HI}{BYE}", "<Say> is never reached after <Redirect>"),
        (f"{BYE}{PAST}", "<Redirect> is never reached after <Hangup>"),
        (f"<Reject/>{BYE}", "<Hangup> is never reached after <Reject>"),
        (f"{HI}<Reject/>", "<Reject> works only as the first verb"),
        ("", "it is empty"),
        (HI, "it ends after <Say>"),
        ("<Pause length='1'/>", "it ends after <Pause>"),
        ("<Play>/a.wav</Play>", "it ends after <Play>"),
        (f"<Gather {GATHER}>{HI}</Gather>", "nothing follows <Gather>"),
        (f"<Gather {GATHER} actionOnEmptyResult='false'>{HI}</Gather>", "nothing follows <Gather>"),
        (f"<Gather {GATHER}>{HI}</Gather>{HI}", "it ends after <Say>"),
        ('<Record action="/a" method="POST"/>', "nothing follows <Record>"),
    ],
)
def test_verbs_out_of_reach_and_a_caller_left_alone_are_caught(inside: str, finding: str) -> None:
    assert any(finding in fault for fault in faults(response(inside)))


@pytest.mark.parametrize(
    ("inside", "finding"),
    [
        (f"<Dial {DIAL}>{NUMBER}</Dial>", "<Dial> is not allowed on the callee's side"),
        (f'<Record action="/a" method="POST"/>{BYE}', "<Record> is not allowed on the callee's side"),
        (f"<Gather {GATHER}>{HI}</Gather>", "a voicemail that presses no key would be joined"),
        (f"<Gather {GATHER}>{HI}</Gather>{HI}", "a voicemail that presses no key would be joined"),
        (f"{BYE}{HI}", "<Say> is never reached after <Hangup>"),
    ],
)
def test_a_callees_document_that_joins_by_accident_is_caught(inside: str, finding: str) -> None:
    assert any(finding in fault for fault in faults(response(inside), callee=True))


def test_all_faults_are_told_at_once() -> None:
    found = faults(response("<Gather>stray<Say>hi</Say></Gather>"))
    assert len(found) == 6


def test_a_control_character_that_the_sdk_lets_through_is_caught() -> None:
    answer = VoiceResponse()
    answer.say("ring\x0b", voice="Polly.Joanna-Neural", language="en-US")
    answer.hangup()
    assert any("not well-formed" in fault for fault in faults(str(answer)))


def test_a_misspelt_keyword_that_the_sdk_lets_through_is_caught() -> None:
    answer = VoiceResponse()
    answer.gather(action="/a", method="POST", finish_on_key="", numdigits=1)
    answer.hangup()
    assert faults(str(answer)) == ["Response > Gather: the twilio package knows no attribute 'numdigits' here"]


pieces = st.sampled_from(
    ["<Response>", "</Response>", "<Say>", "</Say>", "<Gather ", "/>", 'a="', '"', "<", "&", "]]>", "\ud800"]
)


@settings(deadline=None, max_examples=100)
@given(st.lists(pieces | st.text(st.characters(), max_size=4), max_size=12).map("".join) | st.binary(max_size=40))
@example("<Response>" + "<Say>" * 5000)
@example("<Response><Say>" + "<prosody>" * 5000 + "</prosody>" * 5000 + "</Say></Response>")
def test_no_text_and_no_bytes_make_it_raise(document: str | bytes) -> None:
    assert faults(document) != []
    assert all(fault for fault in faults(document, callee=True))


# Documents without a service. ----------------------------------------------------------------------------------------

ALONE = f'{HI}<Dial>{NUMBER}</Dial>{HI}<Pause length="1"/>{BYE}'


def test_words_phones_and_an_end_need_no_service() -> None:
    assert faults(response(ALONE), static=True) == []
    told = '<Number statusCallback="/voice/fallback" statusCallbackMethod="POST">+14805550111</Number>'
    assert faults(response(f"{HI}<Dial>{told}</Dial>{BYE}"), static=True) == []
    assert faults(response(ALONE)) != [], "with a service a Dial says where to go on"


@pytest.mark.parametrize(
    "verb",
    [
        "<Play>/x.wav</Play>",
        '<Play digits="1"/>',
        f"<Gather>{HI}</Gather>",
        f"<Gather {GATHER}>{HI}</Gather>",
        "<Record/>",
        '<Redirect method="POST">/voice/incoming</Redirect>',
        "<Redirect>/voice/incoming</Redirect>",
        "<Enqueue>patients</Enqueue>",
        "<Connect/>",
        "<Start/>",
        "<Pay/>",
        "<Prompt/>",
        "<Refer/>",
        "<Sms>Hello.</Sms>",
        "<Echo/>",
        "<Leave/>",
        "<Queue>patients</Queue>",
        "<Stop/>",
    ],
)
def test_no_verb_that_asks_a_service_passes_with_attributes_or_without(verb: str) -> None:
    tag = verb.strip("<").partition(">")[0].partition(" ")[0].strip("/")
    assert f"<{tag}> cannot do without a service" in faults(response(f"{HI}{verb}{BYE}"), static=True)


@pytest.mark.parametrize(
    ("verb", "fault"),
    [
        (f"<Dial {DIAL}>{NUMBER}</Dial>", "Dial: action asks a service"),
        ('<Dial><Number url="/voice/w" method="POST">+14805550111</Number></Dial>', "Number: url asks a service"),
        ('<Dial referUrl="/voice/r" referMethod="POST">+14805550111</Dial>', "Dial: referUrl asks a service"),
    ],
)
def test_no_attribute_asks_a_service_either(verb: str, fault: str) -> None:
    assert fault in faults(response(f"{HI}{verb}{BYE}"), static=True)


def test_every_verb_of_the_sdk_is_known_to_need_a_service_or_not() -> None:
    """A verb of a newer package does not pass by being unknown."""
    for verb in ROOT.children:
        asks = f"<{verb}> cannot do without a service" in faults(response(f"<{verb}/>{BYE}"), static=True)
        assert asks is (verb not in ("Say", "Pause", "Dial", "Hangup", "Reject")), verb


# The grammar itself. -------------------------------------------------------------------------------------------------


def test_every_class_of_the_sdk_is_found_by_walking_it() -> None:
    classes = {
        kind
        for _, kind in inspect.getmembers(voice_response, inspect.isclass)
        if kind.__module__ == voice_response.__name__
    }
    assert {known.kind for known in walked()} == classes


def test_every_limit_is_about_an_attribute_the_sdk_knows() -> None:
    known = {(element.name, attribute) for element in walked() for attribute in element.attributes}
    assert set(LIMITS) - known == set()


def test_attributes_carry_their_names_of_the_xml() -> None:
    named = {known.name: known for known in walked()}
    assert {"finishOnKey", "numDigits", "actionOnEmptyResult"} <= named["Gather"].attributes
    assert named["lang"].attributes == {"xml:lang"}
    assert {"break", "say-as", "prosody"} <= set(named["Say"].children)
    assert set(named["Gather"].children) == {"Say", "Play", "Pause"}


def walked() -> list[Known]:
    found, waiting = {ROOT.kind: ROOT}, [ROOT]
    while waiting:
        for child in waiting.pop().children.values():
            if child.kind not in found:
                found[child.kind] = child
                waiting.append(child)
    return list(found.values())
