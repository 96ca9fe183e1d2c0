"""ONNX models that refer to files, loop, branch, forge sizes, or cannot be computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.hostile.case import BOUNDED, ONE_MEANING, RUNS_NO_CODE, SAYS_WHY, STAYS_INSIDE, Case, fixed
from bench.hostile.onnx_writer import attribute, field, graph, model, node, tensor, value, varint

RNG = np.random.default_rng(0)
KERNEL, BIAS = RNG.normal(size=(4, 1, 3, 3)).astype("<f4"), RNG.normal(size=4).astype("<f4")
LAST = RNG.normal(size=(2, 4)).astype("<f4")
IMAGES, LOGITS = value("x", ["n", 1, 32, 32]), value("y", ["n", 2])
TENSORS = [tensor("kernel", KERNEL), tensor("bias", BIAS), tensor("last", LAST)]
NODES = [
    node("Conv", "x kernel bias", "a", strides=[2, 2], pads=[1, 1, 1, 1]),
    node("Relu", "a", "b"),
    node("GlobalAveragePool", "b", "c"),
    node("Flatten", "c", "d"),
    node("Gemm", "d last", "y", transB=1),
]


def sound(nodes: Any = None, tensors: Any = None, inputs: Any = None, outputs: Any = None, *more: bytes) -> bytes:
    """Return a small classifier of 32x32 grey images, with any of its parts replaced."""
    return model(graph(nodes or NODES, tensors or TENSORS, inputs or [IMAGES], outputs or [LOGITS], *more))


def before(*nodes: bytes, tensors: tuple[bytes, ...] = ()) -> bytes:
    """Return the classifier with more nodes before the last one. They must compute `d`."""
    return sound([*NODES[:3], node("Flatten", "c", "e"), *nodes, NODES[4]], [*TENSORS, *tensors])


def external(location: str) -> bytes:
    entry = field(13, field(1, "location") + field(2, location))
    return sound(
        tensors=[*TENSORS[:2], field(1, 2) + field(1, 4) + field(2, 1) + field(8, "last") + entry + field(14, 1)]
    )


def whole(name: str, *numbers: int) -> bytes:
    return tensor(name, np.array(numbers, "<i8"))


def _nested(levels: int) -> bytes:
    inner = graph(NODES, TENSORS, [], [])
    for _ in range(levels):
        inner = graph(
            [node("If", "x", "y", field(5, field(1, "then_branch") + field(6, inner) + field(20, 5)))], [], [], []
        )
    return inner


_LOOP = node("Loop", "trips - e", "d", field(5, field(1, "body") + field(6, _nested(0)) + field(20, 5)))
_LIES = [field(1, 2) + field(1, 4) + field(2, 1) + field(8, "last") + field(9, bytes(32)), *TENSORS[:2]]

ONNX_FILES: tuple[Case, ...] = (
    fixed("onnx: weights by a path that climbs", STAYS_INSIDE, "onnx-external-data", external("../../../etc/passwd")),
    fixed("onnx: weights by an absolute path", STAYS_INSIDE, "onnx-external-data", external("/etc/shadow")),
    fixed("onnx: weights by an address", STAYS_INSIDE, "onnx-external-data", external("http://169.254.169.254/")),
    fixed(
        "onnx: weights elsewhere, nowhere",
        STAYS_INSIDE,
        "onnx-external-data",
        sound(tensors=[*TENSORS[:2], tensor("last", LAST, field(14, 1))]),
    ),
    fixed("onnx: loop of 2^63 turns", BOUNDED, "onnx-subgraph", before(_LOOP, tensors=(whole("trips", 2**63 - 1),))),
    fixed(
        "onnx: scan",
        BOUNDED,
        "onnx-subgraph",
        before(node("Scan", "e", "d", field(5, field(1, "body") + field(6, _nested(0)) + field(20, 5)))),
    ),
    fixed("onnx: branch", BOUNDED, "onnx-subgraph", model(_nested(1))),
    fixed("onnx: 2,000 branches deep", BOUNDED, "onnx-subgraph", model(_nested(2_000))),
    fixed(
        "onnx: list of graphs",
        BOUNDED,
        "onnx-subgraph",
        before(node("Identity", "e", "d", field(5, field(1, "b") + field(11, _nested(0)) + field(20, 10)))),
    ),
    fixed(
        "onnx: operators of its own", BOUNDED, "onnx-functions", sound() + field(25, field(1, "f") + field(7, NODES[1]))
    ),
    fixed("onnx: training", BOUNDED, "onnx-training", sound() + field(20, b"")),
    fixed("onnx: sparse weights", ONE_MEANING, "onnx-sparse", sound(None, None, None, None, field(15, b""))),
    fixed(
        "onnx: operator of another domain",
        RUNS_NO_CODE,
        "onnx-operator",
        before(node("Py", "e", "d", field(7, "ai.x"))),
    ),
    fixed("onnx: unknown operator", SAYS_WHY, "onnx-operator", before(node("NonZero", "e", "d"))),
    fixed("onnx: quantised", SAYS_WHY, "onnx-operator", before(node("QLinearConv", "e", "d"))),
    fixed("onnx: unknown attribute", ONE_MEANING, "onnx-operator", before(node("Relu", "e", "d", evil=1))),
    fixed("onnx: text as attribute", ONE_MEANING, "onnx-operator", before(node("Softmax", "e", "d", axis="x"))),
    fixed(
        "onnx: batch norm in training",
        SAYS_WHY,
        "onnx-operator",
        before(node("BatchNormalization", "e bias bias bias bias", "d", training_mode=1)),
    ),
    fixed(
        "onnx: reshape of nothing",
        ONE_MEANING,
        "onnx-operator",
        before(node("Reshape", "", "f"), node("Add", "e f", "d")),
    ),
    fixed(
        "onnx: value of 10^12 numbers",
        BOUNDED,
        "onnx-operator",
        before(
            node("Expand", "e to", "f"), node("ReduceMax", "f", "d", axes=[0]), tensors=(whole("to", 10**12, 1, 4),)
        ),
    ),
    fixed(
        "onnx: constant of 2^50 numbers",
        BOUNDED,
        "onnx-operator",
        before(node("ConstantOfShape", "to", "f"), node("Add", "e f", "d"), tensors=(whole("to", 2**50),)),
    ),
    fixed(
        "onnx: range of 2^50 numbers",
        BOUNDED,
        "onnx-operator",
        before(
            node("Range", "zero to one", "f"),
            node("Add", "e f", "d"),
            tensors=(
                tensor("zero", np.array(0, "<i8")),
                tensor("to", np.array(2**50, "<i8")),
                tensor("one", np.array(1, "<i8")),
            ),
        ),
    ),
    fixed(
        "onnx: tile of 2^50",
        BOUNDED,
        "onnx-operator",
        before(node("Tile", "e to", "d"), tensors=(whole("to", 1, 2**50),)),
    ),
    fixed(
        "onnx: shape that depends on the image",
        BOUNDED,
        "onnx-operator",
        before(
            node("ReduceMax", "x", "f", keepdims=0),
            node("Cast", "f", "g", to=7),
            node("Unsqueeze", "g axis", "h"),
            node("Expand", "e h", "d"),
            tensors=(whole("axis", 0),),
        ),
    ),
    fixed("onnx: uses itself", BOUNDED, "onnx-structure", before(node("Add", "e d", "d"))),
    fixed("onnx: uses what comes later", BOUNDED, "onnx-structure", sound(NODES[::-1])),
    fixed("onnx: made twice", ONE_MEANING, "onnx-structure", before(node("Relu", "e", "d"), node("Neg", "e", "d"))),
    fixed("onnx: two tensors of a name", ONE_MEANING, "onnx-structure", sound(tensors=[*TENSORS, TENSORS[2]])),
    fixed("onnx: two graphs", ONE_MEANING, "onnx-structure", sound() + field(7, graph([], [], [], []))),
    fixed("onnx: no graph", ONE_MEANING, "onnx-structure", field(1, 8) + field(8, field(2, 17))),
    fixed("onnx: unknown field", ONE_MEANING, "onnx-structure", sound() + field(40, "x")),
    fixed("onnx: group", ONE_MEANING, "onnx-structure", sound() + varint(9 << 3 | 3)),
    fixed("onnx: number of 11 bytes", BOUNDED, "onnx-structure", sound() + b"\x28" + b"\xff" * 10 + b"\x01"),
    fixed("onnx: field past the end", BOUNDED, "onnx-structure", sound() + b"\x32\xff\xff\xff\xff\x07x"),
    fixed(
        "onnx: name that is not UTF-8",
        ONE_MEANING,
        "onnx-structure",
        before(node("Relu", "e", "d") + field(3, b"\xff")),
    ),
    fixed(
        "onnx: 2^62 numbers by dimensions",
        BOUNDED,
        "onnx-structure",
        sound(tensors=[*TENSORS[:2], tensor("last", LAST, dims=(2**31, 2**31))]),
    ),
    fixed(
        "onnx: negative dimension",
        BOUNDED,
        "onnx-structure",
        sound(tensors=[tensor("last", LAST, dims=(-2, -4)), *TENSORS[:2]]),
    ),
    fixed(
        "onnx: fewer numbers than dimensions",
        ONE_MEANING,
        "onnx-structure",
        sound(tensors=[tensor("last", LAST, dims=(2, 5)), *TENSORS[:2]]),
    ),
    fixed(
        "onnx: numbers twice",
        ONE_MEANING,
        "onnx-structure",
        sound(tensors=[_LIES[0] + field(4, bytes(32)), *TENSORS[:2]]),
    ),
    fixed(
        "onnx: two of one attribute",
        ONE_MEANING,
        "onnx-structure",
        before(node("Softmax", "e", "d", field(5, attribute("axis", 1)), axis=0)),
    ),
    fixed(
        "onnx: tensor of texts",
        SAYS_WHY,
        "onnx-type",
        sound(tensors=[field(1, 1) + field(2, 8) + field(8, "last"), *TENSORS[:2]]),
    ),
    fixed(
        "onnx: 20,001 operators", BOUNDED, "onnx-too-large", sound([node("Relu", "x", f"r{i}") for i in range(20_001)])
    ),
    fixed("onnx: two inputs", SAYS_WHY, "onnx-input", sound(inputs=[IMAGES, value("z", [1])])),
    fixed(
        "onnx: channels last, and nothing turns them",
        SAYS_WHY,
        "onnx-operator",
        sound(inputs=[value("x", ["n", 32, 32, 1])]),
    ),
    fixed("onnx: input of whole numbers", SAYS_WHY, "onnx-input", sound(inputs=[value("x", ["n", 1, 32, 32], 7)])),
    fixed("onnx: eight images at once", SAYS_WHY, "onnx-input", sound(inputs=[value("x", [8, 1, 32, 32])])),
    fixed(
        "onnx: three classes",
        SAYS_WHY,
        "class-count",
        sound(tensors=[*TENSORS[:2], tensor("last", np.ones((3, 4), "<f4"))]),
    ),
    fixed("onnx: no last layer", SAYS_WHY, "onnx-outputs", sound([node("Relu", "x", "y")])),
    fixed("onnx: version 99", SAYS_WHY, "onnx-version", model(graph(NODES, TENSORS, [IMAGES], [LOGITS]), opset=99)),
    fixed(
        "onnx: shapes that do not fit",
        SAYS_WHY,
        "onnx-operator",
        before(node("Reshape", "e to", "d"), tensors=(whole("to", 7, 7),)),
    ),
    fixed(
        "onnx: NaN weights",
        SAYS_WHY,
        "weights-not-finite",
        sound(tensors=[*TENSORS[:2], tensor("last", np.full((2, 4), np.nan, "<f4"))]),
    ),
    fixed(
        "onnx: mixes the images of a batch",
        ONE_MEANING,
        "onnx-fixed-batch",
        sound(
            [*NODES[:4], node("ReduceMean", "d", "e", axes=[0]), node("Gemm", "e last", "y", transB=1)],
            inputs=[value("x", [1, 1, 32, 32])],
        ),
    ),
)
