"""Examination of a verifier in the sandbox: structure, and whether it separates images."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from app.formats.refusal import Refused, shown
from worker.evaluation.verifiers import Preprocessing, Verifier
from worker.intake.onnx.model import OnnxModel, read_model
from worker.intake.onnx.verifier_rules import check_verifier, image_input
from worker.inversion.errors import EngineError

PROBES = 8
LARGEST_DIM, SMALLEST_DIM = 16_384, 4
ALIKE = 0.9999  # rejected if the cosines between the embeddings of very different images are above this
STEADY = 1e-3  # largest change of a unit embedding that other images in the batch may cause


def examine(input_path: str, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Check the structure, then run the model, and return the examination. Raises: Refused."""
    model = _structure(Path(input_path), int(request["parameters"]))
    _, (c, h, w) = image_input(model)
    if len(model.outputs) != 1:
        raise Refused(
            "verifier-output",
            f"The model has {len(model.outputs)} outputs. Export it with one output, the embedding.",
        )
    try:
        preprocessing = _preprocessing(request, c)
        verifier = Verifier(Path(input_path), name="upload", preprocessing=preprocessing, batch=PROBES)
        raw = verifier.raw(_probes(c, h, w))
        alone = verifier.embed(_probes(c, h, w)[:1])
    except EngineError as error:
        raise Refused("verifier-run", f"The model does not run: {shown(error, 1500)}") from None
    return _examination(model, (c, h, w), raw, alone)


def _structure(path: Path, parameters: int) -> OnnxModel:
    model = read_model(path.read_bytes())
    check_verifier(model, parameters=parameters)
    return model


def _preprocessing(request: dict[str, Any], channels: int) -> Preprocessing:
    found = Preprocessing.from_dict(request["convention"])
    if channels == 1 and max(len(found.mean), len(found.std)) > 1:
        raise Refused("invalid-convention", "The model takes grey images. Give one number each for mean and std.")
    return found


def _probes(c: int, h: int, w: int) -> np.ndarray:
    """Return eight very different images, uint8: black, white, ramps, stripes, a disc, noise."""
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    noise = np.random.default_rng(0)
    made = [
        np.zeros((h, w)),
        np.full((h, w), 255.0),
        255 * x / (w - 1),
        255 * y / (h - 1),
        255.0 * (x.astype(int) // 4 % 2),
        255.0 * (y.astype(int) // 3 % 2),
        255.0 * (((x - w / 2) ** 2 + (y - h / 2) ** 2) < (min(h, w) / 3) ** 2),
        noise.integers(0, 256, (h, w)).astype(np.float64),
    ]
    grey = np.stack(made).astype(np.uint8)
    if c == 1:
        return grey
    tint = np.array([1.0, 0.8, 0.6])
    coloured: np.ndarray = (grey[..., None] * tint).astype(np.uint8)
    return coloured


def _examination(model: OnnxModel, shape: tuple[int, int, int], raw: np.ndarray, alone: np.ndarray) -> dict[str, Any]:
    dim = raw.shape[1]
    if not SMALLEST_DIM <= dim <= LARGEST_DIM:
        raise Refused("verifier-output", f"The embedding has {dim} numbers, not {SMALLEST_DIM} to {LARGEST_DIM}.")
    lengths = np.linalg.norm(raw, axis=1)
    unit = raw / np.maximum(lengths[:, None], 1e-12)
    cosines = (unit @ unit.T)[np.triu_indices(PROBES, 1)]
    if float(cosines.min()) > ALIKE or float(lengths.min()) < 1e-9:
        raise Refused(
            "verifier-constant",
            "The embedding hardly changes with the image: noise, stripes and a disc give the same. Check that the"
            " trained weights were exported, and check the convention (mean, std) of the input.",
        )
    if float(np.abs(unit[0] - alone[0]).max()) > STEADY:
        raise Refused(
            "verifier-batch",
            "The embedding of an image depends on the other images of its batch. Export the model in eval mode:"
            " torch.onnx.export(model.eval(), ...).",
        )
    notes = []
    if float(np.abs(lengths - 1).max()) > 1e-3:
        notes.append("The embeddings are not of unit length. They are normalised.")
    return {
        "shape": list(shape),
        "dim": dim,
        "opset": model.opset,
        "ir_version": model.ir_version,
        "producer": shown(model.producer, 60),
        "operators": sorted({node.operator for node in model.nodes}),
        "nodes": len(model.nodes),
        "parameters": sum(array.size for array in model.tensors.values()),
        "notes": notes,
    }


def embed(input_path: str, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Embed the raw uint8 images beside the model, a piece at a time.

    Writes the raw float32 unit embeddings of piece n to `embeddings-n` in `work`.
    """
    count, *rest = (int(side) for side in request["shape"])
    piece, size = int(request["piece"]), math.prod(rest)
    preprocessing = Preprocessing.from_dict(request["convention"])
    try:
        verifier = Verifier(Path(input_path), name="upload", preprocessing=preprocessing)
        with Path(input_path).with_name("images").open("rb") as file:
            for number in range(max(1, -(-count // piece))):
                images = np.fromfile(file, np.uint8, min(piece, count - number * piece) * size).reshape(-1, *rest)
                part = Path(work) / f"part-{number}"
                verifier.embed(images).astype("<f4").tofile(part)
                part.rename(Path(work) / f"embeddings-{number}")
    except EngineError as error:
        raise Refused("verifier-run", f"The verifier does not run on these images: {shown(error, 1500)}") from None
    return {}
