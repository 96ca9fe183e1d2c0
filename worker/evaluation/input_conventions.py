"""Compares a model's accuracy under the declared and other plausible input conventions."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from worker.evaluation.guessing import NO_GUESS, clearly_better
from worker.evaluation.statistics import by_identity
from worker.inversion.data import to_tensor
from worker.inversion.frozen import frozen
from worker.inversion.layout import device_of
from worker.inversion.targets import Target
from worker.inversion.targets.convention import InputConvention

BATCH, SAMPLE = 256, 400
PIXELS = 1 << 20
"""Pixels of a batch at the network's input size: 256 images of 64x64, 20 of 224x224.

Activations take many times that.
"""
MARGIN = 0.1
"""Accuracy in [0, 1] by which another convention must exceed the declared one."""
DECLARED = "as declared"


@dataclass(frozen=True)
class Reading:
    """The accuracy under one input convention.

    It is a mean over identities, with the classes in the declared order.
    """

    name: str
    convention: InputConvention
    accuracy: float

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "convention": self.convention.to_dict(), "accuracy": self.accuracy}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Reading:
        return cls(document["name"], InputConvention.from_dict(document["convention"]), document["accuracy"])


def normalisations(declared: InputConvention) -> dict[str, InputConvention]:
    """Return plausible normalisations besides the declared one by name, without duplicates.

    Mean and standard deviation refer to pixels from 0 to 1. They are divided by 255 for a model
    that takes pixels from 0 to 255, and multiplied by 255 for a model that takes pixels from 0 to
    1 but is described for 0 to 255.
    """
    imagenet = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)) if declared.channels == 3 else ((0.449,), (0.226,))
    values = {
        "pixels from 0 to 1": ((0.0,), (1.0,)),
        "pixels from -1 to 1": ((0.5,), (0.5,)),
        "pixels from 0 to 255": ((0.0,), (1 / 255,)),
        "ImageNet mean and standard deviation": imagenet,
        "ImageNet mean, pixels from 0 to 255": (imagenet[0], (1 / 255,)),
        "mean and standard deviation divided by 255": tuple(
            tuple(v / 255 for v in numbers) for numbers in (declared.mean, declared.std)
        ),
        "mean and standard deviation multiplied by 255": tuple(
            tuple(v * 255 for v in numbers) for numbers in (declared.mean, declared.std)
        ),
    }
    found: dict[str, InputConvention] = {}
    for name, (mean, std) in values.items():
        if max(map(abs, (*mean, *std))) < 1e6:
            other = dataclasses.replace(declared, mean=mean, std=std)
            if not any(_alike(other, known) for known in (declared, *found.values())):
                found[name] = other
    return found


def _alike(a: InputConvention, b: InputConvention) -> bool:
    """Return whether two normalisations agree to a hundredth of the pixel range."""
    return np.allclose(a.std, b.std, rtol=0.01) and np.allclose(a.mean, b.mean, atol=0.005)


def turned(convention: InputConvention) -> tuple[str, InputConvention]:
    """Return the other order of the colour channels, and its name."""
    order: Literal["RGB", "BGR"] = "RGB" if convention.channel_order == "BGR" else "BGR"
    return order, dataclasses.replace(convention, channel_order=order)


def guesses_of(
    target: Target,
    images: np.ndarray,
    convention: InputConvention | None = None,
    *,
    between: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Return the class (N,) that the model gives each image under a convention.

    The default is the target's own convention. Images with outputs that are NaN or infinite get
    `NO_GUESS`.
    """
    seen, device, guesses = copy.copy(target), device_of(target), []
    seen.convention = convention or target.convention
    batch = min(BATCH, max(1, PIXELS // (seen.convention.height * seen.convention.width)))
    with frozen(target), torch.no_grad():
        for at in range(0, len(images), batch):
            logits = seen(to_tensor(images[at : at + batch]).to(device)).logits
            guess = logits.argmax(1).masked_fill(~logits.isfinite().all(1), NO_GUESS)
            guesses.append(guess.cpu().numpy())
            between()
    found: np.ndarray = np.concatenate(guesses)
    return found


def sample(labels: np.ndarray, *, seed: int, size: int = SAMPLE) -> np.ndarray:
    """Return the rows of at most `size` images, ascending, spread evenly over the identities."""
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    order = shuffled[np.argsort(labels[shuffled], kind="stable")]
    ordered = labels[order]
    turn = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    chosen: np.ndarray = np.sort(order[np.argsort(turn, kind="stable")[:size]])
    return chosen


@dataclass(frozen=True)
class Conventions:
    """Guesses (M,) on a sample of the images under each convention, the declared one first.

    Attributes:
        rows: (M,) rows of the sample.
        labels: (M,) labels of its images.
    """

    rows: np.ndarray
    labels: np.ndarray
    conventions: dict[str, InputConvention]
    guesses: dict[str, np.ndarray]

    def accuracy(self, name: str) -> float:
        return float(by_identity(self.guesses[name] == self.labels, self.labels).mean())

    def contradicting(self, *, floor: float) -> str | None:
        """Return the name of the best convention if it rules out the declared one, else None.

        It must reach the floor, be more accurate by `MARGIN` and label clearly more of the same
        images correctly.
        """
        best = max(self.guesses, key=self.accuracy)
        right, declared = (self.guesses[name] == self.labels for name in (best, DECLARED))
        higher = self.accuracy(best) > max(floor, self.accuracy(DECLARED) + MARGIN)
        return best if higher and clearly_better(right, declared) else None


def try_conventions(
    target: Target,
    images: np.ndarray,
    labels: np.ndarray,
    declared: np.ndarray,
    *,
    floor: float,
    between: Callable[[], None] = lambda: None,
    seed: int = 0,
) -> Conventions:
    """Evaluate the model on a sample of the images under every plausible convention.

    Colour channels are also swapped: under the declared normalisation and, if no convention
    reaches the floor, under every other one.

    Args:
        declared: guesses (N,) for all images under the declared convention.
        floor: the accuracy that a trained model reaches.
    """
    rows = sample(labels, seed=seed)
    tried = {DECLARED: target.convention} | normalisations(target.convention)
    found = Conventions(rows, labels[rows], tried, {DECLARED: declared[rows]})
    for name, convention in list(tried.items())[1:]:
        found.guesses[name] = guesses_of(target, images[rows], convention, between=between)
    if images.ndim == 4 and images.shape[3] == 3:
        lost = max(map(found.accuracy, found.guesses)) <= floor
        for name, convention in list(tried.items())[: None if lost else 1]:
            order, other = turned(convention)
            title = order if name == DECLARED else f"{name}, {order}"
            tried[title] = other
            found.guesses[title] = guesses_of(target, images[rows], other, between=between)
    return found
