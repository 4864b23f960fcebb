"""A whole clinic in a temporary folder: configuration, service and a practice telephone that checks every document."""

from __future__ import annotations

import shutil
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase
from twilio.request_validator import RequestValidator

from ivr.app import create_app
from ivr.call_flow.model import Routing
from ivr.cli.telephone import Telephone
from ivr.journal.entry import Entry
from ivr.journal.reader import read
from ivr.routing.compile import Compiled, compile_files, compile_folder
from ivr.routing.problems import Problem
from ivr.settings import PRACTICE_ACCOUNT, Settings
from tests.twiml_rules import faults

# Machines that run tests are busy; how long an example takes says nothing about the code. The same examples each time,
# so that a change is never refused for what it did not do; --hypothesis-profile=searching looks for new ones.
BUSY = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
hypothesis.settings.register_profile("searching", deadline=None, suppress_health_check=BUSY)
hypothesis.settings.register_profile(
    "busy",
    deadline=None,
    suppress_health_check=BUSY,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
hypothesis.settings.load_profile("busy")

ROOT = Path(__file__).parents[1]
PUBLIC_URL = "https://ivr.example.com"
TOKEN = "0123456789abcdef0123456789abcdef"
LINE = "+14805550100"
CALLER = "+14805550147"
ZONE = ZoneInfo("America/Phoenix")
MOST_REMEMBERED = 32


# Tests of real processes, threads and browsers: a machine that stands still for seconds can upset them though the
# service is sound. They get a second try, which the summary shows; what is really broken fails twice.
WITH_PROCESSES = frozenset(
    {
        "faults",
        "journal",
        "worker",
        "test_call.py",
        "test_commands.py",
        "test_deadline.py",
        "test_in_a_browser.py",
        "test_jobs_in_a_browser.py",
        "test_leases.py",
        "test_live.py",
        "test_playing.py",
        "test_serve.py",
        "test_worker_command.py",
    }
)

# These take longest. They begin first, so that no process is left alone with one when the others are done.
LONGEST_FIRST = (
    "test_in_a_browser.py",
    "test_many_letters.py",
    "test_audit.py",
    "test_clock.py",
    "test_corners.py",
    "test_with_the_keyboard.py",
    "test_database_file.py",
    "test_publish_storm.py",
    "test_worker.py",
    "test_under_load.py",
    "test_starting.py",
    "test_export_memory.py",
    "test_mending.py",
    "test_explore_oracle.py",
    "test_serve.py",
    "test_attacks.py",
    "test_raw_requests.py",
    "test_jobs_in_a_browser.py",
    "test_doctor.py",
    "test_configuration_under_load.py",
    "test_call_back.py",
    "test_work_list.py",
    "test_publish_commands.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))  # the others keep their order
    for item in items:
        if WITH_PROCESSES & set(item.path.parts):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """The same sound files give the same routing, which nothing can change: compiled once for all tests of a process.

    Hundreds of tests open the sample clinic, and reading all its sentences is most of what that costs.
    """
    original = compile_files
    known: OrderedDict[tuple[object, ...], tuple[str, Compiled]] = OrderedDict()

    def remembering(files: Mapping[str, bytes], *, folder: str = "config", **how: Any) -> Compiled:
        key = (frozenset(files.items()), *sorted(how.items()))
        shown, found = known.pop(key) if key in known else (folder, original(files, folder=folder, **how))
        if found.routing is not None:
            known[key] = shown, found
            while len(known) > MOST_REMEMBERED:
                known.popitem(last=False)
        return found if shown == folder else shown_in(folder, found, shown)

    with pytest.MonkeyPatch.context() as patch:
        for module in list(sys.modules.values()):
            if getattr(module, "compile_files", None) is original:
                patch.setattr(module, "compile_files", remembering)
        yield


def shown_in(folder: str, compiled: Compiled, shown: str) -> Compiled:
    """The same result, its warnings shown as found in `folder` instead of in `shown`."""

    def moved(problem: Problem) -> Problem:
        name = problem.file.removeprefix(shown).removeprefix("/")
        return replace(problem, file=f"{folder}/{name}" if folder else name)

    return replace(compiled, problems=tuple(moved(problem) for problem in compiled.problems))


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, text: str) -> None:
        self.set(text)

    def set(self, text: str) -> None:
        """Local time of the clinic, such as 2026-11-24 10:00."""
        self.now = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)

    def __call__(self) -> datetime:
        return self.now


class Clinic:
    """A running service in one process, and telephones to call it with."""

    def __init__(self, app: Flask, settings: Settings, clock: Clock) -> None:
        self.app = app
        self.settings = settings
        self.clock = clock
        self.client: FlaskClient = app.test_client()
        self.documents: list[str] = []

    def send(self, url: str, form: Mapping[str, str], signature: str) -> tuple[int, str]:
        """Post as Twilio does. Every TwiML document that any test produces is checked here."""
        assert url.startswith(PUBLIC_URL)
        answer = self.client.post(
            url.removeprefix(PUBLIC_URL),
            data=urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )
        if answer.status_code == 200:
            self.documents.append(answer.text)
            callee = "/voice/callee/" in url or "/voice/accept/" in url
            assert not faults(answer.data, callee=callee, base=PUBLIC_URL)
            assert answer.content_type == "text/xml; charset=utf-8"
        return answer.status_code, answer.text

    def ask(self, url: str, form: Mapping[str, str], token: str = TOKEN) -> tuple[int, str]:
        """Post what is signed with `token`, as Twilio does with the clinic's own."""
        return self.send(url, form, RequestValidator(token).compute_signature(url, form))

    def telephone(self, caller: str = CALLER, dialled: str = LINE) -> Telephone:
        return Telephone(self.send, PUBLIC_URL, self.settings.account_sid, TOKEN, caller, dialled)

    def entries(self, call: str = "") -> list[Entry]:
        """What the journal holds, of one call or of all."""
        return [entry for entry in read(self.settings.data / "journal") if call in ("", entry.call)]

    def kinds(self, call: str) -> list[str]:
        return [entry.kind for entry in self.entries(call)]


def settings_for(folder: Path, config: Path) -> Settings:
    return Settings(
        practice=True,
        account_sid=PRACTICE_ACCOUNT,
        auth_tokens=(TOKEN,),
        secret_keys=("a secret of the tests, long enough",),
        public_url=PUBLIC_URL,
        config=config,
        data=folder / "var",
        port=8000,
        database_url="sqlite://",
        config_kilobytes=400,
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the sample clinic's configuration, to be edited at will."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    return tmp_path / "config"


@pytest.fixture
def open_clinic(tmp_path: Path, config: Path) -> Callable[..., Clinic]:
    """Opens the clinic on the configuration as it is then, at a local time."""

    def opened(at: str = "2026-11-24 10:00") -> Clinic:
        settings = settings_for(tmp_path, config)
        clock = Clock(at)
        return Clinic(create_app(settings, clock=clock, watch=False), settings, clock)

    return opened


@pytest.fixture
def clinic(open_clinic: Callable[..., Clinic]) -> Clinic:
    """The sample clinic on an ordinary Tuesday at ten."""
    return open_clinic()


@pytest.fixture
def routing(config: Path) -> Routing:
    """The sample clinic, compiled."""
    compiled = compile_folder(config)
    assert compiled.routing is not None, [str(problem) for problem in compiled.problems]
    return compiled.routing
