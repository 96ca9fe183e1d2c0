"""Synthetic faces under the names that the benchmarks expect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from .faces import IDENTITIES, squares, write_zip


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def face_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the two private halves and a public set."""
    data = tmp_path_factory.mktemp("data")
    halves = {f"train/{k:03}": squares(k, 10, 0) for k in range(IDENTITIES)}
    halves |= {f"test/{k:03}": squares(k, 3, 1) for k in range(IDENTITIES)}
    write_zip(data / "lfw64-private.zip", halves)
    write_zip(data / "fairface64-public.zip", {"public": np.concatenate([squares(k, 8, 2) for k in (5, 6, 7)])})
    return data
