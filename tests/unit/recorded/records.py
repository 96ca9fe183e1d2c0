"""The records: digests for the processors that made them, and values for all others.

The last bits of float32 sums differ between processors and versions of torch, so a digest holds
only for one pair of them. The recorded pixels and outputs hold everywhere, within a tolerance.

    python -m tests.unit.recorded.records

records what the code computes now. Run it only when a change of the results is intended, and
mention it in the changelog.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from app.observability.processor import processor_name

from .attacks import CASES, SIDE, reconstructions
from .trainings import TRAININGS, answers, channels_of

FOLDER = Path(__file__).parent
RECONSTRUCTIONS, WEIGHTS = FOLDER / "reconstructions.json", FOLDER / "weights.json"
LEVELS = 1
"""Tolerated difference of a pixel, in levels of 255, on a processor without a recorded digest."""
SHARE = 0.05
"""Tolerated difference of an output there, as a share of the largest. Adam amplifies last bits."""


def machine() -> str:
    """Return what the last bits depend on."""
    return f"{processor_name()}, {torch.backends.cpu.get_cpu_capability()}, torch {torch.__version__}"


def load(path: Path) -> dict[str, Any]:
    """Return the records of this file, empty before the first recording."""
    records: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return records


def packed(pixels: np.ndarray) -> str:
    return base64.b64encode(zlib.compress(pixels.tobytes(), 9)).decode()


def unpacked(text: str) -> np.ndarray:
    """Return uint8 (N, 16, 16)."""
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8).reshape(-1, SIDE, SIDE)


def weights_digest(network: nn.Module) -> str:
    """Return the SHA-256 of names, shapes and bytes of all weights and buffers."""
    whole = hashlib.sha256()
    for name, tensor in network.state_dict().items():
        whole.update(f"{name}{tuple(tensor.shape)}".encode() + tensor.contiguous().numpy().tobytes())
    return whole.hexdigest()


def pixels_agree(found: np.ndarray, kept: np.ndarray) -> bool:
    return found.shape == kept.shape and int(np.abs(found.astype(int) - kept).max()) <= LEVELS


def answers_agree(found: np.ndarray, kept: np.ndarray) -> bool:
    return found.shape == kept.shape and float(np.abs(found - kept).max()) <= SHARE * float(np.abs(kept).max())


def record() -> None:
    """Write both files. Keep digests of other machines for which the values are unchanged."""
    old, new = load(RECONSTRUCTIONS), {}
    for name in CASES:
        found = reconstructions(name)
        pixels = np.stack([one.image for one in found])
        same = name in old and pixels_agree(pixels, unpacked(old[name]["pixels"]))
        digests = (old[name]["digests"] if same else {}) | {machine(): [one.digest for one in found]}
        new[name] = {"digests": digests, "pixels": packed(pixels)}
    RECONSTRUCTIONS.write_text(json.dumps(new, indent=1) + "\n")
    old, new = load(WEIGHTS), {}
    for name, train in TRAININGS.items():
        network = train()
        said = np.round(answers(network, channels_of(name))[:, :12], 5)
        same = name in old and answers_agree(said, np.array(old[name]["answers"]))
        digests = (old[name]["digests"] if same else {}) | {machine(): weights_digest(network)}
        new[name] = {"digests": digests, "answers": said.tolist()}
    WEIGHTS.write_text(json.dumps(new, indent=1) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    record()
