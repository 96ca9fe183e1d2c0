"""Check that real networks are accepted and detected in every form in which they are saved.

The networks have random weights, so nothing is downloaded.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save, save_file
from torch import nn

import worker.inversion.torchvision_ops  # noqa: F401 (must come before timm and torchvision)
from app.formats.limits import CHECKPOINT
from app.formats.proposals import propose
from app.formats.safetensors_header import read_header
from worker.intake import Refused
from worker.intake.conversion import convert, rename
from worker.intake.converting import CONVERTED
from worker.intake.examination import examine
from worker.intake.opening import known_format
from worker.inversion.targets import build_network

CLASSES = 7
State = Mapping[str, torch.Tensor]

_TIMM = (
    *("resnet10t", "resnet14t", "resnet18", "resnet18d", "resnet26t", "resnet26"),
    *("mobilenetv2_050", "mobilenetv2_100", "mobilenetv3_small_050", "mobilenetv3_small_100", "mobilenetv3_large_100"),
    *("mobilenetv4_conv_small", "mnasnet_small", "mnasnet_100", "semnasnet_075", "fbnetc_100", "spnasnet_100"),
    *("efficientnet_b0", "efficientnet_lite0", "tf_efficientnet_b0", "tf_efficientnetv2_b0", "tinynet_e", "lcnet_050"),
    *("densenet121", "regnetx_002", "regnety_002", "regnety_004", "repvgg_a0", "ghostnet_050", "ghostnet_100"),
    *("hardcorenas_a", "dla46_c", "dla60x_c", "dpn48b", "hrnet_w18_small", "convnext_atto", "convnextv2_atto"),
    *("vit_tiny_patch16_224", "deit_tiny_patch16_224", "gmlp_ti16_224", "coat_lite_tiny", "pit_ti_224", "pit_xs_224"),
    *("levit_128s", "edgenext_xx_small", "mobilevit_xxs", "mobilevitv2_050", "poolformer_s12", "tiny_vit_5m_224"),
    *("xcit_nano_12_p16_224", "crossvit_tiny_240", "efficientformer_l1", "repvit_m0_9", "fastvit_t8", "mobileone_s0"),
)
_TORCHVISION = (
    *("resnet18", "regnet_y_400mf", "regnet_x_400mf", "mobilenet_v3_small", "mobilenet_v2", "efficientnet_b0"),
    *("densenet121", "squeezenet1_1", "shufflenet_v2_x0_5", "mnasnet0_5", "googlenet"),
)
NETWORKS = (
    *(f"timm/{name}" for name in _TIMM),
    *(f"torchvision/{name}" for name in _TORCHVISION),
    *("exhume/small-cnn", "exhume/vgg16-bn", "exhume/ir-50"),
)
FORMS: dict[str, Callable[[State], Any]] = {
    "state dict": dict,
    "state_dict": lambda state: {"state_dict": dict(state), "epoch": 3, "best": 0.5},
    "model": lambda state: {"model": dict(state), "args": {"lr": 0.1}},
    "EMA beside the model": lambda state: {"model": {"x": torch.zeros(1)}, "model_ema": dict(state)},
    "state_dict_ema": lambda state: {"state_dict_ema": dict(state)},
    "module.": lambda state: {f"module.{name}": value for name, value in state.items()},
    "_orig_mod.": lambda state: {f"_orig_mod.{name}": value for name, value in state.items()},
    "state_dict, _orig_mod.module.": lambda s: {"state_dict": {f"_orig_mod.module.{n}": v for n, v in s.items()}},
}


@dataclass
class Tried:
    """One network; `failures` maps a form to the error."""

    name: str
    forms: int = 0
    failures: dict[str, str] = field(default_factory=dict)


def tried(*, only: str = "") -> Iterator[Tried]:
    """Try every network whose name contains `only`, in all forms."""
    for name in NETWORKS:
        if only in name:
            with tempfile.TemporaryDirectory(prefix="exhume-architectures-") as folder:
                yield try_one(name, Path(folder))


def try_one(name: str, folder: Path) -> Tried:
    """Build a network, save it in all forms, and run each through the intake in this process.

    The network is examined once, as safetensors. The other forms must convert to the same tensors.
    """
    torch.manual_seed(0)
    side = _side(name)
    network = _as_if_trained(build_network(name, {}, CLASSES, 3), side)
    state = {key: value.detach().contiguous().clone() for key, value in network.state_dict().items()}
    found = Tried(name)
    forms: dict[str, Callable[[Path], None]] = {
        "safetensors": lambda path: save_file(state, path),
        "safetensors, module.": lambda path: _written(path, save({f"module.{k}": v for k, v in state.items()})),
        **{form: _saved(made(state)) for form, made in FORMS.items()},
    }
    for form, write in forms.items():
        found.forms += 1
        write(folder / "upload")
        try:
            problem = _through(folder, name, state, side if form == "safetensors" else None)
        except Refused as refusal:
            problem = f"{refusal.code}: {refusal.detail}"
        if problem:
            found.failures[form] = problem[:300]
    return found


def _as_if_trained(network: nn.Module, side: int) -> nn.Module:
    """Replace zero parameters with small random numbers and set BatchNorm to random images.

    Untrained, some networks (gMLP with its gates, RepVGG) give the same output for every image,
    and the intake rejects them.
    """
    for parameter in network.parameters():
        if not parameter.any():
            nn.init.normal_(parameter, std=0.02)
    for layer in network.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.reset_running_stats()
            layer.momentum = None  # cumulative average
    with torch.no_grad():
        network.train()(torch.rand(4, 3, side, side))
    return network.eval()


def _through(folder: Path, name: str, state: State, side: int | None) -> str:
    """Return the error, or an empty string."""
    upload, converted = folder / "upload", folder / CONVERTED
    request = {"architecture": "auto", "hyperparameters": {}, "num_classes": CLASSES, "rivals": []}
    request["convention"] = {"height": side or 224, "width": side or 224, "channels": 3}
    kind = known_format(upload, request, CHECKPOINT)
    (convert if kind == "torch-zip" else rename)(str(upload), str(folder), request)
    proposals = propose(read_header(converted, CHECKPOINT).tensors)
    fitting = [p for p in proposals if p.architecture == name]
    if not fitting or not fitting[0].exact:
        return f"detected as {', '.join(p.architecture for p in proposals[:4]) or 'nothing'}"
    if (fitting[0].num_classes, fitting[0].channels) != (CLASSES, 3):
        return f"detected with {fitting[0].num_classes} classes and {fitting[0].channels} channels"
    read = load_file(converted)
    if read.keys() != state.keys() or not all(torch.equal(read[key], state[key]) for key in state):
        return "the converted tensors are not those that were saved"
    if side is not None:
        examine(str(converted), str(folder), {**request, "architecture": name, **_sizes(fitting[0].hyperparameters)})
    return ""


def _sizes(hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"hyperparameters": dict(hyperparameters)}


def _saved(value: Any) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        buffer = io.BytesIO()
        torch.save(value, buffer)
        _written(path, buffer.getvalue())

    return write


def _written(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _side(name: str) -> int:
    """Return the side of the images that the network was designed for."""
    family, _, bare = name.partition("/")
    if family == "exhume":
        return 32 if bare == "small-cnn" else 64
    if family == "torchvision":
        return 224
    import timm

    configuration = timm.get_pretrained_cfg(bare, allow_unregistered=True)
    return int(configuration.input_size[-1]) if configuration else 224
