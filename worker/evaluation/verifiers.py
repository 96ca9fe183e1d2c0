"""Verifiers: independent embedders, run from ONNX files, that compare two images."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

from worker.inversion.arrays import check_images
from worker.inversion.errors import InvalidConvention, UnusableModel

BUNDLED = Path(__file__).resolve().parents[1] / "bundled"
BATCH = 64


class Embedder(Protocol):
    """The interface of a verifier, wherever it runs."""

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Map uint8 (N, H, W) or (N, H, W, C) to unit-length float32 (N, d)."""
        ...


@dataclass(frozen=True)
class Preprocessing:
    """(x - mean) / std per channel of an image x in [0, 1], in the order of `channel_order`."""

    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    channel_order: str = "RGB"

    @classmethod
    def from_dict(cls, convention: Mapping[str, Any]) -> Preprocessing:
        """Read a verifier's convention. Missing keys take defaults. Raises: InvalidConvention."""
        mean, std = (tuple(float(v) for v in convention.get(k, d)) for k, d in (("mean", [0.0]), ("std", [1.0])))
        order = str(convention.get("channel_order", "RGB"))
        if len(mean) not in (1, 3) or len(std) not in (1, 3) or min(std) <= 0 or order not in ("RGB", "BGR"):
            raise InvalidConvention(f"a verifier cannot have mean {mean}, std {std} and channel order {order!r}")
        return cls(mean, std, order)

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map float32 (B, C, H, W) in [0, 1] to the network's input."""
        if self == Preprocessing():
            return x
        if self.channel_order == "BGR":
            x = x[:, ::-1]
        mean, std = (np.asarray(v, np.float32)[:, None, None] for v in (self.mean, self.std))
        return np.ascontiguousarray((x - mean) / std, np.float32)


class Verifier:
    """An ONNX embedder: one input (B, C, H, W) float32, first output (B, d).

    Attributes:
        name: the file's stem by default.
        digest: "sha256:..." of the file.
        shape: (C, H, W) of its input. Images of another height and width are resized (bilinear,
            antialiased).

    `batch`: images per run, unless the file fixes their number. `device`: "cuda" for a GPU, where
    onnxruntime was built for one.

    Raises: UnusableModel when the file is not such a model.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str | None = None,
        preprocessing: Preprocessing | None = None,
        batch: int = BATCH,
        device: str = "cpu",
    ) -> None:
        path = Path(path)
        self.name, self._preprocessing = name or path.stem, preprocessing or Preprocessing()
        ort = runtime()
        try:
            data = path.read_bytes()
            options = ort.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1  # same sums always
            options.log_severity_level = 3
            self._session = ort.InferenceSession(data, options, providers=providers(device))
        except Exception as error:  # onnxruntime raises unrelated exception types
            raise UnusableModel(f"verifier {path.name} cannot be loaded: {error}") from error
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4:
            raise UnusableModel(f"verifier {self.name} must have one input of shape (batch, channels, height, width)")
        fixed, c, h, w = inputs[0].shape
        if not all(isinstance(side, int) for side in (c, h, w)):
            raise UnusableModel(
                f"verifier {self.name} must have a fixed input size (channels, height, width), not {c, h, w}"
            )
        self.shape = (int(c), int(h), int(w))
        self.digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self._batch = fixed if isinstance(fixed, int) else batch  # one order of sums
        self._input, self._output = inputs[0].name, self._session.get_outputs()[0].name

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Map uint8 (N, H, W) or (N, H, W, C) to unit-length float32 (N, d).

        Raises: InvalidImages. UnusableModel when the verifier takes another number of channels, or
            does not output one finite embedding per image.
        """
        e = self.raw(images)
        unit: np.ndarray = e / np.maximum(np.linalg.norm(e, axis=1, keepdims=True), 1e-12)
        return unit

    def raw(self, images: np.ndarray) -> np.ndarray:
        """Return the network's output for these images, float32 (N, d), not normalised."""
        check_images(images)
        x = _resized(images, self.shape[1:])
        x = x[:, None] if x.ndim == 3 else x.transpose(0, 3, 1, 2)
        if x.shape[1] != self.shape[0]:
            raise UnusableModel(f"verifier {self.name} takes images {self.shape}, not {x.shape[1:]}")
        out = []
        for at in range(0, len(x), self._batch):
            part = x[at : at + self._batch].astype(np.float32) / 255
            pad = np.zeros((self._batch - len(part), *part.shape[1:]), np.float32)
            whole = self._preprocessing.apply(np.concatenate([part, pad]))
            (e,) = self._session.run([self._output], {self._input: whole})
            e = np.asarray(e, np.float32)
            if e.ndim != 2 or len(e) != self._batch or not np.isfinite(e[: len(part)]).all():
                raise UnusableModel(f"verifier {self.name} returns {e.shape}, not one finite embedding per image")
            out.append(e[: len(part)])
        return np.concatenate(out)


def _resized(images: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    height, width = size
    if images.shape[1:3] == (height, width):
        return images
    flat = images[..., 0] if images.ndim == 4 and images.shape[3] == 1 else images
    shrunk = [Image.fromarray(one).resize((width, height), Image.Resampling.BILINEAR) for one in flat]
    return np.stack([np.asarray(one, np.uint8) for one in shrunk])


@cache
def runtime() -> Any:
    """Import onnxruntime: late, as it starts a thread and a process with threads is not forked."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # keeps the people under audit on this machine
    onnxruntime.set_default_logger_severity(3)
    return onnxruntime


def providers(device: str) -> list[str | tuple[str, dict[str, str]]]:
    """Return what onnxruntime computes with, best first: a GPU in full float32, and the CPU."""
    gpu = device == "cuda" and "CUDAExecutionProvider" in runtime().get_available_providers()
    return [*([("CUDAExecutionProvider", {"use_tf32": "0"})] if gpu else []), "CPUExecutionProvider"]


def bundled_verifiers(shape: tuple[int, int, int], device: str = "cpu") -> list[Verifier]:
    """Return the verifiers shipped for images (C, H, W), possibly none."""
    return [
        Verifier(card.with_suffix(".onnx"), device=device)
        for card in sorted(BUNDLED.glob("verifier-*.json"))
        if tuple(json.loads(card.read_text())["shape"]) == tuple(shape)
    ]
