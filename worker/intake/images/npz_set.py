"""Reader for an .npz of images with labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from app.formats.archive import ZipEntry, read_structure
from app.formats.limits import DATASET, DatasetLimits
from app.formats.refusal import Refused, shown
from worker.intake.images.npz_arrays import read_small, refused
from worker.intake.images.npz_images import read_images
from worker.intake.images.npz_names import arrays_of
from worker.intake.images.raw_set import check_size, write_raw
from worker.intake.images.rules import npz_rules
from worker.intake.notes import listed

_HELD_OUT = frozenset({"held-out", "test", "testing", "val", "valid", "validation"})
_TRAINING = frozenset({"train", "training"})


def unpack_npz(input_path: str, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Unpack an .npz (a sandboxed task).

    Raises: Refused.
    """
    limits = DATASET
    with Path(input_path).open("rb") as file:
        entries = _by_name(read_structure(file, npz_rules(limits)))
        arrays = arrays_of(entries)
        notes = list(arrays.notes)
        parts = [read_images(file, one.images, entries[one.images], limits, notes) for one in arrays.sources]
        counts = [len(part) for part in parts]
        images = _joined(parts, limits)
        given = [_labels(file, entries, one.labels, n) for one, n in zip(arrays.sources, counts, strict=True)]
        names = _names(file, entries, arrays.names)
        labels, identities = _numbered(_together(given), names, len(images), limits, notes)
        if arrays.sources[0].held_out is None:
            held_out = _held_out(file, entries.get(arrays.split or ""), len(images))
        else:
            held_out = np.repeat([bool(one.held_out) for one in arrays.sources], counts)
    if identities and (only := sorted({int(v) for v in labels[held_out]} - {int(v) for v in labels[~held_out]})):
        alone = [identities[i] for i in only]
        raise Refused(
            "held-out-only",
            f"{len(only)} identities have held-out images only: {', '.join(shown(n) for n in alone[:8])}. Set `split`"
            " to train for at least one image of each.",
            [{"name": shown(n), "detail": "has held-out images only"} for n in alone],
        )
    return write_raw(Path(work), images, labels=labels, held_out=held_out, identities=identities, notes=notes)


def _by_name(found: list[ZipEntry]) -> dict[str, ZipEntry]:
    """Return the entries by the names of their arrays. Raises: Refused (npz-arrays)."""
    entries = {entry.name.removesuffix(".npy"): entry for entry in found}
    if len(entries) < len(found):
        raise refused("npz-arrays", "Two arrays of the .npz have the same name, one with and one without `.npy`")
    return entries


def _joined(parts: list[np.ndarray], limits: DatasetLimits) -> np.ndarray:
    """Return the images of all parts. Raises: Refused (npz-images, set-too-large)."""
    if len(parts) == 1:
        return parts[0]
    if len({part.shape[1:] for part in parts}) > 1:
        sizes = ", ".join(str(list(part.shape)) for part in parts)
        raise refused("npz-images", f"The arrays of images have different shapes: {sizes}")
    check_size(sum(map(len, parts)), parts[0].shape[1], parts[0].shape[2], (*parts[0].shape[3:], 1)[0], limits)
    return np.concatenate(parts)


def _labels(file: BinaryIO, entries: dict[str, ZipEntry], name: str | None, count: int) -> np.ndarray | None:
    """Return N integers or N names. Raises: Refused (npz-labels)."""
    if name is None:
        return None
    array = read_small(file, entries[name], name)
    array = array[:, 0] if array.shape == (count, 1) else array
    if array.dtype.kind not in "iuU" or array.shape != (count,):
        raise refused("npz-labels", f"`{name}` is {array.dtype} {list(array.shape)}, not {count} integers or names")
    if array.dtype.kind != "U" and (array.min() < 0 or array.max() >= 2**31):
        raise refused("npz-labels", f"`{name}` are from {array.min()} to {array.max()}, but must count from 0")
    return array


def _together(given: list[np.ndarray | None]) -> np.ndarray | None:
    parts = [part for part in given if part is not None]
    if not parts:
        return None
    if len(parts) < len(given) or len({part.dtype.kind == "U" for part in parts}) > 1:
        raise refused("npz-labels", "Some of the arrays of images have labels, and others have none or of another type")
    return np.concatenate(parts)


def _names(file: BinaryIO, entries: dict[str, ZipEntry], name: str | None) -> list[str] | None:
    if name is None:
        return None
    array = read_small(file, entries[name], name)
    if array.dtype.kind != "U" or array.ndim != 1:
        raise refused("npz-identities", f"`{name}` is {array.dtype} {list(array.shape)}, not a list of names")
    return [str(one) for one in array]


def _numbered(
    labels: np.ndarray | None, names: list[str] | None, count: int, limits: DatasetLimits, notes: list[str]
) -> tuple[np.ndarray, list[str]]:
    """Return labels that count from 0 without gaps, and the name of each.

    Raises: Refused (npz-labels, npz-identities, too-many-identities).
    """
    if labels is None:
        if names is not None:
            raise refused("npz-labels", "The .npz has names of identities, but no `labels` that assign images to them")
        return np.full(count, -1), []
    present, places = np.unique(labels, return_inverse=True)
    if labels.dtype.kind == "U":
        if names is not None and sorted(names) != present.tolist():
            raise refused("npz-identities", "The names in `labels` are not those in `identities`")
        return places, [str(name) for name in present]
    if max(len(present), len(names or ()), int(present[-1])) > limits.identities:
        raise Refused(
            "too-many-identities",
            f"There are more than {limits.identities:,} identities. Labels must count from 0 without gaps.",
        )
    if names is None:
        if len(present) != int(present[-1]) + 1:
            notes.append(f"The labels skip numbers. The identities are named {listed(list(map(str, present)))}.")
        return places, [str(value) for value in present]
    return _assigned(labels, present, names, notes), names


def _assigned(labels: np.ndarray, present: np.ndarray, names: list[str], notes: list[str]) -> np.ndarray:
    """Return the labels as places in the list of names. Raises: Refused (npz-identities)."""
    first, last = int(present[0]), int(present[-1])
    if len(set(names)) != len(names):
        raise refused("npz-identities", "Two identities have the same name")
    if len(present) != len(names) or last - first + 1 != len(names) or first > 1:
        raise refused(
            "npz-identities",
            f"`labels` has {len(present)} different values up to {last}, and there are {len(names)} identities. Every"
            " identity needs an image, and every label a name",
        )
    if first == 1:
        notes.append(f"The labels count from 1: label 1 is {shown(names[0], 60)}.")
    return labels.astype(np.int64) - first


def _held_out(file: BinaryIO, entry: ZipEntry | None, count: int) -> np.ndarray:
    if entry is None:
        return np.zeros(count, bool)
    array = read_small(file, entry, "split")
    if array.dtype.kind not in "US" or array.shape != (count,):
        raise refused("npz-split", f"`split` is {array.dtype} {list(array.shape)}, not {count} strings")
    words = array.astype("U16", casting="unsafe") if array.dtype.kind == "S" else array
    if other := sorted(set(words.tolist()) - _HELD_OUT - _TRAINING):
        raise refused("npz-split", f"`split` has the value {shown(other[0], 40)!r}, which is not train or held-out")
    return np.isin(words, sorted(_HELD_OUT))
