"""A folder for one intake: the upload to read on one side, a scratch folder to write on the other."""

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
    """`upload` under a neutral name, `work` for the child to write, `folder` around both for us alone."""

    folder: Path
    upload: Path
    work: Path


@contextmanager
def staged(upload: Path, beside: Path) -> Iterator[Stage]:
    """The folder, gone afterwards. The upload is linked, not copied, where the file system allows."""
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
