"""Names and shapes of the tensors of our own architectures, computed without torch.

They repeat what the modules of `worker.inversion.targets` build. A test compares them.
"""

from __future__ import annotations

from typing import Any

from app.formats.architectures.digests import Shapes
from app.formats.architectures.insightface import UNITS, iresnet_tensors

_Found = dict[str, tuple[int, ...]]
_STAGES = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
_UNITS = {"exhume/ir-50": (3, 4, 14, 3), "exhume/ir-152": (3, 8, 36, 3)}


def own_tensors(architecture: str, hyperparameters: dict[str, Any], classes: int, channels: int) -> Shapes | None:
    """Return the tensors, or None if there is no such network with these hyper-parameters.

    The hyper-parameters must be within their bounds.
    """
    given = {key: value for key, value in hyperparameters.items() if key != "dropout"}
    if architecture == "exhume/small-cnn":
        return _small_cnn(classes, channels, **given)
    if architecture == "exhume/vgg16-bn":
        return _vgg16_bn(classes, channels, **given)
    if architecture in _UNITS:
        return _ir(classes, channels, _UNITS[architecture], **given)
    if architecture in UNITS:
        return iresnet_tensors(architecture, classes, channels, **given)
    return None


def _small_cnn(
    classes: int, channels: int, *, width: int = 32, depth: int = 1, feature_dim: int = 128, kernel: int = 3
) -> Shapes:
    found: _Found = {}
    c = channels
    for i in range(3 * depth):
        out = width * 2 ** (i // depth)
        found[f"features.{3 * i}.weight"] = (out, c, kernel, kernel)
        _norm(found, f"features.{3 * i + 1}", out)
        c = out
    found["neck.0.weight"] = (feature_dim, 16 * c)
    _norm(found, "neck.1", feature_dim)
    return found | _linear("head", feature_dim, classes)


def _vgg16_bn(classes: int, channels: int, input_size: int = 64) -> Shapes | None:
    if input_size % 32:
        return None
    found: _Found = {}
    c, position = channels, 0
    for stage in _STAGES:
        for out in stage:
            found |= {f"feature.{position}.weight": (out, c, 3, 3), f"feature.{position}.bias": (out,)}
            _norm(found, f"feature.{position + 1}", out)
            c, position = out, position + 3
        position += 1
    feature_dim = c * (input_size // 32) ** 2
    _norm(found, "bn", feature_dim)
    return found | _linear("fc_layer", feature_dim, classes)


def _ir(
    classes: int, channels: int, units: tuple[int, ...], input_size: int = 64, feature_dim: int = 512
) -> Shapes | None:
    if input_size % 16:
        return None
    found: _Found = {"feature.input_layer.0.weight": (64, channels, 3, 3), "feature.input_layer.2.weight": (64,)}
    _norm(found, "feature.input_layer.1", 64)
    widths = [64 * 2**stage for stage, count in enumerate(units) for _ in range(count)]
    c = 64
    for i, out in enumerate(widths):
        name = f"feature.body.{i}"
        if c != out:
            found[f"{name}.shortcut_layer.0.weight"] = (out, c, 1, 1)
            _norm(found, f"{name}.shortcut_layer.1", out)
        _norm(found, f"{name}.res_layer.0", c)
        found[f"{name}.res_layer.1.weight"] = (out, c, 3, 3)
        found[f"{name}.res_layer.2.weight"] = (out,)
        found[f"{name}.res_layer.3.weight"] = (out, out, 3, 3)
        _norm(found, f"{name}.res_layer.4", out)
        c = out
    _norm(found, "output_layer.0", c)
    found |= _linear("output_layer.3", c * (input_size // 16) ** 2, feature_dim)
    _norm(found, "output_layer.4", feature_dim)
    return found | _linear("fc_layer", feature_dim, classes)


def _norm(found: _Found, name: str, width: int) -> None:
    for part in ("weight", "bias", "running_mean", "running_var"):
        found[f"{name}.{part}"] = (width,)
    found[f"{name}.num_batches_tracked"] = ()


def _linear(name: str, inputs: int, outputs: int) -> _Found:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}
