"""The accelerated copies give the networks' outputs, image by image."""

from __future__ import annotations

import warnings
from typing import get_args

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from worker.inversion.acceleration import Precision, fast_network, fast_target
from worker.inversion.acceleration.exactness import float32_convolutions, unsteady_operations
from worker.inversion.acceleration.folding import folded
from worker.inversion.acceleration.winograd import WinogradConv2d, pays, replaced
from worker.inversion.targets import InputConvention, Target, build_network

CASES = [(16, 24, 16, 16), (24, 16, 7, 9), (64, 96, 14, 5), (256, 512, 4, 4), (8, 8, 1, 2)]


def convolution(channels: int, out: int, bias: bool = True) -> nn.Conv2d:
    torch.manual_seed(channels)
    return nn.Conv2d(channels, out, 3, padding=1, bias=bias)


@pytest.mark.parametrize(("channels", "out", "height", "width"), CASES)
@pytest.mark.parametrize("bias", [True, False])
def test_winograd_computes_the_convolution_and_its_slope(channels, out, height, width, bias):
    layer = convolution(channels, out, bias)
    x = torch.randn(6, channels, height, width, dtype=torch.float64, requires_grad=True)
    y = F.conv2d(x, layer.weight.double(), layer.bias.double() if bias else None, padding=1)
    g = torch.randn_like(y)
    (slope,) = torch.autograd.grad(y, x, g)

    x32 = x.detach().float().requires_grad_()
    found = WinogradConv2d(layer)(x32)
    (found_slope,) = torch.autograd.grad(found, x32, g.float())
    assert (found - y).abs().max() < 2e-4 * y.std()
    assert (found_slope - slope).abs().max() < 2e-4 * slope.std()


def test_an_image_has_the_same_bits_wherever_it_stands_in_a_batch():
    layer = WinogradConv2d(convolution(128, 256))
    x = torch.randn(24, 128, 8, 8)
    order = torch.randperm(24)
    assert torch.equal(layer(x)[order], layer(x[order]))
    alone = torch.zeros_like(x)
    alone[0] = x[17]
    assert torch.equal(layer(alone)[0], layer(x)[17])


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(256, 256, 3, padding=1, stride=2),
        nn.Conv2d(256, 256, 3),
        nn.Conv2d(256, 256, 5, padding=2),
        nn.Conv2d(256, 256, 3, padding=1, groups=2),
        nn.Conv2d(256, 256, 3, padding=2, dilation=2),
        nn.Conv2d(256, 256, 3, padding=1, padding_mode="reflect"),
        nn.Conv2d(64, 256, 3, padding=1),
        nn.Linear(128, 128),
        type("Special", (nn.Conv2d,), {})(256, 256, 3, padding=1),
    ],
)
def test_other_layers_stay_as_they_are(layer):
    assert not pays(layer)
    network = nn.Sequential(layer)
    assert replaced(network)[0] is layer


def test_folding_batchnorm_into_the_layer_before_it_changes_no_answer(target, prior):
    z, x = torch.randn(4, prior.latent_dim), torch.rand(4, 1, 32, 32)
    with torch.no_grad():
        assert torch.allclose(folded(prior.G)(z), prior.G(z), atol=1e-5)
        fast = folded(target.network)
        assert torch.allclose(fast(x / 0.5 - 1), target(x).logits, atol=1e-4)
    assert not any(isinstance(m, torch.nn.modules.batchnorm._BatchNorm) for m in fast.modules())
    assert any(isinstance(m, torch.nn.modules.batchnorm._BatchNorm) for m in target.modules())


@pytest.mark.parametrize("precision", get_args(Precision))
def test_batchnorm_is_folded_and_weights_are_channels_last_on_every_device(precision):
    network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU()).eval().to("meta")
    layers = list(fast_network(network, precision).modules())
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in layers)
    (conv,) = (layer for layer in layers if isinstance(layer, nn.Conv2d))
    assert conv.weight.is_contiguous(memory_format=torch.channels_last)


def test_weights_of_five_dimensions_stay_as_they_are():
    network = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.Conv3d(3, 4, 1))
    before = network[1].weight.clone()
    copy = folded(network)
    assert copy[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(copy[1].weight, before)


def test_a_gpu_multiplies_whole_float32_and_the_same_way_every_time():
    flags = torch.backends.cudnn
    before = (flags.allow_tf32, flags.deterministic, flags.benchmark)
    with float32_convolutions(torch.device("cpu")):
        assert (flags.allow_tf32, flags.deterministic, flags.benchmark) == before
    with float32_convolutions(torch.device("cuda")):
        assert (flags.allow_tf32, flags.deterministic, flags.benchmark) == (False, True, False)
    assert (flags.allow_tf32, flags.deterministic, flags.benchmark) == before


def test_a_batchnorm_that_does_more_than_its_class_is_not_folded_away():
    class WithActivation(nn.BatchNorm2d):
        def forward(self, x):
            return super().forward(x).relu()

    network = nn.Sequential(nn.Conv2d(3, 4, 3), WithActivation(4)).eval()
    x = torch.randn(2, 3, 8, 8)
    assert torch.allclose(folded(network)(x), network(x), atol=1e-5)


@pytest.mark.parametrize("name", ["exhume/vgg16-bn", "timm/efficientnet_b0"])
def test_the_fast_copy_of_a_target_gives_its_logits_and_features(name):
    T = Target(
        build_network(name, {"input_size": 32} if name.startswith("exhume") else {}, 10, 3, seed=1),
        InputConvention(32, 32, 3),
        10,
    )
    T.train()
    with torch.no_grad():
        T(torch.rand(4, 3, 32, 32))  # moves the running statistics away from 0 and 1
    T.eval()
    before = {k: v.clone() for k, v in T.state_dict().items()}
    x = torch.rand(2, 3, 32, 32, requires_grad=True)
    exact, fast = T(x), fast_target(T, "float32")(x)
    slopes = [torch.autograd.grad(out.logits[:, 3].sum(), x)[0] for out in (exact, fast)]
    assert torch.cosine_similarity(*(s.flatten(1) for s in slopes)).min() > 0.999
    assert torch.allclose(fast.logits, exact.logits, atol=1e-3 * float(exact.logits.detach().std()), rtol=1e-3)
    assert torch.allclose(fast.features, exact.features, atol=1e-3 * float(exact.features.detach().std()), rtol=1e-3)
    assert all(torch.equal(v, before[k]) for k, v in T.state_dict().items())


def test_wide_convolutions_are_replaced_in_the_copy_alone():
    network = build_network("exhume/vgg16-bn", {}, 10, 3, seed=1)
    fast = fast_network(network, "float32")
    assert sum(isinstance(m, WinogradConv2d) for m in fast.modules()) == 9  # from 128 -> 256 on
    assert not any(isinstance(m, WinogradConv2d) for m in network.modules())


def test_in_bf16_grouped_strided_convolutions_stay_float32_and_the_answer_stays_near():
    net = build_network("timm/efficientnet_b0", {}, 7, 3).eval().requires_grad_(False)
    fast = fast_network(net, "bf16")
    kinds = {(layer.groups > 1 and layer.stride[0] > 1, layer.weight.dtype) for layer in fast.modules()
             if isinstance(layer, nn.Conv2d)}  # fmt: skip
    assert kinds == {(True, torch.float32), (False, torch.bfloat16)}
    assert all(p.dtype == torch.float32 for p in net.parameters())  # the original is unchanged
    x = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    exact, near = net(x)[0] if isinstance(net(x), tuple) else net(x), fast(x)
    near = near[0] if isinstance(near, tuple) else near
    assert near.dtype == torch.float32
    assert F.cosine_similarity(exact, near).min() > 0.99
    (slope,) = torch.autograd.grad(near.sum(), x)
    assert slope.isfinite().all()
    assert slope.abs().sum() > 0


def test_operations_without_a_deterministic_kernel_are_collected(recwarn):
    said = "grid_sampler_2d_backward_cuda does not have a deterministic implementation, but you set ..."
    with unsteady_operations("cuda") as found:
        warnings.warn(said, stacklevel=1)
        warnings.warn(said, stacklevel=1)
        warnings.warn("something else", stacklevel=1)
    assert found == ["grid_sampler_2d_backward_cuda"]
    assert [str(one.message) for one in recwarn] == ["something else"]
    with unsteady_operations("cpu") as found:
        pass
    assert found == []
