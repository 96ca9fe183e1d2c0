"""Which architecture do these weights belong to? Answered from names and shapes alone; nothing is built, no torch."""

from worker.detection.matching import INDEX, Proposal, detect

AUTO = "auto"
"""In place of an architecture's name: find it by the weights."""

__all__ = ["AUTO", "INDEX", "Proposal", "detect"]
