"""ONNX models: their protobuf read by our own strict reader, and only in the sandbox."""
