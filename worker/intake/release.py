"""Take in a checkpoint: from quarantined bytes to a safetensors file that loads strictly, or a reason why not."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.intake.finite import check_values
from worker.intake.limits import CHECKPOINT, GIB, MIB, CheckpointLimits
from worker.intake.recipes import refusal_of
from worker.intake.recognition import Format, recognise
from worker.intake.refusal import Refused, shown
from worker.intake.safetensors_header import SafetensorsHeader, read_header
from worker.intake.sandbox import SandboxLimits, run_sandboxed
from worker.intake.staging import staged


@dataclass(frozen=True)
class ReleaseIntake:
    """What was found: `examination` goes into the release's row, `notes` are sentences for people."""

    examination: dict[str, Any]
    notes: list[str]


def take_in_release(
    path: Path,
    *,
    architecture: str,
    hyperparameters: dict[str, Any],
    convention: dict[str, Any],
    classes: list[str],
    out: Path,
    limits: CheckpointLimits = CHECKPOINT,
) -> ReleaseIntake:
    """Check the upload and write the checked safetensors file to `out`; nothing is written when it is refused.

    Raises: Refused.
    """
    found = recognise(path)
    if found is not Format.SAFETENSORS:
        raise refusal_of(path, found)
    header = read_header(path, limits)
    if header.parameters > limits.parameters:
        raise Refused(
            "too-many-parameters",
            f"The checkpoint holds {header.parameters:,} numbers, at most {limits.parameters:,} are taken."
            " Upload weights only, without optimiser states.",
        )
    check_values(path, header)
    request = {
        "architecture": architecture,
        "hyperparameters": hyperparameters,
        "convention": convention,
        "num_classes": len(classes),
    }
    with staged(path, out.parent) as (upload, work):
        answer = run_sandboxed(
            "worker.intake.examination:examine",
            request,
            input_path=upload,
            work=work,
            limits=_sandbox(path.stat().st_size, header, limits),
        )
        intake = _checked(answer, len(classes), header)
        part = work / "checked"
        shutil.copyfile(path, part)
        part.replace(out)
    return intake


def _sandbox(size: int, header: SafetensorsHeader, limits: CheckpointLimits) -> SandboxLimits:
    """Memory: torch itself, the mapped file, the weights as stored, as float32, and once more while they move."""
    return SandboxLimits(
        memory_bytes=5 * GIB + 2 * size + 12 * header.parameters,
        seconds=limits.seconds,
        cpu_seconds=int(limits.seconds),
        file_bytes=16 * MIB,
        disk_bytes=64 * MIB,
    )


def _checked(answer: dict[str, Any], num_classes: int, header: SafetensorsHeader) -> ReleaseIntake:
    match answer:
        case {
            "outputs": ("logits" | "probabilities") as outputs,
            "num_classes": int(told_classes),
            "feature_dim": int(feature_dim),
            "parameters": int(parameters),
            "notes": list(notes),
        } if told_classes == num_classes and 0 < feature_dim < 2**24 and 0 < parameters <= header.parameters:
            texts = [shown(note, 1000) for note in notes[:20]]
        case _:
            raise Refused("examination-crashed", "The process that opened the file answered nonsense: it is not taken.")
    examination = {
        "outputs": outputs,
        "num_classes": num_classes,
        "feature_dim": feature_dim,
        "parameters": parameters,
        "tensors": len(header.tensors),
        "dtypes": sorted({t.dtype for t in header.tensors.values()}),
        "notes": texts,
    }
    return ReleaseIntake(examination, texts)
