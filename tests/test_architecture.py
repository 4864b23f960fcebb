"""The house's own rules, checked: imports point down only, no circles, small files, a docstring in every room."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
IVR = ROOT / "ivr"
MODULES = sorted(path for path in IVR.rglob("*.py") if "migrations" not in path.parts)

# From the top down. A room may import rooms below it, never beside or above, and never a door.
LEVELS = [
    {"app", "serving", "__main__"},
    {"voice", "console", "cli", "worker"},
    {"turns"},
    {"services"},
    {"publishing", "notices", "carrier", "accounts"},
    {"call_log"},
    {"routing", "journal", "settings", "telemetry"},
    {"settings_notices"},
    {"call_flow"},
]
DOORS = LEVELS[1]
# The command line starts the service and so may reach the composition root; nothing else may.
ALLOWED = {("cli", "app"), ("serving", "app"), ("__main__", "cli")}
LONGEST_FILE = 350
LONGEST_FUNCTION = 40


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """Every module imported anywhere in a file, inside functions included, as absolute names."""
    package = module_name(path).split(".") if path.name == "__init__.py" else module_name(path).split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                found.update(name.name for name in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = package[: len(package) - level + 1] if level else []
                prefix = ".".join([*base, *([module] if module else [])])
                found.update({prefix, *(f"{prefix}.{name.name}" for name in names)})
            case _:
                pass
    return found


def level_of(room: str) -> int:
    return next(number for number, rooms in enumerate(LEVELS) if room in rooms)


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_down_only(path: Path) -> None:
    own = room_of(module_name(path))
    if own == "ivr":
        return
    for imported in sorted(name for name in imports_of(path) if name.startswith("ivr.")):
        other = room_of(imported)
        if other == own or (own, other) in ALLOWED:
            continue
        assert level_of(other) >= level_of(own), f"{own} may not import {imported}"
        assert not (own in DOORS and other in DOORS), f"doors never import each other: {own} imports {imported}"
        below = level_of(other) > level_of(own) or other == "settings"
        assert below or own in {"routing", "publishing"}, f"{own} may not import its neighbour {imported}"


@pytest.mark.parametrize("path", sorted((IVR / "call_flow").glob("*.py")), ids=module_name)
def test_the_call_flow_imports_the_standard_library_only(path: Path) -> None:
    outside = {name.split(".")[0] for name in imports_of(path)} - {"ivr"}
    assert outside <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("path", sorted((IVR / "call_flow").glob("*.py")), ids=module_name)
def test_the_call_flow_reads_no_clock_and_no_file(path: Path) -> None:
    assert not imports_of(path) & {"os", "time", "random", "pathlib", "socket", "secrets", "logging"}
    text = path.read_text()
    assert not any(call in text for call in ("datetime.now(", "utcnow(", "date.today(", "datetime.today("))


def test_there_is_no_import_circle() -> None:
    names = {module_name(path): path for path in MODULES}
    graph = {name: {other for other in imports_of(path) if other in names} - {name} for name, path in names.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"circle: {' -> '.join((*trail, name))}"
        if name not in done:
            for other in graph[name]:
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_files_and_functions_are_small_and_modules_say_what_they_are_for(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module docstring says what the room is for"
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, node.name


def test_nothing_in_the_repository_names_a_path_of_one_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    own = [ROOT / name for name in listed.split() if name.endswith((".py", ".md", ".yaml", ".toml", ".txt"))]
    wanted = "/" + "work/", "/" + "root/", "/" + "home/"
    found = [path.name for path in own if path.exists() and any(word in path.read_text() for word in wanted)]
    assert not found
