"""ONNX classifiers become our own graphs with the same outputs. Other models are rejected."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from app.contract.examination import GraphSource
from app.formats.refusal import refusal_from
from bench.hostile import Case
from bench.hostile.onnx_classifiers import BIAS, KERNEL, LAST, ONNX_FILES, TENSORS, before, sound
from bench.hostile.onnx_writer import field, model, node, tensor
from worker.intake import Refused, check_release_file
from worker.intake.onnx.model import read_model
from worker.intake.onnx.reading import convert
from worker.inversion.errors import UnusableTarget
from worker.inversion.graph import ARCHITECTURE, SIGNATURES, read_graph, write_graph
from worker.inversion.targets import InputConvention, Target, build_network, load_target
from worker.inversion.targets.graph import GraphNetwork
from worker.inversion.targets.graph.operators import OPERATORS

GREY = {"height": 32, "width": 32, "channels": 1}
REQUEST: dict[str, Any] = {"architecture": "auto", "hyperparameters": {}, "convention": GREY, "num_classes": 2}


def converted(data: bytes, folder: Path, **other: Any) -> tuple[dict[str, Any], Target]:
    """Run the sandboxed task in this process, and load the target that it wrote."""
    (folder / "upload").write_bytes(data)
    request = {**REQUEST, **other}
    answer = convert(str(folder / "upload"), str(folder), request)
    convention = InputConvention.from_dict(request["convention"])
    return answer, load_target(folder / "converted.safetensors", ARCHITECTURE, {}, request["num_classes"], convention)


@pytest.mark.parametrize("case", ONNX_FILES, ids=lambda c: c.name)
def test_hostile_model_is_rejected_with_its_reason(case: Case, tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(case.build(tmp_path / "marker"))
    with pytest.raises(Refused) as caught:
        convert(str(tmp_path / "upload"), str(tmp_path), REQUEST)
    assert caught.value.code == case.code, f"{case.promise}: {caught.value.detail}"
    assert len(caught.value.detail) > 40
    assert sorted(p.name for p in tmp_path.iterdir()) == ["upload"]


def test_what_is_computed_and_the_penultimate_feature(tmp_path: Path) -> None:
    answer, target = converted(sound(), tmp_path)
    images = torch.rand(5, 1, 32, 32, requires_grad=True)
    found = target(images)
    kernel, bias, last = (torch.from_numpy(a.copy()) for a in (KERNEL, BIAS, LAST))
    features = nn.functional.conv2d(images, kernel, bias, stride=2, padding=1).relu().mean((2, 3))
    assert torch.allclose(found.features, features, atol=1e-6)
    assert torch.allclose(found.logits, features @ last.T, atol=1e-6)
    ours, theirs = (torch.autograd.grad(v.square().sum(), images)[0] for v in (found.logits, features @ last.T))
    assert torch.allclose(ours, theirs, atol=1e-6)
    assert answer["key_map"] == {"kernel": "weights.w0", "bias": "weights.w1", "last": "weights.w2"}


def test_pickles_and_notes_in_the_metadata_are_not_kept(tmp_path: Path) -> None:
    converted(sound() + field(14, field(1, "code") + field(2, "cposix\nsystem\n(S'touch marker'\ntR.")), tmp_path)
    assert b"posix" not in (tmp_path / "converted.safetensors").read_bytes()


def test_half_precision_is_accepted_as_float32(tmp_path: Path) -> None:
    array = np.array([[1, 2, 3, 4], [0.5, 0, -1, 2]], "<f2")
    read = read_model(model(field(5, tensor("w", array)))).tensors["w"]
    assert read.dtype == np.float16
    assert (read == array).all()


class TinyTransformer(nn.Module):
    """The parts of a ViT: patches, a class token, positions, attention and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(1, 8, 8, stride=8)
        self.token = nn.Parameter(torch.randn(1, 1, 8))
        self.position = nn.Parameter(torch.randn(1, 17, 8))
        self.norm, self.qkv = nn.LayerNorm(8), nn.Linear(8, 24)
        self.mlp = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))
        self.head = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.position
        q, k, v = self.qkv(self.norm(x)).reshape(x.shape[0], 17, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        x = x + nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape)
        logits: Tensor = self.head((x + self.mlp(x))[:, 0])
        return logits


def exported(network: nn.Module, path: Path, *, one: bool) -> bytes:
    """Export with PyTorch's exporter that needs no other package, for one image or any number."""
    axes = None if one else {"x": {0: "n"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        images = torch.rand(1, 1, 32, 32)
        torch.onnx.export(network, (images,), str(path), dynamo=False, input_names=["x"], dynamic_axes=axes)
    return path.read_bytes()


@pytest.mark.parametrize("one", [True, False], ids=["for one image", "for any number"])
@pytest.mark.parametrize("kind", ["convolutions", "transformer"])
def test_models_of_the_exporter_compute_the_same(kind: str, one: bool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = TinyTransformer() if kind == "transformer" else build_network("exhume/small-cnn", {"width": 4}, 2, 1)
    network.eval()
    _, target = converted(exported(network, tmp_path / "model.onnx", one=one), tmp_path)
    images = torch.rand(4, 1, 32, 32, requires_grad=True)
    found, expected = target(images).logits, network(images)
    assert torch.allclose(found, expected, atol=1e-5)
    ours, theirs = (torch.autograd.grad(v.square().sum(), images)[0] for v in (found, expected))
    assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.usefixtures("warm_sandbox")
def test_through_the_door(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(sound())
    order: dict[str, Any] = {"hyperparameters": {}, "convention": GREY, "classes": ["a", "b"], "out": tmp_path / "out"}
    found = check_release_file(tmp_path / "upload", architecture="auto", **order)
    assert found.architecture == ARCHITECTURE
    assert isinstance(source := found.examination.source, GraphSource)
    assert (source.format, source.producer, source.opset) == ("onnx", "test", 17)
    assert source.operators == ["Conv", "Flatten", "Gemm", "GlobalAveragePool", "Relu"]
    assert found.examination.feature_dim == 4
    with pytest.raises(Refused) as caught:
        check_release_file(tmp_path / "upload", architecture="timm/resnet18", **order)
    assert caught.value.code == "onnx-architecture"


def test_a_single_output_is_told_how_to_become_two(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        converted(sound(tensors=[*TENSORS[:2], tensor("last", LAST[:1])]), tmp_path)
    assert caught.value.code == "single-output"
    refusal = refusal_from(caught.value.problem)
    assert refusal.detail == caught.value.detail, "the answer of the sandbox keeps the lines of the recipe"
    lines = caught.value.detail.partition("`fc`:\n")[2]
    model = nn.Module()
    model.fc = nn.Linear(3, 1)
    before, features = model.fc, torch.rand(4, 3)
    exec(textwrap.dedent(lines), {"torch": torch, "model": model})
    assert torch.allclose(model.fc(features).softmax(1)[:, 1], before(features).sigmoid()[:, 0], atol=1e-6)


def test_growth_is_stopped_inside(tmp_path: Path) -> None:
    """The limit on the size of a value stops sixty doublings before memory runs out."""
    chain = [node("Concat", f"v{i} v{i}", f"v{i + 1}", axis=1) for i in range(60)]
    (tmp_path / "upload").write_bytes(before(node("Relu", "e", "v0"), *chain, node("ReduceMax", "v60", "d", axes=[1])))
    with pytest.raises(Refused, match=r"numbers|memory") as caught:
        check_release_file(
            tmp_path / "upload",
            architecture="auto",
            hyperparameters={},
            convention=GREY,
            classes=["a", "b"],
            out=tmp_path / "out",
        )
    assert caught.value.code in ("onnx-operator", "too-much-memory")


def test_a_graph_is_only_read_strictly(tmp_path: Path) -> None:
    _, target = converted(sound(), tmp_path)
    assert isinstance(target.network, GraphNetwork)
    text = write_graph(target.network.graph)
    assert write_graph(read_graph(text)) == text
    for old, new in (
        ('"version":1', '"version":2'),
        ('"version":1', '"version":1,"code":"x"'),
        ('"version":1', '"version":1,"version":1'),
        ('["n0"]', '["n1"]'),
        ('["n3","w2"]', '["n9","w2"]'),
        ('"head":4', '"head":9'),
        ('"head":4', '"head":true'),
        ('"output":"n4"', '"output":"x"'),
        ('"transB":1', '"transB":NaN'),
        ('"transB":1', '"transB":{}'),
        ('["x","w0","w1"]', '["x","../w0","w1"]'),
        ('"tables":{}', '"tables":{"t0":[false,[9],[1]]}'),
        ('"tables":{}', '"tables":{"w0":[false,[1],[1]]}'),
    ):
        assert old in text, old
        try:
            read_graph(text.replace(old, new, 1))
        except UnusableTarget:
            continue
        pytest.fail(f"{old} was replaced by {new} and accepted")


def test_every_cut_is_rejected(tmp_path: Path) -> None:
    data = sound()
    for end in range(0, len(data) - 1, 3):
        with pytest.raises(Refused):
            read_model(data[:end])


def test_the_reference_is_onnxruntime_itself() -> None:
    """onnxruntime reads the models that the corpus writes."""
    session = onnxruntime.InferenceSession(sound(), providers=["CPUExecutionProvider"])
    assert session.run(None, {"x": np.zeros((3, 1, 32, 32), np.float32)})[0].shape == (3, 2)


def test_every_operator_has_a_signature_and_runs() -> None:
    assert set(SIGNATURES) == set(OPERATORS)
    assert f"{len(SIGNATURES)} operators are known" in (Path(__file__).parents[2] / "docs" / "intake.md").read_text()
