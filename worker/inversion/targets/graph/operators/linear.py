"""Matrix products, normalisations, softmax and reductions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.targets.graph.operators.operator import Attributes, Inputs, Run, numbers, together


def gemm(x: Inputs, a: Attributes) -> Any:
    """Return alpha A B + beta C, with A and B optionally transposed."""
    first = x[0].T if a["transA"] else x[0]
    second = x[1].T if a["transB"] else x[1]
    product = a["alpha"] * (first @ second) if a["alpha"] != 1.0 else first @ second
    if len(x) < 3 or x[2] is None:
        return product
    return product + (a["beta"] * x[2] if a["beta"] != 1.0 else x[2])


def matmul(x: Inputs, a: Attributes) -> Any:
    """Return A B with broadcasting."""
    return torch.matmul(*together(x[0], x[1]))


def _einsum(x: Inputs, a: Attributes) -> Any:
    if not re.fullmatch(r"[a-zA-Z., ]{1,64}(?:->[a-zA-Z. ]{0,32})?", a["equation"]):
        raise ValueError("Einsum has an unsupported equation")
    return torch.einsum(a["equation"], *together(*x))


def _batch_norm(x: Inputs, a: Attributes) -> Any:
    value, scale, shift, mean, variance = x
    return F.batch_norm(value, mean, variance, scale, shift, False, 0.0, a["epsilon"])


def _layer_norm(x: Inputs, a: Attributes) -> Any:
    value, scale, shift = [*x, None][:3]
    return F.layer_norm(value, value.shape[a["axis"] % value.ndim :], scale, shift, a["epsilon"])


def _instance_norm(x: Inputs, a: Attributes) -> Any:
    return F.instance_norm(x[0], weight=x[1], bias=x[2], eps=a["epsilon"])


def _group_norm(x: Inputs, a: Attributes) -> Any:
    """Normalise groups. Scale and bias are per channel since version 21, per group before."""
    value, scale, shift = x
    groups, channels = a["num_groups"], value.shape[1]
    if scale.shape[0] == groups != channels:
        scale, shift = (t.repeat_interleave(channels // groups) for t in (scale, shift))
    return F.group_norm(value, groups, scale, shift, a["epsilon"])


def _lrn(x: Inputs, a: Attributes) -> Any:
    return F.local_response_norm(x[0], a["size"], a["alpha"], a["beta"], a["bias"])


def _lp_norm(x: Inputs, a: Attributes) -> Any:
    return x[0] / x[0].norm(a["p"], a["axis"], keepdim=True)


def _softmax(function: Callable[..., Any]) -> Run:
    """Apply over one axis since version 13, and over all from that axis on before."""

    def run(x: Inputs, a: Attributes) -> Any:
        if a["opset"] >= 13:
            return function(x[0], -1 if a["axis"] is None else a["axis"])
        axis = (1 if a["axis"] is None else a["axis"]) % x[0].ndim
        return function(x[0].flatten(axis), -1).reshape(x[0].shape)

    return run


def _reduce(function: Callable[..., Any]) -> Run:
    """Reduce over axes: an attribute in old versions, an input in new ones. None means all."""

    def run(x: Inputs, a: Attributes) -> Any:
        value = x[0]
        axes = numbers(x[1]) if len(x) > 1 and x[1] is not None else list(a["axes"] or ())
        if not axes and a["noop_with_empty_axes"]:
            return value
        return function(value, axes or list(range(value.ndim)), bool(a["keepdims"]))

    return run


def _product(x: Tensor, dims: list[int], keep: bool) -> Tensor:
    for dim in sorted((d % x.ndim for d in dims), reverse=True):
        x = x.prod(dim, keepdim=keep)
    return x


def _arg_max(x: Inputs, a: Attributes) -> Any:
    return x[0].argmax(a["axis"], keepdim=bool(a["keepdims"]))


LINEAR: dict[str, Run] = {
    "ArgMax": _arg_max,
    "BatchNormalization": _batch_norm,
    "Einsum": _einsum,
    "Gemm": gemm,
    "GroupNormalization": _group_norm,
    "InstanceNormalization": _instance_norm,
    "LRN": _lrn,
    "LayerNormalization": _layer_norm,
    "LogSoftmax": _softmax(torch.log_softmax),
    "LpNormalization": _lp_norm,
    "MatMul": matmul,
    "ReduceL1": _reduce(lambda x, d, k: x.abs().sum(d, keepdim=k)),
    "ReduceL2": _reduce(lambda x, d, k: x.norm(2, d, keepdim=k)),
    "ReduceLogSumExp": _reduce(lambda x, d, k: torch.logsumexp(x, d, keepdim=k)),
    "ReduceMax": _reduce(lambda x, d, k: x.amax(d, keepdim=k)),
    "ReduceMean": _reduce(lambda x, d, k: x.mean(d, keepdim=k)),
    "ReduceMin": _reduce(lambda x, d, k: x.amin(d, keepdim=k)),
    "ReduceProd": _reduce(_product),
    "ReduceSum": _reduce(lambda x, d, k: x.sum(d, keepdim=k)),
    "ReduceSumSquare": _reduce(lambda x, d, k: (x * x).sum(d, keepdim=k)),
    "Softmax": _softmax(torch.softmax),
}
