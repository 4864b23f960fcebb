"""The one strict loader: the files of a configuration go in, a routing or all that is wrong with them comes out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from ivr.call_flow.model import Routing

from .build import build
from .crosscheck import crosscheck
from .findings import Findings
from .folder import PROMPTS, read_folder
from .problems import Problem
from .prompt_checks import LONGEST_PROMPT, prompt_file
from .references import CLINIC, MENUS
from .schema import ClinicFile, MenusFile, PromptsFile
from .shape import File, Shaped, Shapes, shaped, unreadable
from .text import TOO_MUCH, Group, Limits, nodes_in, read_text
from .wording import name_faults, rules_of, wording_problems

VERSION_LENGTH = 12
_CUT_OFF = re.compile(r"""\s*[a-z0-9_]+:\s+[^\s"'|>#].*?\s#""")
_TO_SPEAK_IT = "To have it spoken, put the text between quotation marks; else write the comment on a line of its own."


@dataclass(frozen=True, slots=True)
class Compiled:
    """`routing` is None exactly when one of the problems is more than a warning. Problems come by file and line."""

    routing: Routing | None
    problems: tuple[Problem, ...]


def compile_files(
    files: Mapping[str, bytes],
    *,
    live: bool = False,
    limits: Limits | None = None,
    folder: str = "config",
    now: datetime | None = None,
) -> Compiled:
    """Compile files keyed `clinic.yaml`, `menus.yaml`, `prompts/en-US.yaml`; others are none of our business.

    `live` refuses fictional numbers; `folder` stands before the file names in problems. With `now` (aware) a rota that
    is over, or has nobody on call in the days ahead, is a problem; without it files that were good stay good. Never
    raises for any content.
    """
    limits = limits or Limits()
    if (size := sum(map(len, files.values()))) > limits.bytes:
        largest = max(files, key=lambda name: len(files[name]))
        sentence = f"the files are too big: {size:,} bytes, most in {largest}; at most {limits.bytes:,} are read."
        return Compiled(None, (Problem(folder, 0, (), sentence, TOO_MUCH),))
    documents, unread = _documents(files, limits, folder)
    findings = Findings(folder, documents)
    findings.problems.extend(unread)
    shapes = Shapes(
        clinic=_shape(ClinicFile, CLINIC, documents, findings),
        menus=_shape(MenusFile, MENUS, documents, findings),
        prompts={_language(name): _shape(PromptsFile, name, documents, findings) for name in _prompts(files)},
    )
    crosscheck(shapes, findings, live=live, now=now)
    _check_names(shapes, findings)
    _check_comments(files, documents, findings)
    _check_wording(shapes, findings)
    problems = tuple(sorted(set(findings.problems)))
    sound = all(problem.warning for problem in problems)
    return Compiled(build(shapes, version_of(files)) if sound else None, problems)


def compile_folder(
    path: Path,
    *,
    live: bool = False,
    limits: Limits | None = None,
    shown: str | None = None,
    now: datetime | None = None,
) -> Compiled:
    """Compile the files in a folder; what cannot be read there is a problem like any other. `shown` names it.

    `now` is as in `compile_files`.
    """
    files, problems = read_folder(path, limits)
    if problems:
        return Compiled(None, tuple(sorted(problems)))
    return compile_files(files, live=live, limits=limits, folder=shown or path.name, now=now)


def version_of(files: Mapping[str, bytes]) -> str:
    """A short name for exactly these files: the same names and bytes always give the same one."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:VERSION_LENGTH]


def _documents(files: Mapping[str, bytes], limits: Limits, folder: str) -> tuple[dict[str, Group], list[Problem]]:
    documents: dict[str, Group] = {}
    problems: list[Problem] = []
    nodes = 0
    shown = Findings(folder, {}).shown
    for name in (CLINIC, MENUS, *_prompts(files)):
        if name not in files:
            problems.append(Problem(shown(name), 0, (), "the file is missing."))
            continue
        read = read_text(shown(name), files[name], limits, nodes)
        if isinstance(read, Group):
            documents[name] = read
            nodes += nodes_in(read)
        else:
            problems.extend(read)
    return documents, problems


def _prompts(files: Mapping[str, bytes]) -> list[str]:
    return sorted(name for name in files if PROMPTS.fullmatch(name))


def _language(name: str) -> str:
    return name.removeprefix("prompts/").removesuffix(".yaml")


def _shape(model: type[File], name: str, documents: Mapping[str, Group], findings: Findings) -> Shaped[File]:
    return shaped(model, name, documents[name], findings) if name in documents else unreadable(model)


def _check_wording(shapes: Shapes, findings: Findings) -> None:
    """The clinical rules, for the languages whose sentences could be read."""

    def place(language: str, prompt: str) -> tuple[str, int]:
        file = prompt_file(language)
        return findings.shown(file), findings.line(file, ("prompts", prompt))

    languages = shapes.clinic.file.languages or shapes.prompts
    prompts = {
        # An endless sentence is refused for its length; reading it for its words would only take time.
        code: {name: text for name, text in shapes.prompts[code].file.prompts.items() if len(text) <= LONGEST_PROMPT}
        for code in languages
        if code in shapes.prompts
    }
    topics = {name: topic.parts for name, topic in shapes.menus.file.information.items()}
    mailboxes = {mailbox.greeting for mailbox in shapes.clinic.file.mailboxes.values()}
    for problem in wording_problems(prompts, topics, place, mailboxes):
        if findings.is_full:
            break
        findings.add(problem)


def _check_comments(files: Mapping[str, bytes], documents: Mapping[str, Group], findings: Findings) -> None:
    """To YAML a comment begins at a blank and #, also in the middle of a sentence: callers would hear half of it."""
    for file in _prompts(files):
        prompts = documents[file].get("prompts") if file in documents else None
        lines = files[file].decode("utf-8", "replace").splitlines()
        for name, number in prompts.lines.items() if isinstance(prompts, Group) else ():
            if number <= len(lines) and _CUT_OFF.match(lines[number - 1]):
                sentence = "what stands behind # is a comment and is not spoken."
                findings.warn(file, ("prompts", name), sentence, _TO_SPEAK_IT)


def _check_names(shapes: Shapes, findings: Findings) -> None:
    """Titles and closures as they are heard: closures by their own name where a language has no other words for it."""
    clinic = shapes.clinic.file
    faults = cache(name_faults)  # a title is heard in every language, and read once for all that share their rules

    def check(language: str, words: str, file: str, path: tuple[str | int, ...]) -> None:
        for sentence in faults(rules_of(language), words):
            findings.error(file, path, sentence, "Give it a plain name.")

    for language in clinic.languages or shapes.prompts:
        names = shapes.prompts[language].file.names if language in shapes.prompts else {}
        for name, words in names.items():
            check(language, words, prompt_file(language), ("names", name))
        for name, place in clinic.locations.items():
            check(language, place.title, CLINIC, ("locations", name, "title"))
        for at, closure in enumerate(clinic.closures):
            if closure.name not in names:
                check(language, closure.name, CLINIC, ("closures", at, "name"))
