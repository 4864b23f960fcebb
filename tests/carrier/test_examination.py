"""What an examination says of what it could not look at, and the token that is tried beside an API key."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from twilio.http import HttpClient
from twilio.http.response import Response

from ivr.app import fallback_writer
from ivr.call_flow.model import Routing
from ivr.call_log.findings import Severity
from ivr.carrier.check_account import check_account
from ivr.carrier.check_door import DOOR_KINDS
from ivr.carrier.check_token import check_token
from ivr.carrier.client import account_client, token_clients
from ivr.carrier.doctor import CHECKS_FOR_ALL, examine, is_well
from ivr.carrier.examined import Examined, PartlySeen
from tests.carrier import account_double as account
from tests.carrier.twilio_double import Double
from tests.conftest import settings_for
from tests.local_server import Quiet, listening


class Answers(HttpClient):  # type: ignore[misc]  # the SDK ships no type information
    """Gives one answer after the other, and remembers by whose credentials it was asked."""

    def __init__(self, statuses: list[int]) -> None:
        super().__init__(None, False, None)
        self.by: list[str] = []
        self._answers = [Response(status, json.dumps({"sid": "AC1", "status": status})) for status in statuses]

    def request(self, _method: str, _url: str, *_rest: Any, auth: tuple[str, str], **_more: Any) -> Response:
        self.by.append("".join(auth))
        return self._answers.pop(0)


@pytest.fixture
def examined(tmp_path: Path, config: Path, routing: Routing, twilio: Double) -> Examined:
    """An account in good order. At PUBLIC_URL nobody answers."""
    settings = replace(settings_for(tmp_path, config), public_url="http://127.0.0.1:9")
    account.open_account(twilio, settings, {name: line.number for name, line in routing.lines.items()})
    client = account_client(settings, twilio.client())
    return Examined(
        settings,
        routing,
        fallback_writer(settings),
        client,
        lambda: datetime.now(UTC),
        pause=lambda _seconds: None,
        api=twilio.url,
    )


def test_what_twilio_could_not_be_asked_is_said_and_the_rest_is_asked(examined: Examined, twilio: Double) -> None:
    twilio.resources[account.BALANCE_PATH] = 503
    twilio.resources[account.PROFILES_PATH] = account.listed("results", [])
    with pytest.raises(PartlySeen) as seen:
        check_account(examined)
    found = {each.code: each for each in seen.value.found}
    assert found["carrier-away"].what == "Twilio could not be asked about the balance: Twilio answered 503."
    assert "profile" in found
    assert seen.value.kinds == {"balance"}


def test_what_credentials_may_never_ask_does_not_stand_for_ever(examined: Examined, twilio: Double) -> None:
    twilio.resources[account.BALANCE_PATH] = 401
    assert "not-told" in {each.code for each in check_account(examined)}
    twilio.faults += [401] * 5
    with pytest.raises(PartlySeen) as seen:
        check_account(examined)
    assert {"balance", "trial", "recordings-open"} <= seen.value.kinds


def test_a_check_that_fails_is_a_finding_that_tells_nothing_and_hides_no_other(examined: Examined) -> None:
    def broken(_folder: Path) -> int:
        raise RuntimeError("+14805550147")

    seen = examine(replace(examined, free=broken))
    (failed,) = (each for each in seen.findings if each.code == "check-failed")
    assert (failed.about, failed.what) == (
        f"{examined.settings.host_name}: the disk",
        "Looking at the disk failed (RuntimeError).",
    )
    assert "disk" in seen.unseen
    assert "fictional" in {each.code for each in seen.findings}
    assert not is_well([failed])


@pytest.mark.parametrize(("answers", "wrong"), [([401, 401], True), ([401, 200], False), ([200], False)])
def test_a_wrong_token_is_found_where_an_api_key_asks(examined: Examined, answers: list[int], wrong: bool) -> None:
    """The key opens every list, while each caller's request is refused: it is the token that signs."""
    key = replace(examined.settings, practice=False, api_key="SK" + "1" * 32, auth_tokens=("wrong", "next"))
    http = Answers(answers)
    found = check_token(replace(examined, token_clients=token_clients(key, http)))
    assert [(each.code, each.severity) for each in found] == [("token", Severity.ALARM)] * wrong
    assert http.by == [f"{key.account_sid}{token}" for token in key.auth_tokens][: len(answers)]


def test_a_token_that_asks_itself_is_not_tried_twice(examined: Examined) -> None:
    assert token_clients(replace(examined.settings, practice=False)) == ()
    assert token_clients(replace(examined.settings, api_key="SK" + "1" * 32)) == (), "in practice mode nobody is asked"
    assert check_token(examined) == []


@pytest.mark.parametrize(
    ("status", "codes", "unseen"),
    [
        (204, {"tampering"}, frozenset()),
        (403, set(), frozenset()),
        (302, set(), {"tampering"}),
        (502, set(), {"tampering"}),
        (None, set(), {"tampering"}),  # it hangs up
    ],
)
def test_only_a_refusal_proves_that_a_request_changed_after_signing_is_refused(
    examined: Examined, status: int | None, codes: set[str], unseen: set[str]
) -> None:
    class Handler(Quiet):
        def do_POST(self) -> None:
            is_changed = b"queued" in self.rfile.read(int(self.headers["Content-Length"]))
            if is_changed and status is None:
                return
            self.send_response(status if is_changed and status else 204)
            self.end_headers()

    with listening(Handler) as port:
        here = replace(examined.settings, public_url=f"http://127.0.0.1:{port}")
        seen = examine(replace(examined, settings=here), {"door": CHECKS_FOR_ALL["the way from outside"]})
    assert {each.code for each in seen.findings} & DOOR_KINDS == codes
    assert seen.unseen & DOOR_KINDS == unseen
