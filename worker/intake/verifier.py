"""Intake of uploaded verifiers, always in the sandbox."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.contract.examination import VerifierExamination
from app.formats.limits import GIB, VERIFIER, VerifierLimits
from app.formats.recognition import Format, recognise
from app.formats.refusal import Refused, shown
from app.formats.remedies import refusal_of
from worker.intake.notes import bounded
from worker.intake.sandbox import SandboxLimits, level, run_sandboxed
from worker.intake.staging import staged

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
            limits=sandbox(size, limits.seconds_for(size)),
        )
        intake = _checked(answer, limits)
        part = stage.folder / "checked"
        shutil.copyfile(stage.upload, part)
        part.replace(out)
    return intake


def sandbox(size: int, seconds: float, images: int = 0) -> SandboxLimits:
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


_EXPORT = (
    "Export the embedder with torch.onnx.export(model.eval(), images, 'verifier.onnx', dynamo=True), or make a pair"
    " with `exhume verifier train`."
)
