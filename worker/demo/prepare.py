"""Prepares the demo's uploads: a trained checkpoint, its description and two data sets.

    python -m worker.demo.prepare --out DIR [--seed N] [--twin 3,14,15] [--epochs N]

Writes DIR/model.safetensors, DIR/release.json, DIR/public.npz and DIR/private.npz. With --twin,
also writes DIR/twin.safetensors and DIR/twin.json, a model of the same recipe that never saw these
characters.

Prints JSON lines: {"event": "progress", "done", "total", "metrics"} while training, and {"event":
"done", ...} at the end.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from worker.bundled import omniglot
from worker.demo.train_target import EPOCHS, train_demo_target
from worker.inversion.progress import Progress, silent

CLASSES_ARE = "other"
"""A class is a character, drawn by twenty people."""


def prepare(folder: Path, *, seed: int = 0, epochs: int = EPOCHS, progress: Progress = silent) -> dict[str, Any]:
    """Write the four files to `folder` and return the description of the release.

    Returns: architecture, hyperparameters, convention, classes, classes_are, held_out_accuracy in
        [0, 1].
    """
    folder.mkdir(parents=True, exist_ok=True)
    card = train_demo_target(folder / "model.safetensors", seed=seed, epochs=epochs, progress=progress)
    description = {name: card[name] for name in ("architecture", "hyperparameters", "convention", "held_out_accuracy")}
    description["classes"] = [readable(name) for name in card["class_names"]]
    description["classes_are"] = CLASSES_ARE
    (folder / "release.json").write_text(json.dumps(description, indent=2) + "\n")
    write_sets(folder, omniglot.load())
    return description


def prepare_twin(
    folder: Path, identities: Sequence[int], *, seed: int = 0, progress: Progress = silent
) -> dict[str, Any]:
    """Train a twin without these characters, in half the epochs.

    Returns: the identities, their stand-ins as `replaced` for the service, and held_out_accuracy
        on the characters that the twin did see.
    """
    data = omniglot.load()
    stand_ins = np.random.default_rng(seed).permutation(len(data.public.names))
    replaced = {int(k): int(stand_ins[i]) for i, k in enumerate(sorted(set(identities)))}
    card = train_demo_target(
        folder / "twin.safetensors", seed=seed, epochs=EPOCHS // 2, replaced=replaced, progress=progress
    )
    names = data.private_train.names
    description = {
        "identities": sorted(replaced),
        "replaced": [
            {"identity": readable(names[k]), "stand_in": readable(data.public.names[s])} for k, s in replaced.items()
        ],
        "held_out_accuracy": card["held_out_accuracy"],
    }
    (folder / "twin.json").write_text(json.dumps(description, indent=2) + "\n")
    return description


def write_sets(folder: Path, data: omniglot.Omniglot) -> None:
    """Write `public.npz` (images only) and `private.npz` (images, labels, identity names, split).

    The public set has no labels, like images of the same kind that an attacker collects.
    """
    np.savez_compressed(folder / "public.npz", images=data.public.images)
    train, held_out = data.private_train, data.private_held_out
    np.savez_compressed(
        folder / "private.npz",
        images=np.concatenate([train.images, held_out.images]),
        labels=np.concatenate([train.labels, held_out.labels]),
        identities=np.array([readable(name) for name in train.names]),
        split=np.array(["train"] * len(train.images) + ["held-out"] * len(held_out.images)),
    )


def readable(name: str) -> str:
    """Convert "Greek/character07" to "Greek 07"."""
    alphabet, _, character = name.partition("/")
    return f"{alphabet} {character.removeprefix('character')}"


def main() -> None:
    """Entry point of `python -m worker.demo.prepare`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--twin", default="", help="class indices, separated by commas")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="fewer for a test, which needs no strong model")
    arguments = parser.parse_args()

    def say(event: str, **more: Any) -> None:
        sys.stdout.write(json.dumps({"event": event, **more}) + "\n")
        sys.stdout.flush()

    description = prepare(
        arguments.out,
        seed=arguments.seed,
        epochs=arguments.epochs,
        progress=lambda done, total, metrics: say("progress", done=done, total=total, metrics=metrics),
    )
    if arguments.twin:
        twin = prepare_twin(
            arguments.out,
            [int(k) for k in arguments.twin.split(",")],
            seed=arguments.seed,
            progress=lambda done, total, metrics: say("progress", done=done, total=total, metrics=metrics),
        )
        description |= {"twin_held_out_accuracy": twin["held_out_accuracy"]}
    say("done", **description)


if __name__ == "__main__":
    main()
