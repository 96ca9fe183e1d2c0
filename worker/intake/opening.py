"""Opening of a checkpoint: converts an upload of any accepted format to one safetensors file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.formats.key_maps import LAYOUTS
from app.formats.limits import GIB, CheckpointLimits
from app.formats.preflight import check_names
from app.formats.recognition import Format, recognise
from app.formats.refusal import Refused
from app.formats.remedies import refusal_of
from app.formats.safetensors_header import read_header
from app.formats.shards import join_shards, looks_like_shards
from app.formats.state_dicts import COUNTER, candidates
from app.formats.torch_zip import read_torch_zip
from worker.intake.converting import checked_way, convert_in_sandbox, looks_like_torch
from worker.intake.notes import listed
from worker.intake.onnx.answer import checked_graph, graph_notes
from worker.intake.staging import Stage
from worker.inversion.graph import ARCHITECTURE

LARGEST_ONNX = 2 * GIB - 1


def known_format(path: Path, request: dict[str, Any], limits: CheckpointLimits) -> str:
    """Return the upload's format after the checks that need no sandbox: structure, names, shapes.

    Raises: Refused if the format is not accepted, the file is malformed, or weights do not fit.
    """
    found = recognise(path)
    if found is Format.SAFETENSORS:
        return "safetensors"
    if found is Format.ONNX:
        if (size := path.stat().st_size) > LARGEST_ONNX:
            raise Refused(
                "checkpoint-too-large",
                f"The ONNX model has {size:,} bytes. The limit of protobuf is {LARGEST_ONNX:,}. Upload the weights as"
                " safetensors.",
            )
        return "onnx"
    if found is Format.ZIP and looks_like_shards(path):
        return "safetensors-shards"
    if found is Format.ZIP and looks_like_torch(path):
        with path.open("rb") as file:
            check_names(read_torch_zip(file, limits), request)
        return "torch-zip"
    raise refusal_of(path, found)


def open_upload(
    stage: Stage, found: str, request: dict[str, Any], limits: CheckpointLimits
) -> tuple[Path, dict[str, Any]]:
    """Return the safetensors file to examine, and its source. Convert in the sandbox if needed.

    Raises: Refused.
    """
    if found == "torch-zip":
        checkpoint, answer = convert_in_sandbox(stage, "conversion:convert", request, limits)
        return checkpoint, {"format": found, **checked_way(answer)}
    if found == "onnx":
        checkpoint, answer = convert_in_sandbox(stage, "onnx.reading:convert", request, limits)
        return checkpoint, {"format": found, **checked_graph(checkpoint, answer, limits)}
    if request["architecture"] == ARCHITECTURE:
        raise Refused(
            "onnx-architecture",
            f"The architecture {ARCHITECTURE} is for ONNX models, and this is not one. Upload the .onnx file, or create"
            " the release with the architecture of the weights, or with 'auto'.",
        )
    source: dict[str, Any] = {"format": found}
    if found == "safetensors-shards":
        joined = stage.upload.with_name("joined")
        source["shards"] = join_shards(stage.upload, joined, limits)
        joined.replace(stage.upload)
    tensors = read_header(stage.upload, limits).tensors
    check_names(tensors, request)
    if len(list(candidates(tensors))) > 1:  # the names may have a prefix of a wrapper
        checkpoint, answer = convert_in_sandbox(stage, "conversion:rename", request, limits)
        way = checked_way(answer)
        return (checkpoint, {**source, **way}) if way["key_map"] else (stage.upload, source)
    return stage.upload, source


def source_notes(source: dict[str, Any]) -> list[str]:
    """Return notes about where the weights were found."""
    notes = []
    if source["format"] == "onnx":
        notes += graph_notes(source)
    if shards := source.get("shards"):
        notes.append(f"Joined from {len(shards)} shards.")
    if "wrapper" in source:
        way = " → ".join(source["wrapper"]) or "the file itself"
        cut = f", and the prefix {source['prefix']!r} was removed" if source["prefix"] else ""
        steps = (
            ", and the parts that wrappers add were removed from their names" if source["key_map"] and not cut else ""
        )
        what = "Converted from a PyTorch state_dict: the" if source["format"] == "torch-zip" else "The"
        if not source.get("layout"):
            notes.append(f"{what} weights were found in {way}{cut}{steps}.")
        notes += _rarer_notes(source)
        if others := [" → ".join(other) or "the file itself" for other in source["others"]]:
            notes.append(f"Weights that fit were also found in {', '.join(others)}. These were not examined.")
    return notes


def _rarer_notes(source: dict[str, Any]) -> list[str]:
    notes = []
    if layout := source.get("layout"):
        known = LAYOUTS[layout]
        unless = f" If its `config.json` has {known.unless}, export it as ONNX." if known.unless else ""
        notes.append(
            f"The file is a {known.library}. Its weights were read under the names of its architecture.{unless}"
        )
    if head := source.get("head"):
        notes.append(
            f"The layer {head!r} was read as the last layer of the architecture. If your model computes anything before"
            " it that the architecture does not, other than dropout, export it as ONNX."
        )
    if computed := source.get("computed"):
        notes.append(f"Pruned or normalised weights were computed from {listed(computed)}.")
    if left_out := [name for name in source["left_out"] if name != COUNTER]:
        notes.append(f"Not part of the network, and left out: {listed(left_out)}.")
    return notes
