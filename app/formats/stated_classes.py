"""Search for the order of classes in a file, where training scripts and exporters write it.

The checked copy keeps it in its metadata, so that later releases of the same file can be compared
with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from app.formats.literals import LONGEST, read_listing

MOST_NAMES, LONGEST_NAME = 100_000, 200
TO_INDEX = ("class_to_idx", "label2id")
"""Dicts from names to indices."""
BY_INDEX = ("idx_to_class", "id2label", "classes", "CLASSES", "class_names", "names", "labels", "categories", "vocab")
"""Lists of names, or dicts from indices to names."""
KEYS = (*TO_INDEX, *BY_INDEX)
LOOSE = frozenset({"names", "labels", "categories", "vocab"})
"""Keys that may hold other lists too. If none of the names is a class, they are ignored."""
CONTAINERS = ("meta", "dataset_meta", "hyper_parameters", "config", "metadata")
"""Dicts, or JSON, that may hold one of KEYS."""
KEPT = "exhume.classes"
_DEEPEST = 2


class StatedOrder(NamedTuple):
    """An order of classes. `source`: where the file states it, such as `meta.CLASSES`."""

    source: str
    names: list[str]

    @property
    def is_loose(self) -> bool:
        """Whether the names may be something other than classes."""
        return self.source.rpartition(".")[2] in LOOSE


def stated_orders(saved: object) -> list[StatedOrder]:
    """Return all orders in a dict of plain values, such as a checkpoint or metadata."""
    kept = _kept(saved[KEPT]) if isinstance(saved, Mapping) and KEPT in saved else []
    return [*kept, *_stated(saved, ())]


def stated_classes(orders: Sequence[StatedOrder]) -> list[str] | None:
    """Return the names that the orders of a file agree on, or None.

    Orders that may hold something other than classes do not count.
    """
    found = [order.names for order in orders if not order.is_loose]
    return found[0] if found and all(names == found[0] for names in found) else None


def as_metadata(orders: Sequence[StatedOrder]) -> dict[str, str]:
    """Return metadata that `stated_orders` can read. Empty without orders or if it is too long."""
    text = json.dumps([[order.source, order.names] for order in orders])
    return {KEPT: text} if orders and len(text) <= LONGEST else {}


def _kept(text: object) -> list[StatedOrder]:
    """Read the orders that `as_metadata` wrote. Malformed ones are ignored."""
    listed = read_listing(text) if isinstance(text, str) else None
    found = []
    for item in listed if isinstance(listed, list) else []:
        match item:
            case [str(source), list(names)] if set(source.split(".")) <= {*KEYS, *CONTAINERS}:
                if (kept := _names("names", names)) is not None:
                    found.append(StatedOrder(source, kept))
    return found


def _stated(value: object, way: tuple[str, ...]) -> Iterator[StatedOrder]:
    if isinstance(value, str):
        value = read_listing(value)
    if not isinstance(value, Mapping):
        return
    for key in KEYS:
        if key in value and (names := _names(key, value[key])) is not None:
            yield StatedOrder(".".join((*way, key)), names)
    if len(way) < _DEEPEST:
        for key in CONTAINERS:
            if key in value:
                yield from _stated(value[key], (*way, key))


def _names(key: str, value: object) -> list[str] | None:
    """Return names by index, or None if they are not distinct, such as the labels of images."""
    if isinstance(value, str):
        value = read_listing(value)
    if isinstance(value, Mapping):
        pairs = [(index, name) for name, index in value.items()] if key in TO_INDEX else list(value.items())
        found = _in_order(pairs)
    elif isinstance(value, list | tuple) and key in BY_INDEX:
        found = list(value[: MOST_NAMES + 1])
    else:
        return None
    if found is None or not 2 <= len(found) <= MOST_NAMES:
        return None
    names = [str(name) if type(name) is int else name for name in found]
    if not all(isinstance(name, str) and 0 < len(name) <= LONGEST_NAME for name in names):
        return None
    return names if len(set(names)) == len(names) and not _is_placeholder(names) else None


def _in_order(pairs: list[tuple[Any, Any]]) -> list[Any] | None:
    """Return values by index, or None if there are gaps. Indices may be strings, as in JSON."""
    found: dict[int, Any] = {}
    for position, name in pairs[: MOST_NAMES + 1]:
        is_text = isinstance(position, str) and position.isascii() and position.isdecimal() and len(position) < 9
        index = int(position) if is_text else position
        if type(index) is not int or index in found:
            return None
        found[index] = name
    return [found[index] for index in range(len(found))] if found.keys() == set(range(len(found))) else None


def _is_placeholder(names: list[str]) -> bool:
    """Return whether these are the default names of Hugging Face."""
    return all(name == f"LABEL_{index}" for index, name in enumerate(names))
