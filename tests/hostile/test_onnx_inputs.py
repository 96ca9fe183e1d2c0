"""Inputs of ONNX models: normalisation inside the graph, channels last, and bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from app.formats.limits import CHECKPOINT
from bench.hostile.onnx_classifiers import IMAGES, NODES, TENSORS, sound
from bench.hostile.onnx_writer import node, tensor, value
from worker.intake import Refused
from worker.intake.converting import CONVERTED
from worker.intake.onnx.answer import checked_graph, graph_notes
from worker.intake.onnx.reading import convert
from worker.inversion.graph import ARCHITECTURE
from worker.inversion.targets import InputConvention, load_target

UNIT = {"mean": [0.0], "std": [1.0]}
BYTES = {"mean": [0.0], "std": [0.00392157]}
STANDARD = {"mean": [0.45], "std": [0.22]}
NUMBERS = {
    "n255": 255.0,
    "i255": 1 / 255,
    "n127": 127.5,
    "one": 1.0,
    "mean": 0.45,
    "std": 0.22,
    "mean255": 115.0,
    "std255": 56.0,
}
GREY = value("x", ["n", 1, 32, 32])
TAIL = node("Conv", "s kernel bias", "a", strides=[2, 2], pads=[1, 1, 1, 1])


def beginning(*steps: str, images: bytes = GREY) -> bytes:
    """Return the small classifier with steps such as `Div n255` before its first layer."""
    nodes, name = [], "x"
    for at, step in enumerate(steps):
        operator, *more = step.split()
        name, before = ("s" if at == len(steps) - 1 else f"s{at}"), name
        attributes: dict[str, Any] = (
            {"perm": [0, 3, 1, 2]} if operator == "Transpose" else {"to": 1} if operator == "Cast" else {}
        )
        nodes.append(node(operator, " ".join([before, *more]), name, **attributes))
    numbers = [tensor(name, np.array(number, "<f4").reshape(1, 1, 1)) for name, number in NUMBERS.items()]
    last = node("Gemm", "d last", "y", transB=1)
    return sound([*nodes, TAIL, *NODES[1:4], last], [*TENSORS, *numbers], [images])


def taken(data: bytes, folder: Path, convention: dict[str, Any]) -> dict[str, Any]:
    """Run the sandboxed task in this process, and return its answer as the parent checks it."""
    (folder / "upload").write_bytes(data)
    whole = {"height": 32, "width": 32, "channels": 1, **convention}
    request = {"architecture": "auto", "hyperparameters": {}, "convention": whole, "num_classes": 2}
    answer = json.loads(json.dumps(convert(str(folder / "upload"), str(folder), request)))
    return checked_graph(folder / CONVERTED, answer, CHECKPOINT)


@pytest.mark.parametrize(
    ("steps", "convention", "suggested"),
    [
        (["Div n255"], UNIT, BYTES),
        (["Div n255", "Sub mean", "Div std"], STANDARD, BYTES),
        (["Mul i255", "Sub mean"], UNIT, BYTES),
        (["Div n127", "Sub one"], UNIT, BYTES),
        (["Sub mean255", "Div std255"], UNIT, BYTES),
        (["Sub mean255"], UNIT, BYTES),
        (["Sub mean", "Div std"], STANDARD, UNIT),
        (["Sub mean", "Div std"], BYTES, UNIT),
        (["Div n255"], BYTES, None),
        (["Sub mean255", "Div std255"], BYTES, None),
        (["Sub mean", "Div std"], UNIT, None),
        (["Identity"], STANDARD, None),
    ],
    ids=str,
)
def test_a_normalisation_inside_is_compared_with_the_convention(
    steps: list[str], convention: dict[str, Any], suggested: dict[str, Any] | None, tmp_path: Path
) -> None:
    found = taken(beginning(*steps), tmp_path, convention)
    normalisation = found["first_steps"]
    assert (normalisation and normalisation["suggested"]) == suggested
    notes = [note for note in graph_notes(found) if "normalises images itself" in note]
    assert len(notes) == (suggested is not None)
    if suggested:
        assert f'"mean": {suggested["mean"]}, "std": {suggested["std"]}' in notes[0]
        again = taken(beginning(*steps), tmp_path, suggested)
        assert again["first_steps"]["suggested"] is None


def test_bytes_are_accepted_under_the_convention_that_gives_them(tmp_path: Path) -> None:
    data = beginning("Cast", "Div n255", images=value("x", ["n", 1, 32, 32], 2))
    with pytest.raises(Refused) as caught:
        taken(data, tmp_path, UNIT)
    assert caught.value.code == "onnx-input"
    assert '"mean": [0], "std": [0.00392157]' in caught.value.detail
    taken(data, tmp_path, BYTES)
    seen = target(tmp_path, BYTES)(torch.ones(1, 1, 32, 32)).logits
    taken(sound(), tmp_path, UNIT)
    assert torch.allclose(seen, target(tmp_path, UNIT)(torch.ones(1, 1, 32, 32)).logits, atol=1e-4)


def test_channels_last_are_turned_around(tmp_path: Path) -> None:
    found = taken(beginning("Transpose", images=value("x", ["n", 32, 32, 1])), tmp_path, UNIT)
    assert found["channels_last"] is True
    assert any("channels last" in note for note in graph_notes(found))
    images = torch.rand(4, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    turned = target(tmp_path, UNIT)(images).logits
    plain = taken(sound(inputs=[IMAGES]), tmp_path, UNIT)
    assert plain["channels_last"] is False
    assert torch.allclose(turned, target(tmp_path, UNIT)(images).logits, atol=1e-5)


@pytest.mark.parametrize("shape", [["n", 48, 48, 1], ["n", 3, 32, 32], ["n", 32, 32, 3], ["n", 32, 32]])
def test_another_size_is_rejected(shape: list[Any], tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        taken(sound(inputs=[value("x", shape)]), tmp_path, UNIT)
    assert caught.value.code == "onnx-input"


def target(folder: Path, convention: dict[str, Any]) -> Any:
    whole = {"height": 32, "width": 32, "channels": 1, **convention}
    return load_target(folder / CONVERTED, ARCHITECTURE, {}, 2, InputConvention.from_dict(whole))
