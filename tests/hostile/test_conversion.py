"""Wrapped and prefixed PyTorch state_dicts are converted. Forged ones are rejected."""

from __future__ import annotations

import io
import pickle
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from app.formats.limits import CHECKPOINT
from app.formats.proposals import check_weights
from app.formats.safetensors_header import read_header
from app.formats.state_dicts import candidates
from app.formats.torch_zip import read_torch_zip
from bench.hostile import Case
from bench.hostile.pickles import Nested, by_stack_global, torch_zip
from bench.hostile.torch_files import LOADED, saved
from worker.intake import Refused, check_release_file
from worker.intake.conversion import convert
from worker.intake.converting import CONVERTED
from worker.inversion.targets import build_network

REQUEST = {
    "architecture": "exhume/small-cnn",
    "hyperparameters": {"width": 4},
    "convention": {"height": 32, "width": 32, "channels": 1},
}


def weights() -> dict[str, torch.Tensor]:
    return build_network("exhume/small-cnn", {"width": 4}, 3, 1).state_dict()


def converted(value: object, folder: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Run the parent's checks, then the sandboxed task in this process."""
    (folder / "upload").write_bytes(saved(value))
    with (folder / "upload").open("rb") as file:
        read_torch_zip(file, CHECKPOINT)
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
    names = {prefix + key: key for key in weights()} if prefix else {}
    assert way == {"wrapper": wrapper, "prefix": prefix, "left_out": left_out, "key_map": names, "others": []}
    assert tensors.keys() == weights().keys()
    assert all(torch.equal(tensors[key], value) for key, value in weights().items())


def test_steps_inside_the_names_are_taken_out(tmp_path: Path) -> None:
    inside = {key.replace("features.", "features._orig_mod.module."): value for key, value in weights().items()}
    way, tensors = converted({"state_dict": inside}, tmp_path)
    assert tensors.keys() == weights().keys()
    assert way["key_map"]["features._orig_mod.module.0.weight"] == "features.0.weight"


def test_an_averaged_copy_beside_the_weights_is_reported(tmp_path: Path) -> None:
    way, _ = converted({"state_dict": weights(), "state_dict_ema": prefixed("module.")}, tmp_path)
    assert (way["wrapper"], way["others"]) == (["state_dict"], [["state_dict_ema"]])


def test_two_names_never_become_one(tmp_path: Path) -> None:
    """`module.b` and `b` are two tensors. Removing `module` would lose one of them."""
    found = list(candidates({"module.b": torch.zeros(1), "b": torch.ones(1)}))
    assert [set(f.tensors) for f in found] == [{"module.b", "b"}]


def test_what_a_scanner_would_report_is_rejected_before_the_file_is_loaded(tmp_path: Path) -> None:
    for hostile, code in (
        (by_stack_global(tmp_path / "marker"), "pickle-opcode"),
        (pickle.dumps(Nested(tmp_path / "marker")), "pickle-opcode"),
        (pickle.dumps(Nested(tmp_path / "marker"), protocol=2), "pickle-name"),
    ):
        with write(tmp_path, torch_zip(hostile)).open("rb") as file, pytest.raises(Refused) as caught:
            read_torch_zip(file, CHECKPOINT)
        assert caught.value.code == code
    assert not (tmp_path / "marker").exists()


def write(folder: Path, data: bytes) -> Path:
    (folder / "upload").write_bytes(data)
    return folder / "upload"


def test_tied_and_strided_weights_are_copied_apart(tmp_path: Path) -> None:
    tied = torch.arange(6.0).reshape(2, 3)
    _, tensors = converted({"a": tied, "b": tied, "c": tied.T, "d": tied[1:]}, tmp_path)
    assert torch.equal(tensors["a"], tensors["b"])
    assert torch.equal(tensors["c"], tied.T)
    assert torch.equal(tensors["d"], tied[1:])


@pytest.mark.parametrize("case", LOADED, ids=lambda c: c.name)
def test_lies_about_storages_are_rejected(case: Case, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(case.build(tmp_path / "marker"))
    with pytest.raises(Refused) as caught:
        convert(str(upload), str(tmp_path), {**REQUEST, "num_classes": 3})
    assert caught.value.code == case.code
    assert [p.name for p in tmp_path.iterdir()] == ["upload"]


@pytest.mark.parametrize("case", LOADED, ids=lambda c: c.name)
def test_lies_about_storages_are_rejected_before_pytorch_is_asked(case: Case, tmp_path: Path) -> None:
    """Views that repeat numbers are the only ones left to PyTorch, as they are valid."""
    data, expected = case.build(tmp_path / "marker"), {"torch-load": "pickle-broken"}.get(case.code, case.code)
    with nullcontext() if expected == "tensor-layout" else pytest.raises(Refused, match=f"^{expected}:"):
        check_weights(read_torch_zip(io.BytesIO(data), CHECKPOINT), "exhume/small-cnn")


def test_our_own_reader_sees_what_pytorch_saved(tmp_path: Path) -> None:
    shapes = {key: tuple(value.shape) for key, value in weights().items()}
    beside = {"epoch": 3, "lr": 0.1, "best": None, "sizes": torch.Size([1, 2]), "ok": (True, [])}
    read = read_torch_zip(io.BytesIO(saved({"state_dict": weights(), **beside})), CHECKPOINT)
    assert {key: tensor.shape for key, tensor in read.pop("state_dict").items()} == shapes
    assert read == beside
    parameters = {key: torch.nn.Parameter(value, value.is_floating_point()) for key, value in weights().items()}
    read = read_torch_zip(io.BytesIO(saved(parameters)), CHECKPOINT)
    assert {key: tensor.shape for key, tensor in read.items()} == shapes


def test_a_storage_whose_checksum_is_wrong_is_rejected() -> None:
    data = bytearray(saved({"w": torch.zeros(100_000)}))
    data[len(data) // 2] ^= 1
    with pytest.raises(Refused) as caught:
        read_torch_zip(io.BytesIO(bytes(data)), CHECKPOINT)
    assert caught.value.code == "zip-checksum"


def test_keys_whose_hash_takes_for_ever_are_rejected() -> None:
    doubled = b"\x80\x02)" + b"".join(b"q" + bytes([i]) + b"h" + bytes([i]) + b"\x86" for i in range(60))
    with pytest.raises(Refused) as caught:
        read_torch_zip(io.BytesIO(torch_zip(b"\x80\x02}" + doubled[2:] + b"Ns.")), CHECKPOINT)
    assert caught.value.code == "pickle-broken"


@pytest.mark.usefixtures("warm_sandbox")
def test_state_dict_through_the_door(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(saved({"state_dict": prefixed("module.")}))
    found = check_release_file(tmp_path / "upload", **REQUEST, classes=["a", "b", "c"], out=tmp_path / "out")
    assert found.examination.source is not None
    assert found.examination.source.model_dump(exclude_unset=True) == {
        "format": "torch-zip",
        "wrapper": ["state_dict"],
        "prefix": "module.",
        "left_out": [],
        "key_map": {f"module.{key}": key for key in weights()},
        "others": [],
    }
    assert (found.architecture, found.hyperparameters) == (REQUEST["architecture"], REQUEST["hyperparameters"])
    note = "Converted from a PyTorch state_dict: the weights were found in state_dict"
    assert found.examination.notes[0].startswith(note)
    assert load_file(tmp_path / "out").keys() == weights().keys()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "upload"]


def test_nothing_is_found_in_what_holds_no_weights() -> None:
    assert list(candidates([torch.zeros(1)])) == []
    assert list(candidates({1: torch.zeros(1)})) == []
    assert list(candidates({"model": {"model": {"model": {"model": {"w": torch.zeros(1)}}}}})) == []
