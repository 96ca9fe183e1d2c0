"""Trains two verifiers of different architecture and loss, measured on held-out people."""

from __future__ import annotations

import hashlib
import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from worker.evaluation.embedder_training import EmbedderRecipe, train_embedder
from worker.evaluation.embedders import PlainEmbedder, ResidualEmbedder
from worker.evaluation.panel import Panel, blind, templates
from worker.evaluation.statistics import by_identity
from worker.evaluation.verifiers import Verifier
from worker.inversion.arrays import check_images
from worker.inversion.data import images_digest
from worker.inversion.errors import InvalidImages
from worker.inversion.progress import Progress, silent

FORMAT = "exhume-verifier/1"
SEEDS = {"plain": 11, "residual": 23}
LOSSES: dict[str, Any] = {"plain": "prototypical", "residual": "contrastive"}
HELD_OUT, FEWEST_HELD_OUT, FEWEST = 0.2, 10, 30  # a share, then numbers of people


def make_embedder(kind: str, channels: int, size: tuple[int, int]) -> nn.Module:
    """Build the embedder of this kind. Its initial weights depend on the kind's seed alone."""
    torch.manual_seed(SEEDS[kind])
    return PlainEmbedder(channels, 128, size=size) if kind == "plain" else ResidualEmbedder(channels, 96, size=size)


def export(embedder: nn.Module, channels: int, size: tuple[int, int], path: Path) -> None:
    """Write the embedder as one ONNX file: `image` (batch, C, H, W) -> `embedding` (batch, d)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own internals
        program = torch.onnx.export(
            embedder.eval(),
            (torch.zeros(2, channels, *size),),
            dynamo=True,
            input_names=["image"],
            output_names=["embedding"],
            dynamic_shapes={"image": {0: torch.export.Dim("batch")}},
            verbose=False,
        )
    assert program is not None
    program.save(str(path), external_data=False)


def split_people(labels: np.ndarray, *, samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split people with at least `samples` images into training labels and held-out labels.

    Images labelled -1 are not used.

    Raises: InvalidImages with fewer than 30 such people.
    """
    people, counts = np.unique(labels[labels >= 0], return_counts=True)
    people = people[counts >= samples]
    if len(people) < FEWEST:
        raise InvalidImages(
            f"{len(people)} people have {samples} images or more; {FEWEST} are needed, ideally several hundred."
            " The verifiers are trained on most of them and measured on the others"
        )
    drawn = np.random.default_rng(seed).permutation(people)
    held = max(FEWEST_HELD_OUT, round(HELD_OUT * len(people)))
    return np.sort(drawn[held:]), np.sort(drawn[:held])


def measure(verifier: Verifier, images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compare half of each person's images with the mean of the other half.

    Returns: for each compared image, the person ranked first (M,) and the person it shows (M,), as
        indices into the people.
    """
    half = np.zeros(len(labels), bool)
    for k in np.unique(labels):
        of_k = np.flatnonzero(labels == k)
        half[of_k[len(of_k) // 2 :]] = True
    gallery, people = templates(verifier.embed(images[~half]), labels[~half])
    found = Panel.guesses(verifier.embed(images[half]) @ gallery.T)
    return found, np.searchsorted(people, labels[half])


def train_pair(
    images: np.ndarray,
    labels: np.ndarray,
    out: Path,
    *,
    name: str = "verifier",
    steps: int = 1200,
    symmetries: int = 1,
    seed: int = 0,
    references: tuple[np.ndarray, np.ndarray] | None = None,
    progress: Progress = silent,
) -> list[dict[str, Any]]:
    """Train, export and measure both verifiers.

    Writes `<name>-plain.onnx`, `<name>-residual.onnx` and a card (JSON) for each. A verifier that
    does no better than guessing on the held-out people, or on those of `references`, is rejected:
    its card says `blind`, and its model is deleted.

    Args:
        images: uint8 (N, H, W) or (N, H, W, C), sides multiples of 16.
        labels: (N,); images labelled -1 are not used.
        references: images and labels of the people to be audited, of the same shape. The verifiers
            are measured on them but never trained on them.
    Progress: done and total count steps of both.
    Raises: InvalidImages.
    """
    check_images(images)
    size = (int(images.shape[1]), int(images.shape[2]))
    if size[0] % 16 or size[1] % 16:
        raise InvalidImages(f"both sides must be multiples of 16, not {size[0]}x{size[1]}: resize the images")
    channels = 1 if images.ndim == 3 else int(images.shape[3])
    known = None if references is None else several(*references, like=images)
    recipe = EmbedderRecipe("prototypical", steps=steps, symmetries=symmetries)
    trained, held_out = split_people(labels, samples=recipe.samples, seed=seed)
    recipe = replace(recipe, classes=min(recipe.classes, symmetries * len(trained)))
    kept, tested = np.isin(labels, trained), np.isin(labels, held_out)
    cards = []
    for number, kind in enumerate(sorted(SEEDS)):
        embedder = make_embedder(kind, channels, size)
        own = replace(recipe, loss=LOSSES[kind])
        train_embedder(
            embedder,
            images[kept],
            np.searchsorted(trained, labels[kept]),
            own,
            seed=SEEDS[kind] + seed,
            progress=_part(progress, number * steps, 2 * steps),
        )
        path = out / f"{name}-{kind}.onnx"
        export(embedder, channels, size, path)
        verifier = Verifier(path)
        found, shown = measure(verifier, images[tested], labels[tested])
        card: dict[str, Any] = {
            "format": FORMAT,
            "name": path.stem,
            "shape": [channels, *size],
            "architecture": type(embedder).__name__,
            "loss": own.loss,
            "steps": steps,
            "symmetries": symmetries,
            "seed": SEEDS[kind] + seed,
            "trained_on": images_digest(images),
            "people_trained": len(trained),
            "people_held_out": len(held_out),
            "rank1_held_out": float(by_identity(found == shown, shown).mean()),
            "probes": len(shown),
            "chance": 1 / len(held_out),
            "blind": blind(found, shown, len(held_out)),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "torch": torch.__version__,
        }
        if known is not None:
            card["references"] = on_references(verifier, *known)
            card["blind"] = card["blind"] or card["references"]["blind"]
        if card["blind"]:
            path.unlink()
        path.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n")
        cards.append(card)
    return cards


def on_references(verifier: Verifier, images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return how often a verifier ranks the right person first, as in a card."""
    found, shown = measure(verifier, images, labels)
    people = len(np.unique(shown))
    return {
        "people": people,
        "rank1": float(by_identity(found == shown, shown).mean()),
        "probes": len(shown),
        "chance": 1 / people,
        "blind": blind(found, shown, people),
    }


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


def _part(progress: Progress, before: int, total: int) -> Progress:
    """Report progress from `before` on, out of `total`."""
    return lambda done, _, figures: progress(before + done, total, figures)
