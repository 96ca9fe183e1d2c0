"""Use of an uploaded verifier: it embeds images in the sandbox."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from app.formats.limits import VERIFIER, VerifierLimits
from app.formats.refusal import Refused
from worker.intake.sandbox import run_sandboxed
from worker.intake.verifier import sandbox
from worker.inversion.progress import Progress, silent

PIECE = 512
"""Images that are embedded at a time, so that each piece ends well within the time limit."""
LARGEST_DIM = 2**15
PROCESS_BYTES = 256 * 1024 * 1024
"""Images that one process is given at most. They are in memory, or on the disk of the worker."""
_PIECE_FILE = re.compile(r"embeddings-(\d{1,9})\Z")


class SandboxedVerifier:
    """An uploaded verifier. One sandboxed process embeds all images of a set up to 256 MiB.

    It has no network, database or keys. It reads the model and the images and writes embeddings,
    whose size is checked. The limits of time and disk apply to each piece of `PIECE` images. The
    pieces are cached, so a set of which some are known is embedded from there on. `between` is
    called before each piece.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        digest: str,
        convention: dict[str, Any],
        limits: VerifierLimits = VERIFIER,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self.digest = name, digest
        self._path, self._convention, self._limits, self._between = path, convention, limits, between
        self._pieces: dict[str, list[np.ndarray]] = {}
        self._whole: dict[str, np.ndarray] = {}

    def embed(self, images: np.ndarray, progress: Progress = silent) -> np.ndarray:
        """Embed uint8 (N, H, W[, C]) as unit-length float32 (N, d).

        Progress: done and total count images.
        Raises: Refused.
        """
        content = np.ascontiguousarray(images, np.uint8)
        key = hashlib.sha256(repr(content.shape).encode() + content.tobytes()).hexdigest()
        if key not in self._whole:
            pieces = self._pieces.setdefault(key, [])
            together = PIECE * max(1, PROCESS_BYTES // max(content[:PIECE].nbytes, 1))
            while len(pieces) < max(1, -(-len(content) // PIECE)):
                at = PIECE * len(pieces)
                report = partial(self._report, progress, pieces, len(content))
                self._ask(content[at : at + together], pieces, report)
            if len({piece.shape[1] for piece in pieces}) > 1:
                raise self._invalid()
            self._whole[key] = np.concatenate(self._pieces.pop(key))
        return self._whole[key]

    @staticmethod
    def _report(progress: Progress, pieces: list[np.ndarray], total: int) -> None:
        progress(sum(map(len, pieces)), total, {})

    def _ask(self, images: np.ndarray, pieces: list[np.ndarray], report: Callable[[], None]) -> None:
        """Append the pieces of these images, which one process embeds."""
        self._between()
        known, wanted = len(pieces), max(1, -(-len(images) // PIECE))
        with tempfile.TemporaryDirectory(prefix=".verifier-", dir=self._path.parent) as name:
            folder = Path(name)
            (folder / "input").mkdir(mode=0o700)
            (folder / "work").mkdir(mode=0o700)
            os.link(self._path, folder / "input" / "upload")
            images.tofile(folder / "input" / "images")

            def arrived() -> bool:
                before = len(pieces)
                for number in sorted(_written(folder / "work")):
                    if number > len(pieces) - known:
                        break  # the one before it was written while the folder was listed
                    file = folder / "work" / f"embeddings-{number}"
                    if number == len(pieces) - known:
                        pieces.append(self._read(file, len(images[number * PIECE : (number + 1) * PIECE])))
                        report()
                        if len(pieces) < known + wanted:
                            self._between()
                    with contextlib.suppress(OSError):
                        file.unlink()
                return len(pieces) > before

            size, largest = self._path.stat().st_size, images[:PIECE].nbytes
            limits = sandbox(size, self._limits.seconds, 8 * largest)
            run_sandboxed(
                "worker.intake.verifier_examination:embed",
                {"shape": list(images.shape), "convention": self._convention, "piece": PIECE},
                input_path=folder / "input" / "upload",
                work=folder / "work",
                limits=replace(limits, cpu_seconds=limits.cpu_seconds * wanted),
                advanced=arrived,
            )
            arrived()
            if len(pieces) != known + wanted:
                raise self._invalid()

    def _read(self, file: Path, count: int) -> np.ndarray:
        """Return the unit embeddings (count, d) in a file that the process made."""
        try:
            opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            raise self._invalid() from None
        try:
            status = os.fstat(opened)
            dim = status.st_size // 4 // max(count, 1)
            sound = stat.S_ISREG(status.st_mode) and 0 < dim <= LARGEST_DIM and status.st_size == 4 * count * dim
            if not sound:
                raise self._invalid()
            with os.fdopen(os.dup(opened), "rb") as stored:
                data = stored.read(status.st_size)
        finally:
            os.close(opened)
        if len(data) != status.st_size:
            raise self._invalid()
        embedded = np.frombuffer(data, "<f4").reshape(count, dim).astype(np.float32)
        length = np.linalg.norm(embedded, axis=1, keepdims=True)
        if not np.isfinite(embedded).all() or float(np.abs(length - 1).max()) > 1e-3:
            raise Refused(
                "examination-crashed", f"The verifier {self.name} gave embeddings that are not of unit length."
            )
        return embedded

    def _invalid(self) -> Refused:
        return Refused("examination-crashed", f"The verifier {self.name} gave an invalid answer.")


def _written(work: Path) -> list[int]:
    """Return the numbers of the pieces that the process has written."""
    return [int(found[1]) for entry in os.scandir(work) if (found := _PIECE_FILE.match(entry.name))]
