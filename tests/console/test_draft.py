"""The draft in the console: edited in forms, told in words, published, and never lost between two people."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from ivr.accounts.people import accept, invite
from ivr.accounts.roles import Role
from ivr.accounts.sessions import begin
from ivr.app import build_services
from ivr.call_flow.model import Routing
from ivr.call_flow.proofs import Progress
from ivr.call_flow.turn import Turn
from ivr.call_log.audit import deeds
from ivr.call_log.database import migrate, open_database
from ivr.console.pages import add_console
from ivr.publishing.desk import desk, mark
from ivr.publishing.examination import Examination, Examiner
from ivr.publishing.publish import publish
from ivr.publishing.versions import Publication, files_of, live
from ivr.routing.compile import compile_files, version_of
from ivr.routing.folder import read_folder
from ivr.routing.problems import Problem
from ivr.routing.stories import Story
from ivr.routing.text import Limits
from tests.conftest import Clock, settings_for

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOURS = "/routing/draft/hours/gilbert"
WEEK = {**dict.fromkeys(DAYS, "9:00-17:00"), "saturday": "9:00-12:00", "sunday": ""}
EARLY = {**WEEK, "friday": "9:00-15:00", "do": "week"}
IN_WORDS = re.compile(r"<strong>Gilbert, Friday</strong> closes 15:00 instead of 17:00")


@dataclass(frozen=True, slots=True)
class ChecksOnly(Examiner):
    """Examines without the proof and the stories, which take seconds and are tested elsewhere."""

    def examine(
        self,
        files: Mapping[str, bytes],
        stories: Sequence[Story],
        now: datetime,
        *,
        unreadable: Sequence[Problem] = (),
        progress: Progress | None = None,
    ) -> Examination:
        compiled = compile_files(files, folder=self.folder)
        return Examination(version_of(files), compiled.routing, (*unreadable, *compiled.problems), (), len(stories))


@dataclass(frozen=True, slots=True)
class Site:
    """A clinic's console without a browser, its database and its configuration."""

    app: Flask
    engine: Engine
    clock: Clock
    config: Path

    def client(self, role: Role = Role.ADMIN) -> FlaskClient:
        name = role.value.replace(" ", "")
        token = invite(self.engine, name, role, actor="test", now=self.clock())
        person = accept(self.engine, token, name, "four words that fit", self.clock())
        assert person is not None
        client = self.app.test_client()
        client.set_cookie("ivr-practice", begin(self.engine, person, self.clock()))
        return client

    def found(self) -> dict[str, bytes]:
        return read_folder(self.config)[0]

    def draft(self) -> Mapping[str, bytes]:
        return desk(self.engine, self.found()).files

    def seen(self, name: str = "clinic.yaml") -> str:
        return mark(self.draft()[name])

    def put_live(self, files: Mapping[str, bytes], parent: int | None) -> Publication:
        examination = Examination(version_of(files), compile_files(files).routing, ())
        now = self.clock()
        made = publish(self.engine, files, examination, parent=parent, author="ana", message="As it was", now=now)
        assert isinstance(made, Publication)
        return made


def unrendered(_routing: Routing, _turn: Turn, _caller: str) -> str:
    """No page of the draft shows TwiML."""
    return ""


@pytest.fixture
def open_site(tmp_path: Path, config: Path, request: pytest.FixtureRequest) -> Callable[..., Site]:
    def opened(*, autopublish: bool = False) -> Site:
        engine = open_database(f"sqlite:///{tmp_path}/log.db")
        request.addfinalizer(engine.dispose)
        migrate(engine)
        clock = Clock("2026-11-24 10:00")
        settings = replace(settings_for(tmp_path, config), autopublish=autopublish, public_url="http://127.0.0.1:1")
        services = build_services(settings, clock)
        services.live.boot()
        app = Flask("ivr", static_folder=None)
        checks = ChecksOnly(False, Limits(), "config", lambda routing: lambda turn: None)
        add_console(app, services, engine, checks, unrendered)
        app.config["WTF_CSRF_ENABLED"] = False
        site = Site(app, engine, clock, config)
        site.put_live(site.found(), None)
        return site

    return opened


@pytest.fixture
def site(open_site: Callable[..., Site]) -> Site:
    return open_site()


@pytest.fixture
def client(site: Site) -> FlaskClient:
    return site.client()


def alert(page: TestResponse) -> str:
    return " ".join(re.findall(r'role="(?:alert|status)">(.*?)</(?:section|div)>', page.text, re.DOTALL))


def publish_it(site: Site, client: FlaskClient, message: str = "Gilbert closes early") -> TestResponse:
    form = {"message": message, "version": version_of(site.draft())}
    return client.post("/routing/draft/publish", data=form)


def test_fridays_hours_are_edited_seen_in_words_and_published(site: Site, client: FlaskClient) -> None:
    assert "the draft is what is live, version 1" in client.get("/routing/draft").text
    saved = client.post(HOURS, data={**EARLY, "seen": site.seen()}, follow_redirects=True)
    assert "Saved in the draft." in saved.text
    assert 'value="9:00-15:00"' in saved.text
    assert files_of(site.engine, 1) == site.found(), "nothing is live yet"
    page = client.get("/routing/draft").text
    assert IN_WORDS.search(page)
    assert '<span class="added">+      friday: 9:00-15:00</span>' in page
    assert "It passes" in client.post("/routing/draft/check").text
    assert publish_it(site, client).status_code == 303
    shown = client.get("/routing/draft")
    assert "Version 2 is live. Calls under way finish on the version they began with." in alert(shown)
    assert "the draft is what is live, version 2" in shown.text
    now = live(site.engine)
    assert now is not None
    assert (now.number, now.message) == (2, "Gilbert closes early")
    assert b"friday: 9:00-15:00" in files_of(site.engine, 2)["clinic.yaml"]
    assert [deed.action for deed in deeds(site.engine)][:2] == ["publish", "draft edited"]


def test_what_cannot_be_read_is_told_at_its_field_and_kept_as_typed(site: Site, client: FlaskClient) -> None:
    page = client.post(HOURS, data={**EARLY, "tuesday": "nine to five", "seen": site.seen()})
    assert page.status_code == 422
    assert 'value="nine to five"' in page.text
    assert 'id="tuesday-wrong"' in page.text
    assert site.draft() == site.found()


def test_two_people_on_one_file_lose_nothing(site: Site, client: FlaskClient) -> None:
    seen, other = site.seen(), site.client(Role.MANAGER)
    other.post(HOURS, data={**WEEK, "do": "week", "monday": "7:00-17:00", "seen": seen})
    page = client.post(HOURS, data={**EARLY, "seen": seen})
    assert page.status_code == 409
    assert "while you were writing" in alert(page)
    assert 'value="9:00-15:00"' in page.text
    assert "In the draft now: 7:00-17:00" in page.text
    assert b"friday: 9:00-15:00" not in site.draft()["clinic.yaml"]
    assert client.post(HOURS, data={**EARLY, "seen": site.seen()}).status_code == 303


def test_two_people_on_one_text_see_both_texts(site: Site, client: FlaskClient) -> None:
    address, seen = "/routing/draft/file/clinic.yaml", site.seen()
    text = site.draft()["clinic.yaml"].decode()
    first = client.post(address, data={"text": text.replace("hops: 40", "hops: 39"), "seen": seen})
    assert first.status_code == 303
    page = client.post(address, data={"text": text.replace("hops: 40", "hops: 38"), "seen": seen})
    assert page.status_code == 409
    assert '<span class="gone">-  hops: 38</span>' in page.text
    assert '<span class="added">+  hops: 39</span>' in page.text
    assert site.draft()["clinic.yaml"] == text.replace("hops: 40", "hops: 39").encode()


def test_a_text_with_a_mistake_is_kept_and_its_line_told(site: Site, client: FlaskClient) -> None:
    text = site.draft()["clinic.yaml"].decode().replace("hops: 40", "hops: many")
    line = text[: text.index("hops: many")].count("\n") + 1
    sent = {"text": text.replace("\n", "\r\n"), "seen": site.seen()}
    page = client.post("/routing/draft/file/clinic.yaml", data=sent, follow_redirects=True)
    assert site.draft()["clinic.yaml"] == text.encode()
    assert f"clinic.yaml, line {line}" in page.text
    assert f'<li id="line-{line}"' in page.text
    refused = publish_it(site, client)
    assert refused.status_code == 422
    assert "Not published: nothing changed for callers." in alert(refused)
    assert f"clinic.yaml:{line}" in alert(refused)
    broken = {"text": "locations: [", "seen": site.seen()}
    client.post("/routing/draft/file/clinic.yaml", data=broken)
    led = client.get(HOURS)
    assert (led.status_code, led.location) == (303, "/routing/draft/file/clinic.yaml"), "the form leads to the text"
    assert client.get("/routing/draft").status_code == 200


def test_closures_are_added_changed_and_removed(site: Site, client: FlaskClient) -> None:
    new = {"do": "add", "name": "Inventory", "date": "2027-02-01", "hours": "", "where": "gilbert"}
    page = client.post(HOURS, data={**new, "seen": site.seen()}, follow_redirects=True)
    assert "Inventory" in page.text
    assert "What is wrong in the draft" in page.text, "its Spanish words are missing"
    changed = {"do": "change", "index": "3", "name": "Inventory", "date": "2027-02-02", "hours": "9:00-10:00"}
    client.post(HOURS, data={**changed, "seen": site.seen()})
    text = site.draft()["clinic.yaml"].decode()
    assert "name: Inventory\n    date: 2027-02-02\n    locations: gilbert\n    hours: 9:00-10:00\n" in text
    client.post(HOURS, data={"do": "remove", "index": "3", "seen": site.seen()})
    assert site.draft() == site.found()
    bad = client.post(HOURS, data={**new, "date": "soon", "seen": site.seen()})
    assert bad.status_code == 422
    assert 'id="new-date-wrong"' in bad.text
    assert client.post(HOURS, data={"do": "dance", "seen": site.seen()}).status_code == 400
    assert client.get("/routing/draft/hours/tucson").status_code == 404


PHONE = {"section": "locations", "group": "gilbert", "index": "1", "phone": "Gilbert nurse"}


def test_a_phone_gets_another_number_and_is_switched_off(site: Site, client: FlaskClient) -> None:
    form = {**PHONE, "number": "+1 480 555 0199", "ring_seconds": "20", "seen": site.seen()}
    assert client.post("/routing/draft/phones", data=form).status_code == 303
    text = site.draft()["clinic.yaml"].decode()
    assert "number: +14805550199\n        ring_seconds: 20\n        enabled: no\n" in text
    page = client.post("/routing/draft/phones", data={**form, "number": "911", "seen": site.seen()})
    assert page.status_code == 422
    assert "emergency" in page.text
    assert 'value="911"' in page.text


def test_a_sentence_is_saved_and_its_clinical_faults_stand_at_it(site: Site, client: FlaskClient) -> None:
    address, file = "/routing/draft/prompts/en-US", "prompts/en-US.yaml"
    form = {"name": "welcome", "text": "Ketamine cures depression.", "seen": site.seen(file)}
    saved = client.post(address, data=form)
    assert saved.location == f"{address}#welcome"
    page = client.get(address).text
    assert re.search(r'id="wrong-welcome"><div>(?:[A-Z]|&#34;)', page)
    assert "welcome: Ketamine cures depression." in site.draft()[file].decode()
    assert client.post(address, data={**form, "text": " ", "seen": site.seen(file)}).status_code == 422
    found = client.get(f"{address}?find=pound+key").text
    assert 'id="mailbox_greeting"' in found
    assert 'id="welcome"' not in found
    assert client.get("/routing/draft/prompts/fr-CA").status_code == 404


def test_a_publish_is_refused_without_words_and_for_a_draft_nobody_looked_at(site: Site, client: FlaskClient) -> None:
    looked_at = version_of(site.draft())
    client.post(HOURS, data={**EARLY, "seen": site.seen()})
    assert publish_it(site, client, " ").status_code == 422
    late = client.post("/routing/draft/publish", data={"message": "m", "version": looked_at})
    assert late.status_code == 409
    assert "changed since you looked" in alert(late)
    now = live(site.engine)
    assert now is not None
    assert now.number == 1


def test_an_overtaken_draft_is_told_and_continues_on_what_is_live(site: Site, client: FlaskClient) -> None:
    client.post(HOURS, data={**EARLY, "seen": site.seen()})
    files = site.found()
    spanish = files["prompts/es-US.yaml"].replace(b"\n", b"\n# reviewed\n", 1)
    site.put_live({**files, "prompts/es-US.yaml": spanish}, 1)
    refused = publish_it(site, client)
    assert refused.status_code == 409
    assert "ana published version 2 meanwhile" in alert(refused)
    client.post("/routing/draft/follow/2")
    assert publish_it(site, client).status_code == 303
    both = files_of(site.engine, 3)
    assert both["prompts/es-US.yaml"] == spanish
    assert b"friday: 9:00-15:00" in both["clinic.yaml"]


def test_discarding_goes_back_to_what_is_live(site: Site, client: FlaskClient) -> None:
    client.post(HOURS, data={**EARLY, "seen": site.seen()})
    client.post("/routing/draft/discard")
    assert site.draft() == site.found()


def test_colleagues_who_edit_are_named(site: Site, client: FlaskClient) -> None:
    other = site.client(Role.MANAGER)
    other.get(HOURS)
    assert "manager is editing too" in client.get("/routing/draft/editors").text


def test_the_front_desk_edits_nothing(site: Site) -> None:
    desk_client = site.client(Role.FRONT_DESK)
    for address in ("/routing/draft", HOURS, "/routing/draft/phones", "/routing/draft/file/clinic.yaml"):
        assert desk_client.get(address).status_code == 403
    assert desk_client.post("/routing/draft/publish", data={"message": "m"}).status_code == 403


def test_where_edits_publish_themselves_config_follows_the_console(open_site: Callable[..., Site]) -> None:
    site = open_site(autopublish=True)
    client = site.client()
    client.post(HOURS, data={**EARLY, "seen": site.seen()})
    publish_it(site, client)
    assert b"friday: 9:00-15:00" in site.found()["clinic.yaml"]
    assert "The files in config/ hold it too." in client.get("/routing/draft").text


def test_elsewhere_config_stays_as_it_is(site: Site, client: FlaskClient) -> None:
    before = site.found()
    client.post(HOURS, data={**EARLY, "seen": site.seen()})
    publish_it(site, client)
    assert site.found() == before


def test_the_front_desk_tries_the_draft_without_being_led_to_what_it_may_not_edit(
    site: Site, client: FlaskClient
) -> None:
    broken = site.draft()["clinic.yaml"].replace(b"9:00", b"9 o'clock", 1).decode()
    client.post("/routing/draft/file/clinic.yaml", data={"text": broken, "seen": site.seen()})
    theirs, ours = (site.client(role).get("/try?what=draft").text for role in (Role.FRONT_DESK, Role.MANAGER))
    assert "The draft cannot be tried yet" in theirs
    assert 'href="/routing/draft"' not in theirs
    assert 'href="/routing/draft"' in ours


@pytest.mark.parametrize("autopublish", [False, True])
def test_the_draft_is_tried_and_a_call_on_it_goes_on_once_it_is_published(
    open_site: Callable[..., Site], autopublish: bool
) -> None:
    site = open_site(autopublish=autopublish)
    client = site.client()
    client.post(HOURS, data={**EARLY, "seen": site.seen()})
    assert '<option value="draft"' in client.get("/try").text
    call = {"line": "main", "at": "2026-12-04T16:00", "what": "draft", "version": version_of(site.draft())}
    publish_it(site, client)
    assert '<option value="draft"' not in client.get("/try").text, "it is live"
    page = client.post("/try", data={**call, "do": "presses 2"})
    assert page.status_code == 200
    assert "Gilbert is closed: outside its hours." in page.text
