"""`stories`: runs the stored calls, shows what differs, and on request rewrites what is expected."""

from __future__ import annotations

import json
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

OK, UPDATED, DIFFERS = "ok", "updated", "differs"
COLOURS = {OK: "green", UPDATED: "yellow", DIFFERS: "red"}


@click.command("stories")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--update", is_flag=True, help="Rewrite what differs to what happens now. The caller's part stays.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
@click.pass_context
def command(ctx: click.Context, folder: Path | None, *, update: bool, as_json: bool) -> None:
    """Run the stored calls in FOLDER/stories against the configuration in FOLDER.

    FOLDER is config/ unless you name another. A story that differs is shown turn by turn, what it expects beside what
    happens.

    \b
    python -m ivr stories
    python -m ivr stories drafts/winter
    python -m ivr stories --update
    python -m ivr stories --json
    """
    folder = folder or usual_folder()
    routing = load_or_stop(folder)
    stories, problems = read_stories(folder, limits())
    if problems:
        click.echo(render(problems).rstrip("\n"), err=True)
    if not stories and not problems:
        raise click.UsageError(f"There is no story in {folder / 'stories'}. Make one with: python -m ivr try --save")
    outcomes = [_run(routing, story, update=update) for story in stories]
    if as_json:
        click.echo(json.dumps([_data(word, result) for word, result in outcomes], ensure_ascii=False, indent=2))
    else:
        for word, result in outcomes:
            _show(word, result, update=update)
    differing = sum(word == DIFFERS for word, _ in outcomes)
    if not as_json:
        click.echo(_summary(len(stories), differing, len({problem.file for problem in problems})))
    ctx.exit(1 if differing or problems else 0)


def _run(routing: Routing, story: Story, *, update: bool) -> tuple[str, StoryResult]:
    """Run one story: ok, updated where that was wanted and could be, or differs; and what happened."""
    result = run_story(routing, story)
    if result.passed:
        return OK, result
    return (UPDATED if update and _update(routing, result) else DIFFERS), result


def _show(word: str, result: StoryResult, *, update: bool) -> None:
    _line(word, result.story, COLOURS[word])
    if word == DIFFERS:
        show_differences(result)
        if update:
            click.echo("  This story cannot be rewritten: change what the caller does by hand.\n")


def _data(word: str, result: StoryResult) -> dict[str, object]:
    found = [each for turn in result.turns for each in turn.differences]
    differences = [{"line": each.entry.line, "what": each.sentence} for each in found]
    told = {"file": result.story.file, "title": result.story.title, "state": word, "fault": result.fault}
    return {**told, "differences": differences}


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
