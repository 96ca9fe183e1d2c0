"""Signatures of the operators of a graph: how many inputs, and which attributes.

They suffice to read a model strictly, without loading torch or NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

HEADS = frozenset({"Gemm", "MatMul", "Conv"})
"""Operators that can be the last layer. Their first input is the penultimate feature."""
LARGEST_VALUE = 2**26
"""Numbers in one value, per image: four times what 64 channels of 512 x 512 pixels need."""


@dataclass(frozen=True)
class Signature:
    """The number of inputs and the attributes of an operator.

    Attributes:
        least, most: number of inputs.
        attributes: defaults by name. The type of a default is the attribute's type: int, float,
            str, or, if the default is None ("not given"), a number or a list of whole numbers.
        steering: indices of inputs whose values determine shapes. They must not depend on the
            image, so that one run on any image bounds the memory of all.
    """

    least: int
    most: int
    attributes: dict[str, Any] = field(default_factory=dict)
    steering: frozenset[int] = frozenset()


_WINDOW = {"kernel_shape": None, "strides": None, "pads": None, "dilations": None, "auto_pad": "NOTSET"}
SIGNATURES: dict[str, Signature] = {
    **dict.fromkeys(
        [
            "Abs",
            "Ceil",
            "Cos",
            "Erf",
            "Exp",
            "Floor",
            "GlobalAveragePool",
            "GlobalMaxPool",
            "HardSwish",
            "Identity",
            "Log",
            "Mish",
            "Neg",
            "Not",
            "Reciprocal",
            "Relu",
            "Round",
            "Sigmoid",
            "Sign",
            "Sin",
            "Size",
            "Softplus",
            "Softsign",
            "Sqrt",
            "Tanh",
        ],
        Signature(1, 1),
    ),
    **dict.fromkeys(
        [
            "Add",
            "And",
            "Div",
            "Equal",
            "Greater",
            "GreaterOrEqual",
            "Less",
            "LessOrEqual",
            "MatMul",
            "Mul",
            "Or",
            "PRelu",
            "Pow",
            "Sub",
            "Xor",
        ],
        Signature(2, 2),
    ),
    **dict.fromkeys(("Celu", "Elu", "Swish", "ThresholdedRelu"), Signature(1, 1, {"alpha": 1.0})),
    **dict.fromkeys(("LogSoftmax", "Softmax"), Signature(1, 1, {"axis": None, "opset": 13})),
    **dict.fromkeys(("Max", "Mean", "Min", "Sum"), Signature(1, 64)),
    **dict.fromkeys(
        [
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSumExp",
            "ReduceMax",
            "ReduceMean",
            "ReduceMin",
            "ReduceProd",
            "ReduceSum",
            "ReduceSumSquare",
        ],
        Signature(1, 2, {"axes": None, "keepdims": 1, "noop_with_empty_axes": 0}, frozenset({1})),
    ),
    **dict.fromkeys(("Squeeze", "Unsqueeze"), Signature(1, 2, {"axes": None}, frozenset({1}))),
    "ArgMax": Signature(1, 1, {"axis": 0, "keepdims": 1, "select_last_index": 0}),
    "AveragePool": Signature(
        1,
        1,
        {**_WINDOW, "ceil_mode": 0, "count_include_pad": 0},
    ),
    "BatchNormalization": Signature(5, 5, {"epsilon": 1e-05, "momentum": 0.9, "training_mode": 0, "spatial": 1}),
    "Cast": Signature(1, 1, {"to": 1, "saturate": 1, "round_mode": "up"}),
    "Clip": Signature(1, 3, {"min": None, "max": None}),
    "Concat": Signature(1, 256, {"axis": 0, "batched": 0, "batch": 1}),
    "ConstantOfShape": Signature(1, 1, {"value": 0.0, "whole": 0}, frozenset({0})),
    "Conv": Signature(2, 3, {**_WINDOW, "group": 1}),
    "ConvTranspose": Signature(
        2,
        3,
        {**_WINDOW, "group": 1, "output_padding": None, "output_shape": None},
    ),
    "DepthToSpace": Signature(1, 1, {"blocksize": 1, "mode": "DCR"}),
    "Dropout": Signature(1, 3, {"ratio": 0.5, "seed": 0, "is_test": 0}),
    "Einsum": Signature(1, 8, {"equation": ""}),
    "Expand": Signature(2, 2, {"batched": 0, "batch": 1}, frozenset({1})),
    "Flatten": Signature(1, 1, {"axis": 1}),
    "Gather": Signature(2, 2, {"axis": 0}),
    "Gelu": Signature(1, 1, {"approximate": "none"}),
    "Gemm": Signature(2, 3, {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0}),
    "GroupNormalization": Signature(3, 3, {"epsilon": 1e-05, "num_groups": 1, "stash_type": 1}),
    "HardSigmoid": Signature(1, 1, {"alpha": 0.2, "beta": 0.5}),
    "InstanceNormalization": Signature(3, 3, {"epsilon": 1e-05}),
    "LRN": Signature(1, 1, {"size": 1, "alpha": 0.0001, "beta": 0.75, "bias": 1.0}),
    "LayerNormalization": Signature(2, 3, {"axis": -1, "epsilon": 1e-05, "stash_type": 1}),
    "LeakyRelu": Signature(1, 1, {"alpha": 0.01}),
    "LpNormalization": Signature(1, 1, {"axis": -1, "p": 2}),
    "MaxPool": Signature(
        1,
        1,
        {**_WINDOW, "ceil_mode": 0, "storage_order": 0},
    ),
    "Mod": Signature(2, 2, {"fmod": 0}),
    "Pad": Signature(1, 4, {"mode": "constant", "pads": None, "value": 0.0}, frozenset({1, 2, 3})),
    "Range": Signature(3, 3, {}, frozenset({0, 1, 2})),
    "Reshape": Signature(1, 2, {"shape": None, "allowzero": 0, "batched": 0, "batch": 1}, frozenset({1})),
    "Selu": Signature(1, 1, {"alpha": 1.67326319217681884765625, "gamma": 1.05070102214813232421875}),
    "Shape": Signature(1, 1, {"start": 0, "end": None}),
    "Slice": Signature(1, 5, {"starts": None, "ends": None, "axes": None}, frozenset({1, 2, 3, 4})),
    "SpaceToDepth": Signature(1, 1, {"blocksize": 1}),
    "Split": Signature(1, 2, {"axis": 0, "split": None, "num_outputs": None, "outputs": 1}, frozenset({1})),
    "Tile": Signature(2, 2, {}, frozenset({1})),
    "Transpose": Signature(1, 1, {"perm": None}),
    "Where": Signature(3, 3),
}
