"""Requests made ahead, so that the load generator does nothing but send: a file of JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Prepared:
    """A signed POST. `what` names its kind; a right answer has status 200 and `expects` in its body."""

    what: str
    target: str
    body: str
    headers: dict[str, str]
    expects: str

    def fault(self, status: int, body: bytes) -> str | None:
        """What is wrong with the answer, in words; None when it is right."""
        if status != 200:
            return f"{self.what}: status {status}"
        return None if self.expects.encode() in body else f"{self.what}: the answer holds no {self.expects}"


def write_prepared(path: Path, requests: Iterable[Prepared]) -> None:
    """One request a line."""
    path.write_text("".join(json.dumps(asdict(request)) + "\n" for request in requests))


def read_prepared(path: Path) -> list[Prepared]:
    """What `write_prepared` wrote."""
    return [Prepared(**json.loads(line)) for line in path.read_text().splitlines()]
