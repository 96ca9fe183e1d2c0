"""Parent side of the sandbox: starts the child, watches it, and checks its answer."""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.formats.refusal import Refused, refusal_from
from worker.intake.sandbox.fresh import CODE, FreshChild
from worker.intake.sandbox.warm import WARM, fork, restart_if_lost
from worker.intake.sandbox.watching import Ended, SandboxLimits, never, watch

log = logging.getLogger(__name__)


def run_sandboxed(
    task: str,
    request: dict[str, Any],
    *,
    input_path: Path,
    work: Path,
    limits: SandboxLimits,
    code: tuple[Path, ...] = (),
    advanced: Callable[[], bool] = never,
) -> dict[str, Any]:
    """Run `task` in the sandbox: "module:function", called with input path, work folder, request.

    Return the JSON object that the task returned. The process may have been taken over, so check
    every part of it. A task of several pieces has the limit of time for each of them: `advanced`
    is called several times a second, and returns whether another one is finished.

    Raises: Refused if the task rejected the file, died, hung or exceeded a limit; OSError (ENOSPC)
        if the disk is full, which is not a fault of the upload.
    """
    order = {
        "task": task,
        "request": request,
        "input": str(input_path),
        "input_folder": str(input_path.parent),
        "work": str(work),
        "code": [str(folder) for folder in (*CODE, *code)],
        "limits": asdict(limits),
    }
    ended = _run(json.dumps(order).encode(), work, limits, advanced)
    if ended.stderr:
        log.warning("sandboxed %s wrote: %s", task, ended.stderr[-4000:].decode("utf-8", "backslashreplace"))
    if ended.reason:
        raise Refused(*_REASONS[ended.reason])
    if ended.returncode is None:
        raise RuntimeError(
            f"the sandboxed process that ran {task} was lost: check whether the machine is out of memory"
        )
    if ended.returncode < 0:
        raise _killed(-ended.returncode)
    return _checked(ended.answer, work)


def _run(order: bytes, work: Path, limits: SandboxLimits, advanced: Callable[[], bool]) -> Ended:
    """Run in a fork of the warm parent, or in a new interpreter if there is none or it is lost."""
    with tempfile.TemporaryFile() as orders:
        orders.write(order)
        orders.seek(0)
        if (child := fork(WARM, orders)) is not None:
            ended = watch(child, work, limits, advanced)
            restart_if_lost(WARM, ended)
            if ended.reason or ended.returncode is not None:
                return ended
            orders.seek(0)
        return watch(FreshChild(orders), work, limits, advanced)


def _checked(answer: bytes, work: Path) -> dict[str, Any]:
    try:
        parsed = json.loads(answer)
        match parsed:
            case {"done": dict(done)}:
                return done
            case {"refused": refused}:
                refusal = refusal_from(refused)
            case {"failed": "memory"}:
                refusal = Refused(*_REASONS["memory"])
            case {"failed": "disk"}:
                if os.statvfs(work).f_bavail * os.statvfs(work).f_frsize < 64 * 1024 * 1024:
                    raise OSError(errno.ENOSPC, "no space left for intake", str(work))
                refusal = Refused(*_REASONS["disk"])
            case _:
                raise ValueError("unknown answer")
    except (ValueError, RecursionError):
        raise Refused(*_REASONS["crash"]) from None
    raise refusal


def _killed(by: int) -> Refused:
    if by == signal.SIGXCPU:
        return Refused(*_REASONS["time"])
    if by == signal.SIGSYS:
        return Refused("forbidden-action", "The process that opened the file was stopped at a forbidden system call.")
    return Refused(*_REASONS["crash"])


_REASONS = {
    "time": ("took-too-long", "The file was rejected: opening it took longer than allowed."),
    "disk": ("too-much-disk", "The file was rejected: opening it wrote more data than allowed."),
    "memory": ("too-much-memory", "The file was rejected: opening it took more memory than allowed."),
    "answer": ("examination-crashed", "The file was rejected: the process that opened it gave an invalid answer."),
    "crash": (
        "examination-crashed",
        "The file was rejected: the process that opened it crashed. Save the file again with a current version of its"
        " library. If it still fails, report it to us.",
    ),
}
