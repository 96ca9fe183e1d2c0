"""Which architecture do these weights belong to? Answered from names and shapes alone, nothing is built.

`architecture_index.json` holds, for each architecture, a digest of its tensors' names, one of their shapes, and the
names of the tensors whose shape depends on the number of classes or channels; `worker.intake.indexing` writes it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

INDEX = Path(__file__).with_name("architecture_index.json")
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Proposal:
    """An architecture that fits. `exact`: all shapes fit; else only the names do, and the hyper-parameters differ."""

    architecture: str
    exact: bool
    num_classes: int | None = None
    channels: int | None = None
    hyperparameters: dict[str, int] = field(default_factory=dict)


def detect(shapes: Shapes) -> list[Proposal]:
    """Proposals, best first; none when no known architecture has these names."""
    if own := _small_cnn(shapes):
        return [own]
    found = [_compare(shapes, entry) for entry in _index().get(digest(shapes), [])]
    exact = [p for p in found if p.exact]
    return sorted(exact or found, key=lambda p: (len(p.architecture), p.architecture))


def digest(items: Iterable[object]) -> str:
    """12 hex digits over the sorted items: enough to tell some thousand architectures apart."""
    return hashlib.sha256("\n".join(sorted(map(str, items))).encode()).hexdigest()[:12]


def shape_digest(shapes: Shapes, without: Iterable[str]) -> str:
    """Digest of names and shapes, but for the tensors named."""
    left_out = set(without)
    return digest(f"{name} {list(shape)}" for name, shape in shapes.items() if name not in left_out)


@cache
def _index() -> dict[str, list[dict[str, Any]]]:
    index: dict[str, list[dict[str, Any]]] = json.loads(INDEX.read_text())
    return index


def _compare(shapes: Shapes, entry: dict[str, Any]) -> Proposal:
    name, heads, stems = entry["name"], entry["heads"], entry["stems"]
    classes = {shapes[h][0] for h in heads if shapes[h]}
    channels = {shapes[s][1] for s in stems if len(shapes[s]) == 4}
    exact = (
        shape_digest(shapes, [*heads, *stems]) == entry["shapes"]
        and len(classes) == 1
        and channels <= {1, 3}
        and len(channels) < 2
    )
    return Proposal(name, exact, classes.pop() if exact else None, channels.pop() if exact and channels else None)


def _small_cnn(shapes: Shapes) -> Proposal | None:
    """Our own small network, whose hyper-parameters can be read off its shapes."""
    try:
        width, channels, kernel, _ = shapes["features.0.weight"]
        feature_dim, _ = shapes["neck.0.weight"]
        num_classes, last = shapes["head.weight"]
    except (KeyError, ValueError):
        return None
    convolutions = [n for n in shapes if re.fullmatch(r"features\.\d+\.weight", n) and len(shapes[n]) == 4]
    if len(convolutions) % 3 or last != feature_dim:
        return None
    found = {"width": width, "depth": len(convolutions) // 3, "feature_dim": feature_dim, "kernel": kernel}
    return Proposal("exhume/small-cnn", True, num_classes, channels, found)
