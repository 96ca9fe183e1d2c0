"""Our own strict reading of an ONNX file: structure and operators, before any runtime sees it."""

from worker.intake.onnx_model.model import Model, read_model
from worker.intake.onnx_model.rules import check_model

__all__ = ["Model", "check_model", "read_model"]
