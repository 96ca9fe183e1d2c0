"""A backbone and its head, in two files, become one checkpoint that computes what both do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from app.cli.heads import Head, file_to_send, with_architecture
from app.formats.proposals import propose
from app.formats.refusal import Refused
from app.formats.safetensors_header import read_header
from app.formats.second_file import Joined, joined
from bench.wild.insightface import SCALE, backbone, classes, cosines
from bench.wild.networks import timm_network
from worker.inversion.targets import build_network

COSINE = {"input_size": 32, "feature_dim": 512, "head": "cosine"}


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A small backbone, as a process of insightface saves it, with the network."""
    network, file = backbone(18, 32), tmp_path_factory.mktemp("backbone") / "checkpoint_gpu_0.pt"
    state = {f"module.{name}": value for name, value in network.state_dict().items()}
    part = {"weight": classes()[:3].clone()}
    torch.save({"epoch": 3, "state_dict_backbone": state, "state_dict_softmax_fc": part}, file)
    return file, network


def outputs(joint: Joined, images: torch.Tensor) -> torch.Tensor:
    """Return what the engine computes with the joined file."""
    network = build_network(joint.architecture["architecture"], joint.architecture["hyperparameters"], 5, 3).eval()
    network.load_state_dict(load_file(joint.file), strict=True)
    with torch.no_grad():
        return network(images)


def test_parts_of_the_classes_are_put_behind_the_backbone_as_scaled_cosines(
    body: tuple[Path, Any], tmp_path: Path
) -> None:
    file, network = body
    torch.save({"weight": classes()[3:].clone()}, second := tmp_path / "softmax_fc_gpu_1.pt")
    images = torch.rand(4, 3, 32, 32)
    with joined(file, [file, second], None, None) as joint:
        assert joint.architecture == {"architecture": "exhume/iresnet-18", "hyperparameters": COSINE}
        [found] = propose(read_header(joint.file).tensors)
        assert (found.architecture, found.exact, found.num_classes, found.channels) == ("exhume/iresnet-18", True, 5, 3)
        assert (found.hyperparameters, found.side) == (COSINE, 32)
        have = outputs(joint, images)
        first = joint.file.read_bytes()
    with torch.no_grad():
        want = cosines(network, classes())(images)
    assert have.abs().max() <= SCALE
    assert torch.allclose(have, want, atol=1e-3)
    with joined(file, [file, second], None, 30.0) as joint:
        assert torch.allclose(outputs(joint, images), want * 30 / SCALE, atol=1e-3)
        assert joint.file.read_bytes() == first, "the scale is not in the file, so its digest is the same"


def test_a_kernel_is_turned_and_a_linear_head_keeps_its_biases(body: tuple[Path, Any], tmp_path: Path) -> None:
    file, network = body
    images, weight, bias = torch.rand(4, 3, 32, 32), classes(), torch.arange(5.0)
    torch.save({"kernel": weight.T.contiguous()}, kernel := tmp_path / "head.pth")
    with joined(file, [kernel], None, None) as joint:
        assert torch.equal(load_file(joint.file)["head.weight"], weight)
    save_file({"fc.weight": weight, "fc.bias": bias}, linear := tmp_path / "head.safetensors")
    torch.save(weight, bare := tmp_path / "bare.pt")
    with torch.no_grad():
        features = network(images)
    with joined(file, [linear], None, None) as joint:
        assert torch.allclose(outputs(joint, images), features @ weight.T + bias, atol=1e-3)
    with joined(file, [bare], "linear", None) as joint:
        assert torch.allclose(outputs(joint, images), features @ weight.T, atol=1e-3)


def test_a_linear_head_completes_any_known_network(tmp_path: Path) -> None:
    state = timm_network().state_dict()
    head = {name: state.pop(name) for name in ("fc.weight", "fc.bias")}
    torch.save(state, file := tmp_path / "backbone.pth")
    torch.save(head, second := tmp_path / "head.pth")
    with joined(file, [second], None, None) as joint:
        proposals = propose(read_header(joint.file).tensors)
        assert ("timm/test_resnet", 5) in [(one.architecture, one.num_classes) for one in proposals if one.exact]
        assert joint.architecture == {}
    del head["fc.bias"]
    torch.save(head, second)
    with pytest.raises(ValueError, match="only put behind"), joined(file, [second], None, None):
        pass


WRONG = {
    "another number of features": (lambda: {"weight": torch.rand(5, 256)}, r"\(5, 256\).*512 numbers"),
    "classes and features exchanged": (lambda: {"weight": torch.rand(512, 5)}, r"\(512, 5\).*512 numbers"),
    "two matrices": (lambda: {"a.weight": torch.rand(5, 512), "b.weight": torch.rand(5, 512)}, "must hold one matrix"),
    "no matrix": (lambda: {"weight": torch.rand(512)}, "must hold one matrix"),
    "a bare vector": (lambda: torch.rand(512), "must hold a matrix"),
    "biases of other classes": (lambda: {"weight": torch.rand(5, 512), "bias": torch.rand(4)}, "biases of the shape"),
    "strides": (lambda: {"weight": torch.rand(512, 5).T}, "not contiguous"),
    "code": (lambda: torch.nn.Linear(512, 5), "not a plain state_dict"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_head_that_does_not_fit_is_named(wrong: str, body: tuple[Path, Any], tmp_path: Path) -> None:
    made, said = WRONG[wrong]
    torch.save(made(), file := tmp_path / "head.pth")
    with pytest.raises((ValueError, Refused), match=said), joined(body[0], [file], None, None):
        pass
    assert list(body[0].parent.iterdir()) == [body[0]], "nothing is left behind"


def test_options_that_contradict_the_files_are_rejected(body: tuple[Path, Any], tmp_path: Path) -> None:
    torch.save({"weight": classes(), "bias": torch.rand(5)}, linear := tmp_path / "linear.pth")
    torch.save({"weight": classes(features=256)}, other := tmp_path / "other.pth")
    for heads, kind, scale in (([linear], "cosine", None), ([linear], None, 64.0), ([linear, other], None, None)):
        with pytest.raises(ValueError, match="head"), joined(body[0], heads, kind, scale):
            pass


def test_the_command_line_adds_the_architecture_to_the_description(body: tuple[Path, Any]) -> None:
    with file_to_send(body[0], Head([body[0]], None, 32.0)) as sent:
        found = with_architecture({"classes": ["a"]}, sent)
        assert found["hyperparameters"] == COSINE | {"scale": 32.0}
        assert with_architecture({"architecture": "timm/resnet18"}, sent) == {"architecture": "timm/resnet18"}
    with file_to_send(body[0], Head(None, None, None)) as sent:
        assert sent.file == body[0]
        assert with_architecture({"classes": ["a"]}, sent) == {"classes": ["a"]}
