"""The parent's side of the sandbox: start the child, watch it, trust nothing that it says."""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.formats.refusal import Refused, refusal_from
from worker.intake.sandbox.fresh import CODE, FreshChild
from worker.intake.sandbox.warm import WARM
from worker.intake.sandbox.watching import Ended, SandboxLimits, watch

log = logging.getLogger(__name__)


def run_sandboxed(
    task: str,
    request: dict[str, Any],
    *,
    input_path: Path,
    work: Path,
    limits: SandboxLimits,
    code: tuple[Path, ...] = (),
) -> dict[str, Any]:
    """Run `task` ("module:function", called with input path, work folder and request) in the sandbox.

    Returns what the task returned: a JSON object from a process that may have been taken over. Check every part.
    Raises: Refused when the task refused, or when it died, hung or overran a limit; OSError (ENOSPC) when the
    disk is full, which is no fault of the upload.
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
    ended = _run(json.dumps(order).encode(), work, limits)
    if ended.stderr:
        log.warning("sandboxed %s wrote: %s", task, ended.stderr[-4000:].decode("utf-8", "backslashreplace"))
    if ended.reason:
        raise Refused(*_REASONS[ended.reason])
    if ended.returncode is None:
        raise RuntimeError(
            f"the process that ran {task} in the sandbox was lost: is the memory of the machine used up?"
        )
    if ended.returncode < 0:
        raise _killed(-ended.returncode)
    return _checked(ended.answer, work)


def _run(order: bytes, work: Path, limits: SandboxLimits) -> Ended:
    """In a fork of the warm parent, if there is one; in a fresh interpreter, if there is none or it is lost."""
    with tempfile.TemporaryFile() as orders:
        orders.write(order)
        orders.seek(0)
        if (child := WARM.fork(orders)) is not None:
            ended = watch(child, work, limits)
            WARM.look_after(ended)
            if ended.reason or ended.returncode is not None:
                return ended
            orders.seek(0)
        return watch(FreshChild(orders), work, limits)


def _checked(answer: bytes, work: Path) -> dict[str, Any]:
    try:
        told = json.loads(answer)
        match told:
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
                raise ValueError("no known answer")
    except (ValueError, RecursionError):
        raise Refused(*_REASONS["crash"]) from None
    raise refusal


def _killed(by: int) -> Refused:
    if by == signal.SIGXCPU:
        return Refused(*_REASONS["time"])
    if by == signal.SIGSYS:
        return Refused("forbidden-action", "Opening the file made the reader do what it must not: it was stopped.")
    return Refused(*_REASONS["crash"])


_REASONS = {
    "time": ("took-too-long", "Opening the file took longer than is allowed, so it is not taken."),
    "disk": ("too-much-disk", "Opening the file wrote more than is allowed, so it is not taken."),
    "memory": ("too-much-memory", "Opening the file took more memory than is allowed, so it is not taken."),
    "answer": ("examination-crashed", "The process that opened the file answered nonsense: the file is not taken."),
    "crash": (
        "examination-crashed",
        "The process that opened the file crashed, so the file is not taken. Save it again with a current version of"
        " its library; if it still fails and the file is sound, tell us.",
    ),
}
