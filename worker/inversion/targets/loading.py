"""Loads a target from a safetensors file, after comparing names and shapes."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import nn

from app.formats.declared import InvalidHyperparameters
from worker.inversion.errors import CheckpointMismatch, UnusableTarget
from worker.inversion.graph import ARCHITECTURE, METADATA_KEY, read_graph
from worker.inversion.layout import channels_last
from worker.inversion.targets.convention import InputConvention
from worker.inversion.targets.graph import GraphNetwork
from worker.inversion.targets.registry import build_network
from worker.inversion.targets.target import Target


def load_target(
    path: Path,
    architecture: str,
    hyperparameters: dict[str, Any],
    num_classes: int,
    convention: InputConvention,
) -> Target:
    """Load strictly: all keys of the architecture, no others, in the right shapes, as float32.

    Raises: UnknownArchitecture, InvalidHyperparameters, CheckpointMismatch, UnusableTarget
        (unreadable file).
    """
    found, metadata = _look(path)
    if architecture == ARCHITECTURE:
        network = _from_graph(metadata, found, hyperparameters)
    else:
        _compare(found, architecture, hyperparameters, num_classes, convention)
        network = build_network(architecture, hyperparameters, num_classes, convention.channels)
    state = _read(path)
    state._metadata = network.state_dict()._metadata  # type: ignore[attr-defined] # torchvision's MNASNet needs it
    network.load_state_dict(state, strict=True)
    target = Target(network.float(), convention, num_classes)
    if architecture != ARCHITECTURE:  # 5-d tensors of a graph have no such layout
        channels_last(target)
    return target.eval().requires_grad_(False)


def _look(path: Path) -> tuple[dict[str, tuple[int, ...]], dict[str, str]]:
    """Return shapes by name, and the metadata. Raises: UnusableTarget."""
    try:
        with safe_open(path, framework="pt") as file:
            shapes = {key: tuple(file.get_slice(key).get_shape()) for key in file.keys()}  # noqa: SIM118
            return shapes, file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise _unreadable(path, error) from error


def _read(path: Path) -> OrderedDict[str, torch.Tensor]:
    """Return every tensor. Raises: UnusableTarget."""
    try:
        return OrderedDict(load_file(path))
    except (SafetensorError, OSError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> UnusableTarget:
    return UnusableTarget(f"{Path(path).name} is not a readable safetensors file: {error}")


def _from_graph(
    metadata: dict[str, str], found: dict[str, tuple[int, ...]], hyperparameters: dict[str, Any]
) -> nn.Module:
    """Build the network of a graph file. Raises: UnusableTarget, InvalidHyperparameters."""
    if hyperparameters:
        raise InvalidHyperparameters(f"{ARCHITECTURE} takes no hyper-parameters, not {sorted(hyperparameters)}")
    if METADATA_KEY not in metadata:
        raise UnusableTarget(f"{ARCHITECTURE} is for ONNX files, but this file does not contain a graph")
    shapes = {key.removeprefix("weights."): shape for key, shape in found.items()}
    return GraphNetwork(read_graph(metadata[METADATA_KEY]), shapes)


def _compare(
    found: dict[str, tuple[int, ...]],
    architecture: str,
    hyperparameters: dict[str, Any],
    num_classes: int,
    convention: InputConvention,
) -> None:
    with torch.device("meta"):
        blank = build_network(architecture, hyperparameters, num_classes, convention.channels)
    expected = {key: tuple(value.shape) for key, value in blank.state_dict().items()}
    shapes = {k: (expected[k], found[k]) for k in sorted(expected.keys() & found.keys()) if expected[k] != found[k]}
    missing, unexpected = sorted(expected.keys() - found.keys()), sorted(found.keys() - expected.keys())
    if missing or unexpected or shapes:
        raise CheckpointMismatch(missing=missing, unexpected=unexpected, shapes=shapes)
