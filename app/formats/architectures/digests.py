"""Digests of names and shapes of tensors. Dimensions that a user chooses are ignored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

Shapes = Mapping[str, tuple[int, ...]]


def digest(items: Iterable[object]) -> str:
    """Return 12 hex digits over the sorted items: enough for thousands of architectures."""
    return hashlib.sha256("\n".join(sorted(map(str, items))).encode()).hexdigest()[:12]


def shape_digest(shapes: Shapes, entry: Mapping[str, Any], *, any_size: bool = False) -> str:
    """Return a digest of names and shapes.

    Ignored are the number of classes (first dimension of the heads) and of channels (second of the
    stems), and with `any_size` the shapes that depend on the size of images and patches.
    """
    heads, stems = set(entry["heads"]), set(entry["stems"])
    sized = {*entry.get("sized", ()), *entry.get("patched", ())} if any_size else set()
    return digest(f"{name} {_masked(name, shape, heads, stems, sized)}" for name, shape in shapes.items())


def _masked(name: str, shape: tuple[int, ...], heads: set[str], stems: set[str], sized: set[str]) -> str:
    sides: list[object] = ["*"] * len(shape) if name in sized else list(shape)
    if name in heads and sides:
        sides[0] = "*"
    if name in stems and len(sides) > 1:
        sides[1] = "*"
    return str(sides)
