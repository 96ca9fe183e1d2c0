"""The hardware of every stage reaches the result, with operations that are not deterministic."""

import warnings
from typing import Any

import pytest

from tests.worker.rows import get_job, make_audit
from worker.job.context import Outcome, StageContext
from worker.report.costs import FinishedJob
from worker.report.machines import machines, of_search
from worker.runtime import device, run

H100 = {"device": "cuda", "gpu": "NVIDIA H100", "torch": "2.13.0"}
CPU = {"device": "cpu", "processor": "EPYC", "torch": "2.13.0"}
BILINEAR = "grid_sampler_2d_backward_cuda"


@pytest.mark.usefixtures("settings_env")
@pytest.mark.parametrize(("hardware", "found"), [(H100, {"nondeterministic": [BILINEAR]}), (CPU, {})])
def test_every_stage_records_its_hardware_and_what_is_not_deterministic_there(
    hardware: dict[str, Any], found: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stage(context: StageContext) -> Outcome:
        if context.device == "cuda":
            for _ in range(2):
                warnings.warn(f"{BILINEAR} does not have a deterministic implementation, but you set", stacklevel=1)
        return Outcome({"done": True, "hardware": {"precision": "tf32"}})

    monkeypatch.setattr(device, "prepare", lambda: hardware)
    monkeypatch.setattr(device, "release", lambda: None)
    _, (job_id, *_) = make_audit()
    run.run_claimed(job_id, lambda name: stage)
    assert get_job(job_id).result == {"done": True, "hardware": hardware | {"precision": "tf32"} | found}


def job(stage: str, hardware: dict[str, Any] | None, attack: int = 0) -> FinishedJob:
    return FinishedJob(stage=stage, seconds=1.0, peak_memory_bytes=None, hardware=hardware, attack=attack)


FLEET = [
    job("prepare", CPU),
    job("prior", H100 | {"nondeterministic": ["cumsum"]}),
    job("attack", H100 | {"precision": "tf32", "images_at_once": 40, "nondeterministic": [BILINEAR]}),
    job("attack", H100 | {"precision": "tf32", "images_at_once": 40}),
    job("attack", CPU | {"precision": "float32"}),
    job("attack", H100 | {"precision": "tf32", "images_at_once": 80, "cuda_graphs": True}, attack=1),
    job("power", CPU),
    job("score", None),
]


def test_the_devices_of_all_jobs_are_merged() -> None:
    slow, fast = machines(FLEET)
    assert (slow.hardware, slow.stages, slow.nondeterministic) == (CPU, ["prepare", "attack", "power"], [])
    assert [one.model_dump() for one in slow.searches] == [
        {"attack": 0, "precision": "float32", "images_at_once": None, "cuda_graphs": False}
    ]
    assert (fast.hardware, fast.stages, fast.nondeterministic) == (H100, ["prior", "attack"], ["cumsum", BILINEAR])
    assert [(one.attack, one.images_at_once, one.cuda_graphs) for one in fast.searches] == [
        (0, 40, False),
        (1, 80, True),
    ]


def test_the_hardware_of_the_attack_lists_unsteady_operations_of_all_stages() -> None:
    unsteady = {"nondeterministic": ["cumsum", BILINEAR]}
    assert of_search(FLEET, CPU) == H100 | {"precision": "tf32", "images_at_once": 40} | unsteady
    assert of_search([job("prepare", CPU)], H100) == H100, "nothing was attacked"
