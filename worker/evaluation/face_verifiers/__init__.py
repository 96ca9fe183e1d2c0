"""Verifiers of faces, converted to ONNX from face recognition models in public packages."""

from worker.evaluation.face_verifiers.conversion import convert

__all__ = ["convert"]
