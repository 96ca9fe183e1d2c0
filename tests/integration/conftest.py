"""A data folder that the servers' account can reach, unlike pytest's temporary folders."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """An empty folder in the system's temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="exhume-data-"))
    yield folder
    shutil.rmtree(folder)
