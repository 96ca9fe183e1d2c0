"""Elementwise operators (https://onnx.ai/onnx/operators/), with gradients where they exist."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.targets.graph.operators.operator import Attributes, Inputs, Run, together


def _one(function: Any) -> Run:
    return lambda x, a: function(x[0])


def _with(function: Callable[..., Any], *attributes: str) -> Run:
    """Pass the attributes by position."""
    return lambda x, a: function(x[0], *(a[name] for name in attributes))


def _two(function: Any) -> Run:
    return lambda x, a: function(*together(x[0], x[1]))


def _many(function: Callable[..., Any]) -> Run:
    return lambda x, a: functools.reduce(function, together(*x))


def _divide(a: Tensor, b: Tensor) -> Tensor:
    """Divide. Whole numbers divide towards zero, as in C."""
    return a / b if a.is_floating_point() or b.is_floating_point() else torch.div(a, b, rounding_mode="trunc")


def _power(a: Tensor, b: Tensor) -> Tensor:
    return torch.pow(a, b).to(a.dtype)


def _modulo(x: Inputs, a: Attributes) -> Any:
    first, second = together(x[0], x[1])
    return torch.fmod(first, second) if a["fmod"] else torch.remainder(first, second)


def _clip(x: Inputs, a: Attributes) -> Any:
    """Clip. The bounds are attributes before version 11, and inputs since."""
    value, low, high = [*x, None, None][:3]
    low = a["min"] if low is None else low.to(value.device)
    high = a["max"] if high is None else high.to(value.device)
    if low is not None:
        value = torch.clamp(value, min=low)
    return value if high is None else torch.clamp(value, max=high)


def _prelu(x: Inputs, a: Attributes) -> Any:
    value, slope = together(x[0], x[1])
    return torch.where(value < 0, value * slope, value)


def _gelu(x: Tensor, approximate: str) -> Tensor:
    return F.gelu(x, approximate="tanh" if approximate == "tanh" else "none")


def _hard_sigmoid(x: Tensor, alpha: float, beta: float) -> Tensor:
    return (alpha * x + beta).clamp(0, 1)


def _elu(x: Tensor, alpha: float) -> Tensor:
    return F.elu(x, alpha)


def _celu(x: Tensor, alpha: float) -> Tensor:
    return F.celu(x, alpha)


def _selu(x: Tensor, alpha: float, gamma: float) -> Tensor:
    return gamma * F.elu(x, alpha)


def _where(x: Inputs, a: Attributes) -> Any:
    condition, yes, no = together(x[0], x[1], x[2])
    return torch.where(condition.bool(), yes, no)


def _negated(x: Tensor) -> Tensor:
    return ~x.bool()


ELEMENTWISE: dict[str, Run] = {
    **{
        name: _one(function)
        for name, function in {
            "Abs": torch.abs,
            "Ceil": torch.ceil,
            "Cos": torch.cos,
            "Erf": torch.erf,
            "Exp": torch.exp,
            "Floor": torch.floor,
            "HardSwish": F.hardswish,
            "Identity": torch.clone,
            "Log": torch.log,
            "Mish": F.mish,
            "Neg": torch.neg,
            "Not": _negated,
            "Reciprocal": torch.reciprocal,
            "Relu": F.relu,
            "Round": torch.round,
            "Sigmoid": torch.sigmoid,
            "Sign": torch.sign,
            "Sin": torch.sin,
            "Softplus": F.softplus,
            "Softsign": F.softsign,
            "Sqrt": torch.sqrt,
            "Tanh": torch.tanh,
        }.items()
    },
    **{
        name: _two(function)
        for name, function in {
            "Add": torch.add,
            "And": torch.logical_and,
            "Div": _divide,
            "Equal": torch.eq,
            "Greater": torch.gt,
            "GreaterOrEqual": torch.ge,
            "Less": torch.lt,
            "LessOrEqual": torch.le,
            "Mul": torch.mul,
            "Or": torch.logical_or,
            "Pow": _power,
            "Sub": torch.sub,
            "Xor": torch.logical_xor,
        }.items()
    },
    "Celu": _with(_celu, "alpha"),
    "Clip": _clip,
    "Elu": _with(_elu, "alpha"),
    "Gelu": _with(_gelu, "approximate"),
    "HardSigmoid": _with(_hard_sigmoid, "alpha", "beta"),
    "LeakyRelu": _with(F.leaky_relu, "alpha"),
    "Max": _many(torch.maximum),
    "Mean": lambda x, a: functools.reduce(torch.add, together(*x)) / len(x),
    "Min": _many(torch.minimum),
    "Mod": _modulo,
    "PRelu": _prelu,
    "Selu": _with(_selu, "alpha", "gamma"),
    "Sum": _many(torch.add),
    "Swish": lambda x, a: x[0] * torch.sigmoid(a["alpha"] * x[0]),
    "ThresholdedRelu": lambda x, a: torch.where(x[0] > a["alpha"], x[0], 0.0),
    "Where": _where,
}
