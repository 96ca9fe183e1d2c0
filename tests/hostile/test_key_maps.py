"""Names of tensors that would take long, or much memory, to compare."""

from __future__ import annotations

import time
import tracemalloc
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from app.formats.architectures import tensors_of
from app.formats.key_maps import without_parametrisations
from app.formats.preflight import check_names
from app.formats.refusal import Refused
from app.formats.state_dicts import WRAPPERS, best, candidates
from bench.hostile.torch_files import saved
from bench.wild.case import NAMES
from bench.wild.hugging_face import HUGGING_FACE, recorded
from tests.hostile.test_preflight import by_pieces
from worker.intake import check_release_file


@dataclass(frozen=True)
class Tensor:
    shape: tuple[int, ...] = (4, 4)
    dtype: str = "F32"


def test_a_dict_in_thousands_of_places_is_examined_once() -> None:
    inside: object = {"fc.weight": Tensor(), "fc.bias": Tensor((4,))}
    for _ in range(3):
        inside = dict.fromkeys(WRAPPERS, inside)
    assert len({id(found.tensors) for found in candidates(inside)}) <= 4


def test_many_losses_are_left_out_in_linear_time() -> None:
    tensors = {name: Tensor() for i in range(10_000) for name in (f"loss{i}.x", f"a.{i}.weight")}
    begun = time.process_time()
    assert max(len(found.left_out) for found in candidates(tensors)) == 10_000
    assert time.process_time() - begun < 1


def test_deeply_nested_names_take_little_memory() -> None:
    deep = ".".join("a" * 250)
    tensors = {f"{i}.{deep}.{end}": Tensor(shape) for i in range(2000) for end, shape in ENDS}
    tracemalloc.start()
    assert list(candidates(tensors))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30 * 2**20


ENDS = (("weight", (4, 4)), ("bias", (4,)))


@pytest.mark.parametrize("name", ["a." * 100_000, "vit.encoder.layer." + "9" * 5000], ids=["deep", "digits"])
def test_longer_names_than_a_safetensors_file_may_have_are_rejected(name: str) -> None:
    data = saved({f"{name}.weight": torch.zeros(2, 2), "vit.embeddings.cls_token": torch.zeros(1)})
    refusal = by_pieces(data)[0].refusal
    assert isinstance(refusal, Refused)
    assert refusal.code == "tensor-name"


def test_of_two_readings_with_the_same_names_the_one_with_the_shapes_is_taken() -> None:
    """timm's small ConvNeXts have convolutions where the larger ones have linear layers."""
    tensors = {name: Tensor(tuple(shape)) for name, shape in recorded()["convnextv2"]["shapes"].items()}
    expected = dict(tensors_of("timm/convnextv2_atto", {}, 3) or {})
    found = best(candidates(tensors), expected, lambda tensor: tensor.shape)[0]
    assert found.layout == "hugging-face-convnext-convolutions"
    check_names(tensors, {"architecture": "timm/convnextv2_atto", "hyperparameters": {}, **FIVE})


FIVE = {"num_classes": 5, "convention": {"channels": 3}}


@pytest.mark.parametrize(("side", "same"), [(64, True), (224, True), (240, True), (100, False), (112, False)])
def test_images_that_hugging_face_pads_differently_are_rejected(side: int, same: bool, tmp_path: Path) -> None:
    """At 112 pixels, the last halving of EfficientNet has an odd side."""
    made = HUGGING_FACE["hugging_face_efficientnet"](tmp_path)
    sides = {"height": side, "width": side, "channels": 3}
    given = {"convention": sides | {"mean": [0.5] * 3, "std": [0.5] * 3}, "classes": NAMES}
    expected = nullcontext() if same else pytest.raises(Refused, match=rf"pads images of {side}x{side} pixels")
    with expected:
        found = check_release_file(
            made.file, architecture="auto", hyperparameters={}, **given, out=tmp_path / "out.safetensors"
        )
        assert "`depthwise_padding`" in " ".join(found.examination.notes)


@pytest.mark.parametrize("more", ["fc.weight", "fc.parametrizations.weight.original0"])
def test_computed_weights_never_take_the_name_of_others(more: str) -> None:
    tensors = {"fc.weight_orig": Tensor(), "fc.weight_mask": Tensor(), "fc.bias": Tensor((4,))}
    assert without_parametrisations(tensors) is not None
    lengths = {more: Tensor((4, 1)), more.replace("original0", "original1"): Tensor()}
    assert without_parametrisations(tensors | lengths) is None
