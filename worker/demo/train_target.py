"""Trains the demo's target: a small CNN that classifies the 90 private characters.

    python -m worker.demo.train_target --out DIR

Prints one JSON line per epoch and then the metadata. Writes DIR/target.safetensors and
DIR/target.json.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from worker.bundled import omniglot
from worker.inversion.classifier_training import train_classifier
from worker.inversion.data import to_tensor
from worker.inversion.layout import channels_last
from worker.inversion.progress import Progress, silent
from worker.inversion.targets.convention import InputConvention
from worker.inversion.targets.registry import build_network
from worker.inversion.targets.target import Target

ARCHITECTURE = "exhume/small-cnn"
HYPERPARAMETERS: dict[str, Any] = {"width": 32, "feature_dim": 128, "dropout": 0.3}
CONVENTION = InputConvention(height=32, width=32, channels=1, mean=(0.5,), std=(0.5,))
EPOCHS, BATCH, LR = 30, 64, 3e-3


def train_demo_target(
    out_path: Path,
    *,
    seed: int = 0,
    epochs: int = EPOCHS,
    replaced: Mapping[int, int] | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Train on the 15 training drawers of each private character and write the weights.

    Args:
        replaced: private character -> public character whose drawings replace its own, which makes
            a twin.

    Returns: architecture, hyperparameters, num_classes, convention, class_names, and
        held_out_accuracy (of the characters that were not replaced).
    Progress: done and total count epochs; figures "loss".
    """
    data = omniglot.load()
    images, labels = data.private_train.images.copy(), data.private_train.labels
    for character, stand_in in (replaced or {}).items():
        images[labels == character] = data.public.images[data.public.labels == stand_in][: omniglot.TRAIN_DRAWERS]
    x, y = to_tensor(images), torch.from_numpy(labels)
    classes = len(data.private_train.names)
    network = build_network(ARCHITECTURE, HYPERPARAMETERS, classes, CONVENTION.channels, seed=seed)
    T = channels_last(Target(network, CONVENTION, classes))
    train_classifier(T, x, y, epochs=epochs, batch=BATCH, lr=LR, seed=seed, dropout_seed=seed, progress=progress)
    with torch.no_grad():
        guess = T(to_tensor(data.private_held_out.images)).logits.argmax(1).numpy()
    known = ~np.isin(data.private_held_out.labels, list(replaced or {}))
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, out_path)
    return {
        "architecture": ARCHITECTURE,
        "hyperparameters": HYPERPARAMETERS,
        "num_classes": classes,
        "convention": CONVENTION.to_dict(),
        "class_names": list(data.private_train.names),
        "held_out_accuracy": float(np.mean((guess == data.private_held_out.labels)[known])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    def say(line: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    card = train_demo_target(
        args.out / "target.safetensors",
        seed=args.seed,
        progress=lambda done, total, figures: say({"epoch": done, "of": total, **figures}),
    )
    (args.out / "target.json").write_text(json.dumps(card, indent=2) + "\n")
    say(card)


if __name__ == "__main__":
    main()
