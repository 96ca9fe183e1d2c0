"""Classes, channels and size of an ONNX model are read from the ends of its file."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from app.formats.onnx_ends import OnnxEnds, read_ends
from app.formats.pieces import Pieces
from app.formats.preflight import Description, PreflightResult, check
from bench.wild.networks import convolutional
from bench.wild.onnx_models import exported

ENDS = 64 * 1024


def model(
    images: Any = ("n", 3, 64, 64), scores: Any = ("n", 5), weights: int = 300_000, **metadata: str
) -> onnx.ModelProto:
    """Return a model whose weights have this many bytes, one in 256 the beginning of an input."""
    noise = helper.make_tensor(
        "w", TensorProto.UINT8, [weights], (bytes(range(256)) * (weights // 256 + 1))[:weights], raw=True
    )
    taken = helper.make_tensor_value_info("images", TensorProto.FLOAT, images)
    given = helper.make_tensor_value_info("scores", TensorProto.FLOAT, scores)
    between = [helper.make_tensor_value_info(f"value {i}", TensorProto.FLOAT, ["n", 7, 7]) for i in range(3)]
    graph = helper.make_graph([], "graph", [taken], [given], [noise], value_info=between)
    made = helper.make_model(graph)
    helper.set_model_props(made, metadata)
    return made


def ends(made: onnx.ModelProto) -> OnnxEnds:
    data = made.SerializeToString()
    return read_ends(io.BytesIO(data), len(data))


def looked(data: bytes, **described: Any) -> tuple[PreflightResult, int]:
    """Return the result of the preflight, and how often more was sent, as the clients do it."""
    pieces = [(0, data[:ENDS]), (len(data) - ENDS, data[-ENDS:])]
    for rounds in range(5):
        seen = check(len(data), pieces, Description(**described))
        if seen.wanted is None:
            return seen, rounds
        at, length = seen.wanted
        pieces.append((at, data[at : at + length]))
    raise AssertionError("it asks without end")


def test_what_it_takes_and_gives_is_read() -> None:
    names = json.dumps(["ada", "grace", "katherine"])
    found = ends(model(scores=("n", 3), names=names, other="x"))
    assert found == OnnxEnds(3, 3, 64, {"names": names})
    assert ends(model(images=("n", 48, 48, 1))) == OnnxEnds(5, 1, 48)
    assert ends(model(images=(1, 1, 48, 64))) == OnnxEnds(5, 1, None)
    assert ends(model(images=("n", 3, "h", "w"), scores=("n", "k"))) == OnnxEnds(None, 3, None)
    assert ends(model(images=(-1, 3, -1, -1), scores=(-1, 5))) == OnnxEnds(5, 3, None), "sides that are left open"
    assert ends(model(images=(0, 3, 64, 64), scores=(0, 2**40))) == OnnxEnds(None, 3, 64)


def test_weights_that_are_listed_as_inputs_and_features_beside_scores_are_not_taken_for_images_or_classes() -> None:
    made = model()
    made.graph.input.append(helper.make_tensor_value_info("w1", TensorProto.FLOAT, [64, 3, 7, 7]))
    made.graph.output.append(helper.make_tensor_value_info("best", TensorProto.INT64, ["n"]))
    assert ends(made) == OnnxEnds(5, 3, 64)
    made.graph.output.append(helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", 512]))
    assert ends(made).num_classes is None


def test_the_preflight_fills_the_description_without_the_weights() -> None:
    data = model(classes=json.dumps(["b", "a", "c", "d", "e"])).SerializeToString()
    seen, more = looked(data)
    [first] = seen.proposals
    assert (first.architecture, first.exact, first.num_classes, first.channels) == ("exhume/onnx-graph", True, 5, 3)
    assert (seen.side, seen.classes, more) == (64, ["b", "a", "c", "d", "e"], 0)
    refused, _ = looked(data, classes=("a", "b", "c", "d", "e"))
    assert refused.refusal is not None
    assert refused.refusal.code == "class-order"


def test_more_of_the_end_is_asked_for_where_it_is_long() -> None:
    made = model(weights=3_000_000)
    made.graph.value_info.add(name="x", doc_string="y" * 200_000)
    seen, more = looked(made.SerializeToString())
    assert (seen.side, more) == (64, 1)


def test_an_export_of_pytorch_is_understood(tmp_path: Path) -> None:
    import torch

    file = exported(convolutional(), torch.rand(2, 3, 32, 32), tmp_path / "model.onnx")
    assert ends(onnx.load(file)) == OnnxEnds(5, 3, 32)


@pytest.mark.parametrize("cut", [40, 1000, 150_000, 300_000])
def test_a_file_that_is_cut_off_says_nothing(cut: int) -> None:
    data = model().SerializeToString()[:-cut]
    assert read_ends(io.BytesIO(data), len(data)) == OnnxEnds()
    assert read_ends(Pieces(9, [(0, b"\x08\x08\x3a\x80\x80\x80\x80\x80\x80")]), 9) == OnnxEnds()


def test_an_end_of_countless_inputs_takes_a_limited_number_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    made = model(weights=4)
    for _ in range(2_000):
        made.graph.input.append(made.graph.input[0])
    data = made.SerializeToString()
    monkeypatch.setattr("app.formats.onnx_ends._MOST_FIELDS", 1_000)
    assert read_ends(io.BytesIO(data), len(data)) == OnnxEnds()
