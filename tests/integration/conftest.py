"""A data folder that the servers' account can reach: pytest's own temporary folders are closed to it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """An empty folder below the system's temporary one."""
    folder = Path(tempfile.mkdtemp(prefix="exhume-data-"))
    yield folder
    shutil.rmtree(folder)
