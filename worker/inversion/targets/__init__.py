"""Targets: any supported classifier with its input convention."""

from app.formats.declared import architecture_names, check_architecture
from worker.inversion.targets.convention import InputConvention
from worker.inversion.targets.examination import Examination, examine_target
from worker.inversion.targets.loading import load_target
from worker.inversion.targets.outputs import Outputs, as_outputs
from worker.inversion.targets.registry import build_network
from worker.inversion.targets.target import Output, Target

__all__ = [
    "Examination",
    "InputConvention",
    "Output",
    "Outputs",
    "Target",
    "architecture_names",
    "as_outputs",
    "build_network",
    "check_architecture",
    "examine_target",
    "load_target",
]
