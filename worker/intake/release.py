"""Take in a checkpoint: from quarantined bytes to a safetensors file that loads strictly, or a reason why not."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.intake.converting import convert_in_sandbox, looks_like_torch
from worker.intake.finite import check_values
from worker.intake.limits import CHECKPOINT, GIB, MIB, CheckpointLimits
from worker.intake.proposals import with_proposals
from worker.intake.recipes import refusal_of
from worker.intake.recognition import Format, recognise
from worker.intake.refusal import Refused, shown
from worker.intake.safetensors_header import SafetensorsHeader, read_header
from worker.intake.sandbox import SandboxLimits, level, run_sandboxed
from worker.intake.staging import staged
from worker.intake.torch_zip import check_torch_zip


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
    request = {
        "architecture": architecture,
        "hyperparameters": hyperparameters,
        "convention": convention,
        "num_classes": len(classes),
    }
    found = recognise(path)
    if found is Format.ZIP and looks_like_torch(path):
        check_torch_zip(path, limits)
    elif found is not Format.SAFETENSORS:
        raise refusal_of(path, found)
    with staged(path, out.parent) as stage:
        source = {"format": str(found)}
        checkpoint = stage.upload
        if found is Format.ZIP:
            checkpoint, way = convert_in_sandbox(stage, request, limits)
            source = {"format": "torch-zip", **way}
        header = _read(checkpoint, limits)
        try:
            answer = run_sandboxed(
                "worker.intake.examination:examine",
                request,
                input_path=checkpoint,
                work=stage.work,
                limits=_sandbox(checkpoint.stat().st_size, header, limits),
            )
        except Refused as refusal:
            raise with_proposals(refusal, header) from None
        intake = _checked(answer, len(classes), header, source)
        part = stage.folder / "checked"
        shutil.copyfile(checkpoint, part)
        part.replace(out)
    return intake


def _read(checkpoint: Path, limits: CheckpointLimits) -> SafetensorsHeader:
    """The header, from our own parser also when our own child wrote the file; parameter count and finite values."""
    header = read_header(checkpoint, limits)
    if header.parameters > limits.parameters:
        raise Refused(
            "too-many-parameters",
            f"The checkpoint holds {header.parameters:,} numbers, at most {limits.parameters:,} are taken."
            " Upload weights only, without optimiser states.",
        )
    check_values(checkpoint, header)
    return header


def _sandbox(size: int, header: SafetensorsHeader, limits: CheckpointLimits) -> SandboxLimits:
    """Memory: torch itself, the mapped file, the weights as stored, as float32, and once more while they move."""
    return SandboxLimits(
        memory_bytes=5 * GIB + 2 * size + 12 * header.parameters,
        seconds=limits.seconds,
        cpu_seconds=int(limits.seconds),
        file_bytes=16 * MIB,
        disk_bytes=64 * MIB,
    )


def _checked(
    answer: dict[str, Any], num_classes: int, header: SafetensorsHeader, source: dict[str, Any]
) -> ReleaseIntake:
    match answer:
        case {
            "outputs": ("logits" | "probabilities") as outputs,
            "num_classes": int(told_classes),
            "feature_dim": int(feature_dim),
            "parameters": int(parameters),
            "notes": list(notes),
        } if told_classes == num_classes and 0 < feature_dim < 2**24 and 0 < parameters <= header.parameters:
            texts = [*_told(source), *(shown(note, 1000) for note in notes[:20])]
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
        "source": source,
        "sandbox": level().name,
    }
    return ReleaseIntake(examination, texts)


def _told(source: dict[str, Any]) -> list[str]:
    if source["format"] != "torch-zip":
        return []
    way = " → ".join(source["wrapper"]) or "the file itself"
    cut = f", with the prefix {source['prefix']!r} cut off" if source["prefix"] else ""
    return [f"Converted from a PyTorch state_dict: the weights were found in {way}{cut}."]
