"""Safetensors files with forged headers, of the classes in safetensors' `attacks/` and others."""

from __future__ import annotations

import json
import math
from typing import Any

from app.formats.architectures import CLASSES, tensors_of
from bench.hostile.case import BOUNDED, ONE_MEANING, SAYS_WHY, Case, fixed

MIB = 1024 * 1024


def pack(header: bytes | dict[str, Any], data: bytes = b"", length: int | None = None) -> bytes:
    """Return a file of a header and data. `length` overrides the length of the header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def tensor(begin: int = 0, end: int = 4, shape: Any = (1,), dtype: Any = "F32", **more: Any) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end], **more}


FOUR, EIGHT = bytes(4), bytes(8)
GOOD = tensor()


def _with_biases(dtype: str, data: bytes) -> bytes:
    """Return the weights of the network that the tests declare, with other last two numbers."""
    shapes = tensors_of("exhume/small-cnn", {}, 1) or {}
    header, position = {}, 0
    for name, listed in shapes.items():
        shape = [2 if side == CLASSES else side for side in listed]
        kind, size = (dtype, len(data)) if name == "head.bias" else ("U8", math.prod(shape))
        header[name] = tensor(position, position + size, shape, kind)
        position += size
    return pack(header, bytes(position - len(data)) + data)


SAFETENSORS: tuple[Case, ...] = (
    fixed("header longer than file", BOUNDED, "unknown-format", pack({"w": GOOD}, FOUR, length=2**62)),
    fixed("header longer than limit", BOUNDED, "header-too-large", pack(b"{" + b" " * (16 * MIB) + b"}")),
    fixed("header cut off", ONE_MEANING, "header-not-json", pack(json.dumps({"w": GOOD}).encode()[:-1])),
    fixed("header of three bytes", SAYS_WHY, "header-not-json", pack(b"{ab", FOUR)),
    fixed("header is not UTF-8", ONE_MEANING, "header-not-json", pack(b'{"\xff\xfe": 1}', FOUR)),
    fixed(
        "duplicate tensor",
        ONE_MEANING,
        "header-not-json",
        pack(
            b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
            FOUR,
        ),
    ),
    fixed(
        "duplicate key in a tensor",
        ONE_MEANING,
        "header-not-json",
        pack(b'{"w":{"dtype":"F32","dtype":"I64","shape":[1],"data_offsets":[0,4]}}', FOUR),
    ),
    fixed("deep nesting", BOUNDED, "header-not-json", pack(b'{"w":' + b"[" * 500_000 + b"]" * 500_000 + b"}", FOUR)),
    fixed("a million members", BOUNDED, "header-not-json", pack(b'{"w":[' + b"0," * 1_000_000 + b"0]}", FOUR)),
    fixed("unending string", BOUNDED, "header-not-json", pack(b'{"' + b'\\"' * 2_000_000, FOUR)),
    fixed(
        "number of 5000 digits",
        BOUNDED,
        "header-not-json",
        pack(b'{"w":{"dtype":"F32","shape":[' + b"9" * 5000 + b'],"data_offsets":[0,4]}}', FOUR),
    ),
    fixed("shape that overflows 64 bits", BOUNDED, "tensor-size", pack({"w": tensor(0, 4, [2**33, 2**33])}, FOUR)),
    fixed("NaN in the header", ONE_MEANING, "header-not-json", pack(b'{"w":NaN}', FOUR)),
    fixed(
        "float as dimension",
        ONE_MEANING,
        "header-not-json",
        pack(b'{"w":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}', FOUR),
    ),
    fixed("true as dimension", ONE_MEANING, "tensor-malformed", pack({"w": tensor(shape=[True])}, FOUR)),
    fixed("negative dimension", BOUNDED, "tensor-malformed", pack({"w": tensor(shape=[-1, -1])}, FOUR)),
    fixed("negative offset", ONE_MEANING, "tensor-malformed", pack({"w": tensor(-4, 0)}, FOUR)),
    fixed("zero dimension", ONE_MEANING, "tensor-empty", pack({"w": tensor(0, 0, [0])})),
    fixed("rank 9", BOUNDED, "tensor-rank", pack({"w": tensor(shape=[1] * 9)}, FOUR)),
    fixed("unknown dtype", SAYS_WHY, "tensor-dtype", pack({"w": tensor(dtype="F8_E4M3")}, FOUR)),
    fixed("dtype that is not a string", SAYS_WHY, "tensor-malformed", pack({"w": tensor(dtype=["F32"])}, FOUR)),
    fixed("extra member in a tensor", ONE_MEANING, "tensor-malformed", pack({"w": tensor(code="x")}, FOUR)),
    fixed("tensor that is a list", SAYS_WHY, "tensor-malformed", pack({"w": []}, FOUR)),
    fixed(
        "metadata that is not a string", SAYS_WHY, "header-malformed", pack({"__metadata__": {"a": 1}, "w": GOOD}, FOUR)
    ),
    fixed("no tensor", SAYS_WHY, "no-tensors", pack({"__metadata__": {}})),
    fixed("size and offsets differ", ONE_MEANING, "tensor-size", pack({"w": tensor(0, 8)}, EIGHT)),
    fixed("offsets reversed", ONE_MEANING, "tensor-size", pack({"w": tensor(4, 0)}, FOUR)),
    fixed("tensors share bytes", ONE_MEANING, "tensors-overlap", pack({"a": tensor(), "b": tensor()}, FOUR)),
    fixed("tensors overlap in part", ONE_MEANING, "tensors-overlap", pack({"a": tensor(), "b": tensor(2, 6)}, EIGHT)),
    fixed("hole between tensors", ONE_MEANING, "tensors-hole", pack({"a": tensor(), "b": tensor(8, 12)}, bytes(12))),
    fixed("data cut off", BOUNDED, "data-truncated", pack({"w": tensor(0, 8, [2])}, FOUR)),
    fixed(
        "zip after the data (polyglot)",
        ONE_MEANING,
        "trailing-bytes",
        pack({"w": GOOD}, FOUR + b"PK\x05\x06" + bytes(18)),
    ),
    fixed("control characters in a name", SAYS_WHY, "tensor-name", pack({"w\x1b[2J\n": GOOD}, FOUR)),
    fixed(
        "surrogate in a name",
        ONE_MEANING,
        "tensor-name",
        pack(b'{"\\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', FOUR),
    ),
    fixed("name of 10,000 characters", BOUNDED, "tensor-name", pack({"w" * 10_000: GOOD}, FOUR)),
    fixed(
        "20,001 tensors",
        BOUNDED,
        "too-many-tensors",
        pack({f"t{i}": tensor(i, i + 1, [1], "U8") for i in range(20_001)}, bytes(20_001)),
    ),
    fixed("NaN weights", SAYS_WHY, "weights-not-finite", _with_biases("F32", b"\0\0\0\0\0\0\xc0\x7f")),
    fixed("NaN in bfloat16", SAYS_WHY, "weights-not-finite", _with_biases("BF16", b"\x80\x3f\xc0\x7f")),
    fixed(
        "float64 too large for float32",
        SAYS_WHY,
        "weights-not-finite",
        _with_biases("F64", bytes(8) + b"\xff\xff\xff\xff\xff\xff\xef\x7f"),
    ),
    fixed("boolean that is 2", ONE_MEANING, "tensor-not-boolean", _with_biases("BOOL", b"\x01\x02")),
)
