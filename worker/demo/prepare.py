"""Everything the demo uploads: a freshly trained checkpoint, its description, and the two image sets.

    python -m worker.demo.prepare --out DIR [--seed N]

writes DIR/model.safetensors, DIR/release.json, DIR/public.npz and DIR/private.npz, and prints JSON lines:
{"event": "progress", "done", "total", "metrics"} while training, {"event": "done", ...} at the end.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from worker.demo import omniglot
from worker.demo.train_target import train_demo_target
from worker.inversion.progress import Progress, silent


def prepare(folder: Path, *, seed: int = 0, progress: Progress = silent) -> dict[str, Any]:
    """Write the four files to `folder` and return the description of the release.

    Returns: architecture, hyperparameters, convention, classes, held_out_accuracy in [0, 1].
    """
    folder.mkdir(parents=True, exist_ok=True)
    card = train_demo_target(folder / "model.safetensors", seed=seed, progress=progress)
    description = {name: card[name] for name in ("architecture", "hyperparameters", "convention", "held_out_accuracy")}
    description["classes"] = [readable(name) for name in card["class_names"]]
    (folder / "release.json").write_text(json.dumps(description, indent=2) + "\n")
    write_sets(folder, omniglot.load())
    return description


def write_sets(folder: Path, data: omniglot.Omniglot) -> None:
    """`public.npz` (images alone) and `private.npz` (images, labels, identity names, train or held-out).

    The public set carries no labels: an attacker who collects images of the same kind has none.
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
    """ "Greek/character07" -> "Greek 07"."""
    alphabet, _, character = name.partition("/")
    return f"{alphabet} {character.removeprefix('character')}"


def main() -> None:
    """Entry point of `python -m worker.demo.prepare`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    def say(event: str, **more: Any) -> None:
        sys.stdout.write(json.dumps({"event": event, **more}) + "\n")
        sys.stdout.flush()

    description = prepare(
        arguments.out,
        seed=arguments.seed,
        progress=lambda done, total, metrics: say("progress", done=done, total=total, metrics=metrics),
    )
    say("done", **description)


if __name__ == "__main__":
    main()
