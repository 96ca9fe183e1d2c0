"""A computation on a GPU in a process of its own, before a worker takes jobs for it."""

import os
import subprocess
import sys

from app.observability.candidates import ON_THE_PROCESSOR
from app.observability.devices import Chosen

PATIENCE_SECONDS = 300.0
UNUSABLE = 3
"""Exit status of a trial whose last line of output says why the GPU cannot be used."""


def fault_in_trial(chosen: Chosen) -> str | None:
    """Return why PyTorch cannot compute on a GPU, and what to do. None if it can.

    It takes the seconds that PyTorch needs to start.
    """
    command = [sys.executable, "-P", "-m", "worker.runtime.trial"]
    environment = os.environ | chosen.environment | {"EXHUME_DEVICE": chosen.device.kind}
    name = chosen.device.name
    try:
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return (
            f"PyTorch did not compute on {name} within {PATIENCE_SECONDS:.0f} s. Look for errors of its driver in the "
            f"kernel's log (dmesg), or {ON_THE_PROCESSOR}."
        )
    if ended.returncode == 0:
        return None
    said = [line for line in (ended.stdout if ended.returncode == UNUSABLE else ended.stderr).splitlines() if line]
    if ended.returncode == UNUSABLE and said:
        return said[-1]
    last = said[-1] if said else f"the process ended with status {ended.returncode}"
    return (
        f"PyTorch cannot compute on {name}: {last.rstrip('.')}. Check its installation and the GPU's driver, or "
        f"{ON_THE_PROCESSOR}."
    )
