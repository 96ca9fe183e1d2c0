"""The session on a GPU runs at a small size without one, so that it runs when there is a GPU."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from bench.cost import engine_speed, gpu_audit, gpu_ladder, gpu_session
from bench.cost.gpu_audit import audit
from bench.cost.gpu_ladder import Rungs, fitting_ladder, ladder
from bench.cost.gpu_search import keep_precision
from bench.cost.gpu_session import SMALL, TINY, recorder_on, session
from tests.unit.inversion.one_device import META, OneDevice
from tests.unit.inversion.tape import Tapes
from worker.evidence.precision import loses_nothing
from worker.inversion.attacks import descent

CPU = {"device": "cpu", "processor": "a processor"}
PARTS = ("ladder", "audit", "characters", "precision", "determinism", "memory")


def test_every_part_of_the_session_runs_on_the_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are recorded as on a GPU, by a recorder for the CPU."""
    monkeypatch.setattr(descent, "FEWEST_STEPS", 1)
    records = {record["part"]: record for record in session(CPU, SMALL, Tapes)}
    assert [record for record in records.values() if "error" in record] == []
    assert tuple(records) == (*PARTS, "session")
    rungs = {"plain loop", "float32", "bf16", "float32, recorded", "bf16, recorded"}
    assert set(records["ladder"]["image_steps_per_second"]) == rungs
    assert set(records["ladder"]["share_of_ceiling"]) == {"float32", "bf16"}
    assert (records["audit"]["identities"], records["audit"]["recorded"]) == (SMALL.audit.identities, True)
    assert set(records["audit"]["attack"]) == {"float32", "bf16"}
    assert records["characters"]["people"] == SMALL.searches.identities
    same = records["determinism"]["same"]
    assert same == {"eager": True, "eager, with views": True, "recorded": True}
    assert records["determinism"]["without_deterministic_kernel"] == []
    assert not records["memory"]["grows"]
    kept = tmp_path / "precision-on-gpus.json"
    kept.write_text("{}")
    found = {"verified_minus_float32": {"tf32": [0.0, -0.01, 0.01], "bf16": [-0.1, -0.2, 0.0]}, "searches": 9}
    assert records["precision"].keys() > found.keys()
    keep_precision(found, "NVIDIA H100", kept)
    record = json.loads(kept.read_text())
    assert loses_nothing(record, "NVIDIA H100", "tf32")
    assert not loses_nothing(record, "NVIDIA H100", "bf16")


def test_a_part_that_fails_is_a_line_and_does_not_take_the_others_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*args: Any) -> dict[str, Any]:
        raise RuntimeError("CUDA error: an illegal memory access")

    for name in ("fitting_ladder", *PARTS[1:]):
        monkeypatch.setattr(gpu_session, name, broken if name == "audit" else lambda *args: {})
    chosen: list[str] = []
    monkeypatch.setenv("EXHUME_DEVICE", "auto")
    monkeypatch.setattr(gpu_session, "choose_device", lambda: chosen.append(os.environ["EXHUME_DEVICE"]))
    monkeypatch.setattr(gpu_session, "prepare", lambda: CPU | {"driver": "580.65"})
    monkeypatch.setattr(
        sys, "argv", ["gpu_session", "--small", "--device", "cuda:1", "--out", str(tmp_path / "out.jsonl")]
    )
    assert gpu_session.main() == 1
    assert chosen == ["cuda:1"]
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["part"] for line in lines] == [*PARTS, "session"]
    errors = {line["part"]: line["error"] for line in lines if "error" in line}
    assert errors == {"audit": "RuntimeError: CUDA error: an illegal memory access"}
    assert {(line["device"], line["driver"]) for line in lines} == {("cpu", "580.65")}
    assert "Traceback" in capsys.readouterr().err
    monkeypatch.setattr(gpu_session, "audit", lambda *args: {})
    assert gpu_session.main() == 0


def test_a_session_does_not_measure_the_processor_in_place_of_a_gpu_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EXHUME_DEVICE", "auto")
    monkeypatch.setattr(gpu_session, "choose_device", lambda: None)
    monkeypatch.setattr(gpu_session, "device_fault", lambda: "PyTorch was not built for this GPU.")
    monkeypatch.setattr(gpu_session, "prepare", lambda: pytest.fail("it measures"))
    monkeypatch.setattr(sys, "argv", ["gpu_session", "--device", "cuda", "--out", str(tmp_path / "out.jsonl")])
    with pytest.raises(SystemExit):
        gpu_session.main()
    assert "PyTorch was not built for this GPU." in capsys.readouterr().err


def test_the_ladder_and_the_audit_keep_to_one_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random numbers come from generators of the CPU, whatever the device."""
    monkeypatch.setattr(gpu_audit, "examine_target", lambda target: None)  # which looks at values
    with OneDevice() as watch:
        found = ladder(META, SMALL.rungs, TINY, ("float32", "tf32"), lambda: None)
        assert set(found["share_of_ceiling"]) == {"float32", "tf32"}
        audit(META, SMALL.audit, ("float32", "tf32"), lambda: None)
    assert watch.reads > 0


def test_the_ladder_halves_a_batch_that_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def small(device: Any, rungs: Rungs) -> dict[str, Any]:
        if rungs.batch > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return rungs._asdict()

    monkeypatch.setattr(gpu_ladder, "ladder", small)
    assert fitting_ladder(META, SMALL.rungs._replace(batch=8))["batch"] == 2


def test_the_ceiling_is_measured_on_finished_work(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[torch.device] = []
    monkeypatch.setattr(engine_speed, "wait", waits.append)
    T, prior = engine_speed.make(TINY)
    engine_speed.ceiling(T, prior, 1, torch.float32, 1)
    assert len(waits) == 4 * len(engine_speed.convolutions(T, prior)), "before and after each of two runs"


def test_steps_are_recorded_where_a_worker_records_them() -> None:
    assert recorder_on({"device": "cuda"}) is not None
    assert recorder_on(CPU) is None
