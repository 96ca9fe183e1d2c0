"""Convolution and pooling: operators that slide a window over the last dimensions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.targets.graph.operators.operator import Attributes, Inputs, Run

_CONVOLVE: dict[int, Callable[..., Any]] = {3: F.conv1d, 4: F.conv2d, 5: F.conv3d}
_TRANSPOSED: dict[int, Callable[..., Any]] = {3: F.conv_transpose1d, 4: F.conv_transpose2d}
_WINDOW: dict[str, Any] = {"kernel_shape": None, "strides": None, "pads": None, "dilations": None, "auto_pad": "NOTSET"}


def paddings(size: list[int], kernel: list[int], strides: list[int], dilations: list[int], a: Attributes) -> list[int]:
    """Return [begin of each dimension..., end of each...].

    The paddings are as given, or such that the output has the size size/stride (SAME).
    """
    n = len(kernel)
    if a["auto_pad"] == "NOTSET":
        return list(a["pads"] or [0] * 2 * n)
    if a["auto_pad"] == "VALID":
        return [0] * 2 * n
    total = [
        max(0, (math.ceil(size[i] / strides[i]) - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - size[i])
        for i in range(n)
    ]
    less, more = [t // 2 for t in total], [t - t // 2 for t in total]
    return more + less if a["auto_pad"] == "SAME_LOWER" else less + more


def _padded(x: Tensor, pads: list[int], value: float) -> tuple[Tensor, list[int]]:
    """Return the tensor to slide over and the symmetric padding left to the operator."""
    n = len(pads) // 2
    if pads[:n] == pads[n:]:
        return x, pads[:n]
    pairs = [pads[i + side * n] for i in reversed(range(n)) for side in (0, 1)]
    return F.pad(x, pairs, value=value), [0] * n


def _conv(x: Inputs, a: Attributes) -> Any:
    value, weight, bias = [*x, None][:3]
    n = weight.ndim - 2
    kernel, strides, dilations = list(weight.shape[2:]), a["strides"] or [1] * n, a["dilations"] or [1] * n
    value, pad = _padded(value, paddings(list(value.shape[2:]), kernel, strides, dilations, a), 0.0)
    return _CONVOLVE[weight.ndim](value, weight, bias, strides, pad, dilations, a["group"])


def _conv_transpose(x: Inputs, a: Attributes) -> Any:
    value, weight, bias = [*x, None][:3]
    n = weight.ndim - 2
    pads = a["pads"] or [0] * 2 * n
    if pads[:n] != pads[n:] or a["auto_pad"] != "NOTSET" or a["output_shape"]:
        raise ValueError("ConvTranspose is supported with symmetric pads only")
    strides, dilations = a["strides"] or [1] * n, a["dilations"] or [1] * n
    out = a["output_padding"] or [0] * n
    return _TRANSPOSED[weight.ndim](value, weight, bias, strides, pads[:n], out, a["group"], dilations)


def _max_pool(x: Inputs, a: Attributes) -> Any:
    value, kernel = x[0], a["kernel_shape"]
    n = len(kernel)
    strides, dilations = a["strides"] or [1] * n, a["dilations"] or [1] * n
    pads = paddings(list(value.shape[2:]), kernel, strides, dilations, a)
    value, pad = _padded(value, pads, -math.inf)
    if any(2 * p > k for p, k in zip(pad, kernel, strict=True)):  # beyond torch's own limit
        value, pad = F.pad(value, [p for q in reversed(pad) for p in (q, q)], value=-math.inf), [0] * n
    pool = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}[n]
    return pool(value, kernel, strides, pad, dilations, ceil_mode=bool(a["ceil_mode"]))


def _average_pool(x: Inputs, a: Attributes) -> Any:
    """Pool averages. `count_include_pad` says whether padding counts.

    Where torch cannot do that, the result is divided by the average of ones.
    """
    value, kernel = x[0], a["kernel_shape"]
    n = len(kernel)
    strides = a["strides"] or [1] * n
    pads = paddings(list(value.shape[2:]), kernel, strides, [1] * n, a)
    pool: Callable[..., Any] = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}[n]
    ceil, count = bool(a["ceil_mode"]), bool(a["count_include_pad"])
    padded, pad = _padded(value, pads, 0.0)
    if padded is value and all(2 * p <= k for p, k in zip(pad, kernel, strict=True)):
        return pool(value, kernel, strides, pad, ceil, count)
    if padded is value:
        padded = F.pad(value, [p for q in reversed(pad) for p in (q, q)])
    summed = pool(padded, kernel, strides, 0, ceil, True)
    if count:
        return summed
    pairs = [pads[i + side * n] for i in reversed(range(n)) for side in (0, 1)]
    ones = F.pad(torch.ones_like(value[:1, :1]), pairs)
    return summed / pool(ones, kernel, strides, 0, ceil, True)


def _global(reduce: Callable[..., Any]) -> Run:
    return lambda x, a: reduce(x[0], tuple(range(2, x[0].ndim)))


def _mean(x: Tensor, dims: tuple[int, ...]) -> Tensor:
    return x.mean(dims, keepdim=True)


def _largest(x: Tensor, dims: tuple[int, ...]) -> Tensor:
    return x.amax(dims, keepdim=True)


WINDOWS: dict[str, Run] = {
    "AveragePool": _average_pool,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "GlobalAveragePool": _global(_mean),
    "GlobalMaxPool": _global(_largest),
    "MaxPool": _max_pool,
}
