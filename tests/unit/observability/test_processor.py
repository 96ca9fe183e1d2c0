"""What the kernel says about the processor and the memory."""

from pathlib import Path

import pytest

from app.observability import processor


def test_the_memory_of_a_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(processor, "LIMITS", ((limit, tmp_path / "memory.current"),))
    whole = processor.machine_memory()
    limit.write_text("max\n")
    assert processor.machine_memory() == whole
    limit.write_text(f"{16 * 2**20}\n")
    assert processor.machine_memory() == 16 * 2**20
