"""Intake of ONNX models. A strict parser reads the protobuf, in the sandbox only."""
