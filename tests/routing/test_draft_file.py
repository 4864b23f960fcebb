"""The note of the draft on a host's disk, and the place of drafts among the stored versions."""

from __future__ import annotations

import os
from pathlib import Path

from ivr.call_flow.model import Routing
from ivr.routing.draft_file import NAME, Draft, DraftFile, DraftNote, write_note
from ivr.routing.versions import KEEP_AT_LEAST, KEEP_SECONDS, Versions

NOTE = DraftNote("0123456789ab", frozenset({"a" * 32, "b" * 32}))
FILES = {"clinic.yaml": b"a", "prompts/en-US.yaml": b"b"}


def routing(version: str) -> Routing:
    return Routing(version, "", {}, {}, {}, {}, testers=frozenset({"+14805550161"}))


def test_a_note_is_written_once_and_taken_away_once(tmp_path: Path) -> None:
    assert [write_note(tmp_path, NOTE), write_note(tmp_path, NOTE)] == [True, False]
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    assert [write_note(tmp_path, None), write_note(tmp_path, None)] == [True, False]
    assert list(tmp_path.iterdir()) == []


class Store:
    """Versions on a disk, and a count of how often each was asked for."""

    def __init__(self, *there: str) -> None:
        self.there = set(there)
        self.asked: list[str] = []

    def get(self, version: str) -> Routing | None:
        self.asked.append(version)
        return routing(version) if version in self.there else None


def heard(file: DraftFile) -> Draft | None:
    """What testers hear after another look."""
    file.look()
    return file.draft


def test_what_is_written_is_what_is_followed(tmp_path: Path) -> None:
    store = Store(NOTE.version)
    file = DraftFile(tmp_path, store.get)
    assert heard(file) is None
    write_note(tmp_path, NOTE)
    assert [heard(file) for _ in range(3)] == [Draft(routing(NOTE.version), NOTE.testers)] * 3
    assert store.asked == [NOTE.version], "a draft that is there is not looked for again"
    write_note(tmp_path, None)
    assert heard(file) is None


def test_a_draft_that_comes_late_is_heard_then(tmp_path: Path) -> None:
    store = Store()
    file = DraftFile(tmp_path, store.get)
    write_note(tmp_path, NOTE)
    assert heard(file) is None
    store.there.add(NOTE.version)
    assert heard(file) is not None


def test_a_number_is_hashed_only_when_there_are_hashes_to_compare_with() -> None:
    def refuse(_number: str) -> tuple[str, ...]:
        raise AssertionError("nothing to compare with")

    assert Draft(routing("a"), frozenset()).is_for("+14805550161", refuse)
    assert not Draft(routing("a"), frozenset()).is_for("+14805550162", refuse)
    assert not Draft(routing("a"), NOTE.testers).is_for("", refuse)
    assert Draft(routing("a"), NOTE.testers).is_for("+14805550162", lambda _number: ("c" * 32, "b" * 32))


def test_a_draft_is_never_the_last_good_version(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    versions.keep("00000000000a", FILES)
    versions.note("00000000000a")
    versions.keep("0000000000ff", FILES, draft=True)
    assert versions.newest_first() == ["00000000000a"]
    versions.note("0000000000ff")
    assert versions.newest_first() == ["0000000000ff", "00000000000a"], "once live it counts like any other"


def test_a_version_that_was_live_stays_one_when_it_is_offered_as_a_draft(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    versions.keep("00000000000a", FILES)
    versions.note("00000000000a")
    versions.keep("00000000000a", FILES, draft=True)
    assert versions.newest_first() == ["00000000000a"]


def test_a_draft_outlives_the_calls_that_hear_it(tmp_path: Path) -> None:
    """However many versions go live meanwhile; two days after it came it may go."""
    later = 0.0
    versions = Versions(tmp_path, wall=lambda: now + later)
    versions.keep("0000000000ff", FILES, draft=True)
    now = versions.folder_of("0000000000ff").stat().st_ctime
    for number in range(KEEP_AT_LEAST + 5):
        versions.keep(f"{number:012x}", FILES)
        versions.note(f"{number:012x}")
    assert versions.folder_of("0000000000ff").is_dir()
    later = KEEP_SECONDS + 60.0
    for number in range(KEEP_AT_LEAST + 5):
        os.utime(versions.folder_of(f"{number:012x}"), (now + later, now + later))
    versions.note("000000000001")
    assert not versions.folder_of("0000000000ff").exists()
