"""Omniglot: 242 hand-drawn characters (MIT licence, included) and their fixed split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

PRIVATE_ALPHABETS = ("Korean", "Latin", "Greek")
TRAIN_DRAWERS = 15
"""Of the 20 drawers of a character, the first 15 are for training and the last 5 held out."""

DATA = Path(__file__).with_name("omniglot32.npz")


@dataclass(frozen=True)
class LabelledImages:
    """Images with the classes they show.

    Attributes:
        images: (N, 32, 32) uint8 with ink 255.
        labels: (N,) int64.
        names: by label, such as "Greek/character07".
    """

    images: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]


@dataclass(frozen=True)
class Omniglot:
    """The split: 90 private characters and 152 public characters of other alphabets.

    The private characters have training drawers and held-out drawers.
    """

    private_train: LabelledImages
    private_held_out: LabelledImages
    public: LabelledImages


def load(path: Path = DATA) -> Omniglot:
    """Read the shipped file and split it. Both sides have different characters and alphabets."""
    with np.load(path, allow_pickle=False) as file:
        images, alphabet, character = file["images"], file["alphabet"], file["character"]
    names = np.array([f"{a}/{c}" for a, c in zip(alphabet, character, strict=True)])
    private = np.isin(alphabet, PRIVATE_ALPHABETS)

    def cut(rows: np.ndarray, drawers: slice) -> LabelledImages:
        chosen = images[rows, drawers]
        labels = np.repeat(np.arange(len(chosen), dtype=np.int64), chosen.shape[1])
        return LabelledImages(chosen.reshape(-1, *chosen.shape[2:]), labels, tuple(names[rows].tolist()))

    return Omniglot(
        private_train=cut(private, slice(0, TRAIN_DRAWERS)),
        private_held_out=cut(private, slice(TRAIN_DRAWERS, None)),
        public=cut(~private, slice(None)),
    )
