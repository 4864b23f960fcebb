"""Checks one file's text against its shape, and says what does not fit in staff's words.

An entry that does not fit is left out, and the rest is still used: so one slip does not hide the next.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from . import numbers
from .findings import Findings
from .problems import Spelling, quoted
from .schema import DAYS, LANGUAGE_PATTERN, ClinicFile, MenusFile, PromptsFile
from .text import Group

File = TypeVar("File", bound=BaseModel)
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Shaped(Generic[File]):
    """A file's typed settings. `broken` names, by section, the entries left out; `EVERYTHING` for a whole section."""

    file: File
    broken: Mapping[str, Collection[str]] = field(default_factory=dict)

    def is_broken(self, section: str, name: str = EVERYTHING) -> bool:
        names = self.broken.get(section, ())
        return name in names or EVERYTHING in names


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of all files; `prompts` by language code."""

    clinic: Shaped[ClinicFile]
    menus: Shaped[MenusFile]
    prompts: Mapping[str, Shaped[PromptsFile]]

    @property
    def countries(self) -> tuple[str, ...]:
        """Those whose numbers may be dialled (ISO 3166); none while one is named that does not exist."""
        clinic = self.clinic.file.clinic
        named = clinic.countries if clinic else ("US",)
        return tuple(named) if set(named) <= set(numbers.known_countries()) else ()

    @property
    def whole(self) -> bool:
        """Whether nothing had to be left out of the call tree."""
        return not self.clinic.broken and not self.menus.broken

    def is_broken(self, section: str, name: str = EVERYTHING) -> bool:
        return self.clinic.is_broken(section, name) or self.menus.is_broken(section, name)


def unreadable(model: type[File]) -> Shaped[File]:
    """Stands for a file of which nothing could be read."""
    return Shaped(model(), {section: {EVERYTHING} for section in model.model_fields})


def shaped(model: type[File], name: str, document: Group, findings: Findings) -> Shaped[File]:
    """The settings of file `name` (such as menus.yaml) that fit `model`; all that does not becomes problems."""
    # A section whose last entry was commented out holds an empty text.
    given: dict[str, Any] = {section: value for section, value in document.items() if value != ""}
    try:
        return Shaped(model.model_validate(given))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
    broken: dict[str, set[str]] = {}
    for fault in faults:
        if not findings.is_full:
            _report(model, name, fault, findings)
        section, entry = str(fault["loc"][0]), fault["loc"][1:2]
        keyed = bool(entry) and isinstance(entry[0], str) and _is_keyed(model, section)
        broken.setdefault(section, set()).add(str(entry[0]) if keyed else EVERYTHING)
    return Shaped(model.model_validate(_without(given, broken)), broken)


def model_at(root: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The model that describes the settings at `path`; None where there is none."""
    here: Any = root
    for part in path:
        if _is_model(here):
            found = here.model_fields.get(part)
            here = _plain(found.annotation) if found else None
        else:
            arguments = get_args(here)
            here = _plain(arguments[-1 if get_origin(here) is dict else 0]) if arguments else None
    return here if _is_model(here) else None


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _plain(annotation: Any) -> Any:
    """The annotation without `Annotated` and without `| None`."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    options = [option for option in get_args(annotation) if option is not NoneType]
    return _plain(options[0]) if NoneType in get_args(annotation) and options else annotation


def _is_keyed(model: type[BaseModel], section: str) -> bool:
    found = model.model_fields.get(section)
    return found is not None and get_origin(_plain(found.annotation)) is dict


def _without(given: Mapping[str, Any], broken: Mapping[str, Collection[str]]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for section, value in given.items():
        names = broken.get(section, ())
        if EVERYTHING in names:
            continue
        kept[section] = {key: entry for key, entry in value.items() if key not in names} if names else value
    return kept


def _report(model: type[BaseModel], file: str, fault: ErrorDetails, findings: Findings) -> None:
    path = tuple(part for part in fault["loc"] if part != "[key]")
    kind = fault["type"]
    if kind == "missing":
        cure = "Write hours like 8:00-17:00, or closed." if path[-1] in DAYS else ""
        findings.error(file, path[:-1], f"{quoted(str(path[-1]))} is missing.", cure)
    elif kind == "extra_forbidden":
        findings.error(file, path, *_unknown(model, path))
    else:
        findings.error(file, path, *_in_plain_words(fault))


def _unknown(model: type[BaseModel], path: tuple[int | str, ...]) -> tuple[str, str]:
    wrong = str(path[-1])
    sentence = f"there is no setting called {quoted(wrong)} here."
    if len(path) == 1:
        for name, other in (("clinic.yaml", ClinicFile), ("menus.yaml", MenusFile)):
            if wrong in other.model_fields and other is not model:
                return sentence, f"It belongs in {name}."
    here = model_at(model, path[:-1])
    known = list(here.model_fields) if here else []
    return sentence, Spelling(known).cure(wrong) or f"Possible here: {', '.join(known)}."


def _in_plain_words(fault: ErrorDetails) -> tuple[str, str]:
    given: Mapping[str, Any] = fault.get("ctx", {})
    match fault["type"]:
        case "misread":
            return str(given["sentence"]), str(given["cure"])
        case "model_type" | "dict_type" | "model_attributes_type":
            return "a group of settings is expected here.", "Write each as a name, a colon and a value, indented below."
        case "tuple_type" | "list_type":
            return "a list is expected here.", "Start each item on its own line with a dash."
        case "string_type":
            return "a single value is expected here, not a list or a group.", ""
        case "enum":
            return "this is not one of the possible values.", f"Write {_either(str(given['expected']))}."
        case "string_too_short":
            return "nothing is written here.", "Fill it in, or take the line out."
        case "string_too_long":
            return f"this is too long: at most {given['max_length']} characters.", ""
        case "too_short":
            return "nothing is listed here.", "At least one entry is needed."
        case "too_long":
            return f"these are too many: at most {given['max_length']} can be listed here.", "Take some out."
        case "string_pattern_mismatch" if given["pattern"] == LANGUAGE_PATTERN:
            return "this is not a language code.", "Write one like en-US or es-US."
        case "string_pattern_mismatch":
            return _not_a_name(str(fault["loc"][-2 if fault["loc"][-1] == "[key]" else -1]))
        case _:
            return "this value does not fit here.", ""


def _not_a_name(wrong: str) -> tuple[str, str]:
    plain = re.sub("[^a-z0-9]+", "_", wrong.casefold()).strip("_").lstrip("0123456789_")[:40]
    example = f", such as {plain}" if plain else ""
    return "this cannot be a name.", f"Names are lower-case letters, digits and underscores{example}."


def _either(expected: str) -> str:
    return expected.replace("'", '"')
