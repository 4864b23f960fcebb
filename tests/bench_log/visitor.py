"""A person at the console, as their browser asks: pages, what an open page asks for again, forms as they are sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask.testing import FlaskClient

HELD = re.compile(r'name="(csrf_token|seen|version|line|at|what)" (?:type="hidden" )?value="([^"]*)"')
POLL = {"HX-Request": "true", "HX-Polled": "1"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in. What is not answered as it should be is an AssertionError."""

    client: FlaskClient

    def look(self, address: str) -> str:
        return self._answer(address, self.client.get(address))

    def poll(self, address: str) -> str:
        """The changing part of a page that is open."""
        return self._answer(address, self.client.get(address, headers=POLL))

    def form(self, on: str) -> dict[str, str]:
        """What the forms of a page hold by themselves."""
        return dict(HELD.findall(self.look(on)))

    def send(self, address: str, form: Mapping[str, str]) -> str:
        return self._answer(address, self.client.post(address, data=form))

    def _answer(self, address: str, answer: object) -> str:
        status, text = getattr(answer, "status_code", 0), str(getattr(answer, "text", ""))
        assert status in (200, 303), f"{address}: {status}"
        return text
