"""Reader for an .npz of images with labels. Checks each header before it reads the array."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from app.formats.archive import ZipEntry, chunks, read_structure
from app.formats.limits import DATASET, DatasetLimits
from app.formats.refusal import Refused, shown
from worker.intake.images.npy import NPZ_REMEDY, NpyHeader, item_bytes, read_npy_header
from worker.intake.images.raw_set import check_size, write_raw
from worker.intake.images.rules import ARRAYS, SMALL_ARRAY_BYTES, npz_rules


def unpack_npz(input_path: str, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Unpack an .npz (a sandboxed task).

    Raises: Refused.
    """
    limits = DATASET
    with Path(input_path).open("rb") as file:
        entries = {e.name.removesuffix(".npy"): e for e in read_structure(file, npz_rules(limits))}
        if unknown := sorted(set(entries) - set(ARRAYS)):
            raise _refused("npz-arrays", f"The .npz has unknown arrays: {', '.join(shown(n) for n in unknown)}")
        if "images" not in entries:
            raise _refused("npz-arrays", "The .npz has no array `images`")
        images = _images(file, entries["images"], limits)
        count = len(images)
        labels = _labels(file, entries.get("labels"), count)
        held_out = _held_out(file, entries.get("split"), count)
        identities = _identities(file, entries.get("identities"), labels, limits)
    if identities and (only := sorted({int(v) for v in labels[held_out]} - {int(v) for v in labels[~held_out]})):
        names = [identities[i] for i in only]
        raise Refused(
            "held-out-only",
            f"{len(only)} identities have held-out images only: {', '.join(shown(n) for n in names[:8])}. Set `split`"
            " to train for at least one image of each.",
            [{"name": shown(n), "detail": "has held-out images only"} for n in names],
        )
    return write_raw(Path(work), images, labels=labels, held_out=held_out, identities=identities, notes=[])


def _images(file: BinaryIO, entry: ZipEntry, limits: DatasetLimits) -> np.ndarray:
    header, stream = _open(file, entry)
    shape = header.shape
    if header.dtype != "|u1":
        raise _refused("npz-images", f"`images` has dtype {header.dtype}, not uint8. {_type_hint(header.dtype)}")
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (1, 3)):
        raise _refused("npz-images", f"`images` has the shape {list(shape)}.{_shape_hint(shape)}")
    if not shape[0]:
        raise Refused("empty-set", f"The set has no images: `images` has the shape {list(shape)}.")
    if not all(limits.smallest_side <= n <= limits.side for n in shape[1:3]):
        raise _refused(
            "npz-images",
            f"`images` are {shape[2]}x{shape[1]} pixels. Sides must be {limits.smallest_side} to {limits.side} pixels",
        )
    check_size(shape[0], shape[1], shape[2], shape[3] if len(shape) == 4 else 1, limits)
    return _filled(header, stream, "images")


def _type_hint(dtype: str) -> str:
    kind, bits = dtype[1], 8 * item_bytes(dtype)
    if kind == "f":
        return "Convert values in [0, 1] with (x * 255).round().astype('uint8')."
    if kind == "b":
        return "Convert it with (x * 255).astype('uint8')."
    if bits == 16:
        return "Scale it to 8 bits as in training, such as (x // 257).astype('uint8')."
    return "If all values are from 0 to 255, convert it with x.astype('uint8')."


def _shape_hint(shape: tuple[int, ...]) -> str:
    if len(shape) != 4:
        return ""
    if shape[3] == 4:
        return " Remove the alpha channel: images[..., :3]."
    return " The channels must be last: images.transpose(0, 2, 3, 1)." if shape[1] in (1, 3) else ""


def _labels(file: BinaryIO, entry: ZipEntry | None, count: int) -> np.ndarray:
    if entry is None:
        return np.full(count, -1)
    array = _small(file, entry, "labels")
    array = array[:, 0] if array.shape == (count, 1) else array
    if array.dtype.kind not in "iu" or array.shape != (count,):
        raise _refused("npz-labels", f"`labels` is {array.dtype} {list(array.shape)}, not {count} integers")
    if array.min() < 0 or array.max() >= 2**31:
        raise _refused("npz-labels", f"`labels` are from {array.min()} to {array.max()}, but must count from 0")
    return array.astype(np.int64)


def _held_out(file: BinaryIO, entry: ZipEntry | None, count: int) -> np.ndarray:
    if entry is None:
        return np.zeros(count, bool)
    array = _small(file, entry, "split")
    if array.dtype.kind not in "US" or array.shape != (count,):
        raise _refused("npz-split", f"`split` is {array.dtype} {list(array.shape)}, not {count} strings")
    words = array.astype("U16", casting="unsafe") if array.dtype.kind == "S" else array
    if other := sorted(set(words.tolist()) - {"train", "held-out"}):
        raise _refused("npz-split", f"`split` has the value {shown(other[0], 40)!r}, which is not train or held-out")
    held: np.ndarray = words == "held-out"
    return held


def _identities(file: BinaryIO, entry: ZipEntry | None, labels: np.ndarray, limits: DatasetLimits) -> list[str]:
    """Return the names by label. Without names: the labels as strings. Without labels: nothing."""
    if labels[0] < 0:
        if entry is not None:
            raise _refused("npz-labels", "The .npz has `identities`, but no `labels` that assign images to them")
        return []
    present = len(np.unique(labels))
    classes = int(labels.max()) + 1
    if entry is None:
        names = [str(i) for i in range(min(classes, limits.identities + 1))]
    else:
        array = _small(file, entry, "identities")
        if array.dtype.kind != "U" or array.ndim != 1:
            raise _refused("npz-identities", f"`identities` is {array.dtype} {list(array.shape)}, not a list of names")
        names = [str(n) for n in array]
    if len(names) > limits.identities:
        raise Refused(
            "too-many-identities",
            f"There are more than {limits.identities:,} identities. Labels must count from 0 without gaps.",
        )
    if len(names) != classes or present != classes:
        raise _refused(
            "npz-identities",
            f"`labels` has {present} different values up to {classes - 1}, and there are {len(names)} identities. Every"
            " identity needs an image, and every label a name",
        )
    if len(set(names)) != len(names):
        raise _refused("npz-identities", "Two identities have the same name")
    return names


def _small(file: BinaryIO, entry: ZipEntry, name: str) -> np.ndarray:
    if entry.size > SMALL_ARRAY_BYTES:
        raise _refused("npz-arrays", f"`{name}` has {entry.size} bytes, more than the limit of {SMALL_ARRAY_BYTES}")
    header, stream = _open(file, entry)
    return _filled(header, stream, name)


def _open(file: BinaryIO, entry: ZipEntry) -> tuple[NpyHeader, Any]:
    """Return the checked header, and an iterator over the data."""
    pieces = chunks(file, entry)
    head = next(pieces, b"")
    header = read_npy_header(head, entry.name)
    if header.begin + header.bytes != entry.size:
        raise _refused(
            "npy-size", f"{shown(entry.name)} does not have the {header.bytes} bytes of data that its header declares"
        )

    def data() -> Any:
        yield head[header.begin :]
        yield from pieces

    return header, data()


def _filled(header: NpyHeader, stream: Any, name: str) -> np.ndarray:
    array = np.empty(header.bytes, np.uint8)
    position = 0
    for piece in stream:
        array[position : position + len(piece)] = np.frombuffer(piece, np.uint8)
        position += len(piece)
    if position != header.bytes:
        raise _refused("npy-size", f"`{name}` is cut off")
    return array.view(np.dtype(header.dtype)).reshape(header.shape)


def _refused(code: str, what: str) -> Refused:
    return Refused(code, f"{what.rstrip('.')}. {NPZ_REMEDY}", [{"detail": what}])
