"""ONNX models as exporters write them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import nn

from bench.wild.case import HALVES, UNIT, Checkpoint, described
from bench.wild.networks import convolutional, timm_network

_MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
_STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
BYTES = {"mean": [0.0] * 3, "std": [1 / 255] * 3}


def exported(
    network: nn.Module, images: torch.Tensor, path: Path, *, opset: int = 17, free: bool = True, **other: Any
) -> Path:
    """Export with the exporter that needs no tracing of Python."""
    names: dict[str, Any] = {"input_names": ["input"], "dynamic_axes": {"input": {0: "batch"}} if free else {}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (images,),
            path,
            dynamo=False,
            opset_version=opset,
            **names,
            **other,
        )
    return path


def _plain(images: int = 2, **options: Any) -> Callable[[Path], Checkpoint]:
    def make(folder: Path) -> Checkpoint:
        network = convolutional()
        file = exported(network, torch.rand(images, 3, 32, 32), folder / "model.onnx", **options)
        return Checkpoint(file, network, described(), network)

    return make


def external_data(folder: Path) -> Checkpoint:
    """Save like the default of PyTorch 2.10, with the weights in a second file."""
    network = convolutional()
    model = onnx.load(exported(network, torch.rand(2, 3, 32, 32), folder / "whole.onnx"))
    (folder / "whole.onnx").unlink()
    options: dict[str, Any] = {"save_as_external_data": True, "location": "model.onnx.data", "size_threshold": 256}
    onnx.save_model(model, str(folder / "model.onnx"), **options)
    return Checkpoint(folder / "model.onnx", network, described(), network)


class _Ended(nn.Module):
    def __init__(self, network: nn.Sequential, end: str) -> None:
        super().__init__()
        self.network, self.end = network, end

    def forward(self, images: torch.Tensor) -> Any:
        features = self.network[:-1](images)
        logits = self.network[-1](features)
        return {
            "softmax": lambda: logits.softmax(1),
            "log_softmax": lambda: logits.log_softmax(1),
            "sigmoid": logits.sigmoid,
            "temperature": lambda: logits / 100.0,
            "argmax": lambda: logits.argmax(1),
            "logits_and_features": lambda: (logits, features),
            "features_and_logits": lambda: (features, logits),
        }[self.end]()


def _ended(end: str) -> Callable[[Path], Checkpoint]:
    def make(folder: Path) -> Checkpoint:
        network = convolutional()
        file = exported(_Ended(network, end).eval(), torch.rand(2, 3, 32, 32), folder / "model.onnx")
        return Checkpoint(file, network, described(), network)

    return make


class _Prepared(nn.Module):
    """A network that prepares its images itself."""

    def __init__(self, network: Any, steps: str) -> None:
        super().__init__()
        self.network, self.steps = network, steps

    def forward(self, images: torch.Tensor) -> Any:
        if "nhwc" in self.steps:
            images = images.permute(0, 3, 1, 2)
        if "bytes" in self.steps or "255" in self.steps:
            images = images.float() / 255
        if "bgr" in self.steps:
            images = images[:, [2, 1, 0]]
        if "resize" in self.steps:
            images = nn.functional.interpolate(images, (32, 32), mode="bilinear", align_corners=False)
        return self.network((images - _MEAN) / _STD)


def _prepared(steps: str, convention: dict[str, Any], side: int = 32) -> Callable[[Path], Checkpoint]:
    def make(folder: Path) -> Checkpoint:
        network = _Prepared(convolutional(), steps).eval()
        shape = (2, side, side, 3) if "nhwc" in steps else (2, 3, side, side)
        images = torch.randint(0, 255, shape, dtype=torch.uint8) if "bytes" in steps else torch.rand(shape)

        def original(seen: torch.Tensor) -> Any:
            given = seen.permute(0, 2, 3, 1) if "nhwc" in steps else seen
            return network(given.round() if "bytes" in steps else given)

        file = exported(network, images, folder / "model.onnx")
        return Checkpoint(file, original, described(side=side, convention=convention), network)

    return make


def half(folder: Path) -> Checkpoint:
    network = convolutional().half()
    file = exported(network, torch.rand(2, 3, 32, 32).half(), folder / "model.onnx")
    return Checkpoint(file, network.float(), described(), tolerance=1e-3)  # what half precision rounds


def vision_transformer_graph(folder: Path) -> Checkpoint:
    network = timm_network("test_vit", side=32, img_size=32)
    file = exported(network, torch.rand(2, 3, 32, 32), folder / "model.onnx")
    return Checkpoint(file, network, described(convention=HALVES))


def fused_by_onnxruntime(folder: Path) -> Checkpoint:
    import onnxruntime

    network = convolutional()
    plain = exported(network, torch.rand(2, 3, 32, 32), folder / "plain.onnx")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.optimized_model_filepath = str(folder / "model.onnx")
    options.log_severity_level = 4
    onnxruntime.InferenceSession(str(plain), options, providers=["CPUExecutionProvider"])
    return Checkpoint(folder / "model.onnx", network, described(), network)


def exported_in_training_mode(folder: Path) -> Checkpoint:
    network = convolutional()
    training = torch.onnx.TrainingMode.TRAINING
    file = exported(
        network.train(), torch.rand(2, 3, 32, 32), folder / "model.onnx", training=training, do_constant_folding=False
    )
    return Checkpoint(file, network.eval(), described(), network)


def scikit_learn(folder: Path) -> Checkpoint:
    """Write what skl2onnx makes of a LogisticRegression: an operator of another domain."""
    node = onnx.helper.make_node(
        "LinearClassifier", ["X"], ["label", "scores"], domain="ai.onnx.ml", coefficients=[0.1] * 15,
        intercepts=[0.0] * 5, classlabels_ints=list(range(5)), multi_class=1, post_transform="SOFTMAX",
    )  # fmt: skip
    graph = onnx.helper.make_graph(
        [node],
        "LogisticRegression",
        [onnx.helper.make_tensor_value_info("X", onnx.TensorProto.FLOAT, [None, 3])],
        [
            onnx.helper.make_tensor_value_info("label", onnx.TensorProto.INT64, [None]),
            onnx.helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, [None, 5]),
        ],
    )
    opsets = [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid("ai.onnx.ml", 1)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8), folder / "model.onnx")
    return Checkpoint(folder / "model.onnx", None, described())


def quantised_graph(folder: Path) -> Checkpoint:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    network = convolutional()
    exported(network, torch.rand(2, 3, 32, 32), folder / "plain.onnx")
    quantize_dynamic(folder / "plain.onnx", folder / "model.onnx", weight_type=QuantType.QUInt8)
    return Checkpoint(folder / "model.onnx", network, described(), network)


ONNX_MODELS: dict[str, Callable[[Path], Checkpoint]] = {
    "onnx": _plain(),
    "onnx_opset_11": _plain(opset=11),
    "onnx_one_image": _plain(1, free=False),
    "onnx_eight_images": _plain(8, free=False),
    **{f"onnx_{end}": _ended(end) for end in (
        "softmax", "log_softmax", "sigmoid", "temperature", "argmax", "logits_and_features", "features_and_logits",
    )},
    "onnx_nhwc": _prepared("nhwc", UNIT),
    "onnx_bytes": _prepared("bytes", BYTES),
    "onnx_bytes_nhwc": _prepared("bytes nhwc", BYTES),
    "onnx_bytes_other_convention": _prepared("bytes", UNIT),
    "onnx_pixels_to_255": _prepared("255", BYTES),
    "onnx_bgr": _prepared("bgr", UNIT),
    "onnx_resize": _prepared("resize", UNIT, side=48),
    "onnx_normalises": _prepared("", UNIT),
    "onnx_external_data": external_data,
    "onnx_half": half,
    "onnx_vision_transformer": vision_transformer_graph,
    "onnx_fused": fused_by_onnxruntime,
    "onnx_training_mode": exported_in_training_mode,
    "onnx_scikit_learn": scikit_learn,
    "onnx_quantised": quantised_graph,
}  # fmt: skip
