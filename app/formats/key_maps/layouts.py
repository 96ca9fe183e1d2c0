"""Checkpoints of other libraries whose networks timm or torchvision have too.

A layout is recognised by one name, and maps all names by rules. If a name has no rule, the file is
something else, and is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.formats.key_maps.hugging_face import HUGGING_FACE
from app.formats.key_maps.made import joined, shape_of
from app.formats.key_maps.other_libraries import OTHER_LIBRARIES
from app.formats.key_maps.rules import Dropped, Part, Rules

_MOST = 5_000
"""Files with more tensors are not mapped. The largest network of the index has fewer."""


@dataclass(frozen=True)
class Layout:
    """A library's way to name the weights of a family.

    Attributes:
        library: as notes and messages name it.
        rules: patterns and names.
        only: beginning of the architectures that compute the same. Others with the same names
            differ, for example in how they pad images.
        hyperparameters: that the architecture needs to compute the same.
        unless: settings outside the file with which the library's network computes something else.
        sides: the sides of images for which it computes the same, whatever those settings.
    """

    library: str
    rules: Rules
    only: tuple[str, ...] = ()
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    unless: str = ""
    sides: Callable[[int], bool] | None = None


class Renamed(NamedTuple):
    """Tensors under other names. `names` maps every name of the file to its new one."""

    layout: str
    tensors: dict[str, Any]
    names: dict[str, str]
    dropped: tuple[str, ...]


LAYOUTS: dict[str, Layout] = {
    name: Layout(**options) for name, options in (*HUGGING_FACE.items(), *OTHER_LIBRARIES.items())
}


def renamed(tensors: Mapping[str, Any]) -> Iterator[Renamed]:
    """Yield the tensors under the names of timm or torchvision, for each layout that fits."""
    if len(tensors) > _MOST:
        return
    for name, layout in LAYOUTS.items():
        if any(sign in tensors for sign in layout.rules.signs):
            mapped = _mapped(name, layout.rules, tensors)
            if mapped is not None:
                yield mapped


def _mapped(layout: str, rules: Rules, tensors: Mapping[str, Any]) -> Renamed | None:
    parts: dict[str, list[tuple[int, str]]] = {}
    dropped: list[str] = []
    write = rules.prepared(tensors)
    for old in tensors:
        target = write(old)
        if target is None:
            return None
        if isinstance(target, Dropped):
            dropped.append(old)
        else:
            new, place = target if isinstance(target, Part) else (target, 0)
            parts.setdefault(new, []).append((place, old))
    names = {old: new for new, placed in parts.items() for _, old in placed}
    made: dict[str, Any] = {}
    for new, placed in parts.items():
        ordered = [old for _, old in sorted(placed)]
        if len(placed) > 1:
            if not _joinable(placed, tensors):
                return None
            made[new] = joined(tuple(tensors[old] for old in ordered))
        else:
            made[new] = rules.changed(new, tensors[ordered[0]])
    for new, (make, source) in rules.added.items():
        if source in made:
            made[new] = make(made[source])
    return Renamed(layout, made, names, tuple(dropped))


def _joinable(placed: list[tuple[int, str]], tensors: Mapping[str, Any]) -> bool:
    places = sorted(place for place, _ in placed)
    shapes = {shape_of(tensors[old])[1:] for _, old in placed}
    return places == [0, 1, 2] and len(shapes) == 1 and all(shape_of(tensors[old]) for _, old in placed)
