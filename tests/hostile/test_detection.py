"""Detection of the architecture by names and shapes, for any number of classes."""

from __future__ import annotations

import json

import pytest
import torch

from app.formats.architectures import INDEX, Proposal, detect
from app.formats.proposals import with_proposals
from app.formats.refusal import Refused
from app.formats.safetensors_header import TensorEntry
from worker.inversion.targets import architecture_names, build_network

SAMPLE = [
    *("torchvision/resnet18", "torchvision/squeezenet1_1", "torchvision/shufflenet_v2_x0_5", "torchvision/mnasnet0_5"),
    *(
        "torchvision/mobilenet_v3_small",
        "torchvision/vgg11_bn",
        "torchvision/regnet_x_400mf",
        "torchvision/densenet121",
        "torchvision/vit_b_16",
    ),
]


def shapes_of(name: str, num_classes: int, channels: int, **hyperparameters: object) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        network = build_network(name, hyperparameters, num_classes, channels)
    return {key: tuple(value.shape) for key, value in network.state_dict().items()}


@pytest.mark.parametrize("name", SAMPLE)
def test_architecture_is_proposed(name: str) -> None:
    found = detect(shapes_of(name, 7, 3))
    assert name in [p.architecture for p in found], found
    assert all(p.exact for p in found)
    assert {p.num_classes for p in found} == {7}
    assert {p.channels for p in found} == {3}


def test_our_own_network_is_read_off_its_shapes() -> None:
    hyperparameters = {"width": 8, "depth": 2, "feature_dim": 64, "kernel": 5}
    assert detect(shapes_of("exhume/small-cnn", 9, 1, **hyperparameters)) == [
        Proposal("exhume/small-cnn", True, 9, 1, hyperparameters)
    ]


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("torchvision/vit_b_16", {"image_size": 64}),
        ("timm/vit_tiny_patch16_224", {"img_size": 96}),
        ("timm/vit_tiny_patch16_224", {"img_size": 64, "patch_size": 4}),
    ],
)
def test_sizes_are_read_off_the_positions(name: str, sizes: dict[str, int]) -> None:
    found = detect(shapes_of(name, 7, 3, **sizes))
    assert (name, sizes) in [(p.architecture, p.hyperparameters) for p in found], found
    assert all(p.exact for p in found)


def test_other_hyperparameters_are_reported_as_near() -> None:
    shapes = {**shapes_of("timm/vit_tiny_patch16_224", 7, 3), "pos_embed": (1, 7, 192)}
    found = detect(shapes)
    assert found
    assert not any(p.exact for p in found)
    assert "timm/vit_tiny_patch16_224" in [p.architecture for p in found]


def test_what_is_known_nowhere_is_not_guessed() -> None:
    assert detect({"a.weight": (1, 2), "a.bias": (1,)}) == []
    assert detect({"features.0.weight": (1,), "neck.0.weight": (2, 2), "head.weight": (2, 2)}) == []


def test_index_names_known_architectures_once() -> None:
    indexed = [entry["name"] for entries in json.loads(INDEX.read_text()).values() for entry in entries]
    assert len(set(indexed)) == len(indexed) > 50
    assert set(indexed) <= set(architecture_names())


def test_refusal_of_a_mismatch_carries_the_proposal() -> None:
    shapes = {f"module.{k}": v for k, v in shapes_of("torchvision/resnet18", 10, 3).items()}
    tensors = {k: TensorEntry("F32", v, 0, 0) for k, v in shapes.items()}
    detail = with_proposals(Refused("checkpoint-mismatch", "No."), tensors).detail
    assert "torchvision/resnet18" in detail
    assert detail.endswith(": 10 classes, 3 channels.")
    other = Refused("class-count", "No.")
    assert with_proposals(other, tensors) is other
