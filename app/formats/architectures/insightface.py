"""Names and shapes of the tensors of insightface's networks, with a last layer named `head`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from app.formats.architectures.digests import Shapes

UNITS = {
    "exhume/iresnet-18": (2, 2, 2, 2),
    "exhume/iresnet-34": (3, 4, 6, 3),
    "exhume/iresnet-50": (3, 4, 14, 3),
    "exhume/iresnet-100": (3, 13, 30, 3),
    "exhume/iresnet-200": (6, 26, 60, 6),
}
HEADS = frozenset({"head.weight", "head.bias"})
STEMS = frozenset({"conv1.weight"})
_WIDTHS = (64, 128, 256, 512)
_NORM = ("weight", "bias", "running_mean", "running_var")


def iresnet_tensors(
    architecture: str,
    classes: int,
    channels: int,
    *,
    input_size: int = 112,
    feature_dim: int = 512,
    head: str = "cosine",
    scale: float = 64.0,
) -> Shapes | None:
    """Return the tensors of `worker.inversion.targets.iresnet`, or None if it has none.

    A test compares them.
    """
    if input_size % 16 or head not in ("cosine", "linear"):
        return None
    found: dict[str, tuple[int, ...]] = {"conv1.weight": (64, channels, 3, 3), "prelu.weight": (64,)}
    _norm(found, "bn1", 64)
    c = 64
    for stage, (count, out) in enumerate(zip(UNITS[architecture], _WIDTHS, strict=True), start=1):
        for unit in range(count):
            name = f"layer{stage}.{unit}"
            _norm(found, f"{name}.bn1", c)
            found |= {f"{name}.conv1.weight": (out, c, 3, 3), f"{name}.conv2.weight": (out, out, 3, 3)}
            found[f"{name}.prelu.weight"] = (out,)
            _norm(found, f"{name}.bn2", out)
            _norm(found, f"{name}.bn3", out)
            if unit == 0:
                found[f"{name}.downsample.0.weight"] = (out, c, 1, 1)
                _norm(found, f"{name}.downsample.1", out)
            c = out
    _norm(found, "bn2", c)
    found |= {"fc.weight": (feature_dim, c * (input_size // 16) ** 2), "fc.bias": (feature_dim,)}
    _norm(found, "features", feature_dim)
    found["head.weight"] = (classes, feature_dim)
    return found | ({"head.bias": (classes,)} if head == "linear" else {})


def read_iresnet(shapes: Shapes) -> tuple[str, int, int, dict[str, Any]] | None:
    """Return architecture, classes, channels and hyper-parameters of an insightface network.

    None if the tensors are not exactly those of one.
    """
    try:
        (classes, feature_dim), (_, inputs) = shapes["head.weight"], shapes["fc.weight"]
        channels = shapes["conv1.weight"][1]
    except (KeyError, ValueError, IndexError):
        return None
    counts = _counts(shapes)
    name = next((one for one, units in UNITS.items() if units == counts), None)
    settings: dict[str, Any] = {
        "input_size": 16 * math.isqrt(inputs // _WIDTHS[-1]),
        "feature_dim": feature_dim,
        "head": "linear" if "head.bias" in shapes else "cosine",
    }
    if name is None or iresnet_tensors(name, classes, channels, **settings) != dict(shapes):
        return None
    return name, classes, channels, settings


def _counts(shapes: Mapping[str, Any]) -> tuple[int, ...]:
    units = {found[1] for name in shapes if (found := re.match(r"(layer\d\.\d+)\.", name))}
    return tuple(sum(unit.startswith(f"layer{stage}.") for unit in units) for stage in range(1, 5))


def _norm(found: dict[str, tuple[int, ...]], name: str, width: int) -> None:
    found |= {f"{name}.{part}": (width,) for part in _NORM}
    found[f"{name}.num_batches_tracked"] = ()
