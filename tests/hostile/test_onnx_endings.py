"""Operations after the last layer of ONNX classifiers.

They are removed from the checked copy where that is exact, and rejected where scores are lost.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from app.contract.examination import GraphSource
from bench.hostile.onnx_classifiers import LAST, LOGITS, NODES, TENSORS, sound
from bench.hostile.onnx_writer import node, tensor, value
from worker.intake import Refused, check_release_file, examination
from worker.intake.onnx.answer import graph_notes
from worker.intake.onnx.reading import convert
from worker.inversion.graph import ARCHITECTURE
from worker.inversion.targets import InputConvention, Target, examine_target, load_target

GREY = {"height": 32, "width": 32, "channels": 1}
REQUEST: dict[str, Any] = {"architecture": "auto", "hyperparameters": {}, "convention": GREY, "num_classes": 2}
IMAGES = torch.rand(8, 1, 32, 32, generator=torch.Generator().manual_seed(0))


def number(name: str, of: float) -> bytes:
    return tensor(name, np.array(of, "<f4"))


def ended(*steps: str, outputs: Any = None, **attributes: Any) -> bytes:
    """Return the small classifier with steps such as `Div temperature` after its last layer."""
    nodes = [*NODES[:4], node("Gemm", "d last", "z0", transB=1)]
    for at, step in enumerate(steps):
        operator, *more = step.split()
        inputs = " ".join([f"z{at}", *more])
        nodes.append(
            node(operator, inputs, "y" if at == len(steps) - 1 else f"z{at + 1}", **attributes.get(operator, {}))
        )
    numbers = [number("temperature", 2.5), number("percent", 100.0), number("minus", -1.0), number("sharp", 3.0)]
    return sound(nodes, [*TENSORS, *numbers], None, outputs)


def kept_of(data: bytes, folder: Path) -> tuple[dict[str, Any], Target]:
    folder.mkdir(exist_ok=True)
    (folder / "upload").write_bytes(data)
    answer = convert(str(folder / "upload"), str(folder), REQUEST)
    convention = InputConvention.from_dict(GREY)
    return answer, load_target(folder / "converted.safetensors", ARCHITECTURE, {}, 2, convention)


@pytest.mark.parametrize(
    ("steps", "left_out", "scale"),
    [
        (["Softmax"], ["Softmax"], 1),
        (["LogSoftmax"], ["LogSoftmax"], 1),
        (["Sigmoid"], ["Sigmoid"], 1),
        (["Tanh"], ["Tanh"], 1),
        (["Softmax", "Log"], ["Softmax", "Log"], 1),
        (["Div temperature", "Softmax"], ["Softmax"], 1 / 2.5),
        (["Mul sharp", "Sigmoid"], ["Sigmoid"], 3),
        (["Div temperature", "Identity", "Sigmoid", "Flatten"], ["Sigmoid"], 1 / 2.5),
        (["Softmax", "Mul percent"], ["Softmax"], 1),
        (["Div percent"], [], 1 / 100),
    ],
    ids=str,
)
def test_an_ending_is_left_out_and_the_logits_are_exact(
    steps: list[str], left_out: list[str], scale: float, tmp_path: Path
) -> None:
    answer, target = kept_of(ended(*steps, Softmax={"axis": 1}, LogSoftmax={"axis": 1}), tmp_path / "ended")
    _, plain = kept_of(sound(), tmp_path / "plain")
    assert answer["left_out"] == left_out
    assert answer["scale"] == pytest.approx(scale)
    assert examine_target(target).outputs == "logits"
    assert torch.equal(target(IMAGES).logits, plain(IMAGES).logits)
    assert torch.equal(target(IMAGES).features, plain(IMAGES).features)
    one, other = ((tmp_path / name / "converted.safetensors").read_bytes() for name in ("ended", "plain"))
    assert one == other or "Identity" in steps, "the checked copy is the one of the model without its ending"


@pytest.mark.parametrize(
    ("steps", "left_out"),
    [(["Mul minus", "Softmax"], ["Softmax"]), (["Tanh", "Mul sharp"], []), (["Neg"], [])],
    ids=str,
)
def test_what_changes_the_order_or_belongs_to_the_logits_stays(
    steps: list[str], left_out: list[str], tmp_path: Path
) -> None:
    answer, target = kept_of(ended(*steps, Softmax={"axis": 1}), tmp_path / "ended")
    _, plain = kept_of(sound(), tmp_path / "plain")
    assert (answer["left_out"], answer["scale"]) == (left_out, 1)
    assert not torch.allclose(target(IMAGES).logits, plain(IMAGES).logits)


def test_a_softmax_over_the_images_is_not_mistaken_for_one_over_the_classes(tmp_path: Path) -> None:
    answer, _ = kept_of(ended("Softmax", Softmax={"axis": 0}), tmp_path)
    assert answer["left_out"] == []


def test_the_scale_of_normalised_features_is_part_of_the_logits(tmp_path: Path) -> None:
    """As in ArcFace: the network was trained with 3 cos, so cos alone is not a logit."""
    nodes = [
        *NODES[:4],
        node("LpNormalization", "d", "f", axis=1, p=2),
        node("Gemm", "f last", "z", transB=1),
        node("Mul", "z sharp", "s"),
        node("Softmax", "s", "y", axis=1),
    ]
    answer, target = kept_of(sound(nodes, [*TENSORS, number("sharp", 3.0)]), tmp_path)
    assert (answer["left_out"], answer["scale"]) == (["Softmax"], 1)
    found = target(IMAGES)
    last = torch.from_numpy(LAST.copy())
    assert torch.allclose(found.logits, 3 * found.features @ last.T, atol=1e-5)


SCORES = [LOGITS, value("p", ["n", 2]), value("l", ["n"], 7)]
BOTH = [
    *NODES,
    node("Softmax", "y", "p", axis=1),
    node("ArgMax", "p", "l", axis=1, keepdims=0),
]


def test_of_logits_probabilities_and_labels_the_logits_are_kept(tmp_path: Path) -> None:
    answer, target = kept_of(sound(BOTH, outputs=[SCORES[1], SCORES[2], SCORES[0]]), tmp_path / "three")
    _, plain = kept_of(sound(), tmp_path / "plain")
    assert answer["left_out"] == []
    assert torch.equal(target(IMAGES).logits, plain(IMAGES).logits)


WHOLE = tensor("two", np.array([2], "<i8"))


@pytest.mark.parametrize(
    ("nodes", "outputs"),
    [
        ([node("ArgMax", "z", "y", axis=1, keepdims=0)], [value("y", ["n"], 7)]),
        ([node("ArgMax", "z", "best", axis=1), node("Cast", "best", "y", to=1)], [LOGITS]),
        ([node("TopK", "z two", "v y", axis=1)], [value("y", ["n", 2], 7)]),
        ([node("TopK", "z two", "y i", axis=1)], [LOGITS]),
        ([node("Hardmax", "z", "y", axis=1)], [LOGITS]),
        ([node("ArgMax", "z", "best", axis=1, keepdims=0), node("OneHot", "best two values", "y")], [LOGITS]),
        ([node("Sigmoid", "z", "p"), node("Greater", "p half", "g"), node("Cast", "g", "y", to=1)], [LOGITS]),
        ([node("Round", "z", "y")], [LOGITS]),
    ],
    ids=["ArgMax", "ArgMax as a float", "TopK", "values of TopK", "Hardmax", "OneHot", "threshold", "rounded"],
)
def test_decisions_are_rejected_with_what_to_export_instead(
    nodes: list[bytes], outputs: list[bytes], tmp_path: Path
) -> None:
    tensors = [*TENSORS, WHOLE, number("half", 0.5), tensor("values", np.array([0, 1], "<f4"))]
    last = node("Gemm", "d wide", "z", transB=1)
    data = sound([*NODES[:4], last, *nodes], [*tensors, tensor("wide", 40 * LAST)], None, outputs)
    with pytest.raises(Refused) as caught:
        examined(data, tmp_path)
    assert caught.value.code == "hard-outputs"
    assert "outputs of its last layer" in caught.value.detail


def examined(data: bytes, folder: Path) -> dict[str, Any]:
    """Run both sandboxed tasks in this process."""
    kept_of(data, folder)
    request = {**REQUEST, "architecture": ARCHITECTURE}
    return examination.examine(str(folder / "converted.safetensors"), str(folder), request)


@pytest.mark.parametrize(
    ("left_out", "scale", "words"),
    [
        (["Sigmoid"], 1.0, "the model applies Sigmoid. The checked copy does not"),
        (
            ["Softmax", "Log"],
            0.4,
            "divides by a temperature of 2.5 and applies Softmax and Log. The checked copy does neither",
        ),
        ([], 0.01, "divides by a temperature of 100. The checked copy does not"),
    ],
    ids=str,
)
def test_the_decision_is_reported(left_out: list[str], scale: float, words: str) -> None:
    source = {"opset": 17, "operators": ["Conv"], "channels_last": False, "first_steps": None}
    notes = graph_notes({**source, "left_out": left_out, "scale": scale})
    assert [words in note for note in notes] == [False, True]
    assert len(graph_notes({**source, "left_out": [], "scale": 1.0})) == 1


@pytest.mark.usefixtures("warm_sandbox")
def test_through_the_door(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(ended("Div temperature", "Softmax", Softmax={"axis": 1}))
    found = check_release_file(
        tmp_path / "upload",
        architecture="auto",
        hyperparameters={},
        convention=GREY,
        classes=["a", "b"],
        out=tmp_path / "out",
    )
    assert found.examination.outputs == "logits"
    assert isinstance(source := found.examination.source, GraphSource)
    assert (source.left_out, source.scale) == (
        ["Softmax"],
        pytest.approx(0.4),
    )
    assert any("a temperature of 2.5" in note for note in found.examination.notes)
