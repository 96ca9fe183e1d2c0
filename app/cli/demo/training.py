"""Train the demo's target in a process of its own: the command line never imports torch."""

import json
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli.stack.commands import environment


class TrainingError(Exception):
    """The training process failed; the message holds the end of its output."""


def train_target(console: Console, folder: Path, seed: int, twin: Sequence[int] = ()) -> dict[str, Any]:
    """Train the target and write `model.safetensors`, `release.json`, `public.npz`, `private.npz` to `folder`.

    With `twin`, class indices, also `twin.safetensors` and `twin.json`: the same recipe without these characters.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "worker.demo.prepare", "--out", str(folder), "--seed", str(seed)]
    command += ["--twin", ",".join(str(index) for index in twin)] if twin else []
    columns = (
        TextColumn("  {task.description:<10}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    other: deque[str] = deque(maxlen=20)
    done: dict[str, Any] | None = None
    with (
        Progress(*columns, console=console) as progress,
        subprocess.Popen(
            command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        bar = progress.add_task("train", total=1)
        assert process.stdout is not None
        for line in process.stdout:
            event = _event(line)
            if event is None:
                other.append(line.rstrip())
            elif event["event"] == "progress":
                progress.update(bar, completed=event["done"], total=event["total"])
            elif event["event"] == "done":
                done = event
    if process.returncode != 0 or done is None:
        raise TrainingError(f"training the demo's target failed ({process.returncode}):\n" + "\n".join(other))
    return done


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None
