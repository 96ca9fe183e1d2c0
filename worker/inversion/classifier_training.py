"""Training of classifiers: one step, one pass over the images, and the default recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.priors.augmentation import random_views
from worker.inversion.progress import Progress, silent
from worker.inversion.targets.target import Target

Loss = Callable[[Tensor, Tensor], Tensor]
"""(network's output for a batch, what to learn for each image) -> scalar."""
Views = Callable[[Tensor, torch.Generator], Tensor]
"""(images (B, C, H, W), generator) -> views of the same shape."""
Schedule = Callable[[int], None]
"""Called before each step with the number of steps done. Sets the rate."""
WEIGHT_DECAY = 1e-2


def unchanged(images: Tensor, rng: torch.Generator) -> Tensor:
    """Return the images unchanged, without drawing random numbers."""
    return images


def small_changes(images: Tensor, rng: torch.Generator) -> Tensor:
    """Return views that differ by a small affine map."""
    return random_views(images, flips=False, affine=1.0, generator=rng)


def logits(network: Target, images: Tensor) -> Tensor:
    """Return T(x), without the features."""
    answer: Tensor = network(images).logits
    return answer


def nothing() -> None:
    """Leave the gradients unchanged."""


@dataclass(frozen=True, kw_only=True)
class ClassifierTraining:
    """A network, its loss and its optimiser.

    Attributes:
        forward: the network's output for a batch of images (B, C, H, W).
        views: applied to each batch, with new random numbers in every step.
        gradients: called between the backward pass and the optimiser's step.
    """

    forward: Callable[[Tensor], Tensor]
    optimiser: torch.optim.Optimizer
    schedule: Schedule
    loss: Loss = F.cross_entropy
    views: Views = unchanged
    gradients: Callable[[], None] = nothing

    def step(self, done: int, images: Tensor, y: Tensor) -> Tensor:
        """Take one optimiser step on a batch, after `done` others. Return the loss before it."""
        self.schedule(done)
        loss = self.loss(self.forward(images), y)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.gradients()
        self.optimiser.step()
        return loss.detach()

    def epoch(self, number: int, x: Tensor, y: Tensor, *, batch: int, rng: torch.Generator) -> Iterator[Tensor]:
        """Pass over all images in random order, one step per iteration, and yield each loss.

        Args:
            number: number of passes done before.
            x: images (N, C, H, W).
            y: what to learn for each image (N, ...).
            batch: batch size. The last, incomplete batch is skipped.
        """
        batches = len(x) // batch
        order = torch.randperm(len(x), generator=rng)[: batches * batch]
        for i, pick in enumerate(torch.split(order, batch)):
            own = pick.to(x.device)
            yield self.step(number * batches + i, self.views(x[own], rng), y[own])


def one_cycle(optimiser: torch.optim.Optimizer, *, lr: float, steps: int) -> Schedule:
    """Return a rate that rises to `lr` in 30 % of the steps and falls to about 0 along a cosine.

    Source: Smith, 2018.
    """
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=lr, total_steps=steps)

    def advance(done: int) -> None:
        if done:
            cycle.step()

    return advance


@contextmanager
def seeded(seed: int, devices: Sequence[int] = ()) -> Iterator[None]:
    """Seed the global generators, which dropout uses, and restore their states afterwards.

    Args:
        devices: GPUs whose states are restored too.
    """
    with torch.random.fork_rng(devices=list(devices)):
        torch.manual_seed(seed)
        yield


def train_classifier(
    network: Target,
    x: Tensor,
    y: Tensor,
    *,
    epochs: int,
    batch: int,
    lr: float,
    seed: int,
    dropout_seed: int,
    weight_decay: float = WEIGHT_DECAY,
    loss: Loss = F.cross_entropy,
    gradients: Callable[[], None] = nothing,
    progress: Progress = silent,
) -> None:
    """Train in place with AdamW, one cycle of the rate and small changes of the images.

    The network is in eval mode afterwards.

    Args:
        x: images (N, C, H, W) in [0, 1].
        y: labels (N,).
        batch: batch size, reduced if there are fewer images.
        seed: seed of the order of the images and of their views.

    Progress: done and total count epochs; figures "loss", of the last batch.
    """
    batch = min(batch, len(x))
    optimiser = torch.optim.AdamW(network.train().parameters(), lr=lr, weight_decay=weight_decay)
    training = ClassifierTraining(
        forward=partial(logits, network),
        optimiser=optimiser,
        schedule=one_cycle(optimiser, lr=lr, steps=epochs * (len(x) // batch)),
        loss=loss,
        views=small_changes,
        gradients=gradients,
    )
    rng = torch.Generator().manual_seed(seed)
    with seeded(dropout_seed):
        for epoch in range(epochs):
            *_, last = training.epoch(epoch, x, y, batch=batch, rng=rng)
            progress(epoch + 1, epochs, {"loss": float(last)})
    optimiser.zero_grad(set_to_none=True)
    network.eval()
