"""Entry point of the sandboxed child: gives up its rights, opens the file, answers on a pipe.

The answer is one JSON object.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import re
import sys
import tempfile
from typing import Any

from app.formats.refusal import Refused
from worker.intake.sandbox.confinement import confine

ANSWER_FD = 3
_RESOURCES = {errno.ENOSPC: "disk", errno.EDQUOT: "disk", errno.EFBIG: "disk", errno.ENOMEM: "memory"}


def main(parent: int) -> None:
    """Read the order from standard input, confine this process, run the task, and answer.

    `parent`: pid of the process that started this one.
    """
    with open(0, "rb", closefd=False) as file:
        order = json.load(file)
    _settle(order)
    module, _, function = order["task"].partition(":")
    confine(order, parent)
    answer: dict[str, Any]
    try:
        task = getattr(importlib.import_module(module), function)
        answer = {"done": task(order["input"], order["work"], order["request"])}
    except Refused as refusal:
        answer = {"refused": {"code": refusal.code, "detail": refusal.detail, "errors": refusal.errors}}
    except MemoryError:
        answer = {"failed": "memory"}
    except Exception as error:
        resource = _lacking(error)
        if resource is None:
            raise
        answer = {"failed": resource}
    with os.fdopen(ANSWER_FD, "wb") as pipe:
        pipe.write(json.dumps(answer).encode())


def run(parent: int) -> int:
    """Do the same as `main` in a fork, and return the exit status."""
    main(parent)
    return 0


def _lacking(error: Exception) -> str | None:
    """Return the resource that a system call lacked.

    safetensors puts the number of the error into its words.
    """
    said = re.search(r"\(os error (\d+)\)", str(error))
    number = error.errno if isinstance(error, OSError) and error.errno else int(said[1]) if said else 0
    return _RESOURCES.get(number)


def _settle(order: dict[str, Any]) -> None:
    """Make the scratch folder the working folder, the home folder, and that of temporary files."""
    os.chdir(order["work"])
    os.environ |= dict.fromkeys(("HOME", "TMPDIR", "TORCHINDUCTOR_CACHE_DIR"), order["work"])
    tempfile.tempdir = None
    sys.path[:0] = order["code"]
