"""A worker's child process that runs an audit and then searches its memory for private images.

`python -m tests.worker.inside AUDIT PATTERNS SET`. PATTERNS has disguised pieces of the private
images, so that the search does not put the images into memory. Prints how many pieces were found
after the audit, also in the process from which those that open the private set are forked, and how
many after this process has opened the SET, which shows that the search works.
"""

import json
import os
import sys
from pathlib import Path
from uuid import UUID

import numpy as np

from tests.worker.rows import drain
from worker.runtime.alone import run_next
from worker.runtime.own_process import PARENT

CHUNK = 1 << 24
PIECE = 64  # bytes


def disguised(values: np.ndarray) -> np.ndarray:
    """Replace each byte.

    Applied twice it is not the identity, so no result looks like an image.
    """
    changed: np.ndarray = values * np.uint8(5) + np.uint8(17)
    return changed


def pieces(images: np.ndarray) -> np.ndarray:
    """Return (M, PIECE) disguised bytes from the middle of images (N, H, W).

    Half of them come from uint8 pixels, half from float32 values in [0, 1].
    """
    middle = images[:, images.shape[1] // 2].copy()
    as_bytes = [middle.tobytes(), (middle.astype(np.float32) / 255).tobytes()]
    rows = [np.frombuffer(text, np.uint8).reshape(len(images), -1) for text in as_bytes]
    short = images[:, images.shape[1] // 2 : images.shape[1] // 2 + 2].reshape(len(images), -1)
    return disguised(np.concatenate([short[:, :PIECE], rows[1][:, :PIECE]]))


def found(patterns: list[bytes], process: int | None = None) -> int:
    """Return how many of the disguised pieces are in the memory of this process or another."""
    seen: set[bytes] = set()
    files = Path(f"/proc/{process or os.getpid()}")
    with (files / "mem").open("rb", buffering=0) as memory:
        for line in (files / "maps").read_text().splitlines():
            where, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            begin, end = (int(part, 16) for part in where.split("-"))
            for at in range(begin, end, CHUNK):
                try:
                    memory.seek(at)
                    chunk = memory.read(min(CHUNK, end - at) + PIECE)
                except (OSError, OverflowError, ValueError):
                    continue  # unmapped since the list was read
                text = disguised(np.frombuffer(chunk, np.uint8)).tobytes()
                seen |= {pattern for pattern in patterns if pattern in text}
    return len(seen)


def main(audit: str, patterns: str, private: str) -> None:
    drain(UUID(audit), run_next)
    wanted = [row.tobytes() for row in np.load(patterns)]
    after_the_audit, in_the_parent = found(wanted), found(wanted, PARENT.pid)
    with np.load(private) as packed:
        opened = packed["images"]
    control = found(wanted)
    said = {"after the audit": after_the_audit, "in the parent": in_the_parent, "with the set open": control}
    print(json.dumps(said | {"parent": PARENT.pid, "images": len(opened)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
