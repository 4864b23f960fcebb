"""Twilio's Calls as far as calls are placed, over real HTTP on this machine, with their bad days.

Field names follow Twilio's published OpenAPI description of api.v2010, Call (CreateCall).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.carrier.messages_double import BadDays, Messages, Refusal
from tests.carrier.twilio_double import ACCOUNT
from tests.local_server import playing

NOT_OURS = {"code": 21210, "message": "'From' phone number not verified", "status": 400}
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"


@dataclass(slots=True)
class Calls(Messages):
    """What was placed; every form that was posted is in `posted`. Troubles as in Messages, "lost" among them.

    `ours` are the numbers that the account owns or has verified: a call from any other is refused.
    """

    placed: list[dict[str, str]] = field(default_factory=list)
    ours: set[str] = field(default_factory=lambda: {"+14805550100", "+14805550199"})

    def sid(self, number: int = 0) -> str:
        """The id that the call of this number got."""
        return f"CA{number:032x}"


def calls_double() -> AbstractContextManager[Calls]:
    """A double that listens until the end."""
    return playing(Calls(), _Handler)


class _Handler(BadDays):
    state: Calls
    resource = PATH

    def do_POST(self) -> None:
        self.state.asked.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: " ".join(values) for name, values in parse_qs(body).items()}
        self.state.posted.append((self.path, form))
        if not self._is_welcome():
            return None
        if form["From"] not in self.state.ours:
            return self._send(400, NOT_OURS)
        trouble = self.state.troubles.pop(0) if self.state.troubles else None
        if isinstance(trouble, Refusal) or (isinstance(trouble, str) and trouble != "lost"):
            return self._fail(trouble)
        sid = self.state.sid(len(self.state.placed))
        self.state.placed.append(form)
        made: dict[str, Any] = {"sid": sid, "account_sid": ACCOUNT, "status": "queued", "direction": "outbound-api"}
        return self._fail("reset") if trouble else self._send(201, made)
