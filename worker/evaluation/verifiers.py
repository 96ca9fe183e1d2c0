"""Verifiers: independent embedders, run from ONNX files, that say how alike two images are."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime as ort

from worker.inversion.data import check_images
from worker.inversion.errors import UnusableModel

BUNDLED = Path(__file__).resolve().parents[1] / "bundled"
BATCH = 64


class Verifier:
    """An ONNX embedder: one input (B, C, H, W) float32 in [0, 1], first output (B, d).

    Attributes:
        name: the file's stem. digest: "sha256:..." of the file.
        shape: (C, H, W) of its input.

    Raises: UnusableModel when the file is no such model.
    """

    def __init__(self, path: Path) -> None:
        path = Path(path)
        try:
            data = path.read_bytes()
            options = ort.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1  # the same sums on every machine load
            options.log_severity_level = 3
            self._session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own, unrelated types
            raise UnusableModel(f"verifier {path.name} cannot be loaded: {error}") from error
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4:
            raise UnusableModel(f"verifier {path.name} must have one input of shape (batch, channels, height, width)")
        c, h, w = inputs[0].shape[1:]
        if not all(isinstance(side, int) for side in (c, h, w)):
            raise UnusableModel(f"verifier {path.name} must fix channels, height and width of its input, not {c, h, w}")
        self.name, self.shape = path.stem, (int(c), int(h), int(w))
        self.digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self._input, self._output = inputs[0].name, self._session.get_outputs()[0].name

    def embed(self, images: np.ndarray) -> np.ndarray:
        """uint8 (N, H, W) or (N, H, W, C) -> unit-length float32 (N, d).

        Raises: InvalidImages; UnusableModel when the images are of another size than the verifier's.
        """
        check_images(images)
        x = images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
        if x.shape[1:] != self.shape:
            raise UnusableModel(f"verifier {self.name} takes images {self.shape}, not {x.shape[1:]}")
        out = []
        for at in range(0, len(x), BATCH):
            part = x[at : at + BATCH].astype(np.float32) / 255
            pad = np.zeros((BATCH - len(part), *part.shape[1:]), np.float32)  # one batch size: one order of sums
            (e,) = self._session.run([self._output], {self._input: np.concatenate([part, pad])})
            out.append(np.asarray(e, np.float32)[: len(part)])
        e = np.concatenate(out)
        unit: np.ndarray = e / np.maximum(np.linalg.norm(e, axis=1, keepdims=True), 1e-12)
        return unit


def bundled_verifiers(shape: tuple[int, int, int]) -> list[Verifier]:
    """The verifiers shipped for images (C, H, W); an empty list when there are none for this shape."""
    return [
        Verifier(card.with_suffix(".onnx"))
        for card in sorted(BUNDLED.glob("verifier-*.json"))
        if tuple(json.loads(card.read_text())["shape"]) == tuple(shape)
    ]
