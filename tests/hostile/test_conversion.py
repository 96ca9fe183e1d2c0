"""PyTorch state_dicts: wrapped and prefixed ones are taken with the way recorded, lying ones are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.hostile.corpus import Case
from tests.hostile.corpus.torch_files import LOADED, saved
from worker.intake import Refused, take_in_release
from worker.intake.conversion import CONVERTED, convert
from worker.intake.limits import CHECKPOINT
from worker.intake.safetensors_header import read_header
from worker.intake.state_dicts import candidates
from worker.intake.torch_zip import check_torch_zip
from worker.inversion.targets import build_network

REQUEST = {
    "architecture": "exhume/small-cnn",
    "hyperparameters": {"width": 4},
    "convention": {"height": 32, "width": 32, "channels": 1},
}


def weights() -> dict[str, torch.Tensor]:
    return build_network("exhume/small-cnn", {"width": 4}, 3, 1).state_dict()


def converted(value: object, folder: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """The parent's checks, then the sandboxed task, called here."""
    (folder / "upload").write_bytes(saved(value))
    check_torch_zip(folder / "upload", CHECKPOINT)
    way = convert(str(folder / "upload"), str(folder), {**REQUEST, "num_classes": 3})
    read_header(folder / CONVERTED)
    return way, load_file(folder / CONVERTED)


def prefixed(prefix: str) -> dict[str, torch.Tensor]:
    return {prefix + key: value for key, value in weights().items()}


@pytest.mark.parametrize(
    ("value", "wrapper", "prefix", "left_out"),
    [
        (weights(), [], "", []),
        ({"state_dict": weights(), "epoch": 3, "optimizer": {"lr": 0.1}}, ["state_dict"], "", []),
        ({"model": prefixed("module.")}, ["model"], "module.", []),
        ({"model": {"state_dict": prefixed("_orig_mod.module.")}}, ["model", "state_dict"], "_orig_mod.module.", []),
        ({**prefixed("module."), "n_averaged": torch.tensor(7)}, [], "module.", ["n_averaged"]),
        ({"model": {"other": torch.zeros(1)}, "model_ema": weights()}, ["model_ema"], "", []),
        ({"model": {k: torch.nn.Parameter(v, v.is_floating_point()) for k, v in weights().items()}}, ["model"], "", []),
    ],
)
def test_weights_are_found_and_the_way_is_recorded(
    value: object, wrapper: list[str], prefix: str, left_out: list[str], tmp_path: Path
) -> None:
    way, tensors = converted(value, tmp_path)
    assert way == {"wrapper": wrapper, "prefix": prefix, "left_out": left_out}
    assert tensors.keys() == weights().keys()
    assert all(torch.equal(tensors[key], value) for key, value in weights().items())


def test_tied_and_strided_weights_are_copied_apart(tmp_path: Path) -> None:
    tied = torch.arange(6.0).reshape(2, 3)
    _, tensors = converted({"a": tied, "b": tied, "c": tied.T, "d": tied[1:]}, tmp_path)
    assert torch.equal(tensors["a"], tensors["b"])
    assert torch.equal(tensors["c"], tied.T)
    assert torch.equal(tensors["d"], tied[1:])


@pytest.mark.parametrize("case", LOADED, ids=lambda c: c.name)
def test_lies_about_storages_are_refused(case: Case, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(case.build(tmp_path / "marker"))
    check_torch_zip(upload, CHECKPOINT)
    with pytest.raises(Refused) as caught:
        convert(str(upload), str(tmp_path), {**REQUEST, "num_classes": 3})
    assert caught.value.code == case.code
    assert [p.name for p in tmp_path.iterdir()] == ["upload"]


def test_state_dict_through_the_door(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(saved({"state_dict": prefixed("module.")}))
    found = take_in_release(tmp_path / "upload", **REQUEST, classes=["a", "b", "c"], out=tmp_path / "out")
    assert found.examination["source"] == {
        "format": "torch-zip",
        "wrapper": ["state_dict"],
        "prefix": "module.",
        "left_out": [],
    }
    assert found.notes[0].startswith("Converted from a PyTorch state_dict: the weights were found in state_dict")
    assert load_file(tmp_path / "out").keys() == weights().keys()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "upload"]


def test_nothing_is_found_in_what_holds_no_weights() -> None:
    assert list(candidates([torch.zeros(1)])) == []
    assert list(candidates({1: torch.zeros(1)})) == []
    assert list(candidates({"model": {"model": {"model": {"model": {"w": torch.zeros(1)}}}}})) == []
