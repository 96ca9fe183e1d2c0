"""The checkpoints of the grid: one classifier per number of classes, exported to ONNX."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bench.truth.grid import Cell, order_of, people
from worker.bundled import omniglot
from worker.evaluation.evaluator import train_evaluator

SIDE = 32
STEPS = 630  # of the demo's training: 30 epochs of 90 characters
HEADS: dict[str, nn.Module] = {"logits": nn.Identity(), "softmax": nn.Softmax(1), "sigmoid": nn.Sigmoid()}


class Released(nn.Module):
    """The exported network.

    The rows of the last layer are reordered, pixels are scaled inside, and a head is appended.
    """

    def __init__(self, network: nn.Module, cell: Cell) -> None:
        super().__init__()
        self.network, self.head = network, HEADS[cell.outputs]
        self.register_buffer("rows", torch.from_numpy(order_of(cell)))
        self.scale = 255.0 if cell.inputs == "0..255" else 1.0

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.head(self.network((x / self.scale - 0.5) / 0.5)[:, self.rows])
        return out


def characters(classes: int, *, null: bool) -> omniglot.LabelledImages:
    """Return training drawings of the first characters.

    They are private characters or, for a null model, public ones.
    """
    data = omniglot.load()
    source = data.public if null else data.private_train
    rows = source.labels < classes
    return omniglot.LabelledImages(source.images[rows], source.labels[rows], source.names[:classes])


@lru_cache
def trained(classes: int, *, null: bool) -> nn.Module:
    """Return a classifier without defences. Its input is (x - 0.5) / 0.5."""
    found = characters(classes, null=null)
    epochs = STEPS // max(1, len(found.images) // 64)
    return train_evaluator(found.images, found.labels, seed=classes, num_classes=classes, epochs=epochs).model.network


def export(cell: Cell, path: Path) -> None:
    """Write the ONNX file."""
    network = Released(trained(cell.classes, null=cell.null), cell).eval()
    axes = {"x": {0: "batch"}}
    torch.onnx.export(
        network, (torch.rand(2, 1, SIDE, SIDE),), str(path), dynamo=False, input_names=["x"], dynamic_axes=axes
    )


def description(cell: Cell) -> dict[str, Any]:
    """Return the description of the release: people in numeric order, images in [0, 1]."""
    convention = {"height": SIDE, "width": SIDE, "channels": 1, "mean": [0.0], "std": [1.0]}
    return {"convention": convention, "classes": people(cell.classes), "classes_are": "other"}


def write_sets(folder: Path, classes: int) -> None:
    """Write `public.npz` and `private-<classes>.npz`.

    The private set holds training and held-out drawings under the people's names.
    """
    data = omniglot.load()
    parts = [(part.images[part.labels < classes], part.labels[part.labels < classes])
             for part in (data.private_train, data.private_held_out)]  # fmt: skip
    np.savez_compressed(folder / "public.npz", images=data.public.images)
    np.savez_compressed(
        folder / f"private-{classes}.npz",
        images=np.concatenate([images for images, _ in parts]),
        labels=np.concatenate([labels for _, labels in parts]),
        identities=np.array(people(classes)),
        split=np.array(["train"] * len(parts[0][0]) + ["held-out"] * len(parts[1][0])),
    )
