"""Checkpoints as training scripts save them."""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable
from pathlib import Path, PosixPath
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from bench.wild.case import HALVES, NAMES, Checkpoint, described
from bench.wild.networks import CLASSES, settled, timm_network, torchvision_network

State = dict[str, torch.Tensor]


def state_of(network: nn.Module) -> State:
    """Return contiguous copies of all tensors."""
    return {name: value.detach().clone().contiguous() for name, value in network.state_dict().items()}


def saved(folder: Path, value: Any, network: nn.Module, name: str = "model.pt", **other: Any) -> Checkpoint:
    """Save a value by torch.save."""
    torch.save(value, folder / name)
    return Checkpoint(folder / name, network, described(**other), network)


def _prefixed(prefix: str) -> Callable[[Path], Checkpoint]:
    def make(folder: Path) -> Checkpoint:
        network = timm_network()
        return saved(folder, {prefix + name: value for name, value in state_of(network).items()}, network)

    return make


def _wrapped(wrap: Callable[[State], Any]) -> Callable[[Path], Checkpoint]:
    def make(folder: Path) -> Checkpoint:
        network = timm_network()
        return saved(folder, wrap(state_of(network)), network)

    return make


def safetensors(folder: Path) -> Checkpoint:
    network = timm_network()
    save_file(state_of(network), folder / "model.safetensors")
    return Checkpoint(folder / "model.safetensors", network, described())


def sharded(folder: Path) -> Checkpoint:
    network = timm_network()
    state = state_of(network)
    names = list(state)
    parts = {"model-00001-of-00002.safetensors": names[:20], "model-00002-of-00002.safetensors": names[20:]}
    for file, part in parts.items():
        save_file({name: state[name] for name in part}, folder / file)
    index = {"metadata": {"total_size": 1}, "weight_map": {name: file for file, part in parts.items() for name in part}}
    path = folder / "model.safetensors.index.json"
    path.write_text(json.dumps(index))
    return Checkpoint(path, network, described())


def replaced_head(folder: Path) -> Checkpoint:
    network = torchvision_network("shufflenet_v2_x0_5")
    network.fc = nn.Sequential(nn.Dropout(0.5), nn.Linear(1024, CLASSES))
    return saved(folder, state_of(settled(network)), network)


def replaced_head_named(folder: Path) -> Checkpoint:
    found = replaced_head(folder)
    return Checkpoint(found.file, found.original, described(architecture="torchvision/shufflenet_v2_x0_5"))


def replaced_last_layer(folder: Path) -> Checkpoint:
    network = torchvision_network("mobilenet_v3_small")
    network.classifier[3] = nn.Sequential(nn.Dropout(0.3), nn.Linear(1024, CLASSES))
    return saved(folder, state_of(settled(network)), network)


class _BackboneAndHead(nn.Module):
    def __init__(self, backbone: str = "backbone", head: str = "head") -> None:
        super().__init__()
        self.names = backbone, head
        self.add_module(backbone, _features())
        self.add_module(head, nn.Linear(96, CLASSES))

    def forward(self, images: torch.Tensor) -> Any:
        backbone, head = (getattr(self, name) for name in self.names)
        return head(backbone(images))


def _features() -> nn.Module:
    import timm

    torch.manual_seed(0)
    return timm.create_model("test_resnet", num_classes=0)


def _own_module(backbone: str, head: str) -> Callable[[Path], Checkpoint]:
    def make(folder: Path) -> Checkpoint:
        network = settled(_BackboneAndHead(backbone, head))
        save_file(state_of(network), folder / "model.safetensors")
        return Checkpoint(folder / "model.safetensors", network, described())

    return make


def two_linear_head(folder: Path) -> Checkpoint:
    network = torchvision_network("shufflenet_v2_x0_5")
    network.fc = nn.Sequential(nn.Linear(1024, 64), nn.ReLU(), nn.Linear(64, CLASSES))
    return saved(folder, state_of(settled(network)), network)


def mmpretrain(folder: Path) -> Checkpoint:
    network = torchvision_network("resnet18", side=64)
    state = {("head." if name.startswith("fc.") else "backbone.") + name: v for name, v in state_of(network).items()}
    value = {"meta": {"epoch": 100, "CLASSES": NAMES, "mmpretrain_version": "1.2.0"}, "state_dict": state}
    return saved(folder, value, network, "epoch_100.pth", side=64)


def lightning(folder: Path) -> Checkpoint:
    network = timm_network()
    state = {f"model.{name}": value for name, value in state_of(network).items()}
    return saved(folder, _lightning(state), network, "last.ckpt")


def lightning_weighted_loss(folder: Path) -> Checkpoint:
    network = timm_network()
    state = {f"model.{name}": value for name, value in state_of(network).items()}
    return saved(folder, _lightning(state | {"criterion.weight": torch.ones(CLASSES)}), network, "last.ckpt")


def lightning_metrics(folder: Path) -> Checkpoint:
    network = timm_network()
    state = {f"net.{name}": value for name, value in state_of(network).items()}
    state |= {"train_acc.tp": torch.zeros(CLASSES, dtype=torch.int64), "val_acc.tp": torch.zeros(CLASSES)}
    return saved(folder, _lightning(state | {"loss_fn.pos_weight": torch.ones(CLASSES)}), network, "last.ckpt")


def _lightning(state: State) -> dict[str, Any]:
    return {
        "epoch": 1,
        "global_step": 2,
        "pytorch-lightning_version": "2.6.0",
        "state_dict": state,
        "loops": {"fit_loop": {"state_dict": {}}},
        "callbacks": {"ModelCheckpoint{'monitor': 'loss'}": {"best_model_score": torch.tensor(0.1)}},
        "optimizer_states": [{"state": {0: {"step": torch.tensor(2.0)}}, "param_groups": [{"lr": 0.001}]}],
        "lr_schedulers": [],
        "hparams_name": "kwargs",
        "hyper_parameters": {"arch": "test_resnet", "classes": CLASSES, "lr": 0.001},
    }


def _timm_training(network: nn.Module, **extra: Any) -> dict[str, Any]:
    state = state_of(network)
    average = {name: value * 0.5 if value.is_floating_point() else value for name, value in state.items()}
    return {"epoch": 3, "arch": "test_resnet", "state_dict": state, "state_dict_ema": average, "metric": 71.2, **extra}


def timm_train_without_args(folder: Path) -> Checkpoint:
    network = timm_network()
    return saved(folder, _timm_training(network), network, "model_best.pth.tar")


def timm_train(folder: Path) -> Checkpoint:
    network = timm_network()
    args = argparse.Namespace(model="test_resnet", lr=0.1, data_dir="/data", mean=None, sizes=[1, 2])
    return saved(folder, _timm_training(network, args=args), network)


def numpy_scalar(folder: Path) -> Checkpoint:
    network = timm_network()
    value = {"epoch": 3, "model_state_dict": state_of(network), "best_acc": np.float64(0.93)}
    return saved(folder, value, network)


def path_inside(folder: Path) -> Checkpoint:
    network = timm_network()
    return saved(folder, {"model_state_dict": state_of(network), "save_dir": PosixPath("/runs/1")}, network)


def class_order_agrees(folder: Path) -> Checkpoint:
    network = timm_network()
    value = {"model_state_dict": state_of(network), "class_to_idx": {name: i for i, name in enumerate(NAMES)}}
    return saved(folder, value, network)


def class_order_differs(folder: Path) -> Checkpoint:
    network = timm_network()
    value = {"model_state_dict": state_of(network), "class_to_idx": {name: i for i, name in enumerate(sorted(NAMES))}}
    return saved(folder, value, network)


def activation_checkpointing(folder: Path) -> Checkpoint:
    network = timm_network()
    state = {n.replace("layer1.", "layer1._checkpoint_wrapped_module."): v for n, v in state_of(network).items()}
    return saved(folder, state, network)


def quantised(folder: Path) -> Checkpoint:
    import torch.ao.quantization as quantization

    network = timm_network()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        small = quantization.quantize_dynamic(network, {nn.Linear}, dtype=torch.qint8)  # type: ignore[no-untyped-call]
    return saved(folder, small.state_dict(), network)


def whole_module(folder: Path) -> Checkpoint:
    network = timm_network()
    return saved(folder, network, network)


def pruned(folder: Path) -> Checkpoint:
    from torch.nn.utils import prune

    network = timm_network()
    prune.l1_unstructured(network.fc, "weight", 0.3)  # type: ignore[no-untyped-call]
    network(torch.rand(1, 3, 32, 32))
    return saved(folder, state_of(network), network)


def weight_norm(folder: Path) -> Checkpoint:
    from torch.nn.utils.parametrizations import weight_norm as parametrized

    network = timm_network()
    parametrized(network.fc)
    return saved(folder, state_of(network), network)


def old_weight_norm(folder: Path) -> Checkpoint:
    network = timm_network()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.nn.utils.weight_norm(network.fc)
    return saved(folder, state_of(network), network)


def _tagged(device: str) -> Callable[[Path], Checkpoint]:
    def make(folder: Path) -> Checkpoint:
        network, before = timm_network(), torch.serialization.location_tag
        torch.serialization.location_tag = lambda _storage: device  # type: ignore[assignment]
        try:
            return saved(folder, network.state_dict(), network)
        finally:
            torch.serialization.location_tag = before

    return make


def legacy(folder: Path) -> Checkpoint:
    network = timm_network()
    torch.save({"state_dict": state_of(network)}, folder / "model.pt", _use_new_zipfile_serialization=False)
    return Checkpoint(folder / "model.pt", network, described())


def torchscript(folder: Path) -> Checkpoint:
    network = timm_network()
    torch.jit.trace(network, torch.rand(1, 3, 32, 32)).save(folder / "model.pt")  # type: ignore[no-untyped-call]
    return Checkpoint(folder / "model.pt", network, described())


def exported_program(folder: Path) -> Checkpoint:
    network = timm_network()
    torch.export.save(torch.export.export(network, (torch.rand(2, 3, 32, 32),)), folder / "model.pt2")
    return Checkpoint(folder / "model.pt2", network, described())


def one_flat_storage(folder: Path) -> Checkpoint:
    network = timm_network()
    state = network.state_dict()
    flat, at, views = torch.cat([value.float().flatten() for value in state.values()]), 0, {}
    for name, value in state.items():
        views[name] = flat[at : at + value.numel()].view(value.shape) if value.is_floating_point() else value
        at += value.numel()
    return saved(folder, views, network)


def _as_type(dtype: torch.dtype) -> Callable[[Path], Checkpoint]:
    def make(folder: Path) -> Checkpoint:
        network = timm_network().to(dtype)
        state = state_of(network)
        return saved(folder, state, network.float())

    return make


def channels_last(folder: Path) -> Checkpoint:
    network = timm_network().to(memory_format=torch.channels_last)
    return saved(folder, network.state_dict(), network)


def one_logit(folder: Path) -> Checkpoint:
    network = timm_network(classes=1)
    save_file(state_of(network), folder / "model.safetensors")
    given = described(classes=["normal", "pneumonia"])

    def original(images: torch.Tensor) -> torch.Tensor:
        score = network(images)
        return torch.cat([torch.zeros_like(score), score], 1)

    return Checkpoint(folder / "model.safetensors", original, given)


def other_class_count(folder: Path) -> Checkpoint:
    network = timm_network(classes=1000)
    save_file(state_of(network), folder / "model.safetensors")
    return Checkpoint(folder / "model.safetensors", network, described())


def pixels_to_255(folder: Path) -> Checkpoint:
    network = timm_network()
    return saved(folder, state_of(network), network, convention={"mean": [0.0] * 3, "std": [1 / 255] * 3})


def auxiliary_head(folder: Path) -> Checkpoint:
    network = torchvision_network("googlenet", side=224, aux_logits=True, init_weights=False)
    return saved(folder, state_of(network), network, side=224)


def vision_transformer(folder: Path) -> Checkpoint:
    network = timm_network("test_vit", side=64, img_size=64)
    return saved(folder, state_of(network), network, side=64, convention=HALVES)


def bare_tensor(folder: Path) -> Checkpoint:
    network = timm_network()
    torch.save(list(state_of(network).values()), folder / "model.pt")
    return Checkpoint(folder / "model.pt", network, described(), network)


def optimizer_only(folder: Path) -> Checkpoint:
    network = timm_network()
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    return saved(folder, {"optimizer": optimizer.state_dict(), "epoch": 3}, network)


CHECKPOINTS: dict[str, Callable[[Path], Checkpoint]] = {
    **{made.__name__: made for made in (
        safetensors, sharded, replaced_head, replaced_head_named, replaced_last_layer, two_linear_head, mmpretrain,
        lightning, lightning_weighted_loss, lightning_metrics, timm_train_without_args, timm_train, numpy_scalar,
        path_inside, class_order_agrees, class_order_differs, activation_checkpointing, quantised, whole_module,
        pruned, weight_norm, old_weight_norm, legacy, torchscript, exported_program, one_flat_storage, channels_last,
        one_logit, other_class_count, pixels_to_255, auxiliary_head, vision_transformer, bare_tensor, optimizer_only,
    )},
    "state_dict": _prefixed(""),
    "data_parallel": _prefixed("module."),
    "compiled": _prefixed("_orig_mod."),
    "compiled_ddp": _prefixed("model._orig_mod.module."),
    "fsdp": _prefixed("_fsdp_wrapped_module."),
    "opacus": _prefixed("_module."),
    "own_prefix": _prefixed("resnet."),
    "timm_wrapper": _prefixed("timm_model."),
    "backbone_and_head": _own_module("backbone", "head"),
    "encoder_and_classifier": _own_module("encoder", "classifier"),
    "wrapped_state_dict": _wrapped(lambda state: {"state_dict": state, "epoch": 3, "best": 0.5}),
    "model_and_optimizer": _wrapped(lambda state: {"model": state, "optimizer": {"state": {}, "param_groups": []}}),
    "ema_beside": _wrapped(lambda state: {"model": state, "model_ema": {n: v * 1 for n, v in state.items()}}),
    "half": _as_type(torch.float16),
    "bfloat16": _as_type(torch.bfloat16),
    "double": _as_type(torch.float64),
    "cuda_tags": _tagged("cuda:0"),
    "mps_tags": _tagged("mps"),
}  # fmt: skip
