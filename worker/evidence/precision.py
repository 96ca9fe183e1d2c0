"""The precision in which a search multiplies on the device of its worker."""

import json
from functools import lru_cache
from typing import Any

import torch

from worker.bundled import PRECISION_RECORD
from worker.inversion.acceleration import Precision

AUTO = "auto"
TF32_CAPABILITY = (8, 0)
"""Compute capability from which GPUs of NVIDIA multiply in TF32, and in bf16."""
NO_LOSS = -0.02
"""Least lower bound of the share that a search verifies more than one in float32 does."""
FASTEST_FIRST: tuple[Precision, ...] = ("bf16", "tf32")


def precision_on(hardware: dict[str, Any], asked: str = AUTO) -> Precision:
    """Return the precision of a search on this hardware.

    Where the plan leaves the choice (`auto`), it is float32 on a processor. On a GPU with tensor
    cores it is bf16, or else tf32, if the comparison recorded for this GPU shows no loss with it,
    and otherwise float32. A precision that an NVIDIA GPU does not have becomes float32. Elsewhere
    bf16 works without units for it, if slowly.
    """
    if hardware.get("device") == "cuda" and torch.version.hip is None:
        if capability(hardware) < TF32_CAPABILITY:
            return "float32"
        if asked == AUTO:
            gpu = str(hardware.get("gpu"))
            return next((one for one in FASTEST_FIRST if loses_nothing(recorded(), gpu, one)), "float32")
        return "bf16" if asked == "bf16" else "tf32" if asked == "tf32" else "float32"
    return "bf16" if asked == "bf16" else "float32"


def capability(hardware: dict[str, Any]) -> tuple[int, int]:
    """Return the compute capability of a GPU. (0, 0) if it is not known."""
    major, _, minor = str(hardware.get("compute_capability") or "0.0").partition(".")
    return int(major), int(minor or 0)


def loses_nothing(record: dict[str, Any], gpu: str, precision: Precision) -> bool:
    """Return whether the record of this GPU shows that a precision verifies as many as float32."""
    found = record.get(gpu, {}).get(precision)
    return found is not None and found["verified"][1] > NO_LOSS


@lru_cache(maxsize=1)
def recorded() -> dict[str, Any]:
    """Return what each precision changed, by the name of the GPU on which it was compared."""
    found: dict[str, Any] = json.loads(PRECISION_RECORD.read_text())
    return found
