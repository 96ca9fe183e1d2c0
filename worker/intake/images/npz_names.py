"""Names of the arrays in an .npz: the service's, and those of other libraries."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from app.formats.refusal import Refused, shown
from worker.intake.images.npy import NPZ_REMEDY

_IMAGES = ("images", "imgs", "faces", "data", "x", "X", "arr_0")
_LABELS = ("labels", "label", "targets", "target", "y", "Y", "arr_1")
_NAMES = ("identities", "names", "class_names", "classes", "label_names", "target_names")
_SPLIT = "split"
_SIDES = {"train": False, "training": False, "test": True, "testing": True, "val": True, "valid": True}
_SIDES["validation"] = True
_PARTS = re.compile(rf"(?:({'|'.join(_SIDES)})_(\w+)|([A-Za-z]+)_({'|'.join(_SIDES)}))")


class Source(NamedTuple):
    """Names of an array of images and of its labels. `held_out` is None if `split` says it."""

    images: str
    labels: str | None
    held_out: bool | None


class Arrays(NamedTuple):
    """The arrays to read, training images first, and a note if they have other names."""

    sources: list[Source]
    names: str | None
    split: str | None
    notes: list[str]


def arrays_of(found: Collection[str]) -> Arrays:
    """Return which arrays hold what. Raises: Refused (npz-arrays)."""
    names = next((name for name in _NAMES if name in found), None)
    images = next((name for name in _IMAGES if name in found), None)
    if images is not None:
        labels = next((name for name in _LABELS if name in found), None)
        split = _SPLIT if _SPLIT in found else None
        sources = [Source(images, labels, None)]
    else:
        split, sources = None, _sides(found)
    used = {name for source in sources for name in source[:2] if name} | {name for name in (names, split) if name}
    if unknown := sorted(set(found) - used):
        raise _refused(f"The .npz has unknown arrays: {', '.join(shown(name) for name in unknown)}")
    if not sources or sources[0].held_out:
        raise _refused("The .npz has no array `images`")
    usual = used <= {"images", "labels", "identities", _SPLIT}
    return Arrays(sources, names, split, [] if usual else [_note(sources, names)])


def _sides(found: Collection[str]) -> list[Source]:
    """Return the arrays of `x_train`, `test_labels` and similar names."""
    parts: dict[str, dict[str, str]] = {}
    for name in found:
        if match := _PARTS.fullmatch(name):
            side, what = (match[1], match[2]) if match[1] else (match[4], match[3])
            kind = "images" if what in _IMAGES else "labels" if what in _LABELS else None
            if kind is not None:
                parts.setdefault(side, {})[kind] = name
    sources = [
        Source(part["images"], part.get("labels"), _SIDES[side]) for side, part in parts.items() if "images" in part
    ]
    return sorted(sources, key=lambda source: (bool(source.held_out), source.images))


def _note(sources: list[Source], names: str | None) -> str:
    read = [f"images from {', '.join(source.images for source in sources)}"]
    if labels := [source.labels for source in sources if source.labels]:
        read.append(f"labels from {', '.join(labels)}")
    if names:
        read.append(f"names from {names}")
    if held_out := [source.images for source in sources if source.held_out]:
        read.append(f"{', '.join(held_out)} as held out")
    return f"Read {'; '.join(read)}."


def _refused(what: str) -> Refused:
    return Refused("npz-arrays", f"{what}. {NPZ_REMEDY}", [{"detail": what}])
