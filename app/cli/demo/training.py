"""Training of the demo's target and its twin."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.cli.terminal import Terminal
from app.cli.training_process import run_training


class TrainingError(Exception):
    """The training process failed. The message contains the end of its output."""


def train_target(console: Terminal, folder: Path, seed: int, twin: Sequence[int] = ()) -> dict[str, Any]:
    """Write `model.safetensors`, `release.json`, `public.npz` and `private.npz` to `folder`.

    `twin` lists class indices. If it is not empty, `twin.safetensors` and `twin.json` are written
    too, from the same recipe without these classes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arguments = ["--out", str(folder), "--seed", str(seed)]
    arguments += ["--twin", ",".join(str(index) for index in twin)] if twin else []
    ended = run_training("worker.demo.prepare", arguments, console)
    if ended.returncode != 0 or ended.event.get("event") != "done":
        raise TrainingError(f"training the demo's target failed: {ended.why}")
    return ended.event
