"""`try`: walk the menus in the terminal, with nothing ringing for real."""

from __future__ import annotations

from pathlib import Path

import click

from ivr.call_flow.model import Routing
from ivr.call_flow.moments import full_date
from ivr.call_flow.turn import Ask, HangUp, Join, Record, Ring, Turn
from ivr.routing.played_call import NotKept, Played, Start, kept
from ivr.routing.stories import Action, next_turn
from ivr.routing.transcript import turn_text
from ivr.routing.whole_file import write_whole

from .calling import AT_HELP, ask_for_key, ask_for_message, ask_for_phone, begin, caller_options
from .configuration import folder_option, limits, load_or_stop
from .transcript import show


@click.command("try")
@click.option("--at", default="now", show_default=True, help=AT_HELP)
@caller_options
@folder_option
@click.option("--save", type=click.Path(path_type=Path), help="Keep this call as a story in a new file.")
def command(at: str, line: str, language: str, draft_folder: Path | None, save: Path | None, *, withheld: bool) -> None:
    """Walk the menus as a caller would. Nothing rings for real: you say what the clinic's phone does.

    At a menu type a key, - for silence, or words where the menu listens. End with h, or with Ctrl-D.

    \b
    python -m ivr try
    python -m ivr try --at "2026-11-26 10:00" --language es-US
    python -m ivr try --draft-folder drafts/winter --save config/stories/winter.yaml
    """
    if save and (save.exists() or not save.parent.is_dir()):
        fault = "is there already" if save.exists() else "lies in a folder that does not exist"
        raise click.BadParameter(f"{save} {fault}. Name a new file in a folder that exists.", param_hint="--save")
    routing = load_or_stop(draft_folder)
    start, first = begin(routing, at, line, language, withheld=withheld)
    click.secho(f"A call on {full_date(start.at)}, line {start.line}\n", bold=True)
    played = _walk(routing, start, first)
    if save:
        _save(routing, start, played, save)


def _walk(routing: Routing, start: Start, turn: Turn) -> list[Played]:
    played: list[Played] = []
    action: Action | None = None
    while True:
        played.append((action, turn))
        show(turn_text(routing, action, turn))
        match turn.step:
            case Ask(listen=listens):
                action = ask_for_key(listens=listens)
            case Ring():
                action = ask_for_phone()
            case Record():
                action = ask_for_message()
            case HangUp() | Join():
                return played
        turn = next_turn(routing, turn, action, start.at)


def _save(routing: Routing, start: Start, played: list[Played], path: Path) -> None:
    """Write the call as a story, once it is proven to read back and to pass."""
    try:
        text = kept(routing, start, played, str(path), limits())
    except NotKept as fault:
        raise click.ClickException(str(fault)) from None
    write_whole(path, text.encode(), mode=0o644)
    click.secho(f"Saved as {path}. It passes. Give it a title of your own on its first line.", fg="green")
