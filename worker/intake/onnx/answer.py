"""Parent side of an ONNX conversion: checks the child's answer, and writes notes about it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from app.formats.limits import CheckpointLimits
from app.formats.refusal import Refused, shown
from app.formats.safetensors_header import read_header
from worker.intake.converting import MOST_KEYS
from worker.intake.onnx.endings import KNOWN
from worker.intake.onnx.first_steps import CONVENTIONS
from worker.inversion.errors import UnusableTarget
from worker.inversion.graph import METADATA_KEY, read_graph


def checked_graph(checkpoint: Path, answer: dict[str, Any], limits: CheckpointLimits) -> dict[str, Any]:
    """Return the child's answer, rebuilt from known parts only. The graph is parsed again.

    Raises: Refused.
    """
    try:
        graph = read_graph(read_header(checkpoint, limits).metadata[METADATA_KEY])
    except (KeyError, UnusableTarget) as error:
        raise Refused("examination-crashed", f"The conversion wrote an unusable graph: {shown(error)}") from None
    match answer:
        case {
            "producer": str(producer),
            "opset": int(opset),
            "key_map": dict(key_map),
            "left_out": list(left_out),
            "scale": float(scale),
            "channels_last": bool(channels_last),
            "first_steps": steps,
        } if (not left_out or tuple(left_out) in KNOWN) and 0 < scale < math.inf:
            return {
                "producer": shown(producer),
                "opset": opset,
                "operators": sorted({node.operator for node in graph.nodes}),
                "key_map": {shown(old, 512): shown(new, 512) for old, new in list(key_map.items())[:MOST_KEYS]},
                "left_out": left_out,
                "scale": scale,
                "channels_last": channels_last,
                "first_steps": _steps(steps),
            }
    raise Refused("examination-crashed", "The file was rejected: its conversion gave an invalid answer.")


def _steps(steps: Any) -> dict[str, Any] | None:
    """Check the answer about the graph's own normalisation of images. Raises: Refused."""
    match steps:
        case None:
            return None
        case {"seen": [float(), float()] as seen, "suggested": None}:
            return {"seen": seen, "suggested": None}
        case {"seen": [float(), float()] as seen, "suggested": str(name), "then_seen": [float(), float()] as then} if (
            name in CONVENTIONS
        ):
            mean, std = CONVENTIONS[name]
            return {"seen": seen, "suggested": {"mean": [mean], "std": [float(f"{std:.6g}")]}, "then_seen": then}
    raise Refused("examination-crashed", "The file was rejected: its conversion gave an invalid answer.")


def graph_notes(source: dict[str, Any]) -> list[str]:
    """Return notes about a model that was converted from ONNX."""
    count = len(source["operators"])
    notes = [
        f"Converted from ONNX (operator set {source['opset']}, {count} different operators) to a graph that gives the"
        " same outputs as onnxruntime on random images."
    ]
    if source["channels_last"]:
        notes.append("The model takes images with the channels last. The checked copy transposes them itself.")
    return [*notes, *_input(source["first_steps"]), *_ending(source)]


def _input(steps: dict[str, Any] | None) -> list[str]:
    """Return the note on a normalisation inside the graph that does not fit the release's."""
    if steps is None or steps["suggested"] is None:
        return []
    (low, high), (then_low, then_high) = steps["seen"], steps["then_seen"]
    suggested = steps["suggested"]
    pixels = "from 0 to 1" if suggested["std"] == [1.0] else "from 0 to 255"
    return [
        f"The model normalises images itself. With the convention of this release, its first layer sees values from"
        f" {low:.3g} to {high:.3g}. If it was trained on pixels {pixels}, create the release with"
        f' "mean": {suggested["mean"]}, "std": {suggested["std"]}: it then sees {then_low:.3g} to {then_high:.3g}.'
    ]


def _ending(source: dict[str, Any]) -> list[str]:
    """Return the note on the activations and the factor that were removed after the last layer."""
    names, scale = " and ".join(source["left_out"]), source["scale"]
    parts = [f"divides by a temperature of {1 / scale:.4g}"] if scale != 1 else []
    parts += [f"applies {names}"] if names else []
    if not parts:
        return []
    without = "neither" if len(parts) > 1 else "not"
    return [
        f"After its last layer, the model {' and '.join(parts)}. The checked copy does {without}, so that the attack"
        " sees the exact logits."
    ]
