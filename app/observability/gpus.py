"""What the GPUs of this machine do, as `nvidia-smi` reports it."""

import shutil
import subprocess
from collections.abc import Iterator

COMMAND = ("--query-gpu=index,name,utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits")
ANSWER_SECONDS = 5
MIB = 1024 * 1024


def gpus() -> list[dict[str, object]]:
    """Return each GPU. Empty where there is none, or `nvidia-smi` does not answer."""
    found = shutil.which("nvidia-smi")
    if found is None:
        return []
    try:
        done = subprocess.run([found, *COMMAND], capture_output=True, text=True, check=False, timeout=ANSWER_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return list(parsed(done.stdout)) if done.returncode == 0 else []


def parsed(table: str) -> Iterator[dict[str, object]]:
    """Return the rows of its table. A figure that a GPU does not report is None."""
    for line in table.splitlines():
        index, name, utilisation, used, total = (cell.strip() for cell in line.split(","))
        yield {
            "index": int(index),
            "name": name,
            "utilisation": _scaled(utilisation, 1 / 100),
            "memory_used_bytes": _scaled(used, MIB),
            "memory_bytes": _scaled(total, MIB),
        }


def _scaled(cell: str, unit: float) -> float | None:
    try:
        return float(cell) * unit
    except ValueError:  # `[N/A]`
        return None
