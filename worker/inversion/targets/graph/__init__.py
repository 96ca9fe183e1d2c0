"""Networks from ONNX graphs, run by our own operators with gradients."""

from worker.inversion.targets.graph.network import GraphNetwork

__all__ = ["GraphNetwork"]
