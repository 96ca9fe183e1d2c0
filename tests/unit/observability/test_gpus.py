"""What workers report of their GPUs."""

from pathlib import Path

import pytest

from app.observability.gpus import gpus, parsed

TABLE = "0, NVIDIA H200, 37, 1024, 143771\n1, NVIDIA A100-SXM4, [N/A], [N/A], 81920\n"


def test_the_table_is_read() -> None:
    first, second = parsed(TABLE)
    assert first == {
        "index": 0,
        "name": "NVIDIA H200",
        "utilisation": pytest.approx(0.37),
        "memory_used_bytes": 2**30,
        "memory_bytes": 143771 * 2**20,
    }
    assert (second["utilisation"], second["memory_used_bytes"]) == (None, None)


@pytest.mark.parametrize(
    ("script", "count"),
    [("echo '0, G, 1, 2, 3'", 1), ("echo broken; exit 9", 0), (None, 0)],
    ids=["one", "fails", "none"],
)
def test_a_machine_without_one_has_none(
    script: str | None, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if script is not None:
        (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin" if script is not None else str(tmp_path))
    assert len(gpus()) == count
