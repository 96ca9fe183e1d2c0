"""Tabulate the states that `assess` reports for simulated models with a known truth.

    python -m bench.truth.fit_simulation [--times 200]

Prints the share of each state over many models of each kind. The simulated guess is written into
the image and read by the network, so everything else is real.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from worker.evaluation.fit import Fit, assess
from worker.inversion.targets import Target
from worker.inversion.targets.convention import InputConvention
from worker.inversion.targets.target import Output

Guessed = tuple[np.ndarray, np.ndarray]
"""Guesses and labels (N,), class indices."""


class ReadingTarget(Target):
    """Predicts the class index that is written in the first two pixels of an image.

    It reads the pixels in the convention of its training.
    """

    def __init__(self, classes: int, declared: InputConvention, trained_with: InputConvention) -> None:
        super().__init__(nn.Sequential(nn.Linear(1, classes)), declared, classes)
        self.trained_with = trained_with

    def forward(self, images: Tensor) -> Output:
        mean, std = self.trained_with.mean[0], self.trained_with.std[0]
        pixels = (self.convention.apply(images)[:, 0, 0, :2] * std + mean) * 255
        index = (256 * pixels[:, 0] + pixels[:, 1]).round().clamp(0, self.num_classes - 1).long()
        return Output(torch.eye(self.num_classes)[index], pixels)


PLAIN = InputConvention(height=8, width=8, channels=1)


def written(guesses: np.ndarray) -> np.ndarray:
    """Return an image (8, 8) for each guess."""
    images = np.zeros((len(guesses), 8, 8), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.divmod(guesses, 256)
    return images


def fit_of(
    guessed: Guessed, names: Sequence[str], *, declared: InputConvention = PLAIN, trained_with: InputConvention = PLAIN
) -> Fit:
    """Return the result of `assess` for a model with these guesses and class names."""
    guesses, labels = guessed
    return assess(ReadingTarget(len(names), declared, trained_with), written(guesses), labels, names)


def numbered(classes: int) -> list[str]:
    return [str(k) for k in range(classes)]


def trained(
    rng: np.random.Generator,
    classes: int,
    *,
    images: int = 10,
    right: float = 0.95,
    people: int | None = None,
    places: np.ndarray | None = None,
) -> Guessed:
    """Simulate a trained model.

    The share `right` of its guesses is correct, the rest are random. `places` is the class order
    of its training.
    """
    labels = np.repeat(np.sort(rng.permutation(classes)[:people]), images)
    guesses = np.where(rng.random(len(labels)) < right, labels, rng.integers(0, classes, len(labels)))
    return (guesses if places is None else places[guesses]), labels


def strangers(
    rng: np.random.Generator,
    classes: int,
    *,
    images: int = 10,
    alike: float = 1.0,
    people: int | None = None,
    popular: bool = False,
) -> Guessed:
    """Simulate a model of other people.

    The share `alike` of each stranger's images goes to one look-alike, the rest to random classes.
    """
    share = rng.dirichlet(np.full(classes, 0.5)) if popular else np.full(classes, 1 / classes)
    labels = np.repeat(np.sort(rng.permutation(classes)[:people]), images)
    look_alike = rng.choice(classes, classes, p=share)[labels]
    anybody = rng.choice(classes, len(labels), p=share)
    return np.where(rng.random(len(labels)) < alike, look_alike, anybody), labels


def swapped(classes: int, a: int, b: int) -> np.ndarray:
    places = np.arange(classes)
    places[[a, b]] = b, a
    return places


def alike_pair(rng: np.random.Generator, classes: int, *, images: int, taken: float) -> Guessed:
    """Simulate a trained model with two people who look alike.

    The share `taken` of each one's images is predicted as the other.
    """
    guesses, labels = trained(rng, classes, images=images)
    for own, other in ((0, 1), (1, 0)):
        rows = labels == own
        guesses[rows] = np.where(rng.random(images) < taken, other, own)
    return guesses, labels


def states(make: Callable[[], Guessed], classes: int, *, times: int = 40) -> Counter[str]:
    """Return how often models made by `make` are found in each state."""
    return Counter(fit_of(make(), numbered(classes)).state for _ in range(times))


def kinds(rng: np.random.Generator) -> Iterator[tuple[str, int, Callable[[], Guessed]]]:
    """Yield every kind of model: label, number of classes, and a function that draws one."""
    for classes in (2, 3, 4, 5, 10, 90, 500):
        text = np.argsort(np.argsort(numbered(classes)))
        for images in (5, 15) if classes < 500 else (5,):
            of = f"{classes} classes, {images} images each"

            def draw(kind: Callable[..., Guessed], n: int = classes, m: int = images, **options: Any) -> Guessed:
                if callable(options.get("places")):
                    options["places"] = options["places"](n)
                return kind(rng, n, images=m, **options)

            yield f"trained, 86 % right, {of}", classes, partial(draw, trained, right=0.86)
            yield f"two people alike (half taken for the other), {of}", classes, partial(draw, alike_pair, taken=0.5)
            yield f"shuffled order, {of}", classes, partial(draw, trained, places=rng.permutation)
            yield f"two classes swapped, {of}", classes, partial(draw, trained, places=lambda n: swapped(n, 0, n - 1))
            if classes > 10:
                yield f"sorted as text, {of}", classes, partial(draw, trained, places=lambda n, p=text: p)
                yield (
                    f"sorted as text, 10 people, {of}",
                    classes,
                    partial(draw, trained, people=10, places=lambda n, p=text: p),
                )
            yield f"other people, image by image, {of}", classes, partial(draw, strangers, alike=0.0)
            yield f"other people, half alike, {of}", classes, partial(draw, strangers, alike=0.5)
            yield f"other people, all alike, {of}", classes, partial(draw, strangers)
            yield f"other people, all alike, popular classes, {of}", classes, partial(draw, strangers, popular=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200, help="models of each kind")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    columns = ("trained", "below_floor", "at_chance", "class_order", "input_convention")
    print(f"| model | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for name, classes, make in kinds(np.random.default_rng(args.seed)):
        found = states(make, classes, times=args.times)
        print(f"| {name} | {' | '.join(f'{found[state] / args.times:.1%}' for state in columns)} |", flush=True)


if __name__ == "__main__":
    main()
