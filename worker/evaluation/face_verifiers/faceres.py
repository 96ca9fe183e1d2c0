"""FaceRes: a MobileNet of TensorFlow.js that embeds faces, and guesses age and gender."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from worker.evaluation.face_verifiers.network import Network
from worker.inversion.errors import UnusableModel

INPUT, EMBEDDING = "input_1", "global_pooling/Mean"
MEAN_BGR = np.array([103.939, 116.779, 123.68], np.float32)
ARITHMETIC = {"Add": "Add", "Mul": "Mul", "Minimum": "Min", "Maximum": "Max"}
DTYPES = {"float16": "<f2", "float32": "<f4", "int32": "<i4"}


def to_onnx(topology: bytes, weights: bytes, *, side: int = 224) -> bytes:
    """Return the embedding of a graph model of TensorFlow.js as an ONNX file.

    Args:
        topology: `faceres.json`.
        weights: `faceres.bin`.
        side: of the square images that it takes.

    The image enters as 255 x - `MEAN_BGR`, in BGR order. The embedding is the mean of the last
    features over their pixels. What age and gender need is left out.

    Raises: UnusableModel.
    Source: Savchenko, "Efficient facial representations for age, gender and identity recognition
        in organizing photo albums", PeerJ Computer Science 2019.
    """
    try:
        described = json.loads(topology)
        constants = _constants(described["weightsManifest"], weights)
        return _converted(described["modelTopology"]["node"], constants, side)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise UnusableModel(f"this is not the face model of TensorFlow.js that is expected: {error}") from error


def _constants(manifest: list[dict[str, Any]], weights: bytes) -> dict[str, np.ndarray]:
    """Return the arrays that follow each other in the file of weights."""
    found, at = {}, 0
    for group in manifest:
        for one in group["weights"]:
            stored = DTYPES[one.get("quantization", one)["dtype"]]
            array = np.frombuffer(weights, stored, int(np.prod(one["shape"])), at)
            at += array.nbytes
            found[one["name"]] = array.astype(np.float32).reshape(one["shape"])
    if at != len(weights):
        raise ValueError(f"{len(weights)} bytes of weights in place of {at}")
    return found


def _converted(nodes: list[dict[str, Any]], constants: dict[str, np.ndarray], side: int) -> bytes:
    net = Network((3, side, side))
    bgr = net.add("Gather", "image", net.constant(np.array([2, 1, 0], np.int64)), axis=1)
    scaled = net.add("Mul", bgr, net.constant(np.array(255, np.float32)))
    names, width = {INPUT: net.per_channel("Sub", scaled, MEAN_BGR)}, 3
    for node in nodes:
        operator, inputs = node["op"], [one.split(":")[0] for one in node.get("input", [])]
        if operator in ("Const", "Placeholder") or inputs[0] not in names:
            continue
        x = names[inputs[0]]
        if node["name"] == EMBEDDING:
            return net.to_bytes(net.add("Flatten", net.add("GlobalAveragePool", x)), width)
        if operator in ("Conv2D", "DepthwiseConv2dNative"):
            made, width = _convolution(net, x, constants[inputs[1]], node["attr"], depthwise=operator != "Conv2D")
        elif operator == "Relu":
            made = net.add("Relu", x)
        else:
            made = net.per_channel(ARITHMETIC[operator], x, constants[inputs[1]])
        names[node["name"]] = made
    raise ValueError(f"it has no node {EMBEDDING}")


def _convolution(
    net: Network, x: str, filters: np.ndarray, attributes: dict[str, Any], *, depthwise: bool
) -> tuple[str, int]:
    """Append a convolution whose filters are stored as (height, width, inputs, outputs).

    Returns: the node, and its number of channels.
    """
    stride = int(attributes["strides"]["list"]["i"][1])
    padding = base64.b64decode(attributes["padding"]["s"]).decode()
    if padding not in ("SAME", "VALID"):
        raise ValueError(f"the padding {padding} is not known")
    weight = filters.transpose(2, 3, 0, 1) if depthwise else filters.transpose(3, 2, 0, 1)
    made = net.add(
        "Conv",
        x,
        net.constant(weight),
        kernel_shape=list(weight.shape[2:]),
        strides=[stride, stride],
        auto_pad="SAME_UPPER" if padding == "SAME" else "VALID",
        group=len(weight) if depthwise else 1,
    )
    return made, len(weight)
