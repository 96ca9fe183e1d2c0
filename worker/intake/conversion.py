"""Conversion in the sandbox of a PyTorch state_dict, or of safetensors with other names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from app.formats.architectures import AUTO, tensors_of
from app.formats.declared import DeclarationError
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
        raise Refused("torch-load", f"PyTorch cannot read the file: {shown(error, 300)} {_REMEDY}") from None
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
    tensors = {name: _plain(name, tensor) for name, tensor in found.tensors.items()}
    save_file(tensors, Path(work) / CONVERTED, metadata=as_metadata(orders) or None)
    return {**found.way, "others": [list(other.wrapper) for other in others if other.wrapper != found.wrapper]}


def _expected(request: dict[str, Any]) -> set[str]:
    """Return the names of the architecture's weights.

    Empty if the architecture is to be detected, or cannot be built. The examination reports that.
    """
    if request["architecture"] == AUTO:
        return set()
    if listed := tensors_of(request["architecture"], request["hyperparameters"]):
        return set(listed)  # saves the seconds that importing timm and torchvision takes
    try:
        with torch.device("meta"):
            network = build_network(
                request["architecture"],
                request["hyperparameters"],
                int(request["num_classes"]),
                int(request["convention"].get("channels", 3)),
            )
    except DeclarationError:
        return set()
    return set(network.state_dict())


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


_REMEDY = "Save only the weights: safetensors.torch.save_file(model.state_dict(), 'model.safetensors')."
