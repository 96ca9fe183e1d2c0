"""Conversion in the sandbox of a PyTorch state_dict, or of safetensors with other names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from app.formats.architectures import AUTO, tensors_of
from app.formats.declared import DeclarationError
from app.formats.key_maps import MadeTensor
from app.formats.recipes import SAVE_WEIGHTS
from app.formats.refusal import Refused, shown
from app.formats.safetensors_header import read_header
from app.formats.state_dicts import best, candidates, no_state_dict, tensor_layout
from app.formats.stated_classes import StatedOrder, as_metadata, stated_orders
from worker.intake.converting import CONVERTED
from worker.inversion.targets import build_network

DTYPES = frozenset(
    {
        *(torch.float64, torch.float32, torch.float16, torch.bfloat16),
        *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool),
    }
)


def convert(input_path: str, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Load with `weights_only=True`, write the weights, and return where they were found.

    Raises: Refused (torch-load, no-state-dict, tensor-layout).
    """
    try:
        loaded = torch.load(input_path, map_location="cpu", weights_only=True, mmap=False)
    except (MemoryError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 (torch raises nearly anything for a broken file)
        raise Refused("torch-load", f"PyTorch cannot read the file: {shown(error, 300)} {SAVE_WEIGHTS}") from None
    return _write(loaded, stated_orders(loaded), work, request)


def rename(input_path: str, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Write a checked safetensors file with the names of the architecture, without prefixes.

    Raises: Refused.
    """
    orders = stated_orders(read_header(Path(input_path)).metadata)
    return _write(load_file(input_path), orders, work, request)


def _write(loaded: object, orders: list[StatedOrder], work: str, request: dict[str, Any]) -> dict[str, Any]:
    fits = best(candidates(loaded), _expected(request), lambda tensor: tuple(tensor.shape))
    if not fits:
        raise no_state_dict()
    found, *others = fits
    tensors = {name: _made(name, tensor) for name, tensor in found.tensors.items()}
    save_file(tensors, Path(work) / CONVERTED, metadata=as_metadata(orders) or None)
    return {**found.way, "others": [list(other.wrapper) for other in others if other.wrapper != found.wrapper]}


def _expected(request: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return the names and shapes of the architecture's weights.

    Empty if the architecture is to be detected, or cannot be built. The examination reports that.
    """
    if request["architecture"] == AUTO:
        return {}
    if listed := tensors_of(request["architecture"], request["hyperparameters"]):
        return dict(listed)  # saves the seconds that importing timm and torchvision takes
    try:
        with torch.device("meta"):
            network = build_network(
                request["architecture"],
                request["hyperparameters"],
                int(request["num_classes"]),
                int(request["convention"].get("channels", 3)),
            )
    except DeclarationError:
        return {}
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


def _made(name: str, tensor: object) -> torch.Tensor:
    """Return a plain tensor, computed from others if need be."""
    if not isinstance(tensor, MadeTensor):
        return _plain(name, tensor)
    parts = [_plain(name, part) for part in tensor.parts]
    return _COMPUTED[tensor.operation](parts, tensor.shape).contiguous()


def _normalised(parts: list[torch.Tensor], _shape: tuple[int, ...]) -> torch.Tensor:
    lengths, rows = (part.double() for part in parts)
    whole: torch.Tensor = rows * (lengths / rows.flatten(1).norm(dim=1).view(lengths.shape))
    return whole.to(parts[1].dtype)


_COMPUTED: dict[str, Callable[[list[torch.Tensor], tuple[int, ...]], torch.Tensor]] = {
    "join": lambda parts, _shape: torch.cat(parts),
    "product": lambda parts, _shape: parts[0] * parts[1],
    "weight-norm": _normalised,
    "reshaped": lambda parts, shape: parts[0].reshape(shape),
    "doubled": lambda parts, _shape: parts[0] * 2,
    "zeros": lambda parts, _shape: torch.zeros_like(parts[0]),
    "swapped": lambda parts, _shape: torch.cat([parts[0][:, 1:2], parts[0][:, :1], parts[0][:, 2:]], 1),
}


def _plain(name: str, tensor: object) -> torch.Tensor:
    """Return a dense copy, after checking that the storage has as many elements as claimed."""
    if type(tensor) not in (torch.Tensor, torch.nn.Parameter) or not isinstance(tensor, torch.Tensor):
        raise tensor_layout(name, f"is a {type(tensor).__name__}, not a tensor")
    if tensor.layout is not torch.strided or tensor.device.type != "cpu" or tensor.is_quantized:
        raise tensor_layout(name, "is not a dense tensor")
    if tensor.dtype not in DTYPES:
        raise tensor_layout(name, f"has dtype {tensor.dtype}")
    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise tensor_layout(name, f"claims {tensor.numel()} elements but stores fewer")
    return tensor.detach().clone(memory_format=torch.contiguous_format)
