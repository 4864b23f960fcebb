"""A wall clock that can be set, and a disk that can hang, under real processes: a small library laid under them.

It is compiled on the spot; a machine without a C compiler cannot have it.
"""

from __future__ import annotations

import contextlib
import shutil
import struct
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
WISH = struct.Struct("=qq")


class Shim:
    """Made in `folder`. Processes started with its `environment` follow it."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise LookupError("there is no C compiler here")
        self._library, self._wish = folder / "shim.so", folder / "shim.wish"
        self._seconds = 0
        self._wish.write_bytes(WISH.pack(0, 0))
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(self._library), str(SOURCE), "-ldl"]
        subprocess.run(command, check=True, capture_output=True)

    @property
    def environment(self) -> Mapping[str, str]:
        return {"LD_PRELOAD": str(self._library), "IVR_SHIM": str(self._wish)}

    def set_clock(self, seconds: int) -> None:
        """The wall clock is so many seconds ahead from now on, or behind."""
        self._seconds = seconds
        self._write(hangs=False)

    @contextlib.contextmanager
    def hanging_disk(self) -> Iterator[None]:
        """Every sync waits while the block runs."""
        self._write(hangs=True)
        try:
            yield
        finally:
            self._write(hangs=False)

    def _write(self, *, hangs: bool) -> None:
        with self._wish.open("r+b") as file:  # the processes have it mapped
            file.write(WISH.pack(self._seconds, int(hangs)))
