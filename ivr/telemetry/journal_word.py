"""What the web processes of this host say of their journal, read off the figures that they share on the disk."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.multiprocess import MultiProcessCollector


@dataclass(frozen=True, slots=True)
class JournalWord:
    """`refused`: a process that runs could not write where the journal belongs when it last had to.

    `lost` counts the entries that could not be made durable since the service began.
    """

    refused: bool = False
    lost: int = 0


def journal_word(data: Path) -> JournalWord:
    """The word of all services with this data folder; figures that cannot be read say nothing."""
    words = [_word(folder) for folder in sorted((data / "metrics").glob("*"))]
    return JournalWord(any(each.refused for each in words), sum(each.lost for each in words))


def _word(folder: Path) -> JournalWord:
    files = [str(file) for file in folder.glob("*.db") if _counts(file)]
    try:
        found = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]  # the library leaves it untyped
    except (OSError, ValueError, struct.error):
        return JournalWord()
    values = {sample.name: sample.value for metric in found for sample in metric.samples}
    return JournalWord(bool(values.get("ivr_journal_trouble")), int(values.get("ivr_journal_lost_total", 0)))


def _counts(file: Path) -> bool:
    """What a process counted stays; how it stands no longer matters once it is gone, and a killed one leaves that."""
    kind, _, pid = file.stem.rpartition("_")
    if not kind.startswith("gauge_live"):
        return True
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        pass  # it runs as somebody else
    return True
