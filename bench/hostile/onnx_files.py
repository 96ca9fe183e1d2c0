"""Valid and hostile ONNX models, written byte by byte, without an exporter or a checker."""

from __future__ import annotations

from pathlib import Path

import numpy as np

FLOAT, INT64, STRING = 1, 7, 8


def varint(value: int) -> bytes:
    out = bytearray()
    value &= 0xFFFFFFFFFFFFFFFF
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, value: int | bytes | str) -> bytes:
    """Return one encoded field."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name: str, array: np.ndarray, *more: bytes) -> bytes:
    kind = {"float32": FLOAT, "int64": INT64}[array.dtype.name]
    dims = b"".join(field(1, side) for side in array.shape)
    return dims + field(2, kind) + field(8, name) + field(9, array.tobytes()) + b"".join(more)


def attribute(name: str, *, i: int | None = None, ints: list[int] | None = None, g: bytes | None = None) -> bytes:
    out = field(1, name)
    if i is not None:
        return out + field(3, i) + field(20, 2)
    if g is not None:
        return out + field(6, g) + field(20, 5)
    return out + b"".join(field(8, one) for one in ints or []) + field(20, 7)


def node(op: str, inputs: list[str], outputs: list[str], *attributes: bytes, domain: str = "") -> bytes:
    out = b"".join(field(1, name) for name in inputs) + b"".join(field(2, name) for name in outputs)
    out += field(4, op) + b"".join(field(5, one) for one in attributes)
    return out + (field(7, domain) if domain else b"")


def value(name: str, shape: list[int | str], kind: int = FLOAT) -> bytes:
    dims = b"".join(field(1, field(1, side) if isinstance(side, int) else field(2, side)) for side in shape)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, dims)))


def graph(nodes: list[bytes], constants: list[bytes], inputs: list[bytes], outputs: list[bytes]) -> bytes:
    out = b"".join(field(1, one) for one in nodes) + field(2, "g") + b"".join(field(5, one) for one in constants)
    return out + b"".join(field(11, one) for one in inputs) + b"".join(field(12, one) for one in outputs)


def model(whole: bytes, *more: bytes, opset: int = 18, ir: int = 8) -> bytes:
    return field(1, ir) + field(2, "tests") + field(7, whole) + field(8, field(2, opset)) + b"".join(more)


def embedder(
    *,
    side: int = 16,
    channels: int = 1,
    dim: int = 24,
    seed: int = 0,
    weights: np.ndarray | None = None,
    nodes: list[bytes] | None = None,
    constants: list[bytes] | None = None,
    inputs: list[bytes] | None = None,
    outputs: list[bytes] | None = None,
) -> bytes:
    """Return a model that flattens, subtracts one half, and multiplies by a fixed random matrix.

    Similar images have similar embeddings.
    """
    size = channels * side * side
    w = np.random.default_rng(seed).normal(size=(size, dim)).astype(np.float32) if weights is None else weights
    own = [
        node("Flatten", ["image"], ["flat"], attribute("axis", i=1)),
        node("Sub", ["flat", "half"], ["centred"]),
        node("MatMul", ["centred", "w"], ["embedding"]),
    ]
    return model(
        graph(
            own if nodes is None else nodes,
            [tensor("w", w), tensor("half", np.array(0.5, np.float32))] if constants is None else constants,
            [value("image", ["batch", channels, side, side])] if inputs is None else inputs,
            [value("embedding", ["batch", dim])] if outputs is None else outputs,
        )
    )


def hostile() -> dict[str, tuple[bytes, str]]:
    """Return models that must be rejected for their structure: name -> (bytes, reason code)."""
    own = [node("Flatten", ["image"], ["flat"]), node("MatMul", ["flat", "w"], ["embedding"])]
    w = np.ones((256, 24), np.float32)
    loop = attribute("body", g=graph([], [], [], []))
    external = field(14, 1) + field(13, field(1, "location") + field(2, "../../etc/passwd"))
    whole = graph(own, [tensor("w", w)], [value("image", ["b", 1, 16, 16])], [value("embedding", ["b", 24])])
    boast = field(1, 1 << 20) + field(1, 24) + field(2, FLOAT) + field(8, "w") + field(9, w.tobytes())
    return {
        "external data": (embedder(constants=[field(1, 256) + field(1, 24) + field(2, 1) + field(8, "w") + external],
                                   nodes=own), "onnx-external-data"),
        "operator of another domain": (embedder(nodes=[*own[:1], node("Run", ["flat", "w"], ["embedding"],
                                                                      domain="evil.ops")]), "onnx-operator"),
        "operator that decodes files": (embedder(nodes=[node("ImageDecoder", ["image"], ["embedding"])]),
                                        "onnx-operator"),
        "random numbers": (embedder(nodes=[node("RandomNormalLike", ["image"], ["embedding"])]), "onnx-operator"),
        "a loop": (embedder(nodes=[node("Loop", ["", ""], ["embedding"], loop)]), "onnx-subgraph"),
        "a branch in disguise": (embedder(nodes=[node("Relu", ["image"], ["embedding"], loop)]), "onnx-subgraph"),
        "functions": (model(whole, field(25, field(1, "f"))), "onnx-functions"),
        "training information": (model(whole, field(20, b"")), "onnx-training"),
        "an old operator set": (model(whole, opset=2), "onnx-version"),
        "two graphs": (model(whole, field(7, whole)), "onnx-structure"),
        "a field of its own": (model(whole, field(99, b"x")), "onnx-structure"),
        "a constant that boasts": (embedder(constants=[boast], nodes=own), "onnx-structure"),
        "a circle": (embedder(nodes=[node("Add", ["embedding", "w"], ["embedding"])]), "onnx-structure"),
        "an output that nothing makes": (embedder(nodes=[node("Flatten", ["image"], ["flat"])]), "onnx-structure"),
        "one name twice": (embedder(constants=[tensor("w", w), tensor("w", w)], nodes=own), "onnx-structure"),
        "cut short": (model(whole)[:-7], "onnx-structure"),
        "a length beyond the end": (field(1, 8) + varint(7 << 3 | 2) + varint(1 << 40), "onnx-structure"),
        "an endless number": (field(1, 8) + varint(8 << 3) + b"\xff" * 20, "onnx-structure"),
    }  # fmt: skip


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
