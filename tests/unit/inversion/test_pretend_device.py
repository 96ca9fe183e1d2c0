"""An attack from end to end on a device that does not share the memory of the CPU."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[3]


def test_an_attack_runs_on_another_device_and_finds_the_same_images() -> None:
    """The device computes on the CPU, so that only the faster copies of networks differ."""
    command = [sys.executable, "-m", "tests.unit.inversion.pretend"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    made = json.loads(done.stdout)
    for part in made.values():
        assert [part[device]["devices"] for device in ("cpu", "pretend")] == [["cpu"], ["pretend:0"]]
    cpu, device = (made["pipeline"][name] for name in ("cpu", "pretend"))
    assert device["outputs"] == cpu["outputs"]
    for name in ("images", "controls"):
        assert_alike(cpu[name], device[name])
    cpu, device = (made["decoding"][name] for name in ("cpu", "pretend"))
    assert_alike(cpu["images"], device["images"])
    np.testing.assert_allclose(device["figures"], cpu["figures"], rtol=1e-3, atol=1e-3)


def assert_alike(one: list[Any], other: list[Any]) -> None:
    for here, there in zip(one, other, strict=True):
        assert np.abs(np.array(here) - np.array(there)).max() <= 2
