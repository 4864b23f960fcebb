"""What commands that play a call share: its options, its moment, and reading what the caller does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from ivr.call_flow.model import Routing
from ivr.call_flow.moments import UnclearMoment, read_moment
from ivr.call_flow.turn import Outcome, Turn
from ivr.routing.played_call import Start
from ivr.routing.stories import (
    Action,
    DoesNotFit,
    HangsUp,
    LeavesMessage,
    LeavesNoMessage,
    PhoneDoes,
    Presses,
    Says,
    StaysSilent,
    first_turn,
)
from ivr.routing.zone import clinic_zone

Decorated = Callable[..., Any]
KEYS = frozenset("0123456789*#")
SILENCE = "-"
AT_HELP = 'When: now, "today 17:05", "tomorrow 8:00", "Thursday 17:05" or "2026-11-26 10:00", in the clinic\'s zone.'
PHONE_ANSWERS = {
    "a": Outcome.ANSWERED,
    "n": Outcome.NO_ANSWER,
    "b": Outcome.BUSY,
    "d": Outcome.DECLINED,
    "f": Outcome.FAILED,
}


def caller_options(function: Decorated) -> Decorated:
    """`--line`, `--language` and `--withheld`, for commands that play a call."""
    for option in (
        click.option("--withheld", is_flag=True, help="The caller's number is withheld."),
        click.option("--language", default="", metavar="CODE", help="The language the call starts in, such as es-US."),
        click.option("--line", default="", metavar="NAME", help="The line that is called; the main line if left out."),
    ):
        function = option(function)
    return function


def begin(routing: Routing, at: str, line: str, language: str, *, withheld: bool) -> tuple[Start, Turn]:
    """The call's start and first turn, from a command's options. Raises click.BadParameter."""
    try:
        moment = read_moment(at, datetime.now(UTC), clinic_zone(routing))
    except UnclearMoment as unclear:
        raise click.BadParameter(str(unclear), param_hint="--at") from None
    start = Start(moment, line or routing.main_line.name, language, withheld)
    try:
        turn = first_turn(routing, moment, line=start.line, language=language, withheld=withheld)
    except DoesNotFit as unfit:
        raise click.UsageError(str(unfit)) from None
    return start, turn


def keys_option(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[Action, ...] | None:
    """`--press 1,2,-` as what the caller does; None when it is not given. Raises click.BadParameter."""
    if value is None:
        return None
    keys = [key.strip() for key in value.split(",") if key.strip()]
    for key in keys:
        if key not in KEYS and key != SILENCE:
            raise click.BadParameter(f'"{key}" is no key. Use 0-9 * # and - for silence, with commas between.')
    return tuple(StaysSilent() if key == SILENCE else Presses(key) for key in keys)


def ask_for_key(*, listens: bool) -> Action:
    """What the caller does at a menu, asked for in the terminal until it is understood; the end of input hangs up."""
    words = ", words to speak" if listens else ""
    while True:
        answer = asked(f"Key (0-9 * #, - for silence{words}, h to hang up): ")
        if answer is None or answer.casefold() == "h":
            return HangsUp()
        if answer in {"", SILENCE}:
            return StaysSilent()
        if answer in KEYS:
            return Presses(answer)
        if listens and (answer[0].isalpha() or answer[0] in "\"'"):
            return Says(answer.strip("\"' ") or answer)
        click.echo("Only keys are taken here." if answer[0].isalpha() else "One key at a time, please.")


def ask_for_phone() -> Action:
    """What the clinic's phone does when it rings."""
    while True:
        answer = asked("The phone: a answers, n no answer, b busy, d declined, f failed, h the caller hangs up: ")
        if answer is None or answer.casefold() == "h":
            return HangsUp()
        if outcome := PHONE_ANSWERS.get(answer.casefold() or "n"):
            return PhoneDoes(outcome)
        click.echo("Please answer a, n, b, d, f or h.")


def ask_for_message() -> Action:
    """Whether the caller leaves a message."""
    while True:
        answer = asked("The message: m left, n nothing, h the caller hangs up: ")
        if answer is None or answer.casefold() == "h":
            return HangsUp()
        if answer.casefold() in {"", "m"}:
            return LeavesMessage()
        if answer.casefold() == "n":
            return LeavesNoMessage()
        click.echo("Please answer m, n or h.")


def asked(question: str) -> str | None:
    """One line from the terminal, without the spaces around it; None at the end of input."""
    click.secho(question, nl=False, dim=True)
    line = sys.stdin.readline()
    if not sys.stdin.isatty():
        click.echo(line.rstrip("\n"))
    return line.strip() if line else None
