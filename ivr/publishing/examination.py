"""What a configuration must pass before callers may hear it: the checks, the proof and the clinic's own stories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ivr.call_flow.finding import Finding
from ivr.call_flow.model import Routing
from ivr.call_flow.proofs import Progress, prove
from ivr.call_flow.turn import Turn
from ivr.routing.compile import compile_files, version_of
from ivr.routing.problems import Problem
from ivr.routing.stories import Story, StoryResult, run_story
from ivr.routing.text import Limits

Weigh = Callable[[Turn], str | None]


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything found in one version. `routing` is None when its checks fail; then nothing else was looked at."""

    version: str
    routing: Routing | None
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...] = ()
    stories: int = 0
    differing: tuple[StoryResult, ...] = ()

    @property
    def passed(self) -> bool:
        return self.routing is not None and not self.findings and not self.differing

    def reasons(self) -> list[str]:
        """Why it does not pass, a text each; empty when it does."""
        errors = [str(problem) for problem in self.problems if not problem.warning]
        proof = [str(finding) for finding in self.findings]
        stories = [f"{result.story.file}: the story differs: {result.story.title}" for result in self.differing]
        return [*errors, *proof, *stories]

    def as_data(self) -> dict[str, Any]:
        """The results as they are kept with the version."""
        return {
            "warnings": [str(problem) for problem in self.problems if problem.warning],
            "findings": [str(finding) for finding in self.findings],
            "stories": self.stories,
            "differing": [result.story.file for result in self.differing],
        }


@dataclass(frozen=True, slots=True)
class Examiner:
    """How versions are examined here. `live` is False in practice; `weigh` says what the carrier would not take."""

    live: bool
    limits: Limits
    folder: str
    weigher: Callable[[Routing], Weigh]

    def examine(
        self,
        files: Mapping[str, bytes],
        stories: Sequence[Story],
        now: datetime,
        *,
        unreadable: Sequence[Problem] = (),
        progress: Progress | None = None,
    ) -> Examination:
        """Check, prove from `now` (aware) on, and run the stories; `unreadable` is what could not even be read."""
        compiled = compile_files(files, live=self.live, limits=self.limits, folder=self.folder)
        problems = (*unreadable, *compiled.problems)
        version, routing = version_of(files), compiled.routing
        if routing is None or unreadable:
            return Examination(version, None, problems)
        proof = prove(routing, now, weigh=self.weigher(routing), progress=progress)
        results = [run_story(routing, story) for story in stories]
        differing = tuple(result for result in results if not result.passed)
        return Examination(version, routing, problems, proof.findings, len(results), differing)
