"""Architectures and hyper-parameters that a release may declare.

Nothing is built for this, and torch is not loaded.
"""

from __future__ import annotations

import difflib
import json
from functools import cache
from pathlib import Path
from typing import Any


class DeclarationError(ValueError):
    """Invalid declaration. The message says what is wrong and which values are valid."""


class UnknownArchitecture(DeclarationError):  # noqa: N818 (the names say what is rejected)
    """No architecture has this name."""

    def __init__(self, name: str, nearest: list[str]) -> None:
        self.name, self.nearest = name, nearest
        hint = f"; nearest: {', '.join(nearest)}" if nearest else ""
        super().__init__(f"unknown architecture {name!r}{hint}")


class InvalidHyperparameters(DeclarationError):  # noqa: N818
    """The architecture lacks one of the hyper-parameters, or a value is out of bounds."""


Hyperparameter = tuple[type, float, float]
"""Type and inclusive bounds. The bounds of bool and str are ignored."""

_IR: dict[str, Hyperparameter] = {
    "input_size": (int, 32, 224),
    "feature_dim": (int, 8, 2048),
    "dropout": (float, 0.0, 0.9),
}
_IRESNET: dict[str, Hyperparameter] = {**_IR, "head": (str, 0, 0), "scale": (float, 1.0, 1000.0)}
OWN: dict[str, dict[str, Hyperparameter]] = {
    "exhume/small-cnn": {
        "width": (int, 4, 256),
        "depth": (int, 1, 4),
        "feature_dim": (int, 8, 2048),
        "kernel": (int, 1, 7),
        "dropout": (float, 0.0, 0.9),
    },
    "exhume/vgg16-bn": {"input_size": (int, 32, 224)},
    "exhume/ir-50": _IR,
    "exhume/ir-152": _IR,
    **{f"exhume/iresnet-{layers}": _IRESNET for layers in (18, 34, 50, 100, 200)},
}
_TIMM: dict[str, Hyperparameter] = {
    "bn_eps": (float, 1e-8, 0.1),
    "pad_type": (str, 0, 0),
    "drop_rate": (float, 0.0, 0.9),
    "global_pool": (str, 0, 0),
    "img_size": (int, 16, 1024),
    "patch_size": (int, 2, 64),
}
_TORCHVISION: dict[str, Hyperparameter] = {"aux_logits": (bool, 0, 0), "image_size": (int, 16, 1024)}

SUGGESTIONS = 5


@cache
def architecture_names() -> tuple[str, ...]:
    """Return every accepted name, sorted. `bench/make/list_architectures.py` writes the list."""
    names: list[str] = json.loads(Path(__file__).with_name("architectures.json").read_text())
    return tuple(sorted(names))


def check_architecture(name: str) -> None:
    """Raise UnknownArchitecture, with the nearest names, unless the name is known."""
    if name not in architecture_names():
        raise UnknownArchitecture(name, nearest(name))


def nearest(name: str) -> list[str]:
    """Return the most similar known names, best first.

    Names are compared with and without the library in front.
    """
    known_names = architecture_names()
    whole = difflib.get_close_matches(name, known_names, n=SUGGESTIONS, cutoff=0.6)
    tails: dict[str, list[str]] = {}
    for known in known_names:
        tails.setdefault(known.rpartition("/")[2], []).append(known)
    close = difflib.get_close_matches(name.rpartition("/")[2].lower(), tails, n=SUGGESTIONS, cutoff=0.6)
    exact = tails.get(name.rpartition("/")[2], [])
    return list(dict.fromkeys([*exact, *whole, *(known for tail in close for known in tails[tail])]))[:SUGGESTIONS]


def check_hyperparameters(architecture: str, given: dict[str, Any]) -> None:
    """Check names, types and bounds of hyper-parameters of a known architecture.

    Raises: InvalidHyperparameters.
    """
    family = _TIMM if architecture.startswith("timm/") else _TORCHVISION
    allowed = OWN.get(architecture, {}) if architecture.startswith("exhume/") else family
    for name, value in given.items():
        if name not in allowed:
            raise InvalidHyperparameters(f"{architecture} has no hyper-parameter {name!r}; known: {sorted(allowed)}")
        kind, low, high = allowed[name]
        right = isinstance(value, kind) or (kind is float and isinstance(value, int))
        if not right or (isinstance(value, bool) and kind is not bool):
            raise InvalidHyperparameters(f"{architecture}: {name} must be {kind.__name__}, not {value!r}")
        if kind in (int, float) and not low <= value <= high:
            raise InvalidHyperparameters(f"{architecture}: {name} must be from {low} to {high}, not {value!r}")
