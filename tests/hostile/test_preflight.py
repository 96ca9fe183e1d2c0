"""The preflight reads pieces of a file, agrees with the intake, and never crashes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from app.formats.architectures import CLASSES, masks, tensors_of
from app.formats.pieces import NotSentError, Pieces
from app.formats.preflight import Description, PreflightResult, check, check_names
from app.formats.refusal import Refused
from bench.hostile import CHECKPOINTS, Case
from bench.hostile.torch_files import saved
from worker.inversion.targets import build_network

ENDS = 4096


def by_pieces(data: bytes, described: Description = Description()) -> tuple[PreflightResult, int]:  # noqa: B008 (frozen)
    """Send pieces as a client does. Return the result and the number of bytes sent."""
    ranges = [(0, len(data))] if len(data) <= 2 * ENDS else [(0, ENDS), (len(data) - ENDS, ENDS)]
    for _ in range(12):
        seen = check(len(data), [(begin, data[begin : begin + length]) for begin, length in ranges], described)
        if seen.wanted is None:
            return seen, sum(length for _, length in ranges)
        ranges.append(seen.wanted)
    raise AssertionError("it does not stop asking for pieces")


def resnet(classes: int = 7) -> dict[str, torch.Tensor]:
    return build_network("torchvision/resnet18", {}, classes, 3).state_dict()


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    return resnet()


@pytest.mark.parametrize("kind", ["safetensors", "zip", "shards"])
def test_a_sound_file_is_recognised_by_a_small_part_of_it(kind: str, state: dict[str, torch.Tensor]) -> None:
    if kind == "safetensors":
        data = save(state)
    elif kind == "zip":
        data = saved({"state_dict": {f"module.{name}": value for name, value in state.items()}, "epoch": 1})
    else:
        data = sharded(state)
    seen, sent = by_pieces(data, Description(num_classes=7, channels=3))
    assert seen.refusal is None
    assert seen.proposals[0].architecture in ("torchvision/resnet18", "timm/resnet18")
    assert (seen.proposals[0].num_classes, seen.proposals[0].channels) == (7, 3)
    assert (seen.wrapper, seen.prefix) == ((("state_dict",), "module.") if kind == "zip" else ((), ""))
    assert sent < 400_000 < len(data)


def sharded(state: dict[str, torch.Tensor]) -> bytes:
    names = sorted(state)
    parts = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
    index = {"weight_map": {name: part for part, held in parts.items() for name in held}}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("model.safetensors.index.json", json.dumps(index))
        for part, held in parts.items():
            archive.writestr(part, save({name: state[name] for name in held}))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("described", "code"),
    [
        (Description("torchvision/resnet18", {}, 7, 3), None),
        (Description("torchvision/resnet18", {}, 8, 3), "class-count"),
        (Description("auto", {}, 8, 3), "class-count"),
        (Description("auto", {}, 7, 1), "checkpoint-mismatch"),
        (Description("torchvision/resnet34", {}, 7, 3), "checkpoint-mismatch"),
        (Description("torchvision/resnet34", {"aux_logits": False}, 7, 3), None),  # not listed: the intake decides
        (Description("torchvision/resnet34", {"zero_init_residual": True}, 7, 3), "invalid-hyperparameters"),
        (Description("torchvision/resnet43", {}, 7, 3), "unknown-architecture"),
        (Description("exhume/ir-50", {"feature_dim": 64}, 7, 3), "checkpoint-mismatch"),
    ],
)
def test_what_the_release_says_is_compared(
    described: Description, code: str | None, state: dict[str, torch.Tensor]
) -> None:
    seen, _ = by_pieces(save(state), described)
    assert (seen.refusal.code if seen.refusal else None) == code
    if described.architecture == "torchvision/resnet34" and code == "checkpoint-mismatch":
        assert "layer3.5.conv1.weight" in seen.missing
        assert seen.unexpected == []
        assert seen.refusal is not None
        assert "torchvision/resnet18" in seen.refusal.detail, "names the architecture that fits"


@pytest.mark.parametrize("kind", ["safetensors", "zip"])
def test_an_order_of_classes_is_compared_before_sending(kind: str, state: dict[str, torch.Tensor]) -> None:
    order = {f"person {index}": index for index in range(7)}
    data = (
        save(state, {"class_to_idx": json.dumps(order)})
        if kind == "safetensors"
        else saved({"state_dict": state, "class_to_idx": order})
    )
    names, other = tuple(order), tuple(reversed(order))
    described = Description(num_classes=7, channels=3)
    assert by_pieces(data, described)[0].refusal is None
    assert by_pieces(data, replace(described, classes=names))[0].refusal is None
    assert by_pieces(data, replace(described, classes=other, confirm_class_order=True))[0].refusal is None
    seen, sent = by_pieces(data, replace(described, classes=other))
    assert seen.refusal is not None
    assert seen.refusal.code == "class-order"
    assert sent < 400_000 < len(data)


@pytest.mark.parametrize("case", CHECKPOINTS, ids=lambda c: c.name)
def test_what_is_rejected_before_sending_is_rejected_alike_after(case: Case, tmp_path: Path) -> None:
    seen, _ = by_pieces(case.build(tmp_path / "marker"), Description("exhume/small-cnn", {}, 2, 1))
    assert seen.refusal is None or seen.refusal.code == case.code
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("name", ["torchvision/resnet18", "timm/mobilenetv3_small_050", "timm/vit_tiny_patch16_224"])
def test_the_listing_is_what_is_built(name: str) -> None:
    with torch.device("meta"):
        built = build_network(name, {}, CLASSES, 3).state_dict()
    assert {key: tuple(value.shape) for key, value in built.items()} == tensors_of(name)
    heads, stems = masks(name)
    assert heads
    assert stems
    assert tensors_of("timm/no_such_network") is None


OWN_SETTINGS: list[tuple[str, dict[str, Any]]] = [
    *(("exhume/small-cnn", h) for h in ({}, {"depth": 3}, {"width": 5, "depth": 2}, {"kernel": 7, "feature_dim": 9})),
    *(("exhume/small-cnn", {"depth": 4, "width": 256, "kernel": 2, "feature_dim": 2048, "dropout": 0.5}),),
    *(("exhume/vgg16-bn", h) for h in ({}, {"input_size": 32}, {"input_size": 224})),
    *((n, h) for n in ("exhume/ir-50", "exhume/ir-152") for h in ({}, {"input_size": 112, "dropout": 0.1})),
    ("exhume/ir-50", {"input_size": 224, "feature_dim": 8}),
    *((f"exhume/iresnet-{layers}", {"input_size": 32, "head": "linear"}) for layers in (18, 34, 50, 100, 200)),
]


@pytest.mark.parametrize(("name", "hyperparameters"), OWN_SETTINGS)
@pytest.mark.parametrize("channels", [1, 3])
def test_our_own_networks_are_known_by_rule(name: str, hyperparameters: dict[str, Any], channels: int) -> None:
    with torch.device("meta"):
        built = build_network(name, hyperparameters, CLASSES, channels).state_dict()
    assert {key: tuple(value.shape) for key, value in built.items()} == tensors_of(name, hyperparameters, channels)
    heads, stems = masks(name)
    assert heads <= built.keys()
    assert {key for key in built if built[key].shape[:1] == (CLASSES,)} == heads
    assert len(stems) == 1
    assert stems <= built.keys()


def test_networks_that_cannot_be_built_have_no_rule() -> None:
    assert tensors_of("exhume/vgg16-bn", {"input_size": 48}) is None
    assert tensors_of("exhume/ir-50", {"input_size": 40}) is None
    assert tensors_of("exhume/iresnet-18", {"head": "margin"}) is None
    assert tensors_of("exhume/no-such-network") is None
    assert tensors_of("torchvision/resnet18", {"aux_logits": False}) is None


@pytest.mark.parametrize("channels", [1, 3])
def test_weights_of_other_sizes_than_declared_take_no_process(channels: int) -> None:
    state = build_network("exhume/small-cnn", {"width": 8}, 2, channels).state_dict()
    request = {"architecture": "exhume/small-cnn", "num_classes": 2, "convention": {"channels": channels}}
    check_names(state, {**request, "hyperparameters": {"width": 8}})
    for other, code in (({"width": 16}, "checkpoint-mismatch"), ({"width": 8, "depth": 9}, "invalid-hyperparameters")):
        with pytest.raises(Refused) as caught:
            check_names(state, {**request, "hyperparameters": other})
        assert caught.value.code == code
    with pytest.raises(Refused, match="input dimensions"):
        check_names(state, {**request, "hyperparameters": {"width": 8}, "convention": {"channels": 4 - channels}})


def test_pieces_read_like_the_file_or_say_what_is_needed() -> None:
    data = bytes(range(100))
    file = Pieces(100, [(0, data[:10]), (90, data[90:]), (10, data[10:20])])
    assert file.seek(5) == 5
    assert file.read(15) == data[5:20]
    assert file.seek(-10, 2) == 90
    assert file.read() == data[90:]
    assert file.read() == b""
    file.seek(15)
    with pytest.raises(NotSentError) as needed:
        file.read(10)
    assert (needed.value.offset, needed.value.length) == (20, 70)
    for pieces in ([(0, data[:10]), (9, data[:2])], [(95, data[:10])]):
        with pytest.raises(ValueError, match="overlaps another or lies outside"):
            Pieces(100, pieces)


def test_the_api_loads_neither_torch_nor_numpy_for_it() -> None:
    heavy: Any = ("torch", "numpy", "onnxruntime", "PIL", "safetensors")
    code = f"import sys, app.releases.preflight; sys.exit(', '.join(m for m in {heavy!r} if m in sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True).stderr.strip() == ""
    )
