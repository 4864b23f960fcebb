"""The commands, by name. Each lives in a module of its own, which is imported when the command is used."""

from __future__ import annotations

import importlib
import io
import os
import sys

import click

COMMANDS = {
    "check": ("ivr.cli.check", "Say what is wrong with the configuration."),
    "prove": ("ivr.cli.prove", "Prove that no caller is stranded, or show the call that is."),
    "answer": ("ivr.cli.answer", "Say who answers a call at a given time."),
    "try": ("ivr.cli.walk", "Walk the menus here in the terminal."),
    "stories": ("ivr.cli.story_run", "Run the stored calls and show what differs."),
    "draft": ("ivr.cli.draft", "Show what publishing config/ would change, and whether it passes."),
    "publish": ("ivr.cli.publish", "Make the files in config/ what callers hear."),
    "versions": ("ivr.cli.versions", "Show what was live when."),
    "diff": ("ivr.cli.diff", "Show how two versions differ, in plain words."),
    "rollback": ("ivr.cli.rollback", "Make an earlier version live again."),
    "tester": ("ivr.cli.tester", "Let testers hear the draft on the real line."),
    "override": ("ivr.cli.override", "Change something until a given time. It ends by itself."),
    "notices": ("ivr.cli.notices", "Show who was told of what, test it, send again."),
    "user": ("ivr.cli.user", "Let people into the console, or keep them out."),
    "pin": ("ivr.cli.pin", "Set the PINs with which staff change something by phone."),
    "call": ("ivr.cli.call", "Place a practice call to the running service."),
    "demo": ("ivr.cli.demo", "Fill a practice call log with a fortnight of imagined calls."),
    "serve": ("ivr.cli.serve", "Check everything, then answer calls."),
    "worker": ("ivr.cli.worker", "Move what happened into the call log, beside serve."),
    "provision": ("ivr.cli.provision", "Set the clinic's numbers at Twilio."),
    "doctor": ("ivr.cli.doctor", "Say what is wrong between this service and the outside world."),
    "fallback": ("ivr.cli.fallback", "Write what callers hear when this service does not answer."),
    "status": ("ivr.cli.status", "Show how the service stands."),
    "calls": ("ivr.cli.calls", "Show the newest calls, and whom to call back."),
    "story": ("ivr.cli.story", "Tell one call in plain words."),
    "report": ("ivr.cli.report", "Count calls, with small bars."),
    "export": ("ivr.cli.export", "Write calls or events to a file."),
    "forget": ("ivr.cli.forget", "Erase what was kept long enough."),
    "rekey": ("ivr.cli.rekey", "Seal callers' numbers under the current secret."),
    "backup": ("ivr.cli.backup", "Copy the call log while everything runs."),
    "migrate": ("ivr.cli.migrate", "Bring the call log's tables up to date."),
}


class Commands(click.Group):
    """A group that knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.pass_context
def ivr(ctx: click.Context) -> None:
    """The clinic's telephone front desk.

    \b
    python -m ivr check                              is the configuration fine?
    python -m ivr answer --at "Thursday 17:05"       who answers if I call then?
    python -m ivr try                                walk the menus as a caller
    python -m ivr COMMAND --help                     more on one command

    Exit codes: 0 fine, 1 problems found, 2 not understood.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False


def main() -> None:
    """Run the command that the command line names, then exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # Spanish prompts on a terminal that knows ASCII only
    ivr(prog_name="python -m ivr")
