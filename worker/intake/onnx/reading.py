"""In the sandbox: an ONNX classifier is read before torch is loaded, so that a broken one is refused at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from worker.intake.onnx.model import read_model


def convert(input_path: str, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Read the model, then convert it. Raises: Refused."""
    data = Path(input_path).read_bytes()
    model = read_model(data)
    from worker.intake.onnx.conversion import convert_model

    return convert_model(model, data, work, request)
