"""Reading a folder never blocks, whatever lies in it (FAULTS.md C18)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ivr.routing.folder import MOST_LANGUAGES, read_folder
from ivr.routing.text import Limits


def told(folder: Path, limits: Limits | None = None) -> list[str]:
    _, problems = read_folder(folder, limits)
    return [str(problem).removeprefix(f"{folder.name}/") for problem in problems]


def test_only_the_files_of_a_configuration_are_read(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    for name in ("clinic.yaml", "menus.yaml", "notes.txt", "prompts/en-US.yaml", "prompts/.hidden", "prompts/a.yml"):
        (tmp_path / name).write_bytes(b"x")
    files, problems = read_folder(tmp_path)
    assert (list(files), problems) == (["clinic.yaml", "menus.yaml", "prompts/en-US.yaml"], [])


def test_a_missing_file_is_left_out(tmp_path: Path) -> None:
    assert read_folder(tmp_path / "nowhere") == ({}, [])


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "clinic.yaml")
    assert told(tmp_path) == ["clinic.yaml: this is not an ordinary file."]


def test_an_endless_device_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "menus.yaml").symlink_to("/dev/zero")
    assert told(tmp_path) == ["menus.yaml: this is not an ordinary file."]


def test_a_folder_in_place_of_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "clinic.yaml").mkdir()
    assert told(tmp_path) == ["clinic.yaml: this is not an ordinary file."]


def test_a_file_in_place_of_the_prompts_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "prompts").write_bytes(b"")
    assert told(tmp_path) == ["prompts: it cannot be read: not a directory."]


def test_a_link_in_a_circle_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "clinic.yaml").symlink_to("clinic.yaml")
    assert told(tmp_path) == ["clinic.yaml: it cannot be read: too many levels of symbolic links."]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "clinic.yaml").write_bytes(b"x")
    (tmp_path / "clinic.yaml").chmod(0)
    assert told(tmp_path) == ["clinic.yaml: it cannot be read: permission denied."]


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "clinic.yaml").write_bytes(b"x" * 11)
    assert told(tmp_path, Limits(bytes=10)) == ["clinic.yaml: the file is too big: 11 bytes, at most 10 are read."]


def test_too_many_languages_are_a_problem(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    for number in range(MOST_LANGUAGES + 1):
        (tmp_path / "prompts" / f"l{number}.yaml").write_bytes(b"x")
    assert told(tmp_path) == [
        f"prompts: there are {MOST_LANGUAGES + 1} languages here, at most {MOST_LANGUAGES} are read."
    ]
