"""Targets: conventions, strict loading, features without hooks, examination."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from app.formats.declared import InvalidHyperparameters, UnknownArchitecture
from bench.make.list_architectures import names
from worker.inversion.errors import (
    CheckpointMismatch,
    InvalidConvention,
    UnusableTarget,
)
from worker.inversion.targets import (
    InputConvention,
    Target,
    architecture_names,
    build_network,
    examine_target,
    load_target,
)
from worker.inversion.targets.counting import MultiplyAdds

GREY = InputConvention(32, 32, 1, mean=(0.5,), std=(0.5,))
RGB = InputConvention(32, 32, 3)
TINY = {"width": 4, "feature_dim": 16}


def test_the_committed_architecture_list_is_that_of_the_installed_libraries():
    assert list(architecture_names()) == names()


def test_an_unknown_architecture_offers_the_nearest_names():
    with pytest.raises(UnknownArchitecture) as caught:
        build_network("timm/resnet81", {}, 5, 3)
    assert "timm/resnet18" in caught.value.nearest


@pytest.mark.parametrize("wrong", [{"widht": 4}, {"width": "4"}, {"width": 0}, {"width": True}, {"dropout": 2.0}])
def test_wrong_hyper_parameters_are_rejected(wrong):
    with pytest.raises(InvalidHyperparameters):
        build_network("exhume/small-cnn", wrong, 5, 1)


def test_torchvision_networks_take_three_channels_only():
    with pytest.raises(InvalidHyperparameters, match="3 channels"):
        build_network("torchvision/resnet18", {}, 5, 1)


@pytest.mark.parametrize(
    ("architecture", "channels"),
    [
        ("exhume/small-cnn", 1),
        ("timm/resnet10t", 1),
        ("torchvision/shufflenet_v2_x0_5", 3),
        ("torchvision/squeezenet1_1", 3),
    ],
)
def test_features_are_the_input_of_the_last_layer(architecture, channels):
    network = build_network(architecture, {}, 7, channels, seed=1)
    target = Target(network, InputConvention(32, 32, channels), 7).eval()
    x = torch.rand(3, channels, 32, 32)
    with torch.no_grad():
        out = target(x)
        if architecture == "torchvision/squeezenet1_1":
            assert out.features.shape == (3, 512)
        else:
            head = target._head[0]
            assert torch.allclose(head(out.features), out.logits, atol=1e-5)
        assert torch.equal(out.logits, network(x))
    assert not any(m._forward_pre_hooks for m in target.modules())


def test_the_hook_is_removed_when_the_network_fails():
    target = Target(build_network("exhume/small-cnn", TINY, 5, 1), GREY, 5)
    target.network.neck = nn.Linear(3, 3)
    with pytest.raises(RuntimeError):
        target(torch.rand(2, 1, 32, 32))
    assert not any(m._forward_pre_hooks for m in target.modules())


def test_building_leaves_the_global_random_state_alone():
    before = torch.get_rng_state()
    a, b = (build_network("exhume/small-cnn", TINY, 5, 1, seed=4) for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(a.head.weight, b.head.weight)


def test_a_convention_normalises_resizes_and_flips_to_bgr():
    x = torch.rand(2, 3, 32, 32)
    c = InputConvention(32, 32, 3, channel_order="BGR", mean=(0.1, 0.2, 0.3), std=(0.5, 0.5, 2.0))
    assert torch.allclose(c.apply(x)[:, 0], (x[:, 2] - 0.1) / 0.5)
    assert torch.allclose(c.apply(x)[:, 2], (x[:, 0] - 0.3) / 2.0)
    assert InputConvention(64, 48, 3).apply(x).shape == (2, 3, 64, 48)
    assert torch.equal(RGB.apply(x[:, :1])[:, 2], x[:, 0])
    with pytest.raises(InvalidConvention):
        GREY.apply(x)


def test_a_convention_survives_its_dict():
    c = InputConvention(64, 48, 3, channel_order="BGR", mean=(0.1, 0.2, 0.3), std=(0.5,))
    assert InputConvention.from_dict(c.to_dict()) == c
    assert c.std == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"height": 4},
        {"width": 32.5},
        {"channels": 2},
        {"channel_order": "GRB"},
        {"mean": [1, 2]},
        {"mean": "abc"},
        {"std": [0.0]},
        {"std": [float("nan")]},
        {"size": 3},
    ],
)
def test_an_impossible_convention_is_rejected(wrong):
    with pytest.raises(InvalidConvention):
        InputConvention.from_dict({"height": 32, "width": 32, "channels": 1, **wrong})


def test_a_saved_network_loads_as_it_was_half_precision_as_float32(tmp_path):
    network = build_network("exhume/small-cnn", TINY, 5, 1, seed=9).eval()
    save_file(network.state_dict(), tmp_path / "a.safetensors")
    save_file(
        {k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()},
        tmp_path / "h.safetensors",
    )
    x = torch.rand(2, 1, 32, 32)
    full, half = (
        load_target(tmp_path / f, "exhume/small-cnn", TINY, 5, GREY) for f in ("a.safetensors", "h.safetensors")
    )
    with torch.no_grad():
        assert torch.allclose(full(x).logits, network(GREY.apply(x)), atol=1e-6)
        assert torch.allclose(full(x).logits, half(x).logits, atol=1e-2)
    assert {p.dtype for p in half.parameters()} == {torch.float32}
    assert not full.training
    assert not any(p.requires_grad for p in full.parameters())


def test_keys_and_shapes_that_do_not_fit_are_listed(tmp_path):
    state = dict(build_network("exhume/small-cnn", TINY, 5, 1).state_dict())
    state["extra"] = torch.zeros(2)
    state.pop("neck.0.weight")
    state["head.bias"] = torch.zeros(9)
    save_file(state, tmp_path / "a.safetensors")
    with pytest.raises(CheckpointMismatch) as caught:
        load_target(tmp_path / "a.safetensors", "exhume/small-cnn", TINY, 5, GREY)
    error = caught.value
    assert (error.missing, error.unexpected, error.shapes) == (
        ["neck.0.weight"],
        ["extra"],
        {"head.bias": ((5,), (9,))},
    )
    assert "expected [5], found [9]" in str(error)


def test_a_wrong_class_count_is_a_mismatch_of_the_head(tmp_path):
    save_file(build_network("exhume/small-cnn", TINY, 5, 1).state_dict(), tmp_path / "a.safetensors")
    with pytest.raises(CheckpointMismatch, match=r"head\.weight"):
        load_target(tmp_path / "a.safetensors", "exhume/small-cnn", TINY, 6, GREY)


@pytest.mark.parametrize("content", [b"", b"\x08\x00\x00\x00\x00\x00\x00\x00not json"])
def test_an_unreadable_file_is_rejected(tmp_path, content):
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(UnusableTarget, match="not a readable safetensors"):
        load_target(tmp_path / "a.safetensors", "exhume/small-cnn", TINY, 5, GREY)


def test_a_sound_target_is_described():
    target = Target(build_network("exhume/small-cnn", TINY, 5, 1), GREY, 5)
    found = examine_target(target)
    assert (found.outputs, found.num_classes, found.feature_dim, found.notes) == ("logits", 5, 16, ())
    assert target.training


def test_the_multiply_adds_of_an_image_are_counted():
    convolution, head = torch.nn.Conv2d(1, 6, 5, padding=2, stride=2), torch.nn.Linear(6, 5)
    network = torch.nn.Sequential(convolution, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), head)
    found = examine_target(Target(network, GREY, 5))
    assert found.multiply_adds == 16 * 16 * 6 * 5 * 5 + 6 * 5


def test_attention_and_batches_count_as_what_they_multiply():
    attention = torch.nn.MultiheadAttention(8, 2, batch_first=True)
    tokens = torch.rand(3, 10, 8)
    with torch.no_grad(), MultiplyAdds() as counter:
        attention(tokens, tokens, tokens, need_weights=False)
    assert counter.total == 3 * (10 * 8 * 8 * 4 + 10 * 10 * 8 * 2)


def test_weights_with_nan_are_rejected_by_name():
    target = Target(build_network("exhume/small-cnn", TINY, 5, 1), GREY, 5)
    with torch.no_grad():
        target.network.head.bias[2] = float("nan")
    with pytest.raises(UnusableTarget, match=r"head\.bias"):
        examine_target(target)


def test_a_constant_output_is_rejected():
    target = Target(build_network("exhume/small-cnn", TINY, 5, 1), GREY, 5)
    with torch.no_grad():
        target.network.head.weight.zero_()
        target.network.head.bias.copy_(torch.arange(5.0))
    with pytest.raises(UnusableTarget, match="same output"):
        examine_target(target)


@pytest.mark.parametrize(("blank", "images"), [("head.weight", [2]), ("", [2]), ("none", [2, 6])])
def test_a_network_that_sees_nothing_is_rejected_after_two_images_one_that_may_see_more_is_not(blank, images):
    network = build_network("exhume/small-cnn", TINY, 5, 1)
    asked = []
    network.register_forward_pre_hook(lambda _, inputs: asked.append(len(inputs[0])))
    with torch.no_grad():
        network.head.weight.mul_(1e-12)
        network.head.bias.fill_(1)
        for name, parameter in network.named_parameters():
            if name.startswith(blank):
                parameter.zero_()
    with pytest.raises(UnusableTarget, match="same output"):
        examine_target(Target(network, GREY, 5))
    assert asked == images


class Softmaxed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = build_network("exhume/small-cnn", TINY, 5, 1)

    def forward(self, x):
        return self.inner(x).softmax(1)


def test_probabilities_are_detected_and_turned_into_logits():
    network = Softmaxed().eval()
    target = Target(network, GREY, 5)
    found = examine_target(target)
    assert found.outputs == target.outputs == "probabilities"
    assert "logarithm" in found.notes[0]
    x = torch.rand(3, 1, 32, 32)
    with torch.no_grad():
        assert torch.allclose(target(x).logits.softmax(1), network(GREY.apply(x)), atol=1e-5)
        assert torch.allclose(target(x).logits, network.inner(GREY.apply(x)).log_softmax(1), atol=1e-4)


def test_a_network_with_other_outputs_than_declared_is_rejected():
    class Wider(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = build_network("exhume/small-cnn", TINY, 5, 1)

        def forward(self, x):
            return torch.cat([self.inner(x)] * 2, 1)

    with pytest.raises(UnusableTarget, match="5 classes were declared"):
        examine_target(Target(Wider(), GREY, 5))
