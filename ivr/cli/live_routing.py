"""What this host serves, for commands that look at the service as callers meet it rather than at config/ as edited."""

from __future__ import annotations

import os

import click

from ivr.call_flow.model import Routing
from ivr.routing.compile import compile_folder
from ivr.routing.versions import Versions
from ivr.settings import Settings, SettingsFault, read_settings

from .configuration import limits, load_or_stop


def the_settings() -> Settings:
    """The settings of the environment. Raises click.ClickException with every fault named."""
    try:
        return read_settings(os.environ)
    except SettingsFault as fault:
        raise click.ClickException(str(fault)) from None


def live_routing(settings: Settings) -> Routing:
    """The version this host serves; where it has served none yet, the configuration in config/. Exits without either.

    Overrides are left out: they end by themselves.
    """
    versions = Versions(settings.data / "routing")
    version = versions.live()
    if version and (routing := compile_folder(versions.folder_of(version), limits=limits()).routing):
        return routing
    return load_or_stop(settings.config)
