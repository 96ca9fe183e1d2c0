"""Does another input convention fit a model better than the declared one? Accuracy under each plausible one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from worker.evaluation.guessing import NO_GUESS
from worker.inversion.data import to_tensor
from worker.inversion.frozen import frozen
from worker.inversion.layout import device_of
from worker.inversion.targets import Target
from worker.inversion.targets.convention import InputConvention

BATCH = 256


@dataclass(frozen=True)
class Reading:
    """The accuracy under one input convention, a mean over identities with the classes in the declared order."""

    name: str
    convention: InputConvention
    accuracy: float

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "convention": self.convention.to_dict(), "accuracy": self.accuracy}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Reading:
        return cls(document["name"], InputConvention.from_dict(document["convention"]), document["accuracy"])


def guesses_of(
    target: Target,
    images: np.ndarray,
    convention: InputConvention | None = None,
    *,
    between: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """The class (N,) that the model gives each image under a convention, by default its own.

    `NO_GUESS` where its output is not finite.
    """
    seen, device, guesses = copy.copy(target), device_of(target), []
    seen.convention = convention or target.convention
    with frozen(target), torch.no_grad():
        for at in range(0, len(images), BATCH):
            logits = seen(to_tensor(images[at : at + BATCH]).to(device)).logits
            guess = logits.argmax(1).masked_fill(~logits.isfinite().all(1), NO_GUESS)
            guesses.append(guess.cpu().numpy())
            between()
    found: np.ndarray = np.concatenate(guesses)
    return found
