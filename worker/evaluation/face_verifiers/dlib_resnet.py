"""The face recognition network of dlib: a residual network of 29 convolutions."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from worker.evaluation.face_verifiers.network import Network
from worker.inversion.errors import UnusableModel

SIDE, DIM = 150, 128
MEAN = np.array([122.782, 117.001, 104.298], np.float32)
WIDTHS = ((32, 3), (64, 4), (128, 3), (256, 3), (256, 1))
"""Channels and residual blocks of each part. All but the first begin by halving the sides."""

LAYERS = re.compile(rb"con_4|affine_|fc_2")
TENSOR_VERSION = 2


def to_onnx(data: bytes) -> bytes:
    """Return the network of a `dlib_face_recognition_resnet_model_v1.dat` as an ONNX file.

    Every block is relu(B(A(x)) + s(x)), where A and B are 3x3 convolutions with a learned scale
    and shift per channel, A with a relu. s is the identity, or the mean of 2x2 pixels where A has
    stride 2. There, both summands are padded with zeros to the larger one of either.
    The image enters as (255 x - `MEAN`) / 256.

    Raises: UnusableModel.
    Source: dlib, `dnn_face_recognition_ex.cpp`; King, "Dlib-ml", JMLR 2009.
    """
    weights = layers(data)
    net = Network((3, SIDE, SIDE))
    x, side = net.per_channel("Sub", net.add("Mul", "image", net.constant(np.array(255, np.float32))), MEAN), SIDE
    x = net.add("Mul", x, net.constant(np.array(1 / 256, np.float32)))
    x, side = net.add("Relu", _convolution(net, x, weights, before=3, after=32, side=7, stride=2)), (side - 7) // 2 + 1
    x, side = net.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2]), (side - 3) // 2 + 1
    before = 32
    for width, blocks in WIDTHS:
        for block in range(blocks):
            stride = 2 if block == 0 and width != 32 else 1
            y = net.add("Relu", _convolution(net, x, weights, before=before, after=width, stride=stride))
            y = _convolution(net, y, weights, before=width, after=width)
            if stride == 2:
                convolved, halved = (side - 3) // 2 + 1, (side - 2) // 2 + 1
                side = max(convolved, halved)
                x = net.add("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
                x, y = _padded(net, x, width - before, side - halved), _padded(net, y, 0, side - convolved)
            x, before = net.add("Relu", net.add("Add", y, x)), width
    x = net.add("Flatten", net.add("GlobalAveragePool", x))
    x = net.add("MatMul", x, net.constant(next(weights).reshape(before, DIM)))
    return net.to_bytes(x, DIM)


def layers(data: bytes) -> Iterator[np.ndarray]:
    """Yield the parameters of each layer, in the order in which an image passes them.

    A layer is its name, then a version, four sizes and the float32 numbers of a tensor. Integers
    are a byte with their length, then their bytes.

    Raises: UnusableModel.
    """
    at = 0
    for found in LAYERS.finditer(data):
        if found.start() < at:
            continue  # bytes of a tensor that look like a name
        at = found.end()
        sizes = []
        for _ in range((2 if found.group() == b"fc_2" else 0) + 5):
            if at >= len(data) or not 1 <= data[at] <= 8:
                raise UnusableModel("this is not a network of dlib: a size of a layer cannot be read")
            sizes.append(int.from_bytes(data[at + 1 : at + 1 + data[at]], "little"))
            at += 1 + data[at]
        version, shape = sizes[-5], sizes[-4:]
        count = int(np.prod(shape))
        if version != TENSOR_VERSION or at + 4 * count > len(data):
            raise UnusableModel("this is not a network of dlib: the file ends early or has another format")
        yield np.frombuffer(data, "<f4", count, at)
        at += 4 * count
    raise UnusableModel("this is not the face recognition network of dlib: it has fewer layers")


def _convolution(
    net: Network, x: str, weights: Iterator[np.ndarray], *, before: int, after: int, side: int = 3, stride: int = 1
) -> str:
    """Append a convolution and the scale and shift of its outputs, as one convolution."""
    filters, affine = next(weights), next(weights)
    count = after * before * side * side
    if len(filters) != count + after or len(affine) != 2 * after:
        raise UnusableModel("this is not the face recognition network of dlib: its layers have other sizes")
    weight, bias = filters[:count].reshape(after, before, side, side), filters[count:]
    scale, shift = affine[:after], affine[after:]
    weight, bias = weight * scale[:, None, None, None], bias * scale + shift
    pad = side // 2 if stride == 1 else 0
    inputs = (x, net.constant(weight), net.constant(bias))
    return net.add("Conv", *inputs, kernel_shape=[side, side], strides=[stride, stride], pads=[pad] * 4)


def _padded(net: Network, x: str, channels: int, pixels: int) -> str:
    """Append zeros after the last channel, row and column."""
    if not channels and not pixels:
        return x
    return net.add("Pad", x, net.constant(np.array([0, 0, 0, 0, 0, channels, pixels, pixels], np.int64)))
