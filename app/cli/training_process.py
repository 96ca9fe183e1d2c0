"""Training in a separate process with a progress bar. The command line never imports torch."""

import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import typer

from app.cli import bars
from app.cli.stack.commands import environment
from app.cli.terminal import Terminal
from app.contract.exit_codes import Exit
from app.embedded.death import die_with_parent

SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Ended:
    """The end of the process.

    `event` is the last event other than a note or progress, or {}. `output` is the end of its
    other output.
    """

    returncode: int
    event: dict[str, Any]
    output: str

    @property
    def why(self) -> str:
        """Why there is no result. Never empty, also where the process could not say it."""
        if detail := str(self.event.get("detail") or "").strip():
            return detail
        return "\n".join(filter(None, [self._end(), self.output.strip()]))

    def _end(self) -> str:
        if self.returncode >= 0:
            return f"its process ended with exit code {self.returncode}, and without a result."
        name = signal.Signals(-self.returncode).name
        memory = " The system does this when memory runs out." if name == "SIGKILL" else ""
        return f"its process was ended by {name}.{memory}"


def run_training(module: str, arguments: list[str], console: Terminal, *, transient: bool = False) -> Ended:
    """Run `python -m module`, which prints events as JSON lines among other lines.

    The process ends with this one. Ends the command on Ctrl-C, SIGTERM and SIGHUP, and says so.
    """
    other: deque[str] = deque(maxlen=20)
    last: dict[str, Any] = {}
    with bars.of_work(console, transient=transient) as progress, _started(module, arguments, console) as process:
        bar = progress.add_task("train", total=1, note="")
        said = 0
        assert process.stdout is not None
        for line in process.stdout:
            event = _event(line)
            if event is None:
                other.extend([line.rstrip()] if line.strip() else [])
            elif event["event"] == "progress":
                progress.update(bar, completed=event["done"], total=event["total"])
                tenth = 10 * event["done"] // event["total"]
                if transient and tenth > said and not console.is_terminal:
                    console.say(f"train {10 * tenth} %")  # a log has no bar
                    said = tenth
            elif event["event"] == "note":
                console.say(event["text"])
            else:
                last = event
    return Ended(process.returncode, last, "\n".join(other))


@contextmanager
def _started(module: str, arguments: list[str], console: Terminal) -> Iterator["subprocess.Popen[str]"]:
    """Yield the running process, and wait for its end."""
    parent = os.getpid()
    old = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        for number, handler in old.items():
            if handler is not signal.SIG_IGN:  # as `nohup` has it
                signal.signal(number, _stop)
        with subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            preexec_fn=lambda: die_with_parent(signal.SIGTERM, parent),  # noqa: PLW1509 - nothing runs in a thread yet
        ) as process:
            try:
                yield process
            except BaseException:
                process.terminate()
                raise
    except (KeyboardInterrupt, _StoppedError) as stop:
        number = stop.number if isinstance(stop, _StoppedError) else signal.SIGINT
        console.say(f"Stopped by {number.name}. What was made until then is incomplete.")
        raise typer.Exit(Exit.INTERRUPTED if number == signal.SIGINT else 128 + number) from stop
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


class _StoppedError(Exception):
    """A signal asked the command to end."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number.name)
        self.number = number


def _stop(number: int, _frame: FrameType | None) -> None:
    raise _StoppedError(signal.Signals(number))


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None
