"""`stories`: runs the stored calls, shows what differs, and on request rewrites what is expected."""

from __future__ import annotations

from pathlib import Path

import click

from ivr.call_flow.model import Routing
from ivr.routing.problems import printable, render
from ivr.routing.stories import Story, StoryResult, run_story
from ivr.routing.story_folder import read_stories
from ivr.routing.story_text import read_story
from ivr.routing.whole_file import write_whole

from .configuration import limits, load_or_stop, usual_folder
from .story_files import updated
from .story_report import show_differences


@click.command("stories")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--update", is_flag=True, help="Rewrite what differs to what happens now. The caller's part stays.")
@click.pass_context
def command(ctx: click.Context, folder: Path | None, *, update: bool) -> None:
    """Run the stored calls in FOLDER/stories against the configuration in FOLDER.

    FOLDER is config/ unless you name another. A story that differs is shown turn by turn, what it expects beside what
    happens.

    \b
    python -m ivr stories
    python -m ivr stories drafts/winter
    python -m ivr stories --update
    """
    folder = folder or usual_folder()
    routing = load_or_stop(folder)
    stories, problems = read_stories(folder, limits())
    if problems:
        click.echo(render(problems).rstrip("\n"), err=True)
    if not stories and not problems:
        raise click.UsageError(f"There is no story in {folder / 'stories'}. Make one with: python -m ivr try --save")
    differing = [story for story in stories if not _run(routing, story, update=update)]
    click.echo(_summary(len(stories), len(differing), len({problem.file for problem in problems})))
    ctx.exit(1 if differing or problems else 0)


def _run(routing: Routing, story: Story, *, update: bool) -> bool:
    """Run one story and print its line; True when it is in order, or has been brought into order."""
    result = run_story(routing, story)
    if result.passed:
        _line("ok", story, "green")
        return True
    if update and _update(routing, result):
        _line("updated", story, "yellow")
        return True
    _line("differs", story, "red")
    show_differences(result)
    if update:
        click.echo("  This story cannot be rewritten: change what the caller does by hand.\n")
    return False


def _line(word: str, story: Story, colour: str) -> None:
    click.echo(f"{click.style(f'{word:<8}', fg=colour)} {printable(story.title)}  ({story.file})")


def _update(routing: Routing, result: StoryResult) -> bool:
    """Rewrite the story's file, if what comes out passes. Two ways are tried, the smaller change first."""
    path = Path(result.story.file)
    text = path.read_text(encoding="utf-8")
    for whole_turns in (False, True):
        rewritten = updated(text, result, whole_turns=whole_turns)
        story = read_story(str(path), rewritten.encode(), limits())
        if isinstance(story, Story) and run_story(routing, story).passed:
            write_whole(path, rewritten.encode(), mode=0o644)
            return True
    return False


def _summary(stories: int, differing: int, unread: int) -> str:
    counted = "1 story" if stories == 1 else f"{stories:,} stories"
    parts = [f"{differing:,} differ" if differing != 1 else "1 differs"] if differing else []
    parts += [f"{unread:,} cannot be read"] if unread else []
    return f"{counted}, {' and '.join(parts)}." if parts else f"{counted}, all in order."
