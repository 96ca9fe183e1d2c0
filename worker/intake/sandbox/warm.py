"""Sandboxed children that start in milliseconds, with torch loaded."""

from __future__ import annotations

import os
from typing import IO, BinaryIO

from worker.intake.sandbox.child import ANSWER_FD
from worker.intake.sandbox.fresh import ENVIRONMENT
from worker.intake.sandbox.watching import Ended
from worker.warm.client import Forked, WarmParent

TASK = "worker.intake.sandbox.child:run"
LOADED = (
    "worker.intake.images.zip_set",
    "worker.intake.images.npz_set",
    "worker.intake.onnx.reading",
    "worker.intake.onnx.conversion",
    "worker.intake.conversion",
    "worker.intake.examination",
    "worker.inversion.torchvision_ops",  # must come before the next two
    "torchvision.models",
    "timm",
)
"""Modules that tasks import. Not onnxruntime: its import starts a thread, which a fork loses."""


class ForkedChild:
    """A sandboxed child of the warm parent."""

    def __init__(self, forked: Forked, answer: int, stderr: int) -> None:
        self.wait, self.kill = forked.wait, forked.kill
        self.answer: BinaryIO = os.fdopen(answer, "rb")
        self.stderr: BinaryIO = os.fdopen(stderr, "rb")


def warm_parent(modules: tuple[str, ...] = LOADED) -> WarmParent:
    """Return a parent of sandboxed children, which does not run yet."""
    return WarmParent(TASK, modules, ENVIRONMENT)


def fork(parent: WarmParent, order: IO[bytes]) -> ForkedChild | None:
    """Start a child that reads its order from `order`. Return None if the parent is not ready."""
    answer, answered = os.pipe()
    stderr, complained = os.pipe()
    try:
        forked = parent.fork({0: order.fileno(), 2: complained, ANSWER_FD: answered})
    finally:
        os.close(answered)
        os.close(complained)
    if forked is None:
        os.close(answer)
        os.close(stderr)
        return None
    return ForkedChild(forked, answer, stderr)


def restart_if_lost(parent: WarmParent, ended: Ended) -> None:
    """Restart the parent if it was lost or a child crashed.

    A child that was made to crash may have revealed the memory layout, which the next one must not
    share.
    """
    if ended.returncode is None or (ended.returncode < 0 and ended.reason is None):
        parent.restart()


WARM = warm_parent()
"""The warm parent of sandboxes of this process. `start` has to be called."""
