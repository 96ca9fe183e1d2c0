"""Operators that rearrange values or compute with shapes."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.nn import functional as F

from worker.inversion.targets.graph.operators.operator import Attributes, Inputs, Run, numbers, together

_KINDS = {1: "float", 10: "float", 11: "float", 16: "float", 9: "bool"}  # ONNX's type numbers


def cast(x: Inputs, a: Attributes) -> Any:
    """Cast floats to float32, whole numbers to int64, and truth values to bool."""
    kind = _KINDS.get(a["to"], "int")
    if kind == "float":
        return x[0] if x[0].is_floating_point() else x[0].float()
    return x[0].bool() if kind == "bool" else x[0].long()


def _shape(x: Inputs, a: Attributes) -> Any:
    sizes = list(x[0].shape)
    return torch.tensor(sizes[a["start"] : len(sizes) if a["end"] is None else a["end"]], dtype=torch.int64)


def _reshape(x: Inputs, a: Attributes) -> Any:
    """Reshape. Zero keeps a dimension.

    `batched` means that the graph was exported for one image, so the first dimension is per image.
    """
    target = numbers(x[1]) if len(x) > 1 else list(a["shape"] or ())
    if a["batched"] and target:
        target[0] = target[0] * a["batch"] if target[0] > 0 else target[0]
    if not a["allowzero"]:
        target = [x[0].shape[i] if size == 0 else size for i, size in enumerate(target)]
    return x[0].reshape(target)


def _expand(x: Inputs, a: Attributes) -> Any:
    target = numbers(x[1])
    if a["batched"] and target:
        target[0] *= a["batch"]
    shape: Any = torch.broadcast_shapes(x[0].shape, tuple(target))  # type: ignore[no-untyped-call]
    return x[0].expand(shape)


def _flatten(x: Inputs, a: Attributes) -> Any:
    axis = a["axis"] % (x[0].ndim + 1) if a["axis"] < 0 else a["axis"]
    return x[0].reshape(math.prod(x[0].shape[:axis]), -1)


def _transpose(x: Inputs, a: Attributes) -> Any:
    return x[0].permute(a["perm"] or list(reversed(range(x[0].ndim))))


def _axes(x: Inputs, a: Attributes) -> list[int]:
    return numbers(x[1]) if len(x) > 1 and x[1] is not None else list(a["axes"] or ())


def _squeeze(x: Inputs, a: Attributes) -> Any:
    axes = _axes(x, a)
    return x[0].squeeze(tuple(axes)) if axes else x[0].squeeze()


def _unsqueeze(x: Inputs, a: Attributes) -> Any:
    axes = _axes(x, a)
    value = x[0]
    for axis in sorted(axis % (value.ndim + len(axes)) for axis in axes):
        value = value.unsqueeze(axis)
    return value


def _concat(x: Inputs, a: Attributes) -> Any:
    """Concatenate. With `batched`, values for one image, such as a class token, are repeated."""
    parts = together(*x)
    if a["batched"] and a["axis"] != 0:
        parts = tuple(p.expand(a["batch"], *p.shape[1:]) if p.ndim and p.shape[0] == 1 else p for p in parts)
    return torch.cat(parts, a["axis"])


def _split(x: Inputs, a: Attributes) -> Any:
    size = x[0].shape[a["axis"]]
    parts = numbers(x[1]) if len(x) > 1 and x[1] is not None else list(a["split"] or ())
    if not parts:
        count = a["num_outputs"] or a["outputs"]
        each = -(-size // count)
        parts = [min(each, size - i * each) for i in range(count)]
    return torch.split(x[0], parts, a["axis"])


def _slice(x: Inputs, a: Attributes) -> Any:
    value = x[0]
    if len(x) > 1:
        starts, ends, axes, steps = (numbers(v) for v in [*x[1:], None, None, None][:4])
    else:
        starts, ends, axes, steps = list(a["starts"] or ()), list(a["ends"] or ()), list(a["axes"] or ()), []
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        axis, step = axes[i] if axes else i, steps[i] if steps else 1
        found = range(value.shape[axis])[start:end:step]
        if found.step > 0:
            value = value.narrow(axis, found.start, len(range(found.start, max(found.start, found.stop))))
            index = torch.arange(0, value.shape[axis], found.step)
        else:
            index = torch.tensor(list(found), dtype=torch.int64)
        if found.step != 1:
            value = value.index_select(axis, index.to(value.device))
    return value


def _gather(x: Inputs, a: Attributes) -> Any:
    value, index = together(x[0], x[1])
    axis = a["axis"] % value.ndim
    size = value.shape[axis]
    picked = torch.where(index < 0, index + size, index).reshape(-1)
    shape = (*value.shape[:axis], *index.shape, *value.shape[axis + 1 :])
    return value.index_select(axis, picked).reshape(shape)


def _pad(x: Inputs, a: Attributes) -> Any:
    value = x[0]
    pads = numbers(x[1]) if len(x) > 1 else list(a["pads"] or ())
    fill = float(x[2]) if len(x) > 2 and x[2] is not None and x[2].numel() else a["value"]
    axes = numbers(x[3]) if len(x) > 3 and x[3] is not None else list(range(value.ndim))
    sides = {axis % value.ndim: (pads[i], pads[i + len(axes)]) for i, axis in enumerate(axes)}
    first = min([axis for axis, side in sides.items() if any(side)], default=value.ndim)
    pairs = [p for axis in reversed(range(first, value.ndim)) for p in sides.get(axis, (0, 0))]
    if not pairs:
        return value
    if a["mode"] == "constant":
        return F.pad(value, pairs, value=fill)
    return F.pad(value, pairs, mode={"reflect": "reflect", "edge": "replicate", "wrap": "circular"}[a["mode"]])


def _constant_of_shape(x: Inputs, a: Attributes) -> Any:
    fill = a["value"] if a["whole"] == 0 else int(a["value"])
    return torch.full(numbers(x[0]), fill, dtype=torch.int64 if a["whole"] else torch.float32)


def _range(x: Inputs, a: Attributes) -> Any:
    start, limit, delta = (v.item() for v in x)
    return torch.arange(start, limit, delta, dtype=x[0].dtype)


def _tile(x: Inputs, a: Attributes) -> Any:
    return x[0].repeat(numbers(x[1]))


def _depth_to_space(x: Inputs, a: Attributes) -> Any:
    b, c, h, w = x[0].shape
    s = a["blocksize"]
    if a["mode"] == "CRD":
        return F.pixel_shuffle(x[0], s)
    return x[0].reshape(b, s, s, c // s**2, h, w).permute(0, 3, 4, 1, 5, 2).reshape(b, c // s**2, h * s, w * s)


def _space_to_depth(x: Inputs, a: Attributes) -> Any:
    b, c, h, w = x[0].shape
    s = a["blocksize"]
    return x[0].reshape(b, c, h // s, s, w // s, s).permute(0, 3, 5, 1, 2, 4).reshape(b, c * s**2, h // s, w // s)


SHAPES: dict[str, Run] = {
    "Cast": cast,
    "Concat": _concat,
    "ConstantOfShape": _constant_of_shape,
    "DepthToSpace": _depth_to_space,
    "Dropout": lambda x, a: x[0],
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "Pad": _pad,
    "Range": _range,
    "Reshape": _reshape,
    "Shape": _shape,
    "Size": lambda x, a: torch.tensor(x[0].numel()),
    "Slice": _slice,
    "SpaceToDepth": _space_to_depth,
    "Split": _split,
    "Squeeze": _squeeze,
    "Tile": _tile,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
