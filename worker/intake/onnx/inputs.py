"""Input of an ONNX model (channels first or last, floats or bytes) and the convention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.formats.recipes import EXPORT
from app.formats.refusal import shown
from worker.intake.onnx.model import OnnxModel, OnnxValue
from worker.intake.onnx.schema import refused

FLOATS, BYTE = frozenset({1, 10, 11, 16}), 2
"""Element types, by TensorProto.DataType."""
ONE_255TH = 1 / 255


@dataclass(frozen=True)
class Images:
    """The model's input. `single`: one image at a time. `whole`: bytes instead of floats."""

    name: str
    single: bool
    channels_last: bool
    whole: bool


def images_of(model: OnnxModel, convention: dict[str, Any]) -> Images:
    """Return the input, which must be images as the convention describes them.

    The convention itself is checked later.

    Raises: Refused (onnx-input).
    """
    if len(model.inputs) != 1:
        names = ", ".join(shown(v.name, 60) for v in model.inputs[:8])
        raise refused("onnx-input", f"it has {len(model.inputs)} inputs ({names}), but must have one, the images")
    images = model.inputs[0]
    if images.element not in (*FLOATS, BYTE):
        raise refused("onnx-input", "its input images are neither floats nor bytes")
    if images.element == BYTE and not _gives_bytes(convention):
        raise refused(
            "onnx-input",
            "it takes pixels as integers from 0 to 255, but the release's convention gives other values",
            f'Create the release with "mean": [0], "std": [{ONE_255TH:.6g}], which gives pixels from 0 to 255.',
        )
    single = images.shape is not None and len(images.shape) == 4 and images.shape[0] == 1
    return Images(images.name, single, _has_channels_last(images, convention), images.element == BYTE)


def _gives_bytes(convention: dict[str, Any]) -> bool:
    """Return whether the convention maps [0, 1] to pixels from 0 to 255."""
    mean, std = convention.get("mean", [0.0]), convention.get("std", [1.0])
    return all(m == 0 for m in mean) and all(abs(s * 255 - 1) < 1e-3 for s in std)


def _has_channels_last(images: OnnxValue, convention: dict[str, Any]) -> bool:
    """Return whether the channels are last, by the sides in the convention.

    Raises: Refused (onnx-input).
    """
    shape = images.shape
    if shape is None:
        return False
    if len(shape) != 4:
        raise refused("onnx-input", f"its input has {len(shape)} dimensions, but images have four (N, C, H, W)")
    if shape[0] not in (None, 1):
        raise refused(
            "onnx-input",
            f"it takes {shape[0]} images at once",
            f"Export it for any number of images. {EXPORT}",
        )
    first, *sides = (convention.get(name) for name in ("channels", "height", "width"))
    if _fits(shape[1:], [first, *sides]):
        return False
    if _fits(shape[1:], [*sides, first]):
        return True
    wanted = [first, *sides]
    raise refused(
        "onnx-input",
        f"it takes images of {shape[1:]}, but the release's convention has {wanted} (channels, height, width)",
        "Create the release with the size and channels of the model.",
    )


def _fits(have: list[int | None], want: list[Any]) -> bool:
    return all(h is None or h == w or type(w) is not int for h, w in zip(have, want, strict=True))
