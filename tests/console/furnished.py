"""A clinic with something on every page: a rota and a swap, notices that left and one that did not, findings, hosts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from ivr.app import create_worker
from ivr.call_flow.model import OverrideKind
from ivr.call_flow.notice_rules import NoticeKind, NoticeRules, Rule, Told, Way
from ivr.call_log.findings import Finding, Severity, keep
from ivr.call_log.heartbeats import begin
from ivr.call_log.heartbeats import settle as settle_test
from ivr.call_log.placing import NotPlaced, Placed
from ivr.notices.addressing import address
from ivr.notices.outbox import claim, settle
from ivr.notices.parcel import Refused, Sent
from ivr.publishing.bringing import Bringer
from ivr.publishing.overrides import Wanted, bring_overrides, make
from ivr.publishing.publish import publish
from ivr.routing.folder import read_folder
from ivr.routing.text import Limits
from ivr.services import Services
from tests.conftest import ZONE
from tests.console.browser import Served
from tests.notices.conftest import EVERYTHING, note
from tests.on_call import with_on_call
from tests.publishing.conftest import edited, examined

PEOPLE = {"maria": Told("Maria Lopez", "maria@example.com"), "olga": Told("Olga Diaz", "olga@example.com")}
SETTINGS = """
notices:
  people:
    maria:
      name: Maria Lopez
      mail: maria@example.com
  rules:
    - tell: maria
      about: everything
"""
ROUNDS_SECONDS = 4.0  # in which each job has had its turn
FINDINGS = (
    Finding(
        "profile",
        "account",
        Severity.WARNING,
        "The account has no approved business profile.",
        "Twilio then lets two or three legs run at once: the second caller hears a busy signal.",
        "Hand one in in the Twilio console, Trust Hub; people look at it, which takes days.",
    ),
    Finding(
        "not-told",
        "recordings",
        Severity.NOTE,
        "Twilio does not tell us whether recordings are protected, since there is none yet.",
        "It is looked at again each time; until then a person must look.",
        "Look in the Twilio console.",
    ),
)


def rewrite_config(site: Served) -> None:
    """The sample clinic with the README's rota and one rule of notices; callers hear it from now on."""
    folder = site.settings.config
    for name, text in with_on_call().items():
        (folder / name).write_bytes(text)
    with (folder / "clinic.yaml").open("a") as file:
        file.write(SETTINGS)
    _refresh(site)


def publish_twice(site: Served) -> None:
    """Two versions: Gilbert's Fridays shorter, and as it was."""
    files = read_folder(site.settings.config)[0]
    early = edited(files, "clinic.yaml", "friday: 9:00-17:00", "friday: 9:00-15:00")
    for number, (each, message) in enumerate(((early, "Gilbert closes at 15:00 on Fridays"), (files, "As it was"))):
        now = site.clock() - timedelta(days=3 - number)
        publish(site.engine, each, examined(each), parent=number or None, author="maria", message=message, now=now)


def bring(site: Served) -> None:
    """What the worker brings to this host's disk, and the web process picks up, within two seconds."""
    store = site.settings.data / "routing"
    Bringer(site.engine, store, examined, Limits(), autopublish=False).run(site.clock())
    bring_overrides(site.engine, store, site.clock())
    for _ in range(3):
        _refresh(site)


@contextmanager
def furnished(site: Served) -> Iterator[None]:
    """Rows on every page that the calls of a fortnight leave empty, and a worker at work meanwhile."""
    now = site.clock()
    keep(site.engine, FINDINGS, now - timedelta(hours=5))
    until = now + timedelta(days=1)
    swap = Wanted(OverrideKind.SWAP, "nights", now, until, reason="ill", to="Nurse Ana")
    make(site.engine, swap, actor="maria", now=now)
    _tell(site)
    _test(site)
    stop = threading.Event()
    worker = create_worker(site.settings, site.clock)
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    time.sleep(ROUNDS_SECONDS)
    _refresh(site)
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _tell(site: Served) -> None:
    """Three letters that left, one that was given up, and one that waits."""
    now = site.clock()
    rules = NoticeRules(PEOPLE, (Rule(tuple(PEOPLE), EVERYTHING),))
    kinds = NoticeKind.MESSAGE_LEFT, NoticeKind.MISSED_CALL, NoticeKind.CALLBACK_REQUESTED
    results = iter((Sent(), Sent(), Refused("the mail server answered 550"), Sent()))
    for number, kind in enumerate(kinds):
        at = now - timedelta(minutes=50 - 20 * number)
        note(site.engine, kind=kind, at=at)
        address(site.engine, rules, ZONE, at)
        for letter in claim(site.engine, "one", [Way.MAIL], at, limit=2):
            if (result := next(results, None)) is not None:
                settle(site.engine, letter, "one", result, at)


def _test(site: Served) -> None:
    """A test call that could not be placed, and one that is under way."""
    now = site.clock()
    for minutes, result in (
        (360, NotPlaced("Twilio refused: the number is not ours (21212)")),
        (0, Placed("CA" + "7" * 32)),
    ):
        due = now - timedelta(minutes=minutes)
        begin(site.engine, "main", due, due)
        settle_test(site.engine, "main", due, result, due)


def _refresh(site: Served) -> None:
    services: Services = site.app.extensions["ivr"]
    services.live.refresh()
