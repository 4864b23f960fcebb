"""Has config/ hold what was published elsewhere, where edits of config/ publish themselves.

Otherwise the next edit there, or the next start, would undo in silence what was published.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from ivr.routing.compile import version_of
from ivr.routing.folder import read_folder
from ivr.routing.text import Limits
from ivr.routing.whole_file import write_whole

KEPT = "set-back"


def set_back(config: Path, data: Path, files: Mapping[str, bytes], limits: Limits, now: datetime) -> Path | None:
    """Write exactly these files to `config`. Raises OSError.

    Gives the folder below `data` where the former ones were put, None when nothing differed.
    """
    former = read_folder(config, limits)[0]
    if version_of(former) == version_of(files):
        return None
    kept = data / KEPT / f"{now:%Y%m%dT%H%M%S}-{version_of(former)}"
    shutil.copytree(config, kept, dirs_exist_ok=True)  # of the same second and the same files: the same
    for name, text in files.items():
        (config / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(config / name, text, mode=0o644)
    for name in set(former) - set(files):
        (config / name).unlink()
    return kept
