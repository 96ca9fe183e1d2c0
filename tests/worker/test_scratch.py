"""The scratch folder of a killed worker does not outlive the next job."""

import fcntl
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from app.db.models import Audit, Dataset, Release
from app.db.session import sync_session
from app.formats.limits import DATASET
from app.jobs.leases import Claim
from app.settings import settings
from app.storage import memory
from tests.worker.rows import make_audit
from worker.job import place, scratch

CLAIM = Claim(uuid4(), 1, uuid4(), None, None, "fetch", 0, 1, {}, 3, None)
HOLD = (
    "import sys, tempfile; tempfile.tempdir = sys.argv[1]\n"
    "from pathlib import Path; from worker.job.scratch import scratch_folder\n"
    "with scratch_folder(Path(sys.argv[1])) as folder:\n"
    "    (folder / 'image').write_bytes(b'x'); print('ready', flush=True); sys.stdin.read()\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_scratch_folder_is_deleted_after_use(folder: Path) -> None:
    with scratch.scratch_folder(folder) as work:
        (work / "image").write_bytes(b"x")
        assert scratch.sweep() == 0, "it is in use"
        assert work.is_dir()
    assert list(folder.iterdir()) == []


def test_a_scratch_folder_is_where_the_settings_say(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured = folder / "configured"
    configured.mkdir()
    monkeypatch.setenv("EXHUME_SCRATCH_DIR", str(configured))
    settings.cache_clear()
    try:
        with scratch.scratch_folder(place.choose(CLAIM, 1)) as work:
            assert work.is_relative_to(configured)
            assert work.stat().st_mode & 0o777 == 0o700
    finally:
        settings.cache_clear()
    assert list(configured.iterdir()) == []


@pytest.mark.parametrize(
    ("needed", "room", "setbacks", "in_memory"),
    [(10, 10, 0, True), (11, 10, 0, False), (1, 0, 0, False), (1, 10, 1, False)],
)
def test_it_is_in_memory_if_it_fits_and_memory_was_not_full_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch, needed: int, room: int, setbacks: int, in_memory: bool
) -> None:
    monkeypatch.setattr(memory, "room", lambda: room)
    chosen = place.choose(replace(CLAIM, setbacks=setbacks), needed)
    assert chosen == (memory.FOLDER if in_memory else folder)


@pytest.mark.parametrize(
    ("mounts", "left", "limit", "room"),
    [
        ("tmpfs /dev/shm tmpfs rw 0 0", 1000, "max", 500 * 1024),
        ("tmpfs /dev/shm tmpfs rw 0 0", 1000, "7168", 1024),
        ("shm /dev/shm ext4 rw 0 0", 1000, "max", 0),
        ("", 1000, "max", 0),
    ],
)
def test_the_room_in_memory_is_half_of_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mounts: str, left: int, limit: str, room: int
) -> None:
    written = {"mounts": mounts, "meminfo": f"MemTotal: 9 kB\nMemAvailable: {left} kB\n", "max": limit, "now": "5120"}
    for name, content in written.items():
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(memory, "MOUNTS", tmp_path / "mounts")
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "LIMITS", ((tmp_path / "max", tmp_path / "now"),))
    monkeypatch.setattr(memory, "free_bytes", lambda _: 10**9)
    assert memory.room() == room


def test_a_job_needs_room_for_all_that_its_audit_reads(settings_env: dict[str, str]) -> None:
    audit, _ = make_audit(jobs=False)
    claim = replace(CLAIM, audit_id=audit)
    with sync_session() as session:
        empty = place.needed_bytes(session, claim)
        row = session.get_one(Audit, audit)
        session.get_one(Release, row.release_id).stored_bytes = 1000
        session.get_one(Dataset, row.public_dataset_id).stored_bytes = 100
        assert place.needed_bytes(session, claim) - empty == place.COPIES * 1100
        checked = place.needed_bytes(session, replace(CLAIM, subject_id=row.public_dataset_id))
        assert checked >= 2 * DATASET.packed_bytes, "the images of a small file can be many"


def test_the_folder_of_a_killed_worker_is_deleted_by_the_next_job(folder: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        assert scratch.sweep() == 0, "its worker lives"
        worker.kill()
        worker.wait()
    assert list(folder.glob("*/work/image")), "the kernel leaves files"
    with scratch.scratch_folder(folder):
        assert not list(folder.glob("*/work/image"))


def test_a_folder_whose_lock_is_not_held_yet_is_not_swept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, swept = fcntl.flock, []

    def sweep_before(descriptor: int, operation: int) -> None:
        if operation == fcntl.LOCK_EX:
            swept.append(scratch.sweep())
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", sweep_before)
    with scratch.scratch_folder(folder) as work:
        assert work.is_dir()
    assert swept == [0]


def test_a_new_folder_is_not_swept(folder: Path) -> None:
    new = folder / f"{scratch.PREFIX}new"
    new.mkdir()
    assert not scratch.is_abandoned(new)
    os.utime(new, (0, 0))
    assert scratch.is_abandoned(new)
