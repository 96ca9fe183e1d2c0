"""Which architecture do these weights belong to? Answered from names and shapes alone; nothing is built, no torch."""

from worker.detection.listing import CLASSES, tensors_of
from worker.detection.matching import INDEX, Proposal, detect, masks

AUTO = "auto"
"""In place of an architecture's name: find it by the weights."""

__all__ = ["AUTO", "CLASSES", "INDEX", "Proposal", "detect", "masks", "tensors_of"]
