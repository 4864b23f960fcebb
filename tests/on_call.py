"""The sample clinic with the rota that config/README.md shows: what a clinic gets that copies the example."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import yaml

from ivr.routing.folder import read_folder
from tests.conftest import ROOT

FIRST, SECOND = "Dr. Lee", "Dr. Kim"
LEE, KIM, ANA = "+14805550141", "+14805550142", "+14805550143"
FILES = {"on_call": "clinic.yaml", "menus": "menus.yaml"}


def with_on_call(**changes: Any) -> dict[str, bytes]:
    """The files; `changes` replace settings of the rota `nights`, None takes one away."""
    files, problems = read_folder(ROOT / "config")
    assert problems == []
    texts = {name: yaml.load(text, Loader=yaml.CBaseLoader) for name, text in files.items() if name in FILES.values()}
    for example in deepcopy(_examples()):
        _merge(texts[FILES[next(iter(example))]], example)
    texts["clinic.yaml"]["lines"]["main"]["start"] = "day_or_night"
    rota = texts["clinic.yaml"]["on_call"]["nights"]
    rota.update(changes)
    for name in [name for name, value in changes.items() if value is None]:
        del rota[name]
    written = {name: yaml.safe_dump(text, sort_keys=False, allow_unicode=True).encode() for name, text in texts.items()}
    return {**files, **written}


@cache
def _examples() -> list[dict[str, Any]]:
    """The two blocks of the README that set up urgent calls."""
    text = (ROOT / "config" / "README.md").read_text("utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    wanted = [block for block in blocks if "on_call:" in block or "urgent_calls:" in block]
    return [yaml.load(block, Loader=yaml.CBaseLoader) for block in wanted]


def _merge(into: dict[str, Any], given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value
