"""Screenshots of the console's pages: light, dark and on a phone. `python -m tests.console.look FOLDER [PATH ...]`.

A practice clinic is filled with a few calls and served from this process.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.console.browser import CHROMIUM, Served, opened, served
from tests.console.practice import fill

PAGES = (
    "/",
    "/today/change/close/gilbert",
    "/calls",
    "/call-back",
    "/reports",
    "/routing",
    "/routing/draft",
    "/routing/draft/hours/gilbert",
    "/routing/draft/phones",
    "/routing/draft/prompts/en-US",
    "/routing/draft/file/clinic.yaml",
    "/try",
    "/health",
    "/people",
    "/audit",
    "/account",
)
SHAPES = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 860}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 860}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}


def main(folder: Path, paths: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, _filled(Path(scratch)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for path in paths:
            _shoot(browser, site, folder, path)
        browser.close()


@contextlib.contextmanager
def _filled(scratch: Path) -> Iterator[Served]:
    shutil.copytree(Path(__file__).parents[2] / "config", scratch / "config")
    with served(scratch) as site:
        fill(site)
        yield site


def _shoot(browser: Browser, site: Served, folder: Path, path: str) -> None:
    name = path.strip("/").replace("/", "-").split("?")[0] or "today"
    for shape, options in SHAPES.items():
        with opened(browser, site, **options) as page:
            page.goto(site.url + path)
            page.wait_for_load_state("load")
            page.screenshot(path=folder / f"{name}-{shape}.png", full_page=True)
            print(folder / f"{name}-{shape}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or PAGES)
