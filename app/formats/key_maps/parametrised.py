"""Weights that PyTorch computes from others: pruned ones, and those with a normalised length."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from app.formats.key_maps.made import MadeTensor, shape_of

_PRUNED = ("_orig", "_mask")
_OLD = ("_g", "_v")
_NEW = (".original0", ".original1")
_NEW_STEP = ".parametrizations."


def without_parametrisations(tensors: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]] | None:
    """Return tensors under the names of the plain weights, and the new name of each old one.

    None if there is nothing to compute, or something of another kind, or two tensors would get
    the same name.
    """
    made: dict[str, Any] = {}
    names: dict[str, str] = {}
    sources: dict[str, tuple[str, str]] = {}
    for name, tensor in tensors.items():
        new, pair, operation = _part_of(name, tensors)
        names[name] = new
        if sources.setdefault(new, pair) != pair:
            return None
        if operation is None:
            made[new] = tensor
        elif (computed := _computed(operation, tuple(tensors[one] for one in pair))) is None:
            return None
        else:
            made[new] = computed
    changed = any(old != new for old, new in names.items())
    return (made, names) if changed else None


def _part_of(name: str, tensors: Mapping[str, Any]) -> tuple[str, tuple[str, str], Any]:
    for ends, operation in ((_PRUNED, "product"), (_OLD, "weight-norm"), (_NEW, "weight-norm")):
        for end in ends:
            if not name.endswith(end):
                continue
            stem = name.removesuffix(end)
            pair = (stem + ends[0], stem + ends[1])
            if all(one in tensors for one in pair) and (ends is not _NEW or _NEW_STEP in stem):
                return stem.replace(_NEW_STEP, "."), pair, operation
    return name, (name, name), None


def _computed(operation: Any, parts: tuple[Any, Any]) -> MadeTensor | None:
    first, second = map(shape_of, parts)
    if operation == "product":
        return MadeTensor("product", parts, second) if first == second else None
    rows = bool(second) and first == (second[0], *[1] * (len(second) - 1)) and math.prod(first) == second[0]
    return MadeTensor("weight-norm", parts, second) if rows else None
