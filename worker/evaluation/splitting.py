"""Which images a pair of verifiers is trained on, and which ones measure it."""

from __future__ import annotations

import numpy as np
import torch

from worker.evaluation.embedder_training import UnlabelledRecipe, changed
from worker.evaluation.embedders import resizing
from worker.inversion.data import to_tensor, to_uint8
from worker.inversion.errors import InvalidImages

SAMPLES = 4
"""Images that a person needs."""
HELD_OUT, FEWEST_HELD_OUT, FEWEST = 0.2, 10, 12  # a share, then numbers of people
FEWEST_IMAGES, MOST_IMAGES_HELD_OUT = 200, 400
CHUNK = 256
VIEWS = 4
"""Views of each held-out image, where nobody's name is known."""


def split_people(labels: np.ndarray, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split people with at least `SAMPLES` images into training labels and held-out labels.

    A fifth is held out: at least ten people, or a third where there are fewer than 30. Images
    labelled -1 are not used.

    Raises: InvalidImages with fewer than `FEWEST` such people.
    """
    people, counts = np.unique(labels[labels >= 0], return_counts=True)
    people = people[counts >= SAMPLES]
    if len(people) < FEWEST:
        raise InvalidImages(
            f"{len(people)} people have {SAMPLES} images or more; {FEWEST} are needed, ideally several hundred."
            " The verifiers are trained on most of them and measured on the others. With --without-names, they are"
            f" trained on {FEWEST_IMAGES} images or more of anybody"
        )
    drawn = np.random.default_rng(seed).permutation(people)
    held = max(min(FEWEST_HELD_OUT, len(people) // 3), round(HELD_OUT * len(people)))
    return np.sort(drawn[held:]), np.sort(drawn[:held])


def split_images(count: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split images without names into those to train on and those held out.

    Raises: InvalidImages.
    """
    if count < FEWEST_IMAGES:
        raise InvalidImages(f"there are {count} images; {FEWEST_IMAGES} are needed to train without names")
    drawn = np.random.default_rng(seed).permutation(count)
    held = min(round(HELD_OUT * count), MOST_IMAGES_HELD_OUT)
    return np.sort(drawn[held:]), np.sort(drawn[:held])


def views_of(images: np.ndarray, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return `VIEWS` random views of each image, as uint8, and the number of the image of each."""
    which = np.repeat(np.arange(len(images)), VIEWS)
    rng = torch.Generator().manual_seed(seed)
    views = changed(to_tensor(images[which]), UnlabelledRecipe("contrastive"), rng)
    return to_uint8(views), which


def halves(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which images (N,) are in the first half of their person's, and which are not."""
    second = np.zeros(len(labels), bool)
    for k in np.unique(labels):
        of_k = np.flatnonzero(labels == k)
        second[of_k[len(of_k) // 2 :]] = True
    return ~second, second


def several(images: np.ndarray, labels: np.ndarray, *, like: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the images of people with two images or more. Raises: InvalidImages."""
    if like is not None and images.shape[1:] != like.shape[1:]:
        raise InvalidImages(
            f"the references are {images.shape[1:]}, the public images {like.shape[1:]}. Give both the same size and"
            " channels"
        )
    people, counts = np.unique(labels[labels >= 0], return_counts=True)
    kept = np.isin(labels, people[counts > 1])
    if len(np.unique(labels[kept])) < 2:
        raise InvalidImages(
            "the references need at least two people with two images each, to compare one half with the other"
        )
    return images[kept], labels[kept]


def resized(images: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return uint8 images at another size, resized as by the first layer of `Resized`."""
    if images.shape[1:3] == size:
        return images
    rows, columns = (torch.from_numpy(resizing(images.shape[1 + axis], size[axis])) for axis in (0, 1))
    made = [to_uint8(rows @ to_tensor(images[at : at + CHUNK]) @ columns.T) for at in range(0, len(images), CHUNK)]
    return np.concatenate(made)
