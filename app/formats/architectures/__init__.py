"""Detection of an architecture by names and shapes of weights. Builds nothing; no torch."""

from app.formats.architectures.listing import CLASSES, tensors_of
from app.formats.architectures.matching import INDEX, Proposal, bodies, detect, masks

AUTO = "auto"
"""Given in place of an architecture's name to detect it by the weights."""

__all__ = ["AUTO", "CLASSES", "INDEX", "Proposal", "bodies", "detect", "masks", "tensors_of"]
