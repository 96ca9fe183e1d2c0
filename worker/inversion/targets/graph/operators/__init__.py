"""The operators that a graph may use. None of them branches, loops or reads a file.

`worker.inversion.graph.signatures` lists their inputs and attributes.
"""

from worker.inversion.targets.graph.operators.elementwise import ELEMENTWISE
from worker.inversion.targets.graph.operators.linear import LINEAR
from worker.inversion.targets.graph.operators.operator import Run
from worker.inversion.targets.graph.operators.shapes import SHAPES
from worker.inversion.targets.graph.operators.windows import WINDOWS

OPERATORS: dict[str, Run] = {**ELEMENTWISE, **WINDOWS, **LINEAR, **SHAPES}

__all__ = ["OPERATORS", "Run"]
