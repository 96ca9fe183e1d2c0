"""Networks of timm and torchvision whose last layer has another name, in or beside the body."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from app.formats.architectures import bodies
from app.formats.key_maps.made import shape_of

_MOST_TENSORS, _MOST_LAYERS = 5_000, 8


class Headed(NamedTuple):
    """Tensors with the last layer under the architecture's name, and its name in the file."""

    tensors: dict[str, Any]
    names: dict[str, str]
    head: str
    prefix: str


def with_usual_head(tensors: Mapping[str, Any]) -> Iterator[Headed]:
    """Yield the tensors with the last layer under the name that an architecture has for it.

    The other names must be exactly those of the architecture, perhaps all with a prefix, and the
    last layer must be the only one with weights below its place (`fc.1` in `fc`).
    """
    if len(tensors) > _MOST_TENSORS:
        return
    for layer, place in _last_layers(tensors):
        rest = [name for name in tensors if name != place and not name.startswith(f"{place}.")]
        prefix = _shared_prefix(rest)
        body = {name: name.removeprefix(prefix) for name in rest}
        for usual in bodies(body.values()):
            names = body | {f"{layer}.{end}": f"{usual}.{end}" for end in ("weight", "bias")}
            if prefix or any(old != new for old, new in names.items()):
                yield Headed({new: tensors[old] for old, new in names.items()}, names, layer, prefix)


def _last_layers(tensors: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return linear layers alone in their place, the least nested first, and their places."""
    linear = [
        name.removesuffix(".weight")
        for name, tensor in tensors.items()
        if name.endswith(".weight") and len(shape := shape_of(tensor)) == 2 and _has_bias(tensors, name, shape[0])
    ]
    ordered = sorted(tensors)
    found = []
    for layer in sorted(linear, key=lambda name: name.count("."))[:_MOST_LAYERS]:
        steps = layer.split(".")
        places = [".".join(steps[:end]) for end in range(1, len(steps) + 1)]
        found.append((layer, next(place for place in places if _below(ordered, place) == 2)))
    return found


def _below(ordered: list[str], place: str) -> int:
    """Return how many names begin with a place and a dot."""
    return bisect_left(ordered, f"{place}/") - bisect_left(ordered, f"{place}.")  # "/" follows "."


def _has_bias(tensors: Mapping[str, Any], weight: str, outputs: int) -> bool:
    bias = tensors.get(f"{weight.removesuffix('weight')}bias")
    return bias is not None and shape_of(bias) == (outputs,)


def _shared_prefix(names: list[str]) -> str:
    """Return the first step that all names share, with its dot, or an empty string."""
    firsts = {name.partition(".")[0] for name in names}
    whole = len(firsts) == 1 and all("." in name for name in names)
    return f"{firsts.pop()}." if whole else ""
