"""Class names as training scripts and file managers sort them: as text and as numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

Sorting = Literal["sorted as text", "sorted as numbers"]

_DIGITS = re.compile(r"(\d+)")


def _by_value(name: str) -> list[tuple[int, str]]:
    """Return a key that compares numbers in names by value: `person 9` before `person 10`."""
    parts = _DIGITS.split(name.casefold())  # alternates text and digits
    parts[1::2] = [digits.lstrip("0") for digits in parts[1::2]]
    return [(len(part) if at % 2 else 0, part) for at, part in enumerate(parts)]


KEYS: dict[Sorting, Callable[[str], Any]] = {"sorted as text": str, "sorted as numbers": _by_value}


def sorted_orders(names: Sequence[str]) -> dict[Sorting, np.ndarray]:
    """Return the place (C,) of every class for each sorting that changes the order."""
    orders: dict[Sorting, np.ndarray] = {}
    for kind, key in KEYS.items():
        keys = [key(name) for name in names]
        places = np.empty(len(names), np.int64)
        places[sorted(range(len(names)), key=keys.__getitem__)] = np.arange(len(names))
        if (places != np.arange(len(names))).any():
            orders[kind] = places
    return orders


def sorting_of(names: Sequence[str]) -> Sorting | None:
    """Return how these names are sorted, or None."""
    return next((kind for kind, key in KEYS.items() if list(names) == sorted(names, key=key)), None)
