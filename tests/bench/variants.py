"""What is compared: each variant is an application, an environment and the requests it is sent."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.calls import (
    ACCOUNT,
    ARRIVAL,
    PUBLIC_URL,
    TOKEN,
    Caller,
    next_target,
    poster,
    practice_call,
    same_calls,
    wandering_calls,
)
from tests.bench.configurations import LARGE, SMALL, Files, sample, write_always_open
from tests.bench.prepared import Prepared, write_prepared
from tests.bench.server import Server, serving
from tests.routing.large_config import large_config

CONSTANT, SDK, OURS, MEMORY, SMALL_TREE, LARGE_TREE = "constant", "sdk", "ours", "memory", "small", "large"
TITLES = {
    CONSTANT: "(a) bare Flask, a constant answer",
    SDK: "(b) Flask, the SDK's validator and builder, one SQLite row",
    OURS: "(c) ours: signature, engine, TwiML, synced journal",
    MEMORY: "(d) ours, journal in memory (for information)",
    SMALL_TREE: f"(e0) ours, {SMALL[0]} menus of a made tree",
    LARGE_TREE: f"(e) ours, {LARGE[0]:,} menus and {LARGE[1]:,} locations",
}
SERVICE = "wsgi:app"
SHARED_MEMORY = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Running:
    """A variant that is being served, and the file with the requests made for it."""

    name: str
    server: Server
    requests: Path


class Stage:
    """Starts variants one after another and ends them together. `folder` is on a real disk and is not kept."""

    def __init__(self, folder: Path, memory: Path, core: int, requests: int) -> None:
        self._folder = folder
        self._memory = memory
        self._core = core
        self._count = requests
        self._caller = Caller()
        self._ends = ExitStack()

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *fault: object) -> None:
        self._ends.close()

    def start(self) -> list[Running]:
        """Every variant, in the order of the table. The first two are sent the same requests as ours."""
        ours = self._serve(OURS, SERVICE, sample())
        turns = practice_call(self._caller, poster(ours.port))
        calls = self._caller.prepared(same_calls(turns), self._count)
        requests = self._kept(OURS, calls)
        plain = self._kept("plain", [_any_document(each) for each in calls])
        return [
            Running(CONSTANT, self._serve(CONSTANT, "tests.bench.constant_app:create_app()", {}), plain),
            Running(SDK, self._serve(SDK, "tests.bench.sdk_app:create_app()", {}), plain),
            Running(OURS, ours, requests),
            Running(MEMORY, self._serve(MEMORY, SERVICE, sample(), self._memory), requests),
            self._tree(SMALL_TREE, *SMALL),
            self._tree(LARGE_TREE, *LARGE),
        ]

    def _tree(self, name: str, menus: int, locations: int) -> Running:
        server = self._serve(name, SERVICE, large_config(menus, locations))
        answer = poster(server.port)(self._caller.signed(ARRIVAL, self._caller.call()))
        names = [f"menu_{number}" for number in range(menus)]
        calls = wandering_calls(names, next_target(answer, ARRIVAL))
        return Running(name, server, self._kept(name, self._caller.prepared(calls, self._count)))

    def _serve(self, name: str, app: str, config: Files, data: Path | None = None) -> Server:
        folder = self._folder / name
        folder.mkdir()
        if config:
            write_always_open(config, folder / "config")
        kept = data or folder / "data"
        kept.mkdir(exist_ok=True)
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("IVR_", "TWILIO_"))},
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "PUBLIC_URL": PUBLIC_URL,
            "IVR_PRACTICE": "1",
            "IVR_CONFIG": str(folder / "config"),
            "IVR_DATA": str(kept),
            "IVR_CONFIG_KILOBYTES": "65536",
            "SECRET_KEY": TOKEN,
        }
        return self._ends.enter_context(serving(app, environment, self._core, folder / "log"))

    def _kept(self, name: str, requests: list[Prepared]) -> Path:
        path = self._folder / f"{name}.jsonl"
        write_prepared(path, requests)
        return path


def _any_document(request: Prepared) -> Prepared:
    """The same request to a variant that gives the same answer to all."""
    return replace(request, expects="<Response>")
