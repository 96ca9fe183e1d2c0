"""Choices in a request for an audit.

The module imports almost nothing, because the command line loads it at every start.
"""

from typing import Literal

Setting = Literal["baseline", "lom", "ma", "lomma"]
PriorChoice = Literal["trained", "pca", "built-in"]
PriorKind = Literal["wgan-gp", "kedmi", "non-saturating", "pca"]
Attack = Literal[
    "decoder", "warm-start", "warm-start-views", "closed-form", "gmi", "kedmi", "vmi", "plg-mi", "ppa", "miface"
]
Combination = Literal["union", "strongest"]
Effort = Literal["quick", "standard", "deep"]
Verdict = Literal["PASS", "FAIL", "INCONCLUSIVE"]
ReleasePlan = Literal["weights-public", "weights-shared", "hosted"]
Stop = Literal["at_chance", "class_order", "input_convention"]
"""Why an audit ends before compute is spent."""
