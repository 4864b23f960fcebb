"""Answers kept ready are the answers that would have been worked out: same words, same facts, same guards."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from ivr.journal.reader import read
from ivr.journal.sealing import Seal
from ivr.journal.writer import Journal
from ivr.services import Services
from ivr.voice.door import FORM, Request, VoiceDoor
from tests.conftest import CALLER, LINE, PUBLIC_URL, TOKEN, Clinic

ACTION = re.compile(r'action="' + re.escape(PUBLIC_URL) + r'([^"]+)"')
KEYS = ["", *"01234567899*#"]
CALL = "CA" + "a" * 32


class Desk:
    """A door with a journal of its own; `fresh` desks forget after every answer."""

    def __init__(self, clinic: Clinic, folder: Path, *, fresh: bool) -> None:
        services: Services = clinic.app.extensions["ivr"]
        self._services = replace(services, journal=Journal(folder, sync=lambda _descriptor: None))
        self._folder = folder
        self._fresh = fresh
        self._door = VoiceDoor(self._services)
        self._account = clinic.settings.account_sid

    def call(self, keys: Sequence[str], call: str = CALL, caller: str = CALLER) -> list[str]:
        """The documents heard by a caller who presses these keys, "" for silence, as long as a key is asked for."""
        documents, target = [self._answer("/voice/incoming", call, caller, "")], ""
        for key in keys:
            found = ACTION.search(documents[-1])
            if "<Gather" not in documents[-1] or found is None:
                break
            target = html.unescape(found[1])
            documents.append(self._answer(target, call, caller, key))
        return documents

    def facts(self, call: str) -> list[tuple[object, ...]]:
        """All that stands in the journal but the moments; a sealed number by the index it is found by."""
        return [
            (entry.key, entry.nth, entry.version, entry.data, entry.sealed.get("caller_index"))
            for entry in read(self._folder)
            if entry.call == call
        ]

    def _answer(self, target: str, call: str, caller: str, key: str) -> str:
        if self._fresh:
            self._door = VoiceDoor(self._services)
        form = {"CallSid": call, "AccountSid": self._account, "From": caller, "To": LINE}
        form |= {"Digits": key} if key else {}
        signature = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + target, form)
        answer = self._door.answer(Request(target, FORM, urlencode(form).encode(), signature))
        assert answer.status == 200
        return answer.body


def test_a_known_answer_is_the_answer_that_would_have_been_worked_out(clinic: Clinic, tmp_path: Path) -> None:
    knowing, forgetful = Desk(clinic, tmp_path / "a", fresh=False), Desk(clinic, tmp_path / "b", fresh=True)
    chance = random.Random(7)

    for number in range(30):
        keys = [chance.choice(KEYS) for _ in range(10)]
        call, caller = f"CA{number:032x}", chance.choice([CALLER, "anonymous"])

        assert knowing.call(keys, call, caller) == forgetful.call(keys, call, caller)
        assert knowing.facts(call) == forgetful.facts(call) != []


def test_of_callers_who_are_greeted_alike_each_ones_number_is_kept(clinic: Clinic, tmp_path: Path) -> None:
    desk = Desk(clinic, tmp_path / "a", fresh=False)
    numbers = [f"+1480555{number:04}" for number in range(100, 110)]
    first, *others = [desk.call([], f"CA{place:032x}", number) for place, number in enumerate(numbers)]
    seal: Seal = clinic.app.extensions["ivr"].seal

    assert all(each == first for each in others)
    for place, number in enumerate(numbers):
        arrived = next(entry for entry in read(tmp_path / "a") if entry.call == f"CA{place:032x}")
        assert seal.unseal(arrived.sealed["caller"]) == number
        assert arrived.sealed["caller_index"] == seal.index(number)


def test_a_known_answer_leads_on_to_the_next_hop(clinic: Clinic, tmp_path: Path) -> None:
    desk = Desk(clinic, tmp_path / "a", fresh=False)
    for _ in range(2):
        documents = desk.call(["*", "*", "*"])
    hops = [re.findall(r"/voice/turn/([0-9]+)/", document) for document in documents]

    assert hops == [["1", "1"], ["2", "2"], ["3", "3"], ["4", "4"]]


def test_the_hop_budget_holds_for_known_answers_too(clinic: Clinic, tmp_path: Path) -> None:
    desk = Desk(clinic, tmp_path / "a", fresh=False)
    hops = clinic.app.extensions["ivr"].live.routing().budgets.hops
    for _ in range(2):
        documents = desk.call(["*"] * (hops + 5))

    assert len(documents) == hops + 1
    assert "<Dial" in documents[-1]


def test_an_answer_that_names_the_hour_is_never_kept(clinic: Clinic, tmp_path: Path) -> None:
    desk = Desk(clinic, tmp_path / "a", fresh=False)
    clinic.clock.set("2026-11-24 22:00")
    (_, evening) = desk.call(["1"])
    clinic.clock.set("2026-11-27 22:00")
    (_, friday) = desk.call(["1"])

    assert "tomorrow" in evening
    assert evening != friday


def test_a_read_back_number_is_never_kept(clinic: Clinic, tmp_path: Path) -> None:
    desk = Desk(clinic, tmp_path / "a", fresh=False)
    clinic.clock.set("2026-11-24 22:00")
    mine = desk.call(["1", "2", "*"], caller="+14805550147")
    yours = desk.call(["1", "2", "*"], caller="+14805550198")

    assert "0, 1, 4, 7" in mine[-1]
    assert "0, 1, 9, 8" in yours[-1]
