"""Valid uploads in other forms: shards, prefixed names, and a detected architecture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save, save_file

from app.contract.examination import WeightsSource
from app.formats.limits import CHECKPOINT
from app.formats.proposals import settled
from app.formats.safetensors_header import TensorEntry, read_header
from app.formats.shards import join_shards
from bench.hostile.shard_archives import INDEX, ONE, TWO
from bench.hostile.zip_writer import Member, write_zip
from worker.intake import Refused, ReleaseIntake, check_release_file, examination, rivals
from worker.inversion.targets import Target, build_network

GREY = {"height": 32, "width": 32, "channels": 1}
COLOUR = {"height": 32, "width": 32, "channels": 3}
HYPERPARAMETERS = {"width": 4}


def weights(seed: int = 0) -> dict[str, torch.Tensor]:
    return build_network("exhume/small-cnn", HYPERPARAMETERS, 3, 1, seed=seed).state_dict()


def sharded(state: dict[str, torch.Tensor], folder: str = "") -> bytes:
    names = sorted(state)
    parts = {ONE: names[::2], TWO: names[1::2]}
    weight_map = {name: shard for shard, held in parts.items() for name in held}
    index = json.dumps({"metadata": {"total_size": 1}, "weight_map": weight_map}).encode()
    shards = [Member(folder + shard, save({n: state[n] for n in held})) for shard, held in parts.items()]
    return write_zip([Member(folder + INDEX, index), *shards])


def take_in(upload: Path, **other: Any) -> ReleaseIntake:
    order = {"architecture": "auto", "hyperparameters": {}, "convention": GREY, "classes": ["a", "b", "c"]}
    return check_release_file(upload, **{**order, **other}, out=upload.with_name("out"))


@pytest.mark.usefixtures("warm_sandbox")
def test_shards_of_an_unnamed_architecture_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(sharded({f"module.{k}": v for k, v in weights().items()}, "model/"))
    found = take_in(tmp_path / "upload")
    assert found.architecture == "exhume/small-cnn"
    assert found.hyperparameters["width"] == 4
    assert isinstance(source := found.examination.source, WeightsSource)
    assert (source.shards, source.prefix) == ([ONE, TWO], "module.")
    assert found.examination.detected is True
    assert found.examination.notes[0] == "Joined from 2 shards."
    kept = load_file(tmp_path / "out")
    assert all(torch.equal(kept[key], value) for key, value in weights().items())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "upload"]


def test_joined_shards_hold_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(sharded(weights()))
    join_shards(tmp_path / "upload", tmp_path / "joined", CHECKPOINT)
    read_header(tmp_path / "joined")
    joined = load_file(tmp_path / "joined")
    assert joined.keys() == weights().keys()
    assert all(torch.equal(joined[key], value) for key, value in weights().items())


def test_what_was_detected_is_examined_under_the_number_of_classes(tmp_path: Path) -> None:
    save_file(weights(), tmp_path / "upload")
    with pytest.raises(Refused, match="has 3 classes, but the release names 2"):
        take_in(tmp_path / "upload", classes=["a", "b"])


def test_unknown_weights_are_not_guessed(tmp_path: Path) -> None:
    save_file({"a.weight": torch.rand(3, 2), "a.bias": torch.rand(3)}, tmp_path / "upload")
    with pytest.raises(Refused, match="export the model as ONNX") as caught:
        take_in(tmp_path / "upload")
    assert caught.value.code == "architecture-not-detected"


def tensors_of(name: str) -> dict[str, TensorEntry]:
    with torch.device("meta"):
        state = build_network(name, {}, 5, 3).state_dict()
    return {k: TensorEntry("F32", tuple(v.shape), 0, 0) for k, v in state.items()}


def examined(folder: Path, name: str) -> dict[str, Any]:
    save_file(build_network(name, {}, 5, 3).state_dict(), folder / "upload")
    request = {"convention": COLOUR, "num_classes": 5} | settled(tensors_of(name), {})
    return {**examination.examine(str(folder / "upload"), str(folder), request), "chosen": request["architecture"]}


def test_rivals_that_compute_the_same_are_named(tmp_path: Path) -> None:
    found = examined(tmp_path, "torchvision/resnet18")
    assert {"timm/resnet18", "torchvision/resnet18"} <= {found["chosen"], *found["same"]}
    assert "timm/resnetblur18" in found["other"]


def test_rivals_that_compute_something_else_are_named_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The rival in this test is the same network with reversed outputs."""
    save_file(weights(), tmp_path / "upload")
    request = {"architecture": "exhume/small-cnn", "hyperparameters": HYPERPARAMETERS, "convention": GREY}
    order = {**request, "num_classes": 3, "rivals": ["exhume/twin"]}
    load = rivals.load_target

    def turned(path: Path, name: str, *rest: Any) -> Target:
        target = load(path, "exhume/small-cnn", *rest)
        target.network = torch.nn.Sequential(target.network, torch.nn.Softmax(1))
        return target

    monkeypatch.setattr(rivals, "load_target", turned)
    found = examination.examine(str(tmp_path / "upload"), str(tmp_path), order)
    assert (found["same"], found["other"]) == ([], ["exhume/twin"])
