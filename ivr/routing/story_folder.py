"""Finds the clinic's own stories beside its configuration."""

from __future__ import annotations

from pathlib import Path

from .problems import Problem
from .stories import Story
from .story_text import read_story
from .text import Limits

MOST_FILES = 5000


def read_stories(folder: Path, limits: Limits) -> tuple[list[Story], list[Problem]]:
    """The stories of `folder`/stories by file name, and everything wrong with those that cannot be read."""
    stories: list[Story] = []
    problems: list[Problem] = []
    for path in sorted((folder / "stories").glob("*.yaml"))[:MOST_FILES]:
        try:
            with path.open("rb") as file:
                data = file.read(limits.bytes + 1)
        except OSError as error:
            problems.append(Problem(str(path), 0, (), f"the file cannot be read: {error.strerror}."))
            continue
        story = read_story(str(path), data, limits)
        if isinstance(story, Story):
            stories.append(story)
        else:
            problems.extend(story)
    return stories, problems
