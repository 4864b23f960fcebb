"""Try a call: a telephone in the browser. Whole calls, the TwiML it shows, the story it keeps, and what it refuses."""

from __future__ import annotations

import html
import json
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from ivr.call_flow.model import Override, OverrideKind
from ivr.cli.telephone import Ended, Key, Message, Ringing, Telephone
from ivr.console.try_call import CALLER
from ivr.publishing.desk import desk, mark
from ivr.routing.compile import version_of
from ivr.routing.draft_file import DraftNote, write_note
from ivr.routing.folder import read_folder
from ivr.routing.override_file import write_overrides
from ivr.routing.stories import Story, run_story
from ivr.routing.story_text import read_story
from ivr.routing.text import Limits
from ivr.routing.versions import Versions
from ivr.services import Services
from tests.console.browser import Served, served
from tests.console.practice import telephone

CONFIG = Path(__file__).parents[2] / "config"
TUESDAY = "2026-11-24T10:00"
NIGHT = "2026-11-24T20:00"
FRIDAY = "2026-12-04T16:00"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK = {**dict.fromkeys(DAYS, "9:00-17:00"), "saturday": "9:00-12:00", "sunday": ""}


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who is signed in, with the page before them."""

    site: Served
    client: FlaskClient

    def asks(self, *deeds: str, **form: str) -> TestResponse:
        """Post the page's form, these deeds done already."""
        fields = {"line": "main", "at": TUESDAY, "caller": "shown", "what": "live", "deeds": json.dumps(deeds)}
        return self.client.post("/try", data=fields | form)

    def hears(self, *deeds: str, **form: str) -> str:
        """The page after these deeds, as plain text."""
        answer = self.asks(*deeds, **form)
        assert answer.status_code == 200, plain(answer.text)
        return plain(answer.text)

    def story(self, *deeds: str, **form: str) -> Story:
        fields = {"line": "main", "at": TUESDAY, "deeds": json.dumps(deeds)} | form
        answer = self.client.post("/try/story", data=fields)
        assert answer.status_code == 200, plain(answer.text)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        read = read_story("a-call.yaml", answer.data, Limits())
        assert isinstance(read, Story), read
        return read

    @property
    def services(self) -> Services:
        found: Services = self.site.app.extensions["ivr"]
        return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("clinic")
    shutil.copytree(CONFIG, folder / "config")
    with served(folder) as site:
        yield site


@pytest.fixture
def caller(site: Served) -> Iterator[Caller]:
    site.app.config["WTF_CSRF_ENABLED"] = False
    client = site.app.test_client()
    client.set_cookie("ivr-practice", site.cookie()["value"])
    caller = Caller(site, client)
    yield caller
    override(caller)
    client.post("/routing/draft/discard")
    offer_to_testers(caller, None)


def plain(page: str) -> str:
    """The page's words: no element, no entity, single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def documents(page: str) -> list[str]:
    """The TwiML of each step, as the page shows it."""
    found = re.findall(r"<details class=\"twiml\">.*?<code>(.*?)</code>", page, re.DOTALL)
    return [html.unescape(re.sub(r"</?span>", "", shown)) for shown in found]


def test_the_page_stands_in_the_menu_and_begins_with_this_moment(caller: Caller) -> None:
    page = caller.client.get("/try").text
    assert f'value="{TUESDAY}"' in page
    assert "Nothing has been said yet" in page
    assert '<a href="/try" aria-current="page">Try a call</a>' in page


def test_a_call_begins_with_the_greeting(caller: Caller) -> None:
    words = caller.hears(do="call")
    assert "For our Gilbert location, press 2." in words
    assert "A PIN" not in words


def test_a_new_call_forgets_what_was_done_before(caller: Caller) -> None:
    assert "The caller presses 2." not in caller.hears("presses 2", do="call")


def test_one_step_back_takes_the_last_deed_away(caller: Caller) -> None:
    words = caller.hears("presses 3", "presses 1", do="back")
    assert "The caller presses 3." in words
    assert "The caller presses 1." not in words


def test_at_night_gilbert_is_closed_and_takes_a_message(caller: Caller) -> None:
    words = caller.hears("presses 2", "presses 1", at=NIGHT, do="leaves a message")
    assert "Gilbert is closed: outside its hours." in words
    assert "has taken a message." in words
    assert "The call is over." in words


def test_a_call_in_spanish_is_heard_in_spanish(caller: Caller) -> None:
    page = caller.asks(language="es-US", do="call").text
    assert 'lang="es-US"' in page
    assert "Gracias por llamar" in plain(page) or "Scottsdale, oprima" in plain(page)


def test_when_all_phones_are_busy_the_other_location_rings_and_then_the_mailbox_answers(caller: Caller) -> None:
    words = caller.hears("presses 2", "phone busy", "phone busy", do="phone busy")
    assert "Gilbert front desk is busy. Gilbert nurse is busy." in words
    assert "Now we are trying Scottsdale." in words
    assert 'The mailbox "gilbert_mailbox" offers to take a message.' in words


def test_each_phone_may_do_something_of_its_own(caller: Caller) -> None:
    words = caller.hears("presses 2", do="phones", **{"phone-0": "busy", "phone-1": "answers"})
    assert "Gilbert front desk is busy. Gilbert nurse answers." in words
    assert "The call is over." in words


def test_a_phone_that_is_told_nothing_is_asked_for(caller: Caller) -> None:
    answer = caller.asks("presses 2", do="phones", **{"phone-0": "busy"})
    assert answer.status_code == 422
    assert "Say of each phone that rings what it does." in plain(answer.text)
    assert "The caller presses 2." in plain(answer.text)


def test_who_picks_up_is_told_whose_call_it_is(caller: Caller) -> None:
    words = caller.hears(do="presses 2")
    assert "These phones ring together, for up to 20 seconds (Gilbert)" in words
    assert "Who picks up hears: “Call for the clinic. Gilbert. To take this call, press any key.”" in words


def test_words_are_said_where_the_menu_listens(caller: Caller) -> None:
    words = caller.hears(do="says", words="Gilbert, please")
    assert 'The caller says "Gilbert, please".' in words
    assert "which leads to Gilbert." in words


def test_a_withheld_number_is_heard_as_such(caller: Caller) -> None:
    assert "number withheld" in caller.hears(do="call", caller="withheld")


def override(caller: Caller, *overrides: Override) -> None:
    """Put these overrides, and no others, on this host."""
    write_overrides(caller.site.settings.data / "routing", overrides)
    caller.services.live.refresh()


def close_gilbert(caller: Caller) -> None:
    now = caller.site.clock()
    ends = now + timedelta(hours=3)
    override(caller, Override(7, OverrideKind.CLOSE, "gilbert", now - timedelta(hours=1), ends, "a leak"))


def test_what_is_changed_for_a_while_counts_or_is_left_out(caller: Caller) -> None:
    close_gilbert(caller)
    assert "Gilbert is closed: an override closes it." in caller.hears("presses 2", do="")
    assert "These phones ring together" in caller.hears("presses 2", what="plain")


def test_a_story_that_needs_an_override_says_so(caller: Caller) -> None:
    assert "this one differs" not in caller.hears("presses 2")
    close_gilbert(caller)
    assert "this one differs" in caller.hears("presses 2")
    assert "this one differs" not in caller.hears("presses 2", what="plain")


@pytest.mark.parametrize(
    ("what", "sentence"),
    [("draft", "There is no draft any more."), ("testers", "Testers hear no draft any more.")],
)
def test_without_a_draft_none_is_offered_or_tried(caller: Caller, what: str, sentence: str) -> None:
    page = caller.client.get("/try").text
    assert choices(page) == ["live", "plain"]
    answer = caller.asks(what=what, do="call")
    assert answer.status_code == 422
    assert sentence in plain(answer.text)
    assert sentence in plain(caller.client.get("/try", query_string={"what": what}).text)


def choices(page: str) -> list[str]:
    """What the page offers to try."""
    found = re.search(r'<select id="what".*?</select>', page, re.DOTALL)
    assert found
    return re.findall(r'<option value="(\w+)"', found[0])


def drafted(caller: Caller) -> dict[str, bytes]:
    """The console's draft as it stands."""
    return dict(desk(caller.site.engine, read_folder(caller.site.settings.config)[0]).files)


def close_fridays(caller: Caller, at: str = "15:00") -> None:
    """Edit Gilbert's Friday in the console."""
    form = {**WEEK, "friday": f"9:00-{at}", "do": "week", "seen": mark(drafted(caller)["clinic.yaml"])}
    answer = caller.client.post("/routing/draft/hours/gilbert", data=form, follow_redirects=True)
    assert "Saved in the draft." in answer.text


def write(caller: Caller, text: bytes) -> None:
    """Write the draft's clinic.yaml in the console."""
    form = {"text": text.decode(), "seen": mark(drafted(caller)["clinic.yaml"])}
    answer = caller.client.post("/routing/draft/file/clinic.yaml", data=form)
    assert answer.status_code in (200, 303), plain(answer.text)
    assert drafted(caller)["clinic.yaml"] == text


def offer_to_testers(caller: Caller, files: dict[str, bytes] | None) -> None:
    """Have testers hear these files, or nothing of their own, on this host."""
    store = caller.site.settings.data / "routing"
    if files is not None:
        Versions(store).keep(version_of(files), files, draft=True)
    write_note(store, DraftNote(version_of(files)) if files is not None else None)
    caller.services.live.refresh()


def carried(page: str, name: str) -> str:
    """What the page's forms bring along to the next step."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page[page.index('id="try"') :])
    assert found
    return html.unescape(found[1])


NORTH = b"  north:\n    number: +14805550107\n    start: main\n    person: gilbert\n"
CLOSED = "Gilbert is closed: outside its hours."


def test_fridays_edited_in_the_console_are_tried_before_they_are_live(caller: Caller) -> None:
    close_fridays(caller)
    assert choices(caller.client.get("/try").text) == ["live", "plain", "draft"]
    words = caller.hears(do="presses 2", what="draft", at=FRIDAY)
    assert CLOSED in words
    assert ", on the draft." in words
    assert "These phones ring together" in caller.hears(do="presses 2", what="live", at=FRIDAY)


def test_the_draft_leads_to_the_telephone_with_the_draft_chosen(caller: Caller) -> None:
    assert "/try?what=draft" not in caller.client.get("/routing/draft").text
    close_fridays(caller)
    assert '<a href="/try?what=draft">Try a call on the draft</a>' in caller.client.get("/routing/draft").text
    page = caller.client.get("/try?what=draft").text
    assert '<option value="draft" selected>The draft, not live yet</option>' in page
    assert 'id="fault"' not in page


def test_what_is_changed_for_a_while_counts_on_the_draft_too(caller: Caller) -> None:
    close_fridays(caller)
    close_gilbert(caller)
    assert "Gilbert is closed: an override closes it." in caller.hears("presses 2", what="draft")


def test_a_draft_with_mistakes_is_told_instead_of_a_call(caller: Caller) -> None:
    write(caller, drafted(caller)["clinic.yaml"].replace(b"9:00", b"9 o'clock", 1))
    answer = caller.asks(what="draft", do="call")
    assert answer.status_code == 422
    assert "The draft cannot be tried yet: it has a mistake, to be mended first. clinic.yaml, line" in plain(
        answer.text
    )
    assert "Ready" in plain(answer.text)
    assert "The draft cannot be tried yet" in caller.client.get("/try?what=draft").text
    assert "/try?what=draft" not in caller.client.get("/routing/draft").text


def test_of_many_mistakes_ten_are_told(caller: Caller) -> None:
    write(caller, drafted(caller)["clinic.yaml"].replace(b":00-", b" o'clock-"))
    words = plain(caller.asks(what="draft", do="call").text)
    count = re.search(r"it has (\d+) mistakes", words)
    assert count
    assert words.count("clinic.yaml, line") == 10
    assert f"and {int(count[1]) - 10} more." in words


def test_a_line_that_only_the_draft_has_is_tried_on_it(caller: Caller) -> None:
    write(caller, drafted(caller)["clinic.yaml"].replace(b"\nlocations:\n", NORTH + b"\nlocations:\n", 1))
    assert '<option value="north"' not in caller.client.get("/try").text
    assert '<option value="north"' in caller.client.get("/try?what=draft").text
    assert 'The call comes in on the line "north"' in caller.hears(do="call", what="draft", line="north")


def test_a_call_goes_on_while_the_draft_stays_as_it_is(caller: Caller) -> None:
    close_fridays(caller)
    begun = caller.asks(what="draft", do="call", at=FRIDAY).text
    assert carried(begun, "version") == version_of(drafted(caller))
    words = caller.hears(do="presses 2", what="draft", at=FRIDAY, version=carried(begun, "version"))
    assert CLOSED in words
    assert "begins anew" not in words


def test_a_call_begins_anew_when_its_draft_was_edited_meanwhile(caller: Caller) -> None:
    close_fridays(caller)
    version = carried(caller.asks(what="draft", do="call", at=FRIDAY).text, "version")
    close_fridays(caller, at="16:30")
    page = caller.asks(do="presses 2", what="draft", at=FRIDAY, version=version)
    assert page.status_code == 200
    assert "The draft was changed while you tried it, so the call begins anew" in plain(page.text)
    assert carried(page.text, "deeds") == "[]"
    assert len(documents(page.text)) == 1
    words = caller.hears(do="presses 2", what="draft", at=FRIDAY, version=carried(page.text, "version"))
    assert "These phones ring together" in words
    assert "begins anew" not in words
    assert "begins anew" not in caller.hears(do="call", what="draft", at=FRIDAY, version=version)


def test_no_story_is_kept_of_a_draft_that_was_edited_meanwhile(caller: Caller) -> None:
    close_fridays(caller)
    fields = {"line": "main", "at": FRIDAY, "what": "draft", "deeds": '["presses 2"]'}
    fields["version"] = version_of(drafted(caller))
    assert caller.client.post("/try/story", data=fields).status_code == 200
    close_fridays(caller, at="16:30")
    answer = caller.client.post("/try/story", data=fields)
    assert answer.status_code == 409
    assert "begins anew" in plain(answer.text)


def test_a_call_ends_calmly_when_its_draft_was_discarded_meanwhile(caller: Caller) -> None:
    close_fridays(caller)
    version = version_of(drafted(caller))
    caller.client.post("/routing/draft/discard")
    answer = caller.asks("presses 2", do="hangs up", what="draft", at=FRIDAY, version=version)
    assert answer.status_code == 422
    assert "There is no draft any more. Try what is live." in plain(answer.text)


def test_the_testers_draft_is_offered_as_such_where_it_is_another_one(caller: Caller) -> None:
    close_fridays(caller)
    offer_to_testers(caller, drafted(caller))
    assert choices(caller.client.get("/try").text) == ["live", "plain", "draft"]
    close_fridays(caller, at="16:30")
    page = caller.client.get("/try").text
    assert choices(page) == ["live", "plain", "draft", "testers"]
    assert "The testers’ draft of config/" in page
    words = caller.hears("presses 2", what="testers", at=FRIDAY)
    assert CLOSED in words
    assert "on the testers’ draft of config/." in words
    assert "These phones ring together" in caller.hears("presses 2", what="draft", at=FRIDAY)


DAY_CALL = ("presses 1", "phone no answer", "phone busy", "phone declined", "presses 1", "leaves a message")


def test_a_kept_story_passes(caller: Caller) -> None:
    story = caller.story(*DAY_CALL, caller="withheld")
    assert story.withheld
    assert len(story.entries) > len(DAY_CALL)
    assert run_story(caller.services.live.routing(), story).passed


def test_the_story_on_the_page_is_the_one_that_is_downloaded(caller: Caller) -> None:
    shown = re.search(r'id="story"><code>(.*?)</code>', caller.asks(*DAY_CALL).text, re.DOTALL)
    assert shown
    read = read_story("a-call.yaml", html.unescape(shown[1]).encode(), Limits())
    assert read == caller.story(*DAY_CALL)


def act(phone: Telephone, chance: random.Random) -> str:
    """One random deed on a practice telephone, in the page's words."""
    match phone.moment.wait:
        case Key(speech=speech):
            key = chance.choice([*"123456789*0#", "-", *(["Gilbert"] if speech else [])])
            if key == "-":
                phone.stay_silent()
                return "stays silent"
            if key == "Gilbert":
                phone.say(key)
                return f"says {key}"
            phone.press(key)
            return f"presses {key}"
        case Ringing():
            word, status = chance.choice([("no answer", "no-answer"), ("busy", "busy"), ("failed", "failed")])
            phone.nobody_answers(status)
            return f"phone {word}"
        case Message():
            if chance.random() < 0.5:
                phone.leave_message(10)
                return "leaves a message"
            phone.stay_silent()
            return "leaves no message"
        case Ended():
            return ""


@pytest.mark.parametrize("seed", range(6))
def test_the_twiml_shown_is_what_the_signed_door_answers(caller: Caller, seed: int) -> None:
    chance = random.Random(seed)
    withheld = seed % 4 == 3
    phone = telephone(caller.site, "anonymous" if withheld else CALLER)
    caller.site.clock.set(NIGHT.replace("T", " ") if seed % 2 else TUESDAY.replace("T", " "))
    answered = [phone.dial().document]
    deeds: list[str] = []
    while len(deeds) < 25 and (deed := act(phone, chance)):
        deeds.append(deed)
        answered.append(phone.moment.document)
    caller.site.clock.set(TUESDAY.replace("T", " "))  # the page's time is in its form
    form = {"at": NIGHT if seed % 2 else TUESDAY, "caller": "withheld" if withheld else "shown"}
    page = caller.asks(*deeds, **form)
    assert page.status_code == 200, plain(page.text)
    assert documents(page.text) == answered


def test_once_the_caller_has_hung_up_twilio_is_answered_nothing(caller: Caller) -> None:
    page = caller.asks("presses 3", do="hangs up").text
    assert len(documents(page)) == 2
    assert "The call is over." in plain(page)


def test_a_call_that_is_tried_leaves_no_trace(caller: Caller) -> None:
    journal = caller.site.settings.data / "journal"

    def written() -> list[tuple[str, int]]:
        return sorted((path.name, path.stat().st_size) for path in journal.rglob("*") if path.is_file())

    before = written()
    caller.hears(*DAY_CALL)
    assert written() == before


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"at": "2026-02-30T10:00"}, "There is no 2026-02-30 in the calendar."),
        ({"at": "soon"}, "Choose a day and a time."),
        ({"at": "2026-11-24T25:00"}, "there is no such time of day."),
        ({"line": "north"}, "No line is called"),
        ({"language": "fr-FR"}, "No language is called"),
        ({"what": "tomorrow's"}, "Choose what to try."),
        ({"deeds": "["}, "cannot be read. Begin the call again."),
        ({"deeds": '{"a": 1}'}, "cannot be read. Begin the call again."),
        ({"deeds": "[1]"}, "cannot be read. Begin the call again."),
        ({"deeds": json.dumps(["sings"])}, "This step cannot be read."),
        ({"deeds": json.dumps(["presses 1"] * 201)}, "200 steps at most"),
        ({"do": "presses 12"}, "This step cannot be read."),
        ({"do": "phone busy"}, "The call waits for a key here."),
        ({"do": "says", "words": " "}, "Write the words that are said."),
        ({"deeds": json.dumps(["hangs up", "presses 1"])}, "The call has ended already."),
    ],
)
def test_what_cannot_be_is_refused_calmly(caller: Caller, form: dict[str, str], sentence: str) -> None:
    answer = caller.asks(**form)
    assert answer.status_code == 422
    assert sentence in plain(answer.text)


def test_a_step_that_does_not_fit_leaves_the_call_where_it_stood(caller: Caller) -> None:
    page = caller.asks("presses 2", do="presses 1").text
    assert "A phone is ringing here: say what it does." in plain(page)
    assert html.escape('["presses 2"]', quote=True).replace("&quot;", "&#34;") in page


def test_a_fragment_is_answered_to_the_script_and_a_page_to_everybody_else(caller: Caller) -> None:
    fields = {"line": "main", "at": TUESDAY, "do": "call"}
    assert "<nav" not in caller.client.post("/try", data=fields, headers={"HX-Request": "true"}).text
    assert "<nav" in caller.client.post("/try", data=fields).text


def test_a_form_without_its_token_is_refused(caller: Caller) -> None:
    caller.site.app.config["WTF_CSRF_ENABLED"] = True
    assert caller.asks(do="call").status_code == 403
    assert caller.client.post("/try/story", data={"deeds": "[]"}).status_code == 403


def test_nobody_tries_a_call_who_is_not_signed_in(caller: Caller) -> None:
    stranger = caller.site.app.test_client()
    assert stranger.get("/try").status_code == 302
    assert stranger.post("/try", data={"do": "call"}).status_code == 302


DEEDS = st.sampled_from(
    [f"presses {key}" for key in "0123456789*#"]
    + [
        "stays silent",
        "hangs up",
        "leaves a message",
        "leaves no message",
        "says Gilbert",
        "says \x00'\"",
        "says \ud800",
        "says",
    ]
    + ["phone answers", "phone busy", "phone declined", "phones busy,no answer", "phones failed", "phones ", "back"]
)
TEXT = st.text(max_size=40)
GARBAGE = st.recursive(st.none() | st.integers() | TEXT, lambda inner: st.lists(inner, max_size=4), max_leaves=6)


@settings(max_examples=40)
@given(deeds=st.lists(DEEDS, max_size=30), do=DEEDS | TEXT, at=st.sampled_from([TUESDAY, NIGHT, "2026-11-26T12:00"]))
def test_no_deeds_break_the_page(caller: Caller, deeds: list[str], do: str, at: str) -> None:
    assert caller.asks(*deeds, do=do, at=at).status_code in (200, 422)


@settings(max_examples=40)
@given(
    form=st.dictionaries(st.sampled_from(["line", "at", "language", "caller", "what", "version", "do", "words"]), TEXT),
    deeds=GARBAGE,
)
def test_no_garbage_breaks_the_page(caller: Caller, form: dict[str, str], deeds: Any) -> None:
    fields = {"deeds": json.dumps(deeds), **form}
    assert caller.client.post("/try", data=fields).status_code in (200, 422)
    assert caller.client.post("/try/story", data=fields).status_code in (200, 422)
