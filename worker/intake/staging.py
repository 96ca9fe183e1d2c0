"""Temporary folder for one intake, with the upload to read and a scratch folder to write."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Stage:
    """Paths of one intake: the upload under a neutral name, and `work` for the child to write.

    `folder` contains both. Only the parent can write to it.
    """

    folder: Path
    upload: Path
    work: Path


@contextmanager
def staged(upload: Path, beside: Path) -> Iterator[Stage]:
    """Create the folder, and delete it afterwards. The upload is linked if possible, or copied."""
    folder = Path(tempfile.mkdtemp(prefix=".intake-", dir=beside))
    try:
        stage = Stage(folder, folder / "input" / "upload", folder / "work")
        stage.upload.parent.mkdir(mode=0o700)
        stage.work.mkdir(mode=0o700)
        try:
            os.link(upload, stage.upload)
        except OSError:  # another file system, or one without hard links
            shutil.copyfile(upload, stage.upload)
        yield stage
    finally:
        shutil.rmtree(folder)
