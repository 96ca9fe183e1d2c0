"""Train a target or an evaluator by the paper's recipe, resumable after every epoch.

    python -m bench.make.train_target --set lfw64-private.zip --work DIR \\
        [--architecture exhume/vgg16-bn]
    python -m bench.make.train_target --set lfw64-private.zip --work DIR \\
        --architecture exhume/ir-50 --size 112

`--set` is a ZIP archive of train/IDENTITY/*.jpg and test/IDENTITY/*.jpg, or an npz with x_train,
y_train, x_test, y_test. Writes `checkpoint.pt` to `--work` after every epoch (another run resumes
from it exactly), and at the end `target.safetensors` and `target.json` (architecture, convention,
recipe, accuracy on the test images, digests). The default recipe is the paper's. `--schedule
one-cycle --affine 1` learns faster from few images.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from bench.attacks.image_sets import LabelledImages, private_sets
from worker.inversion.classifier_training import ClassifierTraining, seeded
from worker.inversion.data import images_digest, to_tensor
from worker.inversion.latents import row_seed
from worker.inversion.layout import channels_last
from worker.inversion.priors.augmentation import random_views
from worker.inversion.progress import Progress, silent
from worker.inversion.targets import InputConvention, Target, build_network, load_target


@dataclass(frozen=True)
class TargetRecipe:
    """Recipe of a target. The defaults are those of Nguyen et al., CVPR 2023, and of earlier work.

    Attributes:
        size: side of the network's input. Images of another size are resized by the convention.
        schedule: "constant", or "one-cycle" with its peak at `lr`.
        mirror: mirror half of the images left to right.
        affine: see `augmentation.random_views`.
        bf16: bfloat16 autocast. Faster only on processors with bf16 units.
    """

    architecture: str = "exhume/vgg16-bn"
    hyperparameters: dict[str, Any] = dataclasses.field(default_factory=dict)
    size: int = 64
    epochs: int = 50
    batch: int = 64
    lr: float = 0.01
    momentum: float = 0.9
    weight_decay: float = 1e-4
    schedule: str = "constant"
    mirror: bool = True
    affine: float = 0.0
    bf16: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.schedule not in ("constant", "one-cycle"):
            raise SystemExit(f"schedule must be constant or one-cycle, not {self.schedule!r}")

    def rate(self, done: float) -> float:
        """Return the learning rate when the share `done` of all steps is done.

        "one-cycle" rises linearly over the first tenth and falls along half a cosine.
        """
        if self.schedule == "constant":
            return self.lr
        return float(self.lr * min((done + 0.004) * 10, 1.0, 0.5 + 0.5 * np.cos(np.pi * (done - 0.1) / 0.9) + 1e-3))


def train_target(
    images: np.ndarray,
    labels: np.ndarray,
    recipe: TargetRecipe,
    *,
    checkpoint: Path | None = None,
    device: str = "cpu",
    progress: Progress = silent,
) -> Target:
    """Minimise the cross-entropy of images uint8 (N, H, W[, C]) with labels (N,) from 0.

    Every epoch seeds its order, views and dropout separately, so a run resumed from the checkpoint
    of an epoch gives the same result as an uninterrupted one. Progress: done and total count
    epochs; figures "loss".
    """
    x, y = to_tensor(images), torch.from_numpy(np.asarray(labels, np.int64))
    classes = int(y.max()) + 1
    convention = InputConvention(recipe.size, recipe.size, x.shape[1], mean=(0.5,), std=(0.5,))
    network = build_network(recipe.architecture, recipe.hyperparameters, classes, x.shape[1], seed=recipe.seed)
    T = channels_last(Target(network, convention, classes).to(device))
    learned = [p for p in T.parameters() if p.requires_grad]
    optimiser = torch.optim.SGD(
        learned, lr=recipe.lr, momentum=recipe.momentum, weight_decay=recipe.weight_decay, nesterov=False
    )
    first = 0
    if checkpoint is not None and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True, map_location=device)
        T.load_state_dict(state["T"])
        optimiser.load_state_dict(state["optimiser"])
        first = state["epochs"]
    for epoch in range(first, recipe.epochs):
        loss = _epoch(T, optimiser, x, y, recipe, epoch, device)
        if checkpoint is not None:
            part = checkpoint.with_suffix(".part")
            torch.save({"T": T.state_dict(), "optimiser": optimiser.state_dict(), "epochs": epoch + 1}, part)
            part.replace(checkpoint)
        progress(epoch + 1, recipe.epochs, {"loss": loss})
    optimiser.zero_grad(set_to_none=True)
    return T.eval().requires_grad_(False)


def _epoch(
    T: Target,
    optimiser: torch.optim.Optimizer,
    x: torch.Tensor,
    y: torch.Tensor,
    recipe: TargetRecipe,
    epoch: int,
    device: str,
) -> float:
    """Run one pass over all images without the last incomplete batch. Return the mean loss."""
    T.train()
    seed = row_seed(recipe.seed, "epoch", epoch)
    batch = min(recipe.batch, len(x))
    batches = len(x) // batch

    def views(images: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        views = random_views(images, flips=False, affine=recipe.affine, generator=rng)
        if not recipe.mirror:
            return views
        turned = torch.rand(len(views), generator=rng) < 0.5
        return torch.where(turned[:, None, None, None], views.flip(3), views)

    def forward(images: torch.Tensor) -> torch.Tensor:
        with torch.autocast(device.partition(":")[0], torch.bfloat16, enabled=recipe.bf16):
            logits: torch.Tensor = T(images.to(device)).logits
        return logits.float()

    def set_rate(done: int) -> None:
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate((epoch + done % batches / batches) / recipe.epochs)

    training = ClassifierTraining(
        forward=forward,
        optimiser=optimiser,
        schedule=set_rate,
        loss=lambda logits, labels: F.cross_entropy(logits, labels.to(device)),
        views=views,
    )
    rng = torch.Generator().manual_seed(seed)
    with seeded(seed % 2**62, range(torch.cuda.device_count()) if device.startswith("cuda") else ()):
        losses = list(training.epoch(epoch, x, y, batch=batch, rng=rng))
    return float(torch.stack(losses).mean())


def accuracy(T: Target, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of images uint8 (N, H, W[, C]) that T classifies correctly."""
    x, device = to_tensor(images), next(T.parameters()).device
    T.eval()
    with torch.no_grad():
        top = torch.cat([T(part.to(device)).logits.argmax(1).cpu() for part in torch.split(x, 256)])
    return float((top.numpy() == labels).mean())


def save_target(T: Target, recipe: TargetRecipe, train: LabelledImages, test: LabelledImages, work: Path) -> Path:
    """Write target.safetensors and target.json. Return the card's path."""
    weights = work / "target.safetensors"
    save_file({k: v.cpu().contiguous() for k, v in T.network.state_dict().items()}, weights)
    card = {
        "architecture": recipe.architecture, "hyperparameters": recipe.hyperparameters, "num_classes": T.num_classes,
        "convention": T.convention.to_dict(), "recipe": dataclasses.asdict(recipe),
        "train_accuracy": accuracy(T, train.images, train.labels),
        "test_accuracy": accuracy(T, test.images, test.labels), "test_images": len(test.images),
        "images": images_digest(train.images), "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "torch": str(torch.__version__),
    }  # fmt: skip
    (work / "target.json").write_text(json.dumps(card, indent=2) + "\n")
    return work / "target.json"


def open_target(work: Path) -> tuple[Target, dict[str, Any]]:
    """Return the target that `save_target` wrote to this folder, and its card."""
    card = json.loads((work / "target.json").read_text())
    convention = InputConvention.from_dict(card["convention"])
    weights = work / "target.safetensors"
    return load_target(weights, card["architecture"], card["hyperparameters"], card["num_classes"], convention), card


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    for field in dataclasses.fields(TargetRecipe):
        name = f"--{field.name.replace('_', '-')}"
        if field.name == "hyperparameters":
            parser.add_argument(name, type=json.loads, default={})
        elif field.type == "bool":
            parser.add_argument(name, action=argparse.BooleanOptionalAction, default=field.default)
        else:
            parser.add_argument(name, type=type(field.default), default=field.default)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    recipe = TargetRecipe(**{f.name: getattr(args, f.name) for f in dataclasses.fields(TargetRecipe)})
    args.work.mkdir(parents=True, exist_ok=True)
    train, test = private_sets(args.set)
    start = time.perf_counter()

    def progress(done: int, total: int, figures: dict[str, float]) -> None:
        seconds = round(time.perf_counter() - start, 1)
        print(json.dumps({"epoch": done, "of": total, **figures, "seconds": seconds}), flush=True)

    T = train_target(
        train.images, train.labels, recipe, checkpoint=args.work / "checkpoint.pt", device=args.device,
        progress=progress,
    )  # fmt: skip
    card = save_target(T, recipe, train, test, args.work)
    print(card.read_text())


if __name__ == "__main__":
    main()
