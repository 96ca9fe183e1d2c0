"""Inside the sandbox: give up every right, then open the file and answer with one JSON object on the answer pipe."""

from __future__ import annotations

import errno
import importlib
import json
import os
import sys
from typing import Any

from worker.intake.refusal import Refused
from worker.intake.sandbox.confinement import confine

ANSWER_FD = 3
_RESOURCES = {errno.ENOSPC: "disk", errno.EDQUOT: "disk", errno.EFBIG: "disk", errno.ENOMEM: "memory"}


def main() -> None:
    """Read the order from standard input, confine this process, run the task, answer."""
    order = json.load(sys.stdin)
    module, _, function = order["task"].partition(":")
    confine(order)
    answer: dict[str, Any]
    try:
        task = getattr(importlib.import_module(module), function)
        answer = {"done": task(order["input"], order["work"], order["request"])}
    except Refused as refusal:
        answer = {"refused": {"code": refusal.code, "detail": refusal.detail, "errors": refusal.errors}}
    except MemoryError:
        answer = {"failed": "memory"}
    except OSError as error:
        if error.errno not in _RESOURCES:
            raise
        answer = {"failed": _RESOURCES[error.errno]}
    with os.fdopen(ANSWER_FD, "wb") as pipe:
        pipe.write(json.dumps(answer).encode())
