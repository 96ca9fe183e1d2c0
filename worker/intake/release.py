"""Intake of checkpoints: checks a quarantined upload and writes a safetensors file."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.contract.examination import Examination
from app.formats.architectures import AUTO
from app.formats.class_order import check_order
from app.formats.key_maps import LAYOUTS
from app.formats.limits import CHECKPOINT, GIB, MIB, CheckpointLimits
from app.formats.proposals import check_layout, check_sides, settled, with_proposals
from app.formats.refusal import Refused
from app.formats.safetensors_header import SafetensorsHeader, read_header
from app.formats.state_dicts import check_parameters
from app.formats.stated_classes import stated_orders
from worker.intake.finite import check_values
from worker.intake.notes import bounded
from worker.intake.opening import known_format, open_upload, source_notes
from worker.intake.sandbox import SandboxLimits, level, run_sandboxed
from worker.intake.staging import staged
from worker.inversion.graph import ARCHITECTURE


@dataclass(frozen=True)
class ReleaseIntake:
    """Result of an intake.

    `examination` goes into the release's row. Architecture and hyper-parameters are the declared
    or the detected ones.
    """

    examination: Examination
    architecture: str
    hyperparameters: dict[str, Any]


def check_release_file(
    path: Path,
    *,
    architecture: str,
    hyperparameters: dict[str, Any],
    convention: dict[str, Any],
    classes: list[str],
    confirm_class_order: bool = False,
    out: Path,
    limits: CheckpointLimits = CHECKPOINT,
) -> ReleaseIntake:
    """Check the upload and write the checked safetensors file to `out`, unless it is rejected.

    With the architecture "auto" it is detected by the names and shapes of the weights. With
    `confirm_class_order` the order of `classes` is used even if the file states another one.

    Raises: Refused.
    """
    request: dict[str, Any] = {
        "architecture": architecture,
        "hyperparameters": hyperparameters,
        "convention": convention,
        "num_classes": len(classes),
    }
    found = known_format(path, request, limits)
    with staged(path, out.parent) as stage:
        checkpoint, source = open_upload(stage, found, request, limits)
        header = _read(checkpoint, limits)
        check_sides(source.get("layout", ""), convention)
        if found == "onnx":
            request["architecture"] = ARCHITECTURE
        elif architecture == AUTO:
            request |= settled(header.tensors, hyperparameters, source.get("layout", ""))
        elif layout := LAYOUTS.get(source.get("layout", "")):
            check_layout(source["layout"], architecture)
            request["hyperparameters"] = {**layout.hyperparameters, **hyperparameters}
        try:
            answer = run_sandboxed(
                "worker.intake.examination:examine",
                request,
                input_path=checkpoint,
                work=stage.work,
                limits=_sandbox(checkpoint.stat().st_size, header, limits),
            )
        except Refused as refusal:
            raise with_proposals(refusal, header.tensors) from None
        found_by_child = _checked(answer, request, header, source)
        order, notes = check_order(stated_orders(header.metadata), classes, confirmed=confirm_class_order)
        part = stage.folder / "checked"
        shutil.copyfile(checkpoint, part)
        examination = Examination.model_validate(
            found_by_child
            | {"class_order": order, "notes": [*found_by_child["notes"], *notes], "checkpoint_sha256": _sha256(part)}
        )
        part.replace(out)
    return ReleaseIntake(examination, request["architecture"], request["hyperparameters"])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(checkpoint: Path, limits: CheckpointLimits) -> SafetensorsHeader:
    """Read the header with our own parser, and check the number of parameters and the values."""
    header = read_header(checkpoint, limits)
    check_parameters(header.parameters, limits)
    check_values(checkpoint, header)
    return header


def _sandbox(size: int, header: SafetensorsHeader, limits: CheckpointLimits) -> SandboxLimits:
    """Return the limits. Memory: torch, the mapped file, and the weights in up to three copies."""
    return SandboxLimits(
        memory_bytes=5 * GIB + 2 * size + 12 * header.parameters,
        cpu_seconds=int(limits.seconds_for(size)),
        file_bytes=16 * MIB,
        disk_bytes=64 * MIB,
    )


def _checked(
    answer: dict[str, Any], request: dict[str, Any], header: SafetensorsHeader, source: dict[str, Any]
) -> dict[str, Any]:
    """Return the examination from the child's answer and the header. Raises: Refused."""
    match answer:
        case {
            "outputs": ("logits" | "probabilities" | "log-probabilities" | "sigmoid") as outputs,
            "num_classes": int(stated_classes),
            "feature_dim": int(feature_dim),
            "parameters": int(parameters),
            "multiply_adds": int(multiply_adds),
            "same": list(same),
            "other": list(other),
            "notes": list(notes),
        } if (
            stated_classes == request["num_classes"]
            and 0 < feature_dim < 2**24
            and 0 < parameters <= header.parameters
            and 0 <= multiply_adds < 2**50
            and {*map(str, same), *map(str, other)} <= set(request.get("rivals", ()))
        ):
            detected = _detected(request, same, other)
            texts = [*source_notes(source), *detected, *bounded(notes)]
        case _:
            raise Refused(
                "examination-crashed", "The file was rejected: the process that opened it gave an invalid answer."
            )
    return {
        "outputs": outputs,
        "num_classes": stated_classes,
        "feature_dim": feature_dim,
        "parameters": parameters,
        "multiply_adds": multiply_adds,
        "tensors": len(header.tensors),
        "dtypes": sorted({t.dtype for t in header.tensors.values()}),
        "notes": texts,
        "source": source,
        "detected": bool(detected),
        "also_fits": other,
        "sandbox": level().name,
    }


def _detected(request: dict[str, Any], same: list[str], other: list[str]) -> list[str]:
    if "rivals" not in request:
        return []
    sizes = "".join(f", {key} {value}" for key, value in request["hyperparameters"].items())
    alike = f" ({', '.join(same)} would give the same outputs)" if same else ""
    notes = [f"The architecture was detected by names and shapes: {request['architecture']}{sizes}{alike}."]
    if other:
        notes.append(
            f"The same weights also fit {', '.join(other)}, with different outputs. If you trained one of these, create"
            " the release with its name. Under a wrong name the model is worse, and its audit looks better."
        )
    return notes
