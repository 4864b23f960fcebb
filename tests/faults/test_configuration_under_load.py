"""The configuration is edited, broken, torn, taken away and brought back under load: not one caller notices.

Every edition is spoken in a sentence of the English file and in one of the Spanish file. The first answer of a call
holds both, so an answer made of two editions gives itself away.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import Start
from tests.faults.editions import MARKED, Heard, marked
from tests.faults.load import Callers
from tests.faults.service import WORKERS, Service, health_of, wait_until

pytestmark = pytest.mark.timeout(600)  # many times what an idle machine needs

PIECES = 8


class Editor:
    """Edits a configuration in the ways staff, their editors and accidents do."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._texts = {name: (config / name).read_text() for name in MARKED}
        self.edition = 0

    def publish(self) -> None:
        """A new edition of both files, each swapped in whole."""
        for name, text in self._next().items():
            draft = self._config.parent / "draft"
            draft.write_text(text)
            draft.replace(self._config / name)

    def publish_slowly(self) -> None:
        """A new edition of both files, written over the old ones a piece at a time."""
        fresh = self._next()
        files = [(self._config / name).open("w") for name in fresh]
        for piece in range(PIECES):
            for file, text in zip(files, fresh.values(), strict=True):
                size = -(-len(text) // PIECES)
                file.write(text[piece * size : (piece + 1) * size])
                file.flush()
            time.sleep(0.05)
        for file in files:
            file.close()

    def spoil(self) -> None:
        """A file that is no YAML."""
        (self._config / "menus.yaml").write_text("menus: [")

    def misspell(self) -> None:
        """Good YAML that leads nowhere."""
        menus = self._config / "menus.yaml"
        menus.write_text(menus.read_text().replace("to: topics", "to: topisc"))

    def delete_everything(self) -> None:
        shutil.rmtree(self._config)

    def _next(self) -> dict[Path, str]:
        self.edition += 1
        return marked(self._texts, self.edition)


ACCIDENTS: tuple[Callable[[Editor], None], ...] = (
    Editor.spoil,
    Editor.misspell,
    Editor.delete_everything,
)


def test_no_caller_notices_what_happens_to_the_configuration(start_service: Start, clinic_folder: Path) -> None:
    config, kept = clinic_folder / "config", clinic_folder / "kept"
    heard, editor = Heard(), Editor(config)
    editor.publish()
    with start_service() as service:
        service.wait_for_workers()
        with Callers(service, 3, overhear=heard) as callers:
            for accident in ACCIDENTS:
                shutil.copytree(config, kept)
                accident(editor)
                wait_until(lambda: all(problems(service)), "the accident was not noticed")
                assert hear(service) == [str(editor.edition)] * WORKERS
                shutil.rmtree(config, ignore_errors=True)
                kept.rename(config)
                wait_until(lambda: not any(problems(service)), "the mended configuration was not noticed")
                assert hear(service) == [str(editor.edition)] * WORKERS
        report(callers, heard)
        assert_unnoticed(service, callers, heard)
    assert heard.all() == {"1"}


def test_calls_keep_the_edition_they_began_with(start_service: Start, clinic_folder: Path) -> None:
    heard, editor = Heard(), Editor(clinic_folder / "config")
    editor.publish()
    delays = []
    with start_service() as service:
        service.wait_for_workers()
        with Callers(service, 3, overhear=heard) as callers:
            for edit in (editor.publish, editor.publish_slowly):
                edit()
                delays.append(seconds_until_heard(service, editor.edition))
            for _ in range(12):  # a storm: most of these are never heard, the last one is
                editor.publish()
                time.sleep(0.05)
            seconds_until_heard(service, editor.edition)
        report(callers, heard, adopted_after=delays)
        assert_unnoticed(service, callers, heard)
    assert {str(edition) for edition in range(1, 4)} <= heard.all()


def assert_unnoticed(service: Service, callers: Callers, heard: Heard) -> None:
    tally = callers.tally
    assert tally.faults == []
    assert set(tally.statuses) == {200, 204}
    assert tally.broken == 0
    assert tally.unwritten(service.journal) == []
    assert heard.mixed() == []
    assert any(len(editions) > 2 for editions in heard.of_call.values())  # or the marks prove nothing


def problems(service: Service) -> list[str | None]:
    """What each worker has against the configuration on disk."""
    found = []
    for worker in service.workers():
        connection = service.connect_to(worker)
        found.append(health_of(connection)["routing"]["problem"])
        connection.close()
    return found


def hear(service: Service) -> list[str]:
    """The edition that a new call hears, for each worker."""
    found = []
    for worker in service.workers():
        heard = Heard()
        with Callers(service, turns=1, workers=(worker,), overhear=heard) as callers:
            pass
        assert callers.tally.faults == []
        found.append("/".join(sorted(heard.all())))
    return found


def seconds_until_heard(service: Service, edition: int) -> float:
    """How long it takes until a new call hears this edition on every worker: two seconds at most when nothing else
    uses the machine. How long is reported and not judged here: a busy machine says nothing about the service.
    """
    began = time.monotonic()
    wait_until(lambda: hear(service) == [str(edition)] * WORKERS, "an edit is not heard")
    return round(time.monotonic() - began, 2)


def report(callers: Callers, heard: Heard, **more: object) -> None:
    """Figures for the curious (pytest -rP shows them); they decide nothing."""
    print({"requests": callers.tally.requests, "calls": len(heard.of_call), "editions": len(heard.all()), **more})
