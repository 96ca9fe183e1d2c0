"""Winograd's F(4x4, 3x3): a quarter of the multiplications of a 3x3 convolution, weights frozen.

Cook and Toom's algorithm at the points 0, 1, -1, 2, 1/2 and infinity gives, for 6 inputs d and 3
taps g, the 4 outputs

    y_i = sum_j g_j d_{i+j} = A^T [(G g) * (B^T d)]_i
    B^T = V^-T,   V = [1, a, .., a^5]_a,   G, A = V cut to 3, 4

In two dimensions it is applied to rows, then to columns. The gradient to the input is the same
convolution with flipped taps, and a flipped polynomial at `a` has the value a^2 g(1/a). The points
are closed under 1/a, so the backward pass uses the same transformed weights with permuted
transforms.

Sources: Winograd, 1980; Lavin and Gray, CVPR 2016.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

POINTS = (Fraction(0), Fraction(1), Fraction(-1), Fraction(2), Fraction(1, 2))
"""The finite points. Infinity is added as the row that picks the highest power."""
OUT, TAPS = 4, 3
TILE = OUT + TAPS - 1
CACHED_MIB, CACHED_MIB_WIDE = 4, 8
"""MiB of transformed tiles computed at once, small enough to stay in the cache.

`CACHED_MIB_WIDE` is for large weights.
"""
LEAST, WIDE = 128 * 256, 256 * 512
"""Products of the numbers of input and output channels."""


def _powers(count: int) -> Tensor:
    rows = [[float(a**i) for i in range(count)] for a in POINTS]
    return torch.tensor([*rows, [0.0] * (count - 1) + [1.0]], dtype=torch.float64)


def _twice(m: Tensor) -> Tensor:
    """Return a matrix, applied to rows and columns of a tile, as one on the flattened tile."""
    return torch.kron(m, m).float()


_MIRROR = [TILE - 1, *(POINTS.index(1 / a) for a in POINTS[1:]), 0]
_SQUARES = torch.tensor([1.0, *(float(a * a) for a in POINTS[1:]), 1.0], dtype=torch.float64)
_G, _A, _BT = _powers(TAPS), _powers(OUT), torch.linalg.inv(_powers(TILE)).T


class Transforms(NamedTuple):
    """Transforms of input tiles (36,) and of products (36,).

    Attributes:
        inputs: tiles of inputs (36,) -> factors of the weights' (36,).
        outputs: products (36,) -> tiles of outputs (16,).
    """

    inputs: Tensor
    outputs: Tensor


FORWARD = Transforms(_twice(_BT), _twice(_A.T))
BACKWARD = Transforms(_twice((_SQUARES[:, None] * _BT)[_MIRROR]), _twice(_A[_MIRROR].T))
"""For flipped taps: the value at `a` is a^2 times the one at 1/a, and 0 and infinity swap."""


def pays(layer: nn.Module) -> bool:
    """Return whether the layer is a 3x3 convolution that is faster this way on a CPU.

    From 128 x 256 channels on it takes half to two thirds of the time (`bench.cost.engine_speed`).
    With fewer, the transforms cost as much as they save, and more if other work uses the cache.
    """
    return (
        type(layer) is nn.Conv2d
        and (layer.kernel_size, layer.stride, layer.padding) == ((3, 3), (1, 1), (1, 1))
        and (layer.dilation, layer.groups, layer.padding_mode) == ((1, 1), 1, "zeros")
        and layer.in_channels * layer.out_channels >= LEAST
    )


def transformed(weight: Tensor) -> Tensor:
    """Transform weights (O, C, 3, 3) to (36, C, O) in float64. They take four times the memory."""
    return (_G @ weight.double() @ _G.T).flatten(2).permute(2, 1, 0).float().contiguous()


def convolve(x: Tensor, U: Tensor, by: Transforms, bias: Tensor | None = None) -> Tensor:
    """Convolve x (B, C, H, W) float32 with U (36, C, K), transformed by `by`.

    Images are processed in groups of equal size, so that tiles stay in the cache and every image
    has the same arithmetic.

    Returns: (B, K, H, W), channels last.
    """
    (B, C, H, W), K = x.shape, U.shape[2]
    th, tw = -(-H // OUT), -(-W // OUT)
    padded = F.pad(x.permute(0, 2, 3, 1), (0, 0, 1, OUT * tw - W + 1, 1, OUT * th - H + 1))
    tiles = padded.unfold(1, TILE, OUT).unfold(2, TILE, OUT).permute(4, 5, 0, 1, 2, 3)
    n = _group(B, th * tw * TILE * TILE * max(C, K), C * K)
    T = n * th * tw
    d, V = x.new_empty(2, TILE * TILE, T * C)
    M, Y = x.new_empty(TILE * TILE, T, K), x.new_empty(OUT * OUT, T * K)
    out = torch.empty(B, K, OUT * th, OUT * tw, memory_format=torch.channels_last)
    y = out.permute(0, 2, 3, 1)
    for i in range(0, B, n):
        d.view(TILE, TILE, n, th, tw, C).copy_(tiles[:, :, i : i + n])
        torch.mm(by.inputs, d, out=V)
        torch.bmm(V.view(-1, T, C), U, out=M)
        torch.mm(by.outputs, M.view(-1, T * K), out=Y)
        whole = y[i : i + n].view(n, th, OUT, tw, OUT, K)
        part = Y.view(OUT, OUT, n, th, tw, K).permute(2, 3, 0, 4, 1, 5)
        whole.copy_(part) if bias is None else torch.add(part, bias, out=whole)
    return out if out.shape[2:] == (H, W) else out[:, :, :H, :W].contiguous(memory_format=torch.channels_last)


def _group(images: int, numbers: int, weights: int) -> int:
    """Return the largest divisor of `images` whose tiles fit into the cache, at least 1.

    An image has `numbers` float32 values in its tiles.
    """
    most = (CACHED_MIB_WIDE if weights >= WIDE else CACHED_MIB) * 2**20 // (4 * numbers)
    return max(n for n in range(1, images + 1) if images % n == 0 and n <= max(1, most))


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, U: Tensor, bias: Tensor | None) -> Tensor:
        ctx.U = U
        return convolve(x, U, FORWARD, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None, None]:
        return convolve(slopes[0], ctx.U.mT, BACKWARD), None, None


class WinogradConv2d(nn.Module):
    """A 3x3 convolution with stride 1, padding 1 and frozen weights.

    Gradients reach its input only.

    Shapes: (B, C, H, W) float32 on the CPU -> (B, O, H, W), within about 1e-5 of the direct
        convolution.
    """

    U: Tensor

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        self.register_buffer("U", transformed(layer.weight.detach()), persistent=False)
        self.bias = None if layer.bias is None else layer.bias.detach().clone()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = _Convolution.apply(x, self.U, self.bias)  # type: ignore[no-untyped-call]
        return out


def replaced(network: nn.Module) -> nn.Module:
    """Replace convolutions by `WinogradConv2d` in place where that is faster."""
    for block in list(network.modules()):
        for name, layer in list(block.named_children()):
            if pays(layer):
                assert isinstance(layer, nn.Conv2d)
                setattr(block, name, WinogradConv2d(layer))
    return network
