"""Comparison of our graph with onnxruntime on random images, inside the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from app.formats.recipes import EXPORT
from app.formats.refusal import Refused, shown
from worker.intake.onnx.inputs import Images
from worker.intake.onnx.planning import PROBES
from worker.intake.onnx.schema import refused
from worker.inversion.errors import UnusableTarget
from worker.inversion.targets import InputConvention
from worker.inversion.targets.graph import GraphNetwork

TOLERANCE, TOLERANCE_HALF = 1e-3, 3e-2
"""Fractions of the largest output. They allow sums in another order, and float32 for float16."""


_DTYPES: dict[str, Any] = {
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}


@dataclass(frozen=True)
class Reference:
    """The uploaded model, its input, and the name of its output."""

    data: bytes
    images: Images
    output: str


def agree(network: GraphNetwork, reference: Reference, convention: InputConvention) -> None:
    """Compare the logits.

    Raises: Refused (onnx-invalid, onnx-disagrees).
    """
    images = convention.apply(probes(convention))
    images = images.round() if reference.images.whole else images
    ours, (theirs, half) = _run(network, images), _by_onnxruntime(reference, images)
    if ours.shape != theirs.shape:
        raise refused(
            "onnx-disagrees",
            f"its outputs have the shape {theirs.shape[1:]} in onnxruntime, but {ours.shape[1:]} after conversion",
        )
    difference, scale = float(np.abs(ours - theirs).max()), float(np.abs(theirs).max())
    if not difference <= (TOLERANCE_HALF if half else TOLERANCE) * max(scale, 1e-3):
        raise refused(
            "onnx-disagrees",
            f"its converted outputs differ from onnxruntime's by {difference:.3g} (largest output: {scale:.3g})",
        )


def check_batches(network: GraphNetwork, convention: InputConvention) -> None:
    """Check that a network exported for one image gives the same outputs for several.

    Raises: Refused (onnx-fixed-batch).
    """
    images = convention.apply(probes(convention))
    each = np.concatenate([_run(network, image[None]) for image in images])
    try:
        with torch.no_grad():
            together = network(images).numpy()
    except (UnusableTarget, RuntimeError) as error:
        raise _fixed(f"it was exported for one image and fails on several ({shown(error, 200)})") from None
    scale = max(float(np.abs(each).max()), 1e-3)
    if together.shape != each.shape or not np.abs(together - each).max() <= TOLERANCE * scale:
        raise _fixed("it was exported for one image and gives other outputs for several")


def _fixed(what: str) -> Refused:
    return refused(
        "onnx-fixed-batch",
        what,
        f"Export it for any number of images. {EXPORT}",
    )


def probes(convention: InputConvention) -> Tensor:
    """Return random images with values in [0, 1]."""
    rng = torch.Generator().manual_seed(2)
    return torch.rand(PROBES, convention.channels, convention.height, convention.width, generator=rng)


def _run(network: GraphNetwork, images: Tensor) -> np.ndarray:
    try:
        with torch.no_grad():
            found: np.ndarray = network(images).numpy()
    except (UnusableTarget, RuntimeError) as error:
        raise refused("onnx-operator", shown(error, 500)) from None
    return found


def _by_onnxruntime(reference: Reference, images: Tensor) -> tuple[np.ndarray, bool]:
    """Return onnxruntime's outputs as float32, and whether the model is in half precision."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(reference.data, options, providers=["CPUExecutionProvider"])
        kind = session.get_inputs()[0].type
        dtype = _DTYPES.get(kind, np.float32)
        given = images.permute(0, 2, 3, 1) if reference.images.channels_last else images
        parts = [image[None] for image in given] if reference.images.single else [given]
        name = reference.images.name
        runs = [session.run([reference.output], {name: part.numpy().astype(dtype)})[0] for part in parts]
    except Exception as error:  # noqa: BLE001 (onnxruntime has its own class for each kind of failure)
        raise refused("onnx-invalid", f"onnxruntime cannot run it: {shown(error, 300)}") from None
    return np.concatenate(runs).astype(np.float32), dtype is np.float16 or runs[0].dtype == np.float16
