"""config/README.md tells staff about every setting there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from ivr.routing.schema import ClinicFile, MenusFile, PromptsFile

README = Path(__file__).parents[2] / "config" / "README.md"


def settings_of(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for inner in models_in(field.annotation):
            yield from settings_of(inner)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


SETTINGS = sorted({name for file in (ClinicFile, MenusFile, PromptsFile) for name in settings_of(file)})


def test_the_settings_are_found() -> None:
    assert {"clinic", "ring_seconds", "saturday", "otherwise", "words", "prompts"} <= set(SETTINGS)


def test_staff_read_that_a_saved_file_is_heard_only_when_it_is_published() -> None:
    text = " ".join(README.read_text("utf-8").split())
    steps, saved = text.partition("What happens when you only save")[::2]
    assert "python -m ivr publish" in steps
    real_line, practice = saved.partition("**In practice mode**")[::2]
    assert "nothing changes for callers" in real_line
    assert "live within two seconds" not in real_line
    assert "IVR_AUTOPUBLISH=1" in practice.partition("live within two seconds")[0]


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_in_the_readme(setting: str) -> None:
    assert re.search(rf"\b{setting}\b", README.read_text("utf-8"))
