"""The scratch folder of a killed worker does not outlive the next job."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from app.settings import settings
from worker.job import scratch

HOLD = (
    "import sys, tempfile; tempfile.tempdir = sys.argv[1]\n"
    "from worker.job.scratch import scratch_folder\n"
    "with scratch_folder() as folder:\n"
    "    (folder / 'image').write_bytes(b'x'); print('ready', flush=True); sys.stdin.read()\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_is_deleted_after_use(folder: Path) -> None:
    with scratch.scratch_folder() as work:
        (work / "image").write_bytes(b"x")
        assert scratch.sweep() == 0, "it is in use"
        assert work.is_dir()
    assert list(folder.iterdir()) == []


def test_it_is_where_the_settings_say(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = folder / "memory"
    memory.mkdir()
    monkeypatch.setenv("EXHUME_SCRATCH_DIR", str(memory))
    settings.cache_clear()
    try:
        with scratch.scratch_folder() as work:
            assert work.is_relative_to(memory)
            assert work.stat().st_mode & 0o777 == 0o700
    finally:
        settings.cache_clear()
    assert list(memory.iterdir()) == []


def test_that_of_a_killed_worker_is_deleted_by_the_next_job(folder: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        assert scratch.sweep() == 0, "its worker lives"
        worker.kill()
        worker.wait()
    assert list(folder.glob("*/work/image")), "the kernel leaves files"
    with scratch.scratch_folder():
        assert not list(folder.glob("*/work/image"))


def test_one_that_has_just_been_made_is_left_alone(folder: Path) -> None:
    new = folder / f"{scratch.PREFIX}new"
    new.mkdir()
    assert not scratch.is_abandoned(new)
    os.utime(new, (0, 0))
    assert scratch.is_abandoned(new)
