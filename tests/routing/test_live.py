"""The last good routing stays whatever happens to config/, and a call keeps the version it started with."""

from __future__ import annotations

import hashlib
import itertools
import logging
import multiprocessing
import multiprocessing.connection
import os
import random
import shutil
import signal
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from ivr.call_flow.model import Routing
from ivr.routing.folder import read_folder
from ivr.routing.live import Live, NoRouting
from ivr.routing.remembered import KEPT_IN_MEMORY
from ivr.routing.resting import SETTLE_SECONDS

NAMES = ("clinic.yaml", "menus.yaml", "prompts/en-US.yaml")
HOUR = 3600.0
FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    warning: bool = False

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Result:
    routing: Routing | None
    problems: Sequence[Sentence]


def version_of(files: Mapping[str, bytes]) -> str:
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:12]


def routing(version: str, clinic: str) -> Routing:
    return Routing(version, clinic, {}, {}, {}, {})


@dataclass
class Loader:
    """Takes files of lines that all hold one number; the routing's clinic is that number, or all that were mixed."""

    compiled: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda version: None

    def __call__(self, files: Mapping[str, bytes]) -> Result:
        version = version_of(files)
        self.compiled.append(version)
        self.before(version)
        lines = [line for name in sorted(files) for line in files[name].decode().splitlines()]
        bad = [line for line in lines if not line.isdigit()]
        if bad or set(files) != set(NAMES):
            return Result(
                None, [Sentence(f"config: {line}") for line in bad] or [Sentence("config: a file is missing")]
            )
        return Result(routing(version, "+".join(sorted(set(lines), key=int))), [Sentence("long menu", warning=True)])


class Time:
    """A clock that moves only when someone waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.wall = 1_800_000_000.0
        self.meanwhile: Callable[[], None] = lambda: None

    def pause(self, seconds: float) -> None:
        self.now += seconds
        self.meanwhile()


def no_sync(descriptor: int) -> None:
    assert os.fstat(descriptor)


class Desk:
    """A configuration and a store on disk, and workers that watch them."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config"
        self.store = folder / "var" / "routing"
        self.time = Time()
        self.loader = Loader()
        self.sync = no_sync  # a disk may take its time, and syncing is not what most of these tests are about
        (self.config / "prompts").mkdir(parents=True)
        self.save(1)

    def worker(self, loader: Loader | None = None, read: object = read_folder) -> Live:
        assert callable(read)
        return Live(
            self.config,
            self.store,
            read=read,
            compile=loader or self.loader,
            version_of=version_of,
            log=logging.getLogger("test"),
            wall=lambda: self.time.wall,
            monotonic=lambda: self.time.now,
            pause=self.time.pause,
            sync=self.sync,
        )

    def booted(self) -> Live:
        live = self.worker()
        live.boot()
        return live

    def save(self, number: int | str, names: Sequence[str] = NAMES) -> None:
        """As a careful editor saves: each file beside its place, then renamed."""
        for name in names:
            fresh = self.config / (name + ".tmp")
            fresh.write_text(f"{number}\n" * 50)
            fresh.replace(self.config / name)

    def poll(self, live: Live, looks: int = 2) -> bool:
        """Looks enough for a change at rest to be taken up; True if any of them swapped the routing."""
        swapped = []
        for _ in range(looks):
            self.time.now += 0.25
            swapped.append(live.refresh())
        return any(swapped)

    def adopt(self, live: Live, number: int) -> str:
        self.save(number)
        assert self.poll(live)
        assert live.routing().clinic == str(number)
        return live.version

    def stored(self) -> set[str]:
        return {path.name for path in (self.store / "versions").iterdir() if not path.name.startswith(".")}

    def noted(self) -> str:
        return (self.store / "live").read_text().strip()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """In memory where the machine has such a folder: how long a busy disk takes is not the subject here."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield Desk(tmp_path)
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="ivr-test-") as folder:
        yield Desk(Path(folder))


@pytest.fixture
def live(desk: Desk) -> Live:
    return desk.booted()


@pytest.fixture(autouse=True)
def _all_levels(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="test")


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


# Starting. -----------------------------------------------------------------------------------------------------------


def test_a_first_boot_stores_the_configuration_and_notes_it_as_live(desk: Desk) -> None:
    live = desk.booted()
    assert live.routing().clinic == "1"
    assert (live.version, desk.stored(), live.trouble) == (desk.noted(), {desk.noted()}, None)
    assert version_of(read_folder(desk.store / "versions" / live.version)[0]) == live.version
    assert live.adopted_at == datetime.fromtimestamp(desk.time.wall, UTC)


def test_a_version_is_on_the_disk_before_it_is_noted_and_served_before_it_is_on_the_disk(
    desk: Desk, live: Live
) -> None:
    former, synced, served = desk.noted(), dict[str, str](), set[str]()

    def sync(descriptor: int) -> None:
        os.fsync(descriptor)
        synced[str(Path(f"/proc/self/fd/{descriptor}").readlink())] = desk.noted()
        served.add(later.routing().clinic)

    desk.sync = sync
    later = desk.booted()
    desk.adopt(later, 2)
    folder = desk.store / "versions" / later.version
    parts = [desk.store / "versions", folder, folder / "prompts", *(folder / name for name in NAMES)]
    assert {path: synced[str(path)] for path in parts} == dict.fromkeys(parts, former)
    assert synced[str(desk.store)] == later.version
    assert served == {"2"}


def test_before_boot_there_is_no_routing(desk: Desk) -> None:
    with pytest.raises(NoRouting, match="not been loaded"):
        desk.worker().routing()


def test_the_store_is_for_its_owner_only_whatever_the_umask(desk: Desk) -> None:
    former = os.umask(0)
    try:
        desk.booted()
    finally:
        os.umask(former)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [desk.store, *desk.store.rglob("*")]}
    assert len(modes) == 1 + 4 + 4  # the store; versions, live, lock, prompts; the version and its three files
    assert all(mode == (0o700 if path.is_dir() else 0o600) for path, mode in modes.items())


def test_a_second_boot_of_the_same_configuration_writes_nothing(desk: Desk, live: Live) -> None:
    before = {path: path.stat().st_ino for path in desk.store.rglob("*")}
    assert desk.booted().version == live.version
    assert {path: path.stat().st_ino for path in desk.store.rglob("*")} == before


def test_a_broken_configuration_boots_from_the_last_good_one(
    desk: Desk, live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    desk.save("version: [")
    again = desk.booted()
    assert again.routing() == live.routing()
    assert again.trouble == "the configuration on disk is not in use, 150 problems: config: version: ["
    assert len(again.problems) == 150
    desk.poll(again, looks=5)
    assert [text.split(":")[0].split(",")[0] for text in errors(caplog)] == [
        "the configuration is refused",
        "serving the last good routing",
    ]


def test_without_a_last_good_one_boot_says_what_is_wrong(desk: Desk) -> None:
    desk.save("version: [", names=["menus.yaml"])
    with pytest.raises(NoRouting) as caught:
        desk.booted()
    assert str(caught.value) == "\n".join(["config: version: ["] * 50)


def test_boot_waits_until_a_save_is_over(desk: Desk) -> None:
    saves = iter([["clinic.yaml"], [*NAMES]])
    desk.time.meanwhile = lambda: desk.save(2, next(saves, []))
    assert desk.booted().routing().clinic == "2"
    assert len(desk.loader.compiled) == 1


def test_a_configuration_that_never_rests_boots_from_the_last_good_one_and_is_adopted_when_it_does(desk: Desk) -> None:
    numbers = itertools.count(2)
    desk.time.meanwhile = lambda: desk.save(next(numbers))
    with pytest.raises(NoRouting, match="did not stop changing"):
        desk.booted()
    desk.time.meanwhile = lambda: None
    first = desk.booted().version
    desk.time.meanwhile = lambda: desk.save(next(numbers))
    live = desk.booted()
    assert live.version == first
    assert live.trouble is not None
    assert desk.poll(live)
    assert live.routing().clinic == str(next(numbers) - 1)
    assert live.trouble is None


@pytest.mark.parametrize("note", [b"", b"\xff\xfe", b"../../etc/passwd\n", b"0123456789ab\n", b"0" * 4096])
def test_a_damaged_note_boots_from_the_newest_version_that_is_whole(desk: Desk, live: Live, note: bytes) -> None:
    desk.time.wall += HOUR
    newest = desk.adopt(live, 2)
    (desk.store / "live").write_bytes(note)
    desk.save("bad")
    assert desk.booted().version == newest


def test_a_damaged_last_good_version_is_passed_over(desk: Desk, live: Live, caplog: pytest.LogCaptureFixture) -> None:
    first = live.version
    desk.time.wall += HOUR
    second = desk.adopt(live, 2)
    (desk.store / "versions" / second / "menus.yaml").write_text("3\n" * 50)
    desk.save("bad")
    assert desk.booted().version == first
    assert any(second in text and "not those it was stored with" in text for text in errors(caplog))


def test_a_damaged_version_is_replaced_when_it_is_adopted_again(desk: Desk, live: Live) -> None:
    first = live.version
    desk.adopt(live, 2)
    (desk.store / "versions" / first / "menus.yaml").unlink()
    desk.adopt(live, 1)
    assert version_of(read_folder(desk.store / "versions" / first)[0]) == first


# Edits. --------------------------------------------------------------------------------------------------------------


def test_a_valid_edit_is_served_after_two_looks_fifty_milliseconds_apart(desk: Desk, live: Live) -> None:
    first = live.routing()
    desk.save(2)
    assert not live.refresh()
    desk.time.now += 0.049
    assert not live.refresh()
    assert live.routing() is first
    desk.time.now += 0.002
    desk.time.wall += 60
    assert live.refresh()
    assert (live.routing().clinic, desk.noted(), live.trouble) == ("2", live.version, None)
    assert live.adopted_at == datetime.fromtimestamp(desk.time.wall, UTC)


def test_a_bad_edit_changes_nothing_and_is_told_once(desk: Desk, live: Live, caplog: pytest.LogCaptureFixture) -> None:
    first, compiled = live.routing(), len(desk.loader.compiled)
    desk.save("version: [", ["menus.yaml"])
    for _ in range(5):
        assert not desk.poll(live)
        (desk.config / "menus.yaml").touch()
    assert live.routing() is first
    assert live.trouble == "the configuration on disk is not in use, 50 problems: config: version: ["
    assert len(errors(caplog)) == 1
    assert len(desk.loader.compiled) == compiled + 1


def test_a_bad_edit_taken_back_ends_the_trouble_without_compiling(desk: Desk, live: Live) -> None:
    desk.save("bad")
    desk.poll(live)
    compiled = len(desk.loader.compiled)
    desk.save(1)
    assert not desk.poll(live)
    assert (live.trouble, live.problems, len(desk.loader.compiled)) == (None, (), compiled)


def test_each_new_bad_edit_is_told(desk: Desk, live: Live, caplog: pytest.LogCaptureFixture) -> None:
    for text in ("bad", "worse", "bad"):
        desk.save(text)
        desk.poll(live)
    assert len(errors(caplog)) == 3


def test_touching_files_compiles_and_stores_nothing(desk: Desk, live: Live) -> None:
    first = live.routing()
    for name in NAMES:
        (desk.config / name).touch()
    (desk.config / "notes.txt").write_text("call the painter")
    assert not desk.poll(live, looks=4)
    assert live.routing() is first
    assert len(desk.loader.compiled) == 1


def test_going_back_to_a_version_of_a_moment_ago_compiles_nothing(desk: Desk, live: Live) -> None:
    first = live.routing()
    desk.adopt(live, 2)
    desk.save(1)
    assert desk.poll(live)
    assert live.routing() is first
    assert len(desk.loader.compiled) == 2
    assert desk.noted() == first.version


def test_an_edit_that_keeps_size_and_time_of_the_file_is_seen(desk: Desk, live: Live) -> None:
    for name in NAMES:
        path = desk.config / name
        before = path.stat()
        path.write_text("2\n" * 50)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert desk.poll(live)
    assert live.routing().clinic == "2"


def test_two_files_saved_one_after_the_other_are_never_mixed_while_they_change(desk: Desk, live: Live) -> None:
    for number in range(2, 12):
        for name in NAMES:
            desk.save(number, [name])
            desk.time.now += 0.25
            assert not live.refresh()
    assert desk.poll(live)
    assert live.routing().clinic == "11"
    assert len(desk.loader.compiled) == 2


def test_a_file_that_changes_while_it_is_read_is_not_used(desk: Desk) -> None:
    edits: Iterator[int] = iter([2])

    def read(folder: Path) -> tuple[dict[str, bytes], Sequence[Sentence]]:
        files, _ = read_folder(folder)
        for number in edits:
            desk.save(number)
        return files, []

    live = desk.worker(read=read)
    live.boot()
    assert live.routing().clinic == "2"
    assert len(desk.loader.compiled) == 1
    edits = iter([4])
    desk.save(3)
    assert not desk.poll(live)
    assert desk.poll(live)
    assert live.routing().clinic == "4"


def test_an_edit_during_compiling_wins(desk: Desk, live: Live) -> None:
    def once_more(version: str) -> None:
        desk.loader.before = lambda version: None
        desk.save(3)

    desk.loader.before = once_more
    desk.save(2)
    assert not desk.poll(live)
    assert live.routing().clinic == "1"
    assert len(desk.stored()) == 1
    assert desk.poll(live)
    assert live.routing().clinic == "3"


def test_a_loader_that_fails_is_one_more_refusal(desk: Desk, live: Live, caplog: pytest.LogCaptureFixture) -> None:
    def fail(version: str) -> None:
        raise RecursionError("too deep")

    desk.loader.before = fail
    desk.save(2)
    assert not desk.poll(live, looks=6)
    assert live.routing().clinic == "1"
    assert live.trouble == "the configuration on disk is not in use, 1 problem: the loader failed: RecursionError"
    assert len(errors(caplog)) == 2  # the failure with its trace, and the refusal


def test_files_that_could_not_be_read_are_told_instead_of_compiled(desk: Desk) -> None:
    def read(folder: Path) -> tuple[dict[str, bytes], Sequence[Sentence]]:
        return read_folder(folder)[0], [Sentence("prompts: this is a pipe"), Sentence("big file", warning=True)]

    with pytest.raises(NoRouting, match=r"\Aprompts: this is a pipe\Z"):
        desk.worker(read=read).boot()
    assert desk.loader.compiled == []


# Files that are no files. --------------------------------------------------------------------------------------------


def missing(path: Path) -> None:
    path.unlink()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def endless(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def whole_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def folder_is_a_file(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.write_text("1\n")


@pytest.mark.parametrize("spoil", [missing, pipe, folder, loop, endless, whole_folder, folder_is_a_file])
@pytest.mark.timeout(30)
def test_something_else_in_place_of_a_file_keeps_the_last_good_routing(
    desk: Desk, live: Live, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], None]
) -> None:
    first = live.routing()
    spoil(desk.config / "menus.yaml")
    assert not desk.poll(live, looks=6)
    assert live.routing() is first
    assert live.trouble is not None
    assert len(errors(caplog)) == 1
    assert desk.booted().routing() == first
    if desk.config.is_dir():
        shutil.rmtree(desk.config)
    else:
        desk.config.unlink(missing_ok=True)
    (desk.config / "prompts").mkdir(parents=True)
    assert desk.adopt(live, 2) == desk.noted()
    assert live.trouble is None


def test_a_file_without_permission_keeps_the_last_good_routing(desk: Desk) -> None:
    """Root may read anything, so the refusal is played by the reader."""
    denied = False

    def read(folder: Path) -> tuple[Mapping[str, bytes], Sequence[Sentence]]:
        if denied:
            raise PermissionError(13, "Permission denied")
        return read_folder(folder)[0], []

    live = desk.worker(read=read)
    live.boot()
    denied = True
    (desk.config / "menus.yaml").chmod(0)
    assert not desk.poll(live)
    assert live.routing().clinic == "1"
    assert live.problems == ("config/ cannot be read: Permission denied",)
    denied = False
    (desk.config / "menus.yaml").chmod(0o600)
    desk.poll(live)
    assert live.trouble is None


# Versions that calls pin. --------------------------------------------------------------------------------------------


def test_a_call_keeps_its_version_while_others_become_live(desk: Desk, live: Live) -> None:
    first = live.routing()
    for number in range(2, 5):
        desk.adopt(live, number)
    assert live.pinned(first.version) is first
    assert live.pinned(live.version) is live.routing()
    assert len(desk.loader.compiled) == 4


def test_a_worker_that_started_later_gives_back_an_older_version_from_disk(desk: Desk, live: Live) -> None:
    first = live.version
    desk.adopt(live, 2)
    later = desk.worker(fresh := Loader())
    later.boot()
    assert later.pinned(first).clinic == "1"
    assert later.pinned(first) is later.pinned(first)
    assert fresh.compiled.count(first) == 1


@pytest.mark.parametrize(
    "version", ["", "0123456789ab", "../../etc", "..", "0123456789AB", "0123456789ab\n", "a" * 5000, "\0"]
)
def test_a_version_nobody_knows_is_answered_with_the_live_one(live: Live, version: str) -> None:
    assert live.pinned(version) is live.routing()


def test_a_damaged_version_is_answered_with_the_live_one_and_tried_again_after_five_seconds(
    desk: Desk, live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    first = live.version
    desk.adopt(live, 2)
    path = desk.store / "versions" / first / "menus.yaml"
    path.write_text("3\n")
    later = desk.booted()
    for _ in range(3):
        assert later.pinned(first) is later.routing()
    path.write_text("1\n" * 50)
    assert later.pinned(first) is later.routing()
    desk.time.now += 5.1
    assert later.pinned(first).clinic == "1"
    assert len(errors(caplog)) == 1


def test_memory_holds_the_last_eight_and_disk_gives_back_the_rest(desk: Desk, live: Live) -> None:
    first = live.version
    for number in range(2, KEPT_IN_MEMORY + 2):
        desk.adopt(live, number)
    assert desk.loader.compiled.count(first) == 1
    assert live.pinned(first).clinic == "1"
    assert desk.loader.compiled.count(first) == 2


def test_many_threads_that_want_one_version_compile_it_once(desk: Desk, live: Live) -> None:
    first = live.version
    desk.adopt(live, 2)
    together, loader = threading.Barrier(8), Loader(before=lambda version: time.sleep(0.02))
    later, found = desk.worker(loader), list[str]()
    later.boot()

    def want() -> None:
        together.wait()
        found.append(later.pinned(first).clinic)

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["1"] * 8
    assert loader.compiled.count(first) == 1


def test_a_version_being_compiled_holds_up_no_other(desk: Desk, live: Live) -> None:
    first = live.version
    second = desk.adopt(live, 2)
    desk.adopt(live, 3)
    started, go_on = threading.Event(), threading.Event()

    def stop_at_first(version: str) -> None:
        if version == first:
            started.set()
            assert go_on.wait(20)

    later = desk.worker(Loader(before=stop_at_first))
    later.boot()
    slow = threading.Thread(target=later.pinned, args=(first,))
    slow.start()
    assert started.wait(20)
    assert later.pinned(second).clinic == "2"
    assert later.routing().clinic == "3"
    assert desk.adopt(later, 4) == later.version
    go_on.set()
    slow.join()
    assert later.pinned(first).clinic == "1"


def test_versions_are_dropped_after_two_days_but_never_the_last_twenty(desk: Desk, live: Live) -> None:
    versions = [live.version]
    for number in range(2, 32):
        desk.time.wall += HOUR
        versions.append(desk.adopt(live, number))
    assert desk.stored() == set(versions)
    desk.time.wall += 100 * HOUR
    versions.append(desk.adopt(live, 32))
    # The 31st was live until a moment ago; of the others, eighteen make up the twenty.
    assert desk.stored() == set(versions[-20:])


def test_two_days_count_from_the_moment_a_version_stopped_being_live(desk: Desk, live: Live) -> None:
    first = live.version
    desk.time.wall += 1000 * HOUR
    for number in range(2, 32):
        desk.adopt(live, number)
    assert first in desk.stored()
    desk.time.wall += 49 * HOUR
    desk.adopt(live, 32)
    assert first not in desk.stored()


# Several workers. ----------------------------------------------------------------------------------------------------


def test_what_one_worker_adopted_the_other_serves_without_compiling_twice_or_swapping_back(desk: Desk) -> None:
    one, other = desk.booted(), desk.worker(Loader())
    other.boot()
    desk.save(2)
    assert desk.poll(one)
    assert desk.poll(other)
    assert one.version == other.version == desk.noted()
    for _ in range(3):
        assert not desk.poll(one)
        assert not desk.poll(other)


def test_a_version_noted_by_another_process_is_served_though_config_stays(desk: Desk, live: Live) -> None:
    first = live.version
    desk.adopt(live, 2)
    (desk.store / "live.new").write_text(first + "\n")
    (desk.store / "live.new").replace(desk.store / "live")
    assert live.refresh()
    assert live.routing().clinic == "1"
    assert not desk.poll(live, looks=4)
    assert desk.noted() == first
    desk.adopt(live, 3)
    assert desk.noted() == live.version


def test_a_note_of_a_version_that_is_not_there_is_ignored(desk: Desk, live: Live) -> None:
    (desk.store / "live").write_text("0123456789ab\n")
    assert not desk.poll(live, looks=4)
    assert live.routing().clinic == "1"


def test_a_slow_worker_does_not_put_an_older_edit_back(desk: Desk) -> None:
    quick, slow = desk.booted(), desk.worker(loader := Loader())
    slow.boot()

    def newer_edit(version: str) -> None:
        loader.before = lambda version: None
        desk.adopt(quick, 3)

    loader.before = newer_edit
    desk.save(2)
    assert not desk.poll(slow)
    assert desk.noted() == quick.version
    desk.poll(slow)
    desk.poll(quick)
    assert slow.routing().clinic == quick.routing().clinic == "3"


def test_a_frozen_worker_that_holds_the_lock_stops_nobody(desk: Desk, live: Live) -> None:
    with live._versions.alone():
        desk.save(2)
        assert desk.poll(live)
    assert desk.noted() == live.version


def serve(desk: Desk, stop: threading.Event, seen: set[str]) -> Live:
    """A worker with the real clock and its own watcher; `seen` collects what it served."""
    live = Live(desk.config, desk.store, read=read_folder, compile=Loader(), version_of=version_of, sync=no_sync)
    live.boot()

    def look() -> None:
        while not stop.is_set():
            seen.add(live.routing().clinic)
            time.sleep(0.01)

    threading.Thread(target=live.watch, args=(stop, 0.1), daemon=True).start()
    threading.Thread(target=look, daemon=True).start()
    return live


def serves(live: Live, clinic: str) -> bool:
    return live.routing().clinic == clinic


def until(what: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_torn_saves_in_place_are_never_served(desk: Desk) -> None:
    """An editor that truncates and writes on, again and again, with rests between."""
    stop, seen, longest_rest, number = threading.Event(), set[str](), 0.0, 1
    live = serve(desk, stop, seen)
    for _ in range(3):
        wrote_at = time.monotonic()
        for _ in range(5):
            number += 1
            for name in NAMES:
                with (desk.config / name).open("w") as file:
                    for _ in range(4):
                        file.write(f"{number}\n" * 50)
                        file.flush()
                        time.sleep(0.001)
                        longest_rest = max(longest_rest, time.monotonic() - wrote_at)
                        wrote_at = time.monotonic()
        assert until(partial(serves, live, str(number)), 20)
    stop.set()
    # On a machine so busy that the editor itself stood still, half a save can look like a whole one.
    assert longest_rest >= SETTLE_SECONDS or not [clinic for clinic in seen if "+" in clinic]


def worker_process(desk: Desk, report: multiprocessing.connection.Connection) -> None:
    stop, seen = threading.Event(), set[str]()
    live = serve(desk, stop, seen)
    report.send("ready")
    report.recv()
    stop.set()
    report.send((live.routing().clinic, seen, live.trouble))


def test_two_processes_stand_a_storm_of_saves_and_end_on_the_newest(desk: Desk) -> None:
    pipes = [FORK.Pipe() for _ in range(2)]
    workers = [FORK.Process(target=worker_process, args=(desk, child), daemon=True) for _, child in pipes]
    for worker in workers:
        worker.start()
    reports = [parent for parent, _ in pipes]
    assert [report.recv() for report in reports] == ["ready"] * 2
    for number in range(2, 60):
        desk.save(number if number % 2 else f"bad {number}")
        time.sleep(0.15 if number % 20 == 0 else 0.005)
    desk.save(60)
    newest = version_of(read_folder(desk.config)[0])
    assert until(lambda: desk.noted() == newest, 20)
    time.sleep(0.3)
    for report in reports:
        report.send("stop")
        clinic, seen, trouble = report.recv()
        assert (clinic, trouble) == ("60", None)
        assert not [name for name in seen if "+" in name]
    for worker in workers:
        worker.join(20)
    for version in desk.stored():
        assert version_of(read_folder(desk.store / "versions" / version)[0]) == version
    assert not list(desk.store.rglob(".*"))


def test_an_edit_goes_live_on_every_worker_by_itself(desk: Desk) -> None:
    stop = threading.Event()
    workers = [serve(desk, stop, set()) for _ in range(2)]
    desk.save(2)
    assert until(lambda: all(serves(live, "2") for live in workers), 20)
    stop.set()


def test_a_fault_of_the_watcher_is_logged_once_and_does_not_end_it(
    desk: Desk, live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    faulty = threading.Event()
    faulty.set()

    def read(folder: Path) -> tuple[Mapping[str, bytes], Sequence[Sentence]]:
        if faulty.is_set() and folder == desk.config:
            raise RuntimeError("a defect")
        return read_folder(folder)[0], []

    stop, looks = threading.Event(), itertools.count()
    watched = Live(
        desk.config,
        desk.store,
        read=read,
        compile=Loader(),
        version_of=version_of,
        log=logging.getLogger("test"),
        monotonic=lambda: float(next(looks)),
    )
    faulty.clear()
    watched.boot()
    faulty.set()
    watcher = threading.Thread(target=watched.watch, args=(stop, 0.001))
    watcher.start()
    desk.save(2)
    assert until(lambda: bool(errors(caplog)), 20)
    seen = next(looks)
    assert until(lambda: next(looks) > seen + 20, 20)
    faulty.clear()
    assert until(lambda: watched.routing().clinic == "2", 20)
    stop.set()
    watcher.join(20)
    assert not watcher.is_alive()
    assert len(errors(caplog)) == 1


# A disk that fails, a worker that is killed. -------------------------------------------------------------------------


def test_an_edit_that_cannot_be_stored_is_served_all_the_same_and_stored_later(
    desk: Desk, live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    first = desk.noted()
    away = (desk.store / "versions").rename(desk.store / "away")
    (desk.store / "versions").write_text("a file where a folder should be")
    desk.adopt(live, 2)
    assert live.trouble == f"routing {live.version} is live but could not be stored"
    desk.poll(live, looks=4)
    desk.save("bad")
    desk.poll(live, looks=2)
    assert (desk.noted(), live.routing().clinic) == (first, "2")
    (desk.store / "versions").unlink()
    away.rename(desk.store / "versions")
    assert not desk.poll(live)
    assert desk.noted() == live.version
    assert desk.stored() == {first, live.version}
    assert len([text for text in errors(caplog) if "could not be stored" in text]) == 1


def test_a_first_boot_on_a_disk_that_fails_serves_all_the_same(desk: Desk) -> None:
    desk.store.parent.mkdir()
    desk.store.write_text("a file where a folder should be")
    live = desk.booted()
    assert live.routing().clinic == "1"
    assert live.trouble is not None
    assert "could not be stored" in live.trouble


def test_leftovers_of_a_killed_worker_do_no_harm_and_are_swept_up_later(desk: Desk, live: Live) -> None:
    versions = desk.store / "versions"
    half = versions / ".new-1-abc"
    half.mkdir()
    (half / "clinic.yaml").write_text("1\n")
    (desk.store / ".live-1-abc").write_text("0123")
    (versions / "not a version").mkdir()
    young = {half, desk.store / ".live-1-abc"}
    for path in young:
        os.utime(path, (desk.time.wall, desk.time.wall))
    desk.adopt(live, 2)
    assert all(path.exists() for path in young)
    desk.time.wall += 2 * HOUR
    desk.adopt(live, 3)
    assert not any(path.exists() for path in young)
    desk.save("bad")
    assert desk.booted().routing().clinic == "3"


def adopt_for_ever(desk: Desk) -> None:
    live = desk.booted()
    for number in itertools.count(2):
        desk.adopt(live, number)


def test_a_worker_killed_at_any_moment_leaves_a_store_to_boot_from(desk: Desk) -> None:
    desk.booted()
    chance = random.Random(7)
    for _ in range(6):
        worker = FORK.Process(target=adopt_for_ever, args=(desk,), daemon=True)
        worker.start()
        time.sleep(0.05 + chance.random() / 20)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join(20)
        shutil.rmtree(desk.config)
        (desk.config / "prompts").mkdir(parents=True)
        desk.save("bad")
        live = desk.booted()
        assert live.version == desk.noted()
        assert live.routing().clinic.isdigit()
        for version in desk.stored():
            assert version_of(read_folder(desk.store / "versions" / version)[0]) == version
        desk.save(1)


# With the real loader. -----------------------------------------------------------------------------------------------


def test_the_sample_clinic_goes_live_and_a_misspelt_destination_does_not(tmp_path: Path) -> None:
    from ivr.routing.compile import compile_files, version_of

    config = tmp_path / "config"
    shutil.copytree(Path(__file__).parents[2] / "config", config)
    live = Live(config, tmp_path / "routing", read=read_folder, compile=compile_files, version_of=version_of)
    live.boot()
    assert live.trouble is None
    assert live.routing().version == version_of(read_folder(config)[0])
    assert live.routing().main_line.number == "+14805550100"
    menus = config / "menus.yaml"
    menus.write_text(menus.read_text().replace("to: gilbert\n", "to: gilbrt\n"))
    live.refresh()
    time.sleep(0.06)
    assert not live.refresh()
    assert any('"gilbrt"' in sentence for sentence in live.problems)
    assert 'Did you mean "gilbert"?' in (live.trouble or "")
