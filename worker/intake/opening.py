"""From an upload of any format that is taken to one plain safetensors file, and where in the upload it came from."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from worker.intake.converting import MOST_KEYS, checked_way, convert_in_sandbox, looks_like_torch
from worker.intake.limits import GIB, CheckpointLimits
from worker.intake.onnx.endings import KNOWN
from worker.intake.preflight import check_names
from worker.intake.recipes import refusal_of
from worker.intake.recognition import Format, recognise
from worker.intake.refusal import Refused, shown
from worker.intake.safetensors_header import read_header
from worker.intake.shards import join_shards, looks_like_shards
from worker.intake.staging import Stage
from worker.intake.state_dicts import candidates
from worker.intake.torch_zip import read_torch_zip
from worker.inversion.errors import UnusableTarget
from worker.inversion.graph import ARCHITECTURE, METADATA_KEY, read_graph

LARGEST_ONNX = 2 * GIB - 1


def known_format(path: Path, request: dict[str, Any], limits: CheckpointLimits) -> str:
    """The name of the upload's format, after the checks that take no sandbox: its structure, and whether there are
    weights in it, by their names those of the architecture that was asked for.

    Raises: Refused for a format that is not taken, and for a malformed file.
    """
    found = recognise(path)
    if found is Format.SAFETENSORS:
        return "safetensors"
    if found is Format.ONNX:
        if (size := path.stat().st_size) > LARGEST_ONNX:
            raise Refused(
                "checkpoint-too-large",
                f"The ONNX model has {size:,} bytes, and protobuf allows {LARGEST_ONNX:,}. Upload the weights as"
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
    """The safetensors file to examine, and its source; converted, where that is needed, in the sandbox.

    Raises: Refused.
    """
    if found == "torch-zip":
        checkpoint, answer = convert_in_sandbox(stage, "conversion:convert", request, limits)
        return checkpoint, {"format": found, **checked_way(answer)}
    if found == "onnx":
        checkpoint, answer = convert_in_sandbox(stage, "onnx.reading:convert", request, limits)
        return checkpoint, {"format": found, **_checked_graph(checkpoint, answer, limits)}
    if request["architecture"] == ARCHITECTURE:
        raise Refused(
            "onnx-architecture",
            f"{ARCHITECTURE} is for ONNX models, and this is another file. Upload the .onnx file, or create the release"
            " with the architecture of the weights, or with 'auto'.",
        )
    source: dict[str, Any] = {"format": found}
    if found == "safetensors-shards":
        joined = stage.upload.with_name("joined")
        source["shards"] = join_shards(stage.upload, joined, limits)
        joined.replace(stage.upload)
    tensors = read_header(stage.upload, limits).tensors
    check_names(tensors, request)
    if len(list(candidates(tensors))) > 1:  # names that a wrapper may have lengthened
        checkpoint, answer = convert_in_sandbox(stage, "conversion:rename", request, limits)
        way = checked_way(answer)
        return (checkpoint, {**source, **way}) if way["key_map"] else (stage.upload, source)
    return stage.upload, source


def _checked_graph(checkpoint: Path, answer: dict[str, Any], limits: CheckpointLimits) -> dict[str, Any]:
    """What the child told of the model; its graph is read here again, strictly."""
    try:
        operators = sorted({node.operator for node in read_graph(_metadata(checkpoint, limits)[METADATA_KEY]).nodes})
    except (KeyError, UnusableTarget) as error:
        raise Refused("examination-crashed", f"The conversion wrote an unusable graph: {shown(error)}") from None
    match answer:
        case {
            "producer": str(producer),
            "opset": int(opset),
            "key_map": dict(key_map),
            "left_out": list(left_out),
            "scale": float(scale),
        } if (not left_out or tuple(left_out) in KNOWN) and 0 < scale < math.inf:
            kept = {shown(old, 512): shown(new, 512) for old, new in list(key_map.items())[:MOST_KEYS]}
            told = {"producer": shown(producer), "opset": opset, "operators": operators, "key_map": kept}
            return {**told, "left_out": left_out, "scale": scale}
    raise Refused("examination-crashed", "The conversion answered nonsense: the upload is not taken.")


def _metadata(checkpoint: Path, limits: CheckpointLimits) -> dict[str, str]:
    return read_header(checkpoint, limits).metadata


def _ending(source: dict[str, Any]) -> list[str]:
    """What was left out behind the last layer."""
    names, scale = " and ".join(source["left_out"]), source["scale"]
    parts = [f"divides by a temperature of {1 / scale:.4g}"] if scale != 1 else []
    parts += [f"applies {names}"] if names else []
    if not parts:
        return []
    without = "neither" if len(parts) > 1 else "not"
    return [
        f"Behind its last layer the model {' and '.join(parts)}. The checked copy does {without}: the attack sees the"
        " exact logits of the last layer."
    ]


def told(source: dict[str, Any]) -> list[str]:
    """Sentences for people about where the weights were found."""
    notes = []
    if source["format"] == "onnx":
        count = len(source["operators"])
        notes.append(
            f"Converted from ONNX (version {source['opset']} of its operators, {count} different ones) to a graph that"
            " computes what onnxruntime does on random images."
        )
        notes += _ending(source)
    if shards := source.get("shards"):
        notes.append(f"Joined from {len(shards)} shards.")
    if "wrapper" in source:
        way = " → ".join(source["wrapper"]) or "the file itself"
        cut = f", with the prefix {source['prefix']!r} cut off" if source["prefix"] else ""
        steps = ", with the steps of wrappers taken out of their names" if source["key_map"] and not cut else ""
        what = "Converted from a PyTorch state_dict: the" if source["format"] == "torch-zip" else "The"
        notes.append(f"{what} weights were found in {way}{cut}{steps}.")
        if others := [" → ".join(other) or "the file itself" for other in source["others"]]:
            notes.append(f"Weights that fit lie also in {', '.join(others)}; these were not examined.")
    return notes
