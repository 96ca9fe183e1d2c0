"""Trains two verifiers of different architecture and loss, measured on images held out."""

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

from worker.evaluation.embedder_training import EmbedderRecipe, UnlabelledRecipe, train_embedder, train_unlabelled
from worker.evaluation.embedders import PlainEmbedder, ResidualEmbedder, Resized, inner_size
from worker.evaluation.panel import Panel
from worker.evaluation.sight import Sight, sees
from worker.evaluation.splitting import halves, resized, several, split_images, split_people, views_of
from worker.evaluation.verifiers import Verifier
from worker.inversion.arrays import check_images
from worker.inversion.data import images_digest
from worker.inversion.errors import InvalidImages
from worker.inversion.progress import Progress, silent

FORMAT = "exhume-verifier/1"
SEEDS = {"plain": 11, "residual": 23}
LOSSES: dict[str, Any] = {"plain": "prototypical", "residual": "contrastive"}
UNLABELLED_LOSSES: dict[str, Any] = {"plain": "barlow-twins", "residual": "contrastive"}
SMALLEST, LARGEST = 16, 512
"""Sides of the images, in pixels."""


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


def train_pair(
    images: np.ndarray,
    labels: np.ndarray,
    out: Path,
    *,
    name: str = "verifier",
    steps: int = 1200,
    symmetries: int = 1,
    seed: int = 0,
    names: bool = True,
    references: tuple[np.ndarray, np.ndarray] | None = None,
    progress: Progress = silent,
) -> list[dict[str, Any]]:
    """Train, export and measure both verifiers.

    Writes `<name>-plain.onnx`, `<name>-residual.onnx` and a card (JSON) for each. A verifier that
    does no better than guessing on the held-out people, or on those of `references`, is rejected:
    its card says `blind`, and its model is deleted.

    Args:
        images: uint8 (N, H, W) or (N, H, W, C), sides of 16 to 512 pixels.
        labels: (N,); images labelled -1 are not used.
        names: whether the labels are used. Without them, images are compared with views of
            themselves, in training and in the measurement on held-out images.
        references: images and labels of the people to be audited, of the same shape. The verifiers
            are measured on them but never trained on them.
    Progress: done and total count steps of both.
    Raises: InvalidImages.
    """
    check_images(images)
    size = (int(images.shape[1]), int(images.shape[2]))
    if not all(SMALLEST <= side <= LARGEST for side in size):
        raise InvalidImages(f"the images have {size[0]}x{size[1]} pixels; both sides must have {SMALLEST} to {LARGEST}")
    channels = 1 if images.ndim == 3 else int(images.shape[3])
    known = None if references is None else several(*references, like=images)
    inner = inner_size(*size)
    if names:
        trained, held_out = split_people(labels, seed=seed)
        kept, tested = np.isin(labels, trained), np.isin(labels, held_out)
        probes = images[tested], labels[tested]
    else:
        trained, held_out = split_images(len(images), seed=seed)
        kept = np.isin(np.arange(len(images)), trained)
        probes = views_of(images[held_out], seed=seed)
    given = resized(images[kept], inner)
    cards = []
    for number, kind in enumerate(sorted(SEEDS)):
        embedder = make_embedder(kind, channels, inner)
        own = _part(progress, number * steps, 2 * steps)
        if names:
            recipe = EmbedderRecipe(LOSSES[kind], steps=steps, symmetries=symmetries)
            recipe = replace(recipe, classes=min(recipe.classes, symmetries * len(trained)))
            which = np.searchsorted(trained, labels[kept])
            train_embedder(embedder, given, which, recipe, seed=SEEDS[kind] + seed, progress=own)
            loss: str = recipe.loss
        else:
            loss = UNLABELLED_LOSSES[kind]
            unlabelled = UnlabelledRecipe(UNLABELLED_LOSSES[kind], steps=steps, symmetries=symmetries)
            train_unlabelled(embedder, given, unlabelled, seed=SEEDS[kind] + seed, progress=own)
        path = out / f"{name}-{kind}.onnx"
        export(embedder if inner == size else Resized(embedder, size, inner), channels, size, path)
        verifier = Verifier(path)
        seen = sight(verifier, *probes)
        card: dict[str, Any] = {
            "format": FORMAT,
            "name": path.stem,
            "shape": [channels, *size],
            "architecture": type(embedder).__name__,
            "loss": loss,
            "steps": steps,
            "symmetries": symmetries,
            "seed": SEEDS[kind] + seed,
            "trained_on": images_digest(images),
            "names": names,
            ("people_trained" if names else "images_trained"): len(trained),
            ("people_held_out" if names else "images_held_out"): len(held_out),
            "rank1_held_out": seen.rank1.value,
            "sensitivity_held_out": seen.sensitivity.value,
            "specificity_held_out": seen.specificity.value,
            "probes": seen.images,
            "chance": 1 / len(held_out),
            "blind": seen.blind,
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


def sight(verifier: Verifier, images: np.ndarray, labels: np.ndarray) -> Sight:
    """Compare one half of each person's images with the mean of the other half."""
    first, second = halves(labels)
    (seen,) = sees(Panel.of([verifier], images[first], labels[first]), (images[second], labels[second]))
    return seen


def on_references(verifier: Verifier, images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return how well a verifier tells people apart, as in a card."""
    seen, people = sight(verifier, images, labels), len(np.unique(labels))
    return {
        "people": people,
        "rank1": seen.rank1.value,
        "sensitivity": seen.sensitivity.value,
        "specificity": seen.specificity.value,
        "probes": seen.images,
        "chance": 1 / people,
        "blind": seen.blind,
    }


def _part(progress: Progress, before: int, total: int) -> Progress:
    """Report progress from `before` on, out of `total`."""
    return lambda done, _, figures: progress(before + done, total, figures)
