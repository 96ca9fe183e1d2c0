"""Puts a backbone and its last layer, which are saved in two files, into one checkpoint.

Libraries of face recognition save the classes apart: insightface as `softmax_fc`, one part for
each GPU. Runs on the user's machine, before the upload.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from app.formats.architectures import bodies
from app.formats.architectures.insightface import read_iresnet
from app.formats.key_maps import MadeTensor
from app.formats.last_layer import Layer, read_layer, together, zeros
from app.formats.state_dicts import candidates
from app.formats.stated_classes import as_metadata, stated_orders
from app.formats.tensor_bytes import Bytes, Opened, opened, write_safetensors

Kind = Literal["cosine", "linear"]


@dataclass(frozen=True)
class Joined:
    """The file to upload, and what its description says beyond the weights."""

    file: Path
    architecture: dict[str, Any] = field(default_factory=dict)


@contextmanager
def joined(backbone: Path, heads: Sequence[Path], kind: Kind | None, scale: float | None) -> Iterator[Joined]:
    """Yield one safetensors file of a backbone and its last layer.

    Args:
        heads: the files of the last layer. Several are parts of its classes, in this order.
        kind: of the last layer. None: linear if it has biases, and cosine if not.
        scale: of a cosine layer. None: the default of the architecture.

    Raises: OSError. Refused if a file is not a safetensors file or a state_dict. ValueError if it
        does not hold a backbone or a last layer, or if they do not fit together.
    """
    with ExitStack() as stack:
        body = stack.enter_context(opened(backbone))
        parts = [read_layer(stack.enter_context(opened(path)), path) for path in heads]
        layer = together(parts)
        kind = kind or ("cosine" if layer.bias is None else "linear")
        _check_kind(kind, scale, layer)
        head = {"head.weight": layer.weight}
        if kind == "linear":
            head["head.bias"] = layer.bias or zeros(layer.weight)
        tensors, architecture = _with_backbone(body, backbone, head)
        if scale is not None:
            architecture["hyperparameters"]["scale"] = scale
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="exhume-head-", dir=backbone.parent))
        file = Path(folder) / f"{backbone.stem}.safetensors"
        write_safetensors(file, tensors, as_metadata(stated_orders(body.value)))
        yield Joined(file, architecture)


def _check_kind(kind: Kind, scale: float | None, layer: Layer) -> None:
    if kind == "cosine" and layer.bias is not None:
        raise ValueError("the head has biases, which a cosine layer does not have. Leave out --head-kind cosine")
    if kind == "linear" and scale is not None:
        raise ValueError("--head-scale is for cosine heads, and this one is linear")


def _with_backbone(body: Opened, path: Path, head: Mapping[str, Bytes]) -> tuple[dict[str, Bytes], dict[str, Any]]:
    """Return all tensors in one, and the architecture if it is one of insightface."""
    classes, feature_dim = head["head.weight"].shape
    seen = [found.tensors for found in candidates(body.value)]
    whole = [tensors for tensors in seen if not any(isinstance(one, MadeTensor) for one in tensors.values())]
    for tensors in whole:
        if "features.weight" not in tensors:
            continue
        shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
        if shapes["features.weight"] != (feature_dim,):
            raise ValueError(
                f"the head has the shape ({classes}, {feature_dim}), and the features of {path.name} have"
                f" {math.prod(shapes['features.weight'])} numbers. The head must be (classes, features)"
            )
        if (found := read_iresnet(shapes | {name: tensor.shape for name, tensor in head.items()})) is not None:
            named = {"architecture": found[0], "hyperparameters": found[3]}
            return {name: body.of(tensor) for name, tensor in tensors.items()} | dict(head), named
    if "head.bias" not in head:
        raise ValueError(
            f"{path.name} is not a backbone of insightface (IR-18, 34, 50, 100 or 200), and a cosine head is only put"
            " behind these. If the head is an ordinary linear layer, use --head-kind linear. Otherwise export both"
            " together as ONNX"
        )
    for tensors in whole:
        if bodies(tensors):
            return {f"backbone.{name}": body.of(tensor) for name, tensor in tensors.items()} | dict(head), {}
    raise ValueError(
        f"{path.name} does not have the weights of a known network without its last layer. Export both together as ONNX"
    )
