"""An attack from end to end on a device that does not share the memory of the CPU."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[3]


def test_an_attack_runs_on_another_device_and_finds_the_same_images() -> None:
    """The device computes on the CPU, so that only the faster copies of networks differ."""
    command = [sys.executable, "-m", "tests.unit.inversion.pretend"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    cpu, device = (json.loads(done.stdout)[name] for name in ("cpu", "pretend"))
    assert (cpu["devices"], device["devices"]) == (["cpu"], ["pretend:0"])
    assert device["outputs"] == cpu["outputs"]
    for name in ("images", "controls"):
        for here, there in zip(cpu[name], device[name], strict=True):
            gap = np.abs(np.array(here) - np.array(there))
            assert gap.max() <= 2, name
