"""Comparison of names and shapes with the index of all architectures that the engine can build.

`architecture_index.json` has for each architecture a digest of its tensors' names, a digest of
their shapes, and the names of the tensors whose shape depends on the user's choices.
`bench.make.architecture_index` writes it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from app.formats.architectures import insightface
from app.formats.architectures.digests import Shapes, digest, shape_digest

INDEX = Path(__file__).with_name("architecture_index.json")


@dataclass(frozen=True)
class Proposal:
    """An architecture that fits. `exact`: names and shapes fit, with these hyper-parameters."""

    architecture: str
    exact: bool
    num_classes: int | None = None
    channels: int | None = None
    hyperparameters: dict[str, Any] = field(default_factory=dict)

    @property
    def side(self) -> int | None:
        """The side of the images, where the tensors determine it."""
        if self.exact and "input_size" in self.hyperparameters:
            return int(self.hyperparameters["input_size"])
        found = _entry(self.architecture) if self.exact else None
        if found is None or "size" not in found:
            return None
        return int(self.hyperparameters.get(found["size_key"], found["size"]))


def detect(shapes: Shapes) -> list[Proposal]:
    """Return proposals, best first. Empty if no known architecture has these names."""
    if own := _small_cnn(shapes) or _iresnet(shapes):
        return [own]
    found = [_compare(shapes, entry) for entry in _index().get(digest(shapes), [])]
    exact = [p for p in found if p.exact]
    return sorted(exact or found, key=_rank)


@cache
def masks(architecture: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of the tensors that depend on the number of classes, and on channels."""
    if architecture == "exhume/small-cnn":  # not in the index: its names depend on its depth
        return frozenset({"head.weight", "head.bias"}), frozenset({"features.0.weight"})
    if architecture in insightface.UNITS:  # nor are these: their names depend on the kind of the last layer
        return insightface.HEADS, insightface.STEMS
    entry = _entry(architecture)
    return (frozenset(entry["heads"]), frozenset(entry["stems"])) if entry else (frozenset(), frozenset())


def _entry(architecture: str) -> dict[str, Any] | None:
    entries = (entry for entries in _index().values() for entry in entries)
    return next((entry for entry in entries if entry["name"] == architecture), None)


def bodies(names: Iterable[str]) -> list[str]:
    """Return the names of the last layer of the architectures with these other names."""
    return sorted({entry["heads"][0].rpartition(".")[0] for entry in _bodies().get(digest(names), [])})


@cache
def _bodies() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in (entry for entries in _index().values() for entry in entries if "body" in entry):
        found.setdefault(entry["body"], []).append(entry)
    return found


def _rank(proposal: Proposal) -> tuple[bool, int, str]:
    """Return the sort key: proposals without hyper-parameters first, then the shortest name."""
    return bool(proposal.hyperparameters), len(proposal.architecture), proposal.architecture


@cache
def _index() -> dict[str, list[dict[str, Any]]]:
    index: dict[str, list[dict[str, Any]]] = json.loads(INDEX.read_text())
    return index


def _compare(shapes: Shapes, entry: dict[str, Any]) -> Proposal:
    name = entry["name"]
    classes = {shapes[h][0] for h in entry["heads"] if shapes[h]}
    channels = {shapes[s][1] for s in entry["stems"] if len(shapes[s]) == 4}
    if len(classes) != 1 or len(channels) > 1 or not channels <= {1, 3}:
        return Proposal(name, False)
    seen = next(iter(channels), None)
    if shape_digest(shapes, entry) == entry["shapes"]:
        return Proposal(name, True, classes.pop(), seen)
    if entry.get("loose") == shape_digest(shapes, entry, any_size=True):
        sizes = _sizes(shapes, entry)
        return Proposal(name, bool(sizes), classes.pop(), seen, sizes)
    return Proposal(name, False)


def _sizes(shapes: Shapes, entry: dict[str, Any]) -> dict[str, int]:
    """Return the sizes of patches and images that give these shapes. Empty if ambiguous."""
    sizes: dict[str, int] = {}
    patch = default_patch = entry.get("patch")
    for name in entry.get("patched", ()):
        if re.search(r"(patch_embed\.proj|conv_proj)\.weight$", name) and len(shapes[name]) == 4:
            patch = shapes[name][3]
    if patch != default_patch and patch:
        sizes["patch_size"] = patch
    if "size" not in entry:
        return sizes
    found = {side for name, default in entry["tokens"].items() for side in _sides(shapes[name], default, entry)}
    if len(found) != 1:
        return {}
    size = found.pop() * (patch / default_patch if patch and default_patch else 1)
    if size != int(size):
        return {}
    return sizes if int(size) == entry["size"] else {**sizes, entry["size_key"]: int(size)}


def _sides(shape: tuple[int, ...], default: list[int], entry: dict[str, Any]) -> Iterator[float]:
    """Yield the image size that a position tensor implies.

    The tensor is (1, tokens, d) with some prefix tokens, or a square map.
    """
    size, patch = entry["size"], entry.get("patch")
    if len(shape) == 3 and len(default) == 3 and patch and shape[0] == default[0] == 1 and shape[2] == default[2]:
        prefix = default[1] - (size // patch) ** 2
        side = math.isqrt(max(0, shape[1] - prefix))
        if prefix >= 0 and side and side**2 + prefix == shape[1]:
            yield side * patch
    elif len(shape) == len(default) == 4:
        pairs = [(new, old) for new, old in zip(shape, default, strict=True) if new != old]
        if pairs and len(set(pairs)) == 1:
            yield size * pairs[0][0] / pairs[0][1]
        elif not pairs:
            yield size


def _small_cnn(shapes: Shapes) -> Proposal | None:
    """Return a proposal for our own small network, with hyper-parameters read from the shapes."""
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


def _iresnet(shapes: Shapes) -> Proposal | None:
    """Return a proposal for a network of insightface."""
    found = insightface.read_iresnet(shapes)
    if found is None:
        return None
    architecture, num_classes, channels, hyperparameters = found
    return Proposal(architecture, True, num_classes, channels, hyperparameters)
