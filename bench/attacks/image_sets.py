"""Image sets of the benchmarks and their splits.

A set is a ZIP archive of JPEG images, with or without one folder per identity.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class LabelledImages:
    """Images uint8 (N, H, W) or (N, H, W, 3), labels int64 (N,) from 0, and a name per label."""

    images: np.ndarray
    labels: np.ndarray
    names: list[str]


def read_zip(path: Path, folder: str = "") -> LabelledImages:
    """Return every JPEG and PNG under `folder` of a ZIP archive, sorted by path.

    The label is the folder that contains the image.
    """
    with zipfile.ZipFile(path) as archive:
        files = sorted(
            n for n in archive.namelist() if n.startswith(folder) and n.lower().endswith((".jpg", ".jpeg", ".png"))
        )
        if not files:
            raise SystemExit(f"{path.name} holds no images under {folder!r}")
        images = np.stack([np.asarray(Image.open(io.BytesIO(archive.read(n))).convert("RGB")) for n in files])
    folders = [n.rpartition("/")[0] for n in files]
    names = sorted(set(folders))
    index = {name: i for i, name in enumerate(names)}
    return LabelledImages(images, np.array([index[f] for f in folders]), [n.rpartition("/")[2] for n in names])


def held_out(images: np.ndarray, every: int = 14) -> tuple[np.ndarray, np.ndarray]:
    """Return (training images, held-out images): every 14th image by path is held out.

    The held-out images measure the quality of a prior.
    """
    out = np.arange(len(images)) % every == every - 1
    return images[~out], images[out]


def private_sets(path: Path) -> tuple[LabelledImages, LabelledImages]:
    """Return (train, test) of a private set.

    The set is a ZIP archive with `train/IDENTITY/*` and `test/IDENTITY/*` and the same identities
    in both, or an npz with `x_train`, `y_train`, `x_test`, `y_test` and integer labels.
    """
    if path.suffix == ".zip":
        train, test = read_zip(path, "train/"), read_zip(path, "test/")
        if train.names != test.names:
            raise SystemExit(f"{path.name}: train and test must hold the same identities")
        return train, test
    with np.load(path) as file:
        parts = {k: file[k] for k in ("x_train", "y_train", "x_test", "y_test")}
    names = sorted(set(parts["y_train"].tolist()))

    def labelled(part: str) -> LabelledImages:
        labels = np.searchsorted(names, parts[f"y_{part}"]).astype(np.int64)
        return LabelledImages(parts[f"x_{part}"], labels, [str(n) for n in names])

    return labelled("train"), labelled("test")


def other_people(path: Path, count: int) -> tuple[LabelledImages, LabelledImages]:
    """Return (train, test) of the `count` most pictured people of a public set.

    Every fifth image of a person is held out.
    """
    public = read_zip(path)
    people = np.argsort(-np.bincount(public.labels), kind="stable")[:count]
    names = [public.names[k] for k in people]
    parts: tuple[list[int], list[int]] = ([], [])
    for k in people:
        for place, at in enumerate(np.flatnonzero(public.labels == k)):
            parts[place % 5 == 4].append(int(at))
    label = {int(k): i for i, k in enumerate(people)}
    train, test = (
        LabelledImages(public.images[rows], np.array([label[int(k)] for k in public.labels[rows]]), names)
        for rows in parts
    )
    return train, test
