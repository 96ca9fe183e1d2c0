"""The session on a GPU runs at a small size on the CPU, so that it runs when there is a GPU."""

import torch

from bench.cost.gpu_session import SMALL, session


def test_every_part_of_the_session_runs_on_the_processor() -> None:
    records = {record["part"]: record for record in session(torch.device("cpu"), SMALL)}
    assert set(records) == {"audit", "precision", "determinism", "memory", "session"}
    assert records["determinism"]["same"] == {"without views": True, "with views": True}
    assert records["determinism"]["without_deterministic_kernel"] == []
    assert records["audit"]["people"] == SMALL.identities
    assert not records["memory"]["grows"]
