"""Additional rules for ONNX verifiers: listed operators only, and images as the only input."""

from __future__ import annotations

import numpy as np

from app.formats.refusal import Refused, shown
from worker.intake.onnx.model import OnnxModel, OnnxValue
from worker.intake.onnx.verifier_operators import OPERATORS, RANDOM

LISTED = 20


def check_verifier(model: OnnxModel, *, parameters: int) -> None:
    """Reject unlisted operators and models with more than `parameters` numbers.

    Raises: Refused (onnx-operator, onnx-too-large).
    """
    wrong = [node for node in model.nodes if node.operator not in OPERATORS or not node.outputs]
    if wrong:
        names = sorted({node.operator for node in wrong})
        why = "they draw random numbers" if set(names) <= RANDOM else "they are not on the allowlist"
        raise Refused(
            "onnx-operator",
            f"The model uses unsupported operators ({why}): {', '.join(shown(n, 60) for n in names[:LISTED])}. Export"
            " it without them.",
            [
                {"name": shown(node.operator), "detail": f"computes {shown(next(iter(node.outputs), 'nothing'))}"}
                for node in wrong
            ],
        )
    inline = (value for node in model.nodes for value in node.attributes.values() if isinstance(value, np.ndarray))
    numbers = sum(array.size for array in (*model.tensors.values(), *inline))
    if numbers > parameters:
        raise Refused("onnx-too-large", f"The model has {numbers:,} numbers. The limit is {parameters:,}.")


def image_input(model: OnnxModel) -> tuple[OnnxValue, tuple[int, int, int]]:
    """Return the only input (B, C, H, W) and its (C, H, W). Raises: Refused (onnx-input)."""
    match model.inputs:
        case [OnnxValue(element=1, shape=[batch, (1 | 3) as c, int(h), int(w)]) as value] if (
            8 <= h <= 1024 and 8 <= w <= 1024 and (batch is None or 0 < batch <= 1024)
        ):
            return value, (c, h, w)
    found = "; ".join(f"{shown(v.name, 60)}: type {v.element}, shape {v.shape}" for v in model.inputs[:4]) or "none"
    raise Refused(
        "onnx-input",
        "The model must have one input of float32 images (batch, channels, height, width) with 1 or 3 channels and a"
        f" fixed size of 8 to 1024 pixels per side. It has: {found}.",
    )
