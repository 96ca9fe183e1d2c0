"""The session on a GPU runs at a small size on the CPU, so that it runs when there is a GPU."""

import json
from pathlib import Path

import torch

from bench.cost.gpu_session import SMALL, keep_precision, session
from worker.evidence.precision import loses_nothing


def test_every_part_of_the_session_runs_on_the_processor(tmp_path: Path) -> None:
    records = {record["part"]: record for record in session(torch.device("cpu"), SMALL)}
    assert set(records) == {"audit", "precision", "determinism", "memory", "session"}
    assert records["determinism"]["same"] == {"without views": True, "with views": True}
    assert records["determinism"]["without_deterministic_kernel"] == []
    assert records["audit"]["people"] == SMALL.identities
    assert not records["memory"]["grows"]
    kept = tmp_path / "bf16-on-gpus.json"
    kept.write_text("{}")
    keep_precision(records["precision"], "NVIDIA H100", kept)
    assert loses_nothing(json.loads(kept.read_text()), "NVIDIA H100") is (
        records["precision"]["verified_minus_float32"]["bf16"][1] > -0.02
    )
