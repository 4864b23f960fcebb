"""Screenshots of the console's pages: light and dark, on a desktop and on a phone.

`python -m tests.console.look FOLDER [PATH ...]`; a name of tests/console/places.py stands for a page without address.

A practice clinic is filled with a fortnight of imagined calls and served from this process.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser

from ivr.call_log.demo import fill as imagine
from ivr.call_log.queries import Filters, newest
from ivr.call_log.work_list import Sought, work_list
from ivr.journal.sealing import Seal
from ivr.routing.zone import clinic_zone
from tests.console.browser import Served, chromium, opened, served
from tests.console.furnished import furnished, publish_twice, rewrite_config
from tests.console.places import REACHED
from tests.console.practice import fill

PAGES = (
    "/",
    "/today/change/close/gilbert",
    "/today/change/swap/nights",
    "/calls",
    "/calls/{call}",
    "/call-back",
    "/call-back/{waiting}",
    "/reports",
    "/routing",
    "/routing/compare",
    "/routing/roll-back/1",
    "/routing/draft",
    "/routing/draft/hours/gilbert",
    "/routing/draft/phones",
    "/routing/draft/prompts/en-US",
    "/routing/draft/file/clinic.yaml",
    "/try",
    "/notices",
    "/health",
    "/people",
    "/audit",
    "/account",
    "/account/second-factor",
    *REACHED,
)
SHAPES = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 860}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 860}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
    "phone-dark": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
}


def main(folder: Path, paths: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, _filled(Path(scratch)) as site, chromium() as browser:
        call = newest(site.engine, Filters(language="es-US")).calls[0].sid
        waiting = work_list(site.engine, Sought(site.clock() - timedelta(days=30))).entries[0].call.sid
        for path in paths:
            name = path.strip("/").replace("/", "-").split("?")[0].replace("{", "").replace("}", "") or "today"
            _shoot(browser, site, folder / name, path.format(call=call, waiting=waiting))


@contextlib.contextmanager
def _filled(scratch: Path) -> Iterator[Served]:
    """A clinic with a fortnight of imagined calls, a few placed through the door, and two versions."""
    shutil.copytree(Path(__file__).parents[2] / "config", scratch / "config")
    with served(scratch) as site:
        routing = site.app.extensions["ivr"].live.routing()
        seal, now = Seal(site.settings.secret_keys), site.clock()
        imagine(site.engine, seal, routing, clinic_zone(routing), now=now, seed=1, actor="demo", more=False)
        fill(site)
        rewrite_config(site)
        publish_twice(site)
        with furnished(site):
            yield site


def _shoot(browser: Browser, site: Served, name: Path, path: str) -> None:
    for shape, options in SHAPES.items():
        with opened(browser, site, **options) as page:
            if path in REACHED:
                REACHED[path](page, site)
            else:
                page.goto(site.url + path)
            page.wait_for_load_state("load")
            file = name.with_name(f"{name.name}-{shape}.png")
            page.screenshot(path=file, full_page=True)
            print(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or PAGES)
