"""What the commands on versions share: the draft in config/, its examination, and versions named by their number."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import click

from ivr.app import examiner
from ivr.call_flow.proofs import Progress
from ivr.publishing.comparison import compare
from ivr.publishing.difference import text_difference
from ivr.publishing.examination import Examination
from ivr.publishing.versions import Publication, files_of, live
from ivr.routing.compile import version_of
from ivr.routing.folder import read_folder
from ivr.routing.problems import printable
from ivr.routing.story_folder import read_stories
from ivr.routing.whole_file import write_whole

from .configuration import limits, usual_folder
from .records import Records

Files = Mapping[str, bytes]
LIVE, DRAFT = "live", "draft"
BASE = "draft-base"


@dataclass(frozen=True, slots=True)
class Named:
    """A version or the draft, with its files. `number` is None for the draft."""

    name: str
    number: int | None
    files: Files


def draft() -> Named:
    """The files in config/ as they are now."""
    folder = usual_folder()
    if not folder.is_dir():
        raise click.UsageError(f"There is no folder {folder}. IVR_CONFIG names the folder that holds clinic.yaml.")
    return Named(DRAFT, None, read_folder(folder, limits())[0])


def named(log: Records, text: str) -> Named:
    """A version by its number, or `live`, or `draft`. Raises click.BadParameter."""
    if text == DRAFT:
        return draft()
    published = live(log.engine)
    number = published.number if text == LIVE and published else None
    if number is None and text.isascii() and text.isdigit() and len(text) < 8:
        number = int(text)
    if number is None:
        raise click.BadParameter(f"{text!r} is no version: write a number, live or draft. See: python -m ivr versions")
    try:
        return Named(f"version {number}", number, files_of(log.engine, number))
    except LookupError:
        raise click.BadParameter(f"There is no version {number}. See: python -m ivr versions") from None


def base(log: Records, now_live: Publication | None) -> int | None:
    """The number of the version that config/ here was made from, as far as is known; else the live one's."""
    try:
        text = (log.settings.data / BASE).read_text().strip()
    except OSError:
        text = ""
    known = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None
    if known is None or log.settings.autopublish or now_live is None:
        return now_live.number if now_live else None
    return known


def remember_base(log: Records, number: int) -> None:
    """What is in config/ now was published as this version."""
    log.settings.data.mkdir(parents=True, exist_ok=True)
    write_whole(log.settings.data / BASE, f"{number}\n".encode())


def examine(log: Records, files: Files) -> Examination:
    """Check, prove and run the stories, with a bar on a terminal."""
    folder = usual_folder()
    unread = read_folder(folder, limits())[1]
    stories, unreadable = read_stories(folder, limits())
    with bar() as progress:
        return examiner(log.settings).examine(
            files, stories, log.now, unreadable=(*unread, *unreadable), progress=progress
        )


@contextmanager
def bar() -> Iterator[Progress | None]:
    """A bar on a terminal, nothing elsewhere. It may go back a little: new states are found on the way."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label="Walking every call", file=sys.stderr) as shown:

        def progress(done: int, known: int) -> None:
            shown.length = known
            shown.update(done - shown.pos)

        yield progress


def changes(log: Records, old: Files, new: Files) -> list[str]:
    """The difference in plain words; one sentence instead where one of the two does not compile any more."""
    found = compare(old, new, log.now, limits(), live=not log.settings.practice).changes
    if found is None:
        return ["One of the two has errors, so what callers would notice cannot be told. See: python -m ivr check"]
    return [printable(str(change)) for change in found]


def show_changes(log: Records, old: Files, new: Files, *, text: bool) -> None:
    """Print the difference in plain words, and with `text` the exact one of the files below it."""
    if version_of(old) == version_of(new):
        click.echo("There is no difference.")
        return
    for line in changes(log, old, new) or ["No caller will notice a difference."]:
        click.echo(f"- {line}")
    if text:
        click.echo()
        for line in text_difference(old, new).splitlines():
            colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
            click.secho(printable(line), fg=colour)


def told(published: Publication, log: Records) -> str:
    """One publication as a sentence."""
    at = published.at.astimezone(log.zone)
    return f"version {published.number}, {published.action} by {published.actor}, {at:%a %d %b %Y %H:%M}"


def show_reasons(examination: Examination) -> None:
    """Print why a version does not pass."""
    for reason in examination.reasons():
        click.echo("\n".join(map(printable, reason.splitlines())), err=True)
