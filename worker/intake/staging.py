"""A folder for one intake: the upload to read on one side, a scratch folder to write on the other."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def staged(upload: Path, beside: Path) -> Iterator[tuple[Path, Path]]:
    """(the upload under a neutral name, an empty folder for the child's files), both gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=".intake-", dir=beside))
    try:
        (folder / "input").mkdir(mode=0o700)
        (folder / "work").mkdir(mode=0o700)
        neutral = folder / "input" / "upload"
        try:
            os.link(upload, neutral)
        except OSError:  # another file system, or one without hard links
            shutil.copyfile(upload, neutral)
        yield neutral, folder / "work"
    finally:
        shutil.rmtree(folder)
