"""Intake and use of uploaded verifiers, always in the sandbox."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.contract.examination import VerifierExamination
from app.formats.limits import GIB, VERIFIER, VerifierLimits
from app.formats.recognition import Format, recognise
from app.formats.refusal import Refused, shown
from app.formats.remedies import refusal_of
from worker.intake.notes import bounded
from worker.intake.sandbox import SandboxLimits, level, run_sandboxed
from worker.intake.staging import staged

PIECE = 512
"""Images that one process embeds, so that each piece ends well within the time limit."""
_OPERATOR = re.compile(r"[A-Za-z0-9]{1,40}\Z")


@dataclass(frozen=True)
class VerifierIntake:
    """Result of an intake: shape of the images, length of the embedding, and the examination."""

    shape: tuple[int, int, int]
    dim: int
    examination: VerifierExamination


def check_verifier_file(
    path: Path, out: Path, *, convention: dict[str, Any], limits: VerifierLimits = VERIFIER
) -> VerifierIntake:
    """Check the upload and copy it to `out`, unless it is rejected. Raises: Refused."""
    size, found = path.stat().st_size, recognise(path)
    if size > limits.file_bytes:
        raise Refused("onnx-too-large", f"The file has {size:,} bytes. The limit is {limits.file_bytes:,}.")
    if found is not Format.ONNX:
        other = refusal_of(path, found).detail if found is not Format.SAFETENSORS else "This is a safetensors file."
        raise Refused(
            "not-onnx", f"A verifier must be an ONNX model. {other.split('. ')[0]}. {_EXPORT}", [{"detail": str(found)}]
        )
    with staged(path, out.parent) as stage:
        answer = run_sandboxed(
            "worker.intake.verifier_examination:examine",
            {"parameters": limits.parameters, "convention": convention},
            input_path=stage.upload,
            work=stage.work,
            limits=_sandbox(size, limits.seconds_for(size)),
        )
        intake = _checked(answer, limits)
        part = stage.folder / "checked"
        shutil.copyfile(stage.upload, part)
        part.replace(out)
    return intake


def _sandbox(size: int, seconds: float, images: int = 0) -> SandboxLimits:
    """Return the limits. Memory: onnxruntime, four copies of the weights, and the images."""
    return SandboxLimits(
        memory_bytes=3 * GIB + 4 * size + 2 * images,
        cpu_seconds=int(seconds),
        file_bytes=GIB,
        disk_bytes=GIB,
    )


def _checked(answer: dict[str, Any], limits: VerifierLimits) -> VerifierIntake:
    match answer:
        case {
            "shape": [(1 | 3) as c, int(h), int(w)],
            "dim": int(dim),
            "opset": int(opset),
            "ir_version": int(ir_version),
            "producer": str(producer),
            "operators": list(operators),
            "nodes": int(nodes),
            "parameters": int(parameters),
            "notes": list(notes),
        } if (
            8 <= h <= 1024
            and 8 <= w <= 1024
            and 0 < dim <= 2**15
            and 0 <= parameters <= limits.parameters
            and all(isinstance(name, str) and _OPERATOR.match(name) for name in operators)
        ):
            pass
        case _:
            raise Refused(
                "examination-crashed", "The file was rejected: the process that opened it gave an invalid answer."
            )
    examination = VerifierExamination(
        opset=opset,
        ir_version=ir_version,
        producer=shown(producer, 60),
        operators=operators[:200],
        nodes=nodes,
        parameters=parameters,
        notes=bounded(notes),
        sandbox=level().name,
    )
    return VerifierIntake((c, h, w), dim, examination)


class SandboxedVerifier:
    """An uploaded verifier. Images are embedded by sandboxed processes.

    They have no network, database or keys. They read the model and the images and write
    embeddings, whose size is checked. Embeddings of the same images are cached. `between` is
    called before each piece of `PIECE` images. The time limit applies to each piece.
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
        self._embeddings: dict[str, np.ndarray] = {}

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Embed uint8 (N, H, W[, C]) as unit-length float32 (N, d). Raises: Refused."""
        content = np.ascontiguousarray(images, np.uint8)
        key = hashlib.sha256(repr(content.shape).encode() + content.tobytes()).hexdigest()
        if key not in self._embeddings:
            pieces = []
            for at in range(0, max(len(content), 1), PIECE):
                self._between()
                pieces.append(self._ask(content[at : at + PIECE]))
            self._embeddings[key] = np.concatenate(pieces)
        return self._embeddings[key]

    def _ask(self, images: np.ndarray) -> np.ndarray:
        with tempfile.TemporaryDirectory(prefix=".verifier-", dir=self._path.parent) as name:
            folder = Path(name)
            (folder / "input").mkdir(mode=0o700)
            (folder / "work").mkdir(mode=0o700)
            os.link(self._path, folder / "input" / "upload")
            images.tofile(folder / "input" / "images")
            answer = run_sandboxed(
                "worker.intake.verifier_examination:embed",
                {"shape": list(images.shape), "convention": self._convention},
                input_path=folder / "input" / "upload",
                work=folder / "work",
                limits=_sandbox(self._path.stat().st_size, self._limits.seconds, 8 * images.nbytes),
            )
            dim, file = answer.get("dim"), folder / "work" / "embeddings"
            sound = isinstance(dim, int) and 0 < dim <= 2**15 and file.is_file() and not file.is_symlink()
            if not sound or file.stat().st_size != 4 * len(images) * int(dim or 0):
                raise Refused("examination-crashed", f"The verifier {self.name} gave an invalid answer.")
            embedded = np.fromfile(file, "<f4").reshape(len(images), int(dim or 0)).astype(np.float32)
        length = np.linalg.norm(embedded, axis=1, keepdims=True)
        if not np.isfinite(embedded).all() or float(np.abs(length - 1).max()) > 1e-3:
            raise Refused(
                "examination-crashed", f"The verifier {self.name} gave embeddings that are not of unit length."
            )
        return embedded


_EXPORT = (
    "Export the embedder with torch.onnx.export(model.eval(), images, 'verifier.onnx', dynamo=True), or make a pair"
    " with `exhume verifier train`."
)
