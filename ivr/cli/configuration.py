"""The configuration, read from its folder for a command."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ivr.call_flow.model import Routing
from ivr.call_flow.overrides import with_overrides
from ivr.routing.compile import Compiled, compile_folder
from ivr.routing.override_file import UnreadableOverrides
from ivr.routing.phone_overrides import read_all_overrides
from ivr.routing.problems import Problem, render
from ivr.routing.text import Limits
from ivr.settings import SettingsFault, read_config_kilobytes

Decorated = Callable[..., Any]


def folder_option(function: Decorated) -> Decorated:
    """`--draft-folder FOLDER`, for commands that work on a configuration that is not in use yet."""
    return click.option(
        "--draft-folder",
        type=click.Path(path_type=Path),
        help="Use the configuration in this folder instead of config/ (or IVR_CONFIG).",
    )(function)


def usual_folder() -> Path:
    """The folder the service itself reads."""
    return Path(os.environ.get("IVR_CONFIG") or "config")


def limits() -> Limits:
    """How much may be read of one file. Raises click.ClickException when the environment is wrong."""
    try:
        return Limits.of_kilobytes(read_config_kilobytes(os.environ))
    except SettingsFault as fault:
        raise click.ClickException(str(fault)) from None


def load(folder: Path, *, live: bool = False, now: datetime | None = None) -> Compiled:
    """The configuration in `folder`: a routing, unless there is an error, and everything found.

    With `live` it is held to what a live service needs, with `now` to what the days ahead need. Raises
    click.UsageError when there is no such folder.
    """
    if not folder.is_dir():
        raise click.UsageError(f"There is no folder {folder}. Name the folder that holds clinic.yaml.")
    return compile_folder(folder, live=live, limits=limits(), shown=str(folder), now=now)


def load_or_stop(folder: Path | None) -> Routing:
    """The routing of `folder` (None: the usual one); prints what is wrong and exits 1 when there is none."""
    compiled = load(folder or usual_folder())
    if compiled.routing is None:
        click.echo(render(errors(compiled.problems)).rstrip("\n"), err=True)
        raise click.exceptions.Exit(1)
    return compiled.routing


def with_standing_overrides(routing: Routing) -> Routing:
    """The routing as callers meet it: with the overrides that are on this host's disk, if any can be read."""
    try:
        return with_overrides(routing, read_all_overrides(Path(os.environ.get("IVR_DATA") or "var") / "routing"))
    except (OSError, UnreadableOverrides):
        return routing


def errors(problems: tuple[Problem, ...]) -> list[Problem]:
    """The problems that keep the configuration from being used."""
    return [problem for problem in problems if not problem.warning]
