"""A full disk is not a fault of the upload: it raises OSError and leaves no partial files."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pytest

from app.formats.refusal import Refused
from bench.hostile.pictures import PNG
from bench.hostile.zip_writer import Member, write_zip
from worker.intake import check_dataset_file
from worker.intake.sandbox import run


def full(*args: Any, **kwargs: Any) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_full_disk_while_packing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "upload").write_bytes(write_zip([Member("anna/1.png", PNG)]))
    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        check_dataset_file(tmp_path / "upload", tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["upload"]


def test_full_disk_inside_is_distinguished_from_an_upload_that_writes_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused) as refusal:
        run._checked(b'{"failed": "disk"}', tmp_path)
    assert refusal.value.code == "too-much-disk"
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=10, f_frsize=4096))
    with pytest.raises(OSError, match="no space left") as full_disk:
        run._checked(b'{"failed": "disk"}', tmp_path)
    assert full_disk.value.errno == errno.ENOSPC
