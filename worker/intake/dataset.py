"""Intake of data sets: checks a ZIP or .npz and packs it into one array with a digest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from app.datasets.set_digest import set_digest
from app.formats.archive import read_entry, read_structure
from app.formats.limits import DATASET, GIB, MIB, DatasetLimits
from app.formats.recipes import AS_NPZ, AS_ZIP
from app.formats.recognition import Format, recognise
from app.formats.refusal import Refused
from worker.intake.collection import collection_paused
from worker.intake.images.faults import reject_mixed_sizes
from worker.intake.images.identities import names_of_folders, names_of_labels, renamed
from worker.intake.images.layout import read_layout
from worker.intake.images.quick_check import QuickCheck, check_quickly
from worker.intake.images.raw_set import HELD_OUT, IMAGES, LABELS
from worker.intake.images.rules import npz_rules, zip_rules
from worker.intake.notes import bounded
from worker.intake.sandbox import SandboxLimits, run_sandboxed
from worker.intake.set_contents import contents_of
from worker.intake.staging import staged


@dataclass(frozen=True)
class DatasetIntake:
    """Result of an intake.

    `identities` are sorted by label, and empty if the set has no labels. `images_digest` covers
    the pixels, `digest` pixels, labels, split and names.
    """

    images: int
    height: int
    width: int
    channels: int
    identities: list[str]
    images_digest: str
    digest: str
    notes: list[str]


@collection_paused()
def check_dataset_file(path: Path, out: Path, limits: DatasetLimits = DATASET) -> DatasetIntake:
    """Check the upload and write it to `out` as .npz.

    The arrays are `images`, `labels` (-1: none) and `split` ("train", "held-out").

    Raises: Refused.
    """
    task = _task(path, limits)
    seen = task.seen
    with staged(path, out.parent) as stage:
        allowed = _sandbox(limits, path.stat().st_size, task.images)
        sandbox = partial(run_sandboxed, input_path=stage.upload, work=stage.work, limits=allowed)
        if seen.odd:
            sandbox("worker.intake.images.zip_set:try_odd", {"odd": seen.odd})
        if seen.sizes:
            reject_mixed_sizes(seen.sizes)
        answer = sandbox(task.function, {})
        return _pack(answer, stage.work, out, task.names, limits)


@dataclass(frozen=True)
class _Task:
    """Task for the child.

    `names`: stored names by folder. None if the child has to read them. `images`: number of images
    to decode.
    """

    function: str
    seen: QuickCheck
    names: dict[str, str] | None
    images: int = 0


def _task(path: Path, limits: DatasetLimits) -> _Task:
    """Choose the task. Structure, folders and names are checked here, before a child starts."""
    size, found = path.stat().st_size, recognise(path)
    if size > limits.file_bytes:
        raise Refused("set-file-too-large", f"The file has {size:,} bytes. The limit is {limits.file_bytes:,}.")
    if found is Format.EMPTY:
        raise Refused(
            "empty-file", f"The file has 0 bytes. Check that packing finished, and upload it again. {_ACCEPTED}"
        )
    if found is not Format.ZIP:
        recipe = {Format.TAR: AS_ZIP, Format.COMPRESSED: AS_ZIP, Format.NPY: AS_NPZ}.get(found, "")
        raise Refused("set-format", f"This is not a ZIP or .npz file (detected: {found}). {_ACCEPTED} {recipe}".strip())
    with path.open("rb") as file:
        head = file.read(30 + limits.name_length)
        name = head[30 : 30 + int.from_bytes(head[26:28], "little")]
        if name.endswith(b".npy") and b"/" not in name:
            read_structure(file, npz_rules(limits))
            return _Task("worker.intake.images.npz_set:unpack_npz", QuickCheck([], None), None)
        layout = read_layout(read_structure(file, zip_rules(limits, size)), partial(read_entry, file))
        names = names_of_folders(layout, limits)
        seen, images = check_quickly(file, layout.files, limits), len(layout.files)
        return _Task("worker.intake.images.zip_set:unpack_zip", seen, names, images)


def _sandbox(limits: DatasetLimits, size: int, images: int) -> SandboxLimits:
    """Return the limits. Memory: Python with NumPy and Pillow, and the packed array.

    The array counts twice, as grey images may have to become colour.
    """
    return SandboxLimits(
        memory_bytes=2 * GIB + 2 * limits.packed_bytes,
        cpu_seconds=int(limits.seconds_for(size, images)),
        file_bytes=limits.packed_bytes + MIB,
        disk_bytes=limits.packed_bytes + 64 * MIB,
    )


def _pack(
    answer: dict[str, Any], work: Path, out: Path, stored: dict[str, str] | None, limits: DatasetLimits
) -> DatasetIntake:
    """Check the answer and the raw arrays of the child, and write the packed set."""
    match answer:
        case {
            "images": int(count),
            "height": int(height),
            "width": int(width),
            "channels": (1 | 3) as channels,
            "identities": list(names),
            "notes": list(notes),
        } if count > 0 and 0 < height <= limits.side and 0 < width <= limits.side:
            pass
        case _:
            raise _nonsense()
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise _nonsense()
    stored = names_of_labels(names, limits) if stored is None else stored
    if not stored.keys() >= set(names):
        raise _nonsense()
    identities = list(dict.fromkeys(stored[name] for name in names))
    shape = (count, height, width) if channels == 1 else (count, height, width, channels)
    images = _raw(work / IMAGES, np.dtype("u1"), shape)
    labels = _raw(work / LABELS, np.dtype("<i8"), (count,))
    held_out = _raw(work / HELD_OUT, np.dtype("u1"), (count,))
    low, high = (0, len(names)) if names else (-1, 0)
    if labels.min() < low or labels.max() >= high or held_out.max() > 1:
        raise _nonsense()
    if names:
        place = {name: label for label, name in enumerate(identities)}
        labels = np.array([place[stored[name]] for name in names])[labels]
    split = np.where(held_out == 1, "held-out", "train")
    part = work / "packed.npz"
    np.savez(part, images=images, labels=np.asarray(labels), split=split)
    contents = contents_of(images, labels, held_out)
    part.replace(out)
    return DatasetIntake(
        images=count,
        height=height,
        width=width,
        channels=channels,
        identities=identities,
        images_digest=contents.images_digest,
        digest=set_digest(contents, identities),
        notes=bounded([*notes, *renamed(stored)]),
    )


def _raw(path: Path, dtype: np.dtype[Any], shape: tuple[int, ...]) -> np.ndarray:
    if path.is_symlink() or not path.is_file() or path.stat().st_size != int(np.prod(shape)) * dtype.itemsize:
        raise _nonsense()
    return np.memmap(path, dtype, "r", shape=shape)


def _nonsense() -> Refused:
    return Refused("examination-crashed", "The file was rejected: the process that opened it gave an invalid answer.")


_ACCEPTED = "Accepted are a .zip with a folder of images for each identity, and an .npz with `images` and `labels`."
