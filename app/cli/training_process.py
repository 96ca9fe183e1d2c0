"""Training in a separate process with a progress bar. The command line never imports torch."""

import json
import subprocess
import sys
from collections import deque
from dataclasses import dataclass
from typing import Any

from app.cli import bars
from app.cli.stack.commands import environment
from app.cli.terminal import Terminal


@dataclass(frozen=True)
class Ended:
    """The end of the process.

    `event` is the last event other than a note or progress, or {}. `output` is the end of its
    other output.
    """

    returncode: int
    event: dict[str, Any]
    output: str


def run_training(module: str, arguments: list[str], console: Terminal, *, transient: bool = False) -> Ended:
    """Run `python -m module`, which prints events as JSON lines among other lines."""
    other: deque[str] = deque(maxlen=20)
    last: dict[str, Any] = {}
    command = [sys.executable, "-P", "-m", module, *arguments]
    with (
        bars.of_work(console, transient=transient) as progress,
        subprocess.Popen(
            command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        bar = progress.add_task("train", total=1, note="")
        assert process.stdout is not None
        for line in process.stdout:
            event = _event(line)
            if event is None:
                other.append(line.rstrip())
            elif event["event"] == "progress":
                progress.update(bar, completed=event["done"], total=event["total"])
            elif event["event"] == "note":
                console.say(event["text"])
            else:
                last = event
    return Ended(process.returncode, last, "\n".join(other))


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None
