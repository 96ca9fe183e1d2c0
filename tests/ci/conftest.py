"""A checkout for each test."""

from pathlib import Path

import pytest

from tests.ci.recipe import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A new checkout."""
    folder = tmp_path / "work space"
    folder.mkdir()
    return Checkout(folder)
