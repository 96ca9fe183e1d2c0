"""What a run with faults counts as left over."""

import os
import time
from pathlib import Path

import pytest

from bench.truth import leftovers
from bench.truth.leftovers import folders_in
from worker.job.scratch import scratch_folder


def test_folders_of_killed_workers_count_on_disk_and_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "IN_MEMORY", tmp_path / "shm")
    (tmp_path / "data" / "tmp" / "exhume-job-a").mkdir(parents=True)
    (tmp_path / "shm" / "other").mkdir(parents=True)
    left = tmp_path / "shm" / "exhume-job-b"
    left.mkdir()
    os.utime(left, (time.time() - 3600,) * 2)
    monkeypatch.setattr("worker.job.scratch.places", list)
    with scratch_folder(tmp_path / "shm"):
        assert [one.name for one in folders_in(tmp_path / "data")] == ["exhume-job-a", "exhume-job-b"]
