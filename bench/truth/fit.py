"""Measure how accurate trained models are on their own training images.

    python -m bench.truth.fit [--models demo "2 epochs" ...] [--record] [--table]

Prints one JSON line per model. The models are small networks for the demo's characters (90, 10 or
2 of them), trained fully, stopped early, strongly regularised, or with clipped and noisy gradients
as in differentially private training, and models of other people. `floor` is the accuracy that
`worker.evaluation.fit` expects of a trained model. `held_out` is the accuracy on drawings that
were not used in training.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from bench.attacks.cells import stamp
from worker.bundled import omniglot
from worker.demo.train_target import ARCHITECTURE, BATCH, CONVENTION, HYPERPARAMETERS, LR
from worker.evaluation.fit import assess
from worker.evaluation.input_conventions import guesses_of
from worker.evaluation.statistics import by_identity
from worker.inversion.classifier_training import nothing, train_classifier
from worker.inversion.data import to_tensor
from worker.inversion.targets import Target, build_network

RESULTS = Path(__file__).resolve().parents[1] / "results" / "fit.jsonl"


@dataclass(frozen=True)
class Recipe:
    """Changes to the demo's recipe.

    Attributes:
        classes: number of the 90 characters, evenly spread.
        others: train on characters of other alphabets.
        noise: standard deviation of the noise on a batch's gradient after clipping its norm to 1,
            in units of the clipped norm over the square root of the number of weights. 0 for
            ordinary training.
    """

    epochs: int = 30
    classes: int = 90
    dropout: float = 0.3
    weight_decay: float = 1e-2
    smoothing: float = 0.0
    noise: float = 0.0
    others: bool = False


MODELS = {
    "demo": Recipe(),
    "10 classes": Recipe(classes=10),
    "2 classes": Recipe(classes=2),
    "1 epoch": Recipe(epochs=1),
    "2 epochs": Recipe(epochs=2),
    "4 epochs": Recipe(epochs=4),
    "8 epochs": Recipe(epochs=8),
    "dropout 0.7": Recipe(dropout=0.7),
    "weight decay 1": Recipe(weight_decay=1.0),
    "label smoothing 0.4": Recipe(smoothing=0.4),
    "noisy gradients, 1": Recipe(noise=1.0),
    "noisy gradients, 4": Recipe(noise=4.0),
    "noisy gradients, 16": Recipe(noise=16.0),
    "other people": Recipe(others=True),
    "other people, 10 classes": Recipe(classes=10, others=True),
}


def chosen(data: omniglot.LabelledImages, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images and labels of `classes` characters, evenly spread."""
    kept = np.linspace(0, len(data.names) - 1, classes).round().astype(int)
    rows = np.isin(data.labels, kept)
    return data.images[rows], np.searchsorted(kept, data.labels[rows])


def trained(recipe: Recipe, *, seed: int) -> Target:
    data = omniglot.load()
    images, labels = chosen(data.private_train, recipe.classes)
    if recipe.others:
        images, labels = chosen(data.public, recipe.classes)
    x, y = to_tensor(images), torch.from_numpy(labels)
    options = HYPERPARAMETERS | {"dropout": recipe.dropout}
    network = build_network(ARCHITECTURE, options, recipe.classes, CONVENTION.channels, seed=seed)
    target = Target(network, CONVENTION, recipe.classes)
    weights = list(network.parameters())
    scale = recipe.noise / sum(w.numel() for w in weights) ** 0.5

    def clip_and_add_noise() -> None:
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        for w in weights:
            assert w.grad is not None
            w.grad += scale * torch.randn(w.shape)

    train_classifier(
        target,
        x,
        y,
        epochs=recipe.epochs,
        batch=BATCH,
        lr=LR,
        seed=seed,
        dropout_seed=seed,
        weight_decay=recipe.weight_decay,
        loss=partial(F.cross_entropy, label_smoothing=recipe.smoothing),
        gradients=clip_and_add_noise if recipe.noise else nothing,
    )
    return target.requires_grad_(False)


def line(name: str, *, seed: int) -> dict[str, Any]:
    recipe, data = MODELS[name], omniglot.load()
    target = trained(recipe, seed=seed)
    images, labels = chosen(data.private_train, recipe.classes)
    names = [f"character {k}" for k in range(recipe.classes)]
    start = time.perf_counter()
    found = assess(target, images, labels, names)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    guesses_of(target, images)
    one_pass = time.perf_counter() - start
    unseen, own = chosen(data.private_held_out, recipe.classes)
    return {
        "bench": "fit",
        "model": name,
        "seed": seed,
        "classes": recipe.classes,
        "images": found.images,
        "accuracy": found.accuracy.to_dict(),
        "held_out": float(by_identity(guesses_of(target, unseen) == own, own).mean()),
        "floor": found.floor,
        "p_value": found.p_value,
        "state": found.state,
        "seconds": round(seconds, 2),
        "passes": round(seconds / one_pass, 1),
        **stamp(),
    }


def table() -> str:
    rows = [json.loads(row) for row in RESULTS.read_text().splitlines()]
    head = "| model | accuracy | held out | floor | state |\n|---|---|---|---|---|\n"
    return head + "\n".join(
        f"| {r['model']} | {r['accuracy']['value']:.1%} | {r['held_out']:.1%} | {r['floor']:.1%} | {r['state']} |"
        for r in rows
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--record", action="store_true", help="append the lines to results/fit.jsonl")
    parser.add_argument("--table", action="store_true", help="print the table of the recorded lines")
    args = parser.parse_args()
    if args.table:
        print(table())
        return
    torch.set_num_threads(args.threads)
    for name in args.models:
        found = line(name, seed=args.seed)
        print(json.dumps(found), flush=True)
        if args.record:
            with RESULTS.open("a") as file:
                file.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
