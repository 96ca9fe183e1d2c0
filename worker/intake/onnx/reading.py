"""Sandboxed task that converts an ONNX classifier. It loads torch only after the checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from worker.intake.onnx.model import read_model
from worker.intake.onnx.planning import plan


def convert(input_path: str, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Read the model, then convert it. Raises: Refused."""
    data = Path(input_path).read_bytes()
    model = read_model(data)
    planned = plan(model, request)
    from worker.intake.onnx.conversion import convert_planned

    return convert_planned(planned, model, data, work, request)
