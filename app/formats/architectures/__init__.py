"""Which architecture do these weights belong to? Answered from names and shapes alone; nothing is built, no torch."""

from app.formats.architectures.listing import CLASSES, tensors_of
from app.formats.architectures.matching import INDEX, Proposal, detect, masks

AUTO = "auto"
"""In place of an architecture's name: find it by the weights."""

__all__ = ["AUTO", "CLASSES", "INDEX", "Proposal", "detect", "masks", "tensors_of"]
