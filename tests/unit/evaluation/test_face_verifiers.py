"""Converted face recognition models compute what the originals compute."""

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from worker.evaluation.face_verifiers import conversion, convert, dlib_resnet, faceres
from worker.evaluation.verifiers import Verifier
from worker.intake import check_verifier_file
from worker.inversion.errors import UnusableModel

Layers = list[tuple[str, np.ndarray]]


def number(value: int) -> bytes:
    size = max(1, (value.bit_length() + 7) // 8)
    return bytes([size]) + value.to_bytes(size, "little")


def dlib_layers() -> Layers:
    """Return random parameters of every layer, in the order of the file."""
    chance, made, before = np.random.default_rng(0), [], 3

    def convolution(before: int, after: int, side: int) -> None:
        count = after * before * side * side
        filters = chance.normal(0, (before * side * side) ** -0.5, count)
        made.append(("con_4", np.concatenate([filters, chance.normal(0, 0.1, after)])))
        made.append(("affine_", np.concatenate([chance.uniform(0.5, 1.2, after), chance.normal(0, 0.1, after)])))

    convolution(3, 32, 7)
    before = 32
    for width, blocks in dlib_resnet.WIDTHS:
        for _ in range(blocks):
            convolution(before, width, 3)
            convolution(width, width, 3)
            before = width
    made.append(("fc_2", chance.normal(0, 0.06, 256 * 128)))
    return [(kind, values.astype("<f4")) for kind, values in made]


def dlib_file(layers: Layers) -> bytes:
    parts = [b"\x01\x01loss_metric_2", b"input_rgb_image_sized"]
    for kind, values in layers:
        sizes = [128, 256] if kind == "fc_2" else []
        shape = [256, 1, 1, 128] if kind == "fc_2" else [len(values), 1, 1, 1]
        parts.append(kind.encode() + b"".join(map(number, [*sizes, 2, *shape])) + values.tobytes() + b"relu_")
    return b"".join(parts)


def as_in_dlib(image: np.ndarray, layers: Layers) -> Tensor:
    """Return the embedding, with every layer written as dlib computes it."""
    rest: Iterator[Tensor] = (torch.from_numpy(values) for _, values in layers)

    def block(x: Tensor, after: int, side: int, stride: int) -> Tensor:
        values, affine = next(rest), next(rest)
        weight = values[:-after].view(after, x.shape[1], side, side)
        x = F.conv2d(x, weight, values[-after:], stride, side // 2 if stride == 1 else 0)
        return x * affine[:after].view(1, -1, 1, 1) + affine[after:].view(1, -1, 1, 1)

    def filled(x: Tensor, like: tuple[int, ...]) -> Tensor:
        larger = torch.zeros(like)
        larger[:, : x.shape[1], : x.shape[2], : x.shape[3]] = x
        return larger

    x = torch.from_numpy(image).permute(0, 3, 1, 2).float()
    x = (x - torch.from_numpy(dlib_resnet.MEAN).view(1, 3, 1, 1)) / 256
    x = F.max_pool2d(F.relu(block(x, 32, 7, 2)), 3, 2)
    for width, blocks in dlib_resnet.WIDTHS:
        for place in range(blocks):
            halved = place == 0 and width != 32
            y = block(F.relu(block(x, width, 3, 2 if halved else 1)), width, 3, 1)
            x = F.avg_pool2d(x, 2, 2) if halved else x
            like = tuple(max(a, b) for a, b in zip(x.shape, y.shape, strict=True))
            x = F.relu(filled(x, like) + filled(y, like))
    return x.mean((2, 3)) @ next(rest).view(256, 128)


def photographs(side: int, count: int = 2) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, side, side, 3), np.uint8)


def test_the_residual_network_of_dlib_computes_the_same(tmp_path: Path) -> None:
    layers, images = dlib_layers(), photographs(150)
    (tmp_path / "made.onnx").write_bytes(dlib_resnet.to_onnx(dlib_file(layers)))
    expected = F.normalize(as_in_dlib(images, layers), dim=1).numpy()
    np.testing.assert_allclose(Verifier(tmp_path / "made.onnx").embed(images), expected, atol=2e-4)


@pytest.mark.parametrize("cut", [0, 6, 1000, 22_000_000])
def test_a_file_that_ends_early_is_rejected(cut: int) -> None:
    with pytest.raises(UnusableModel, match="is not"):
        dlib_resnet.to_onnx(dlib_file(dlib_layers())[:-cut] if cut else b"con_4")


def face_graph() -> tuple[dict[str, Any], bytes, dict[str, np.ndarray]]:
    """Return a small graph model of such nodes: its JSON, its weights, and the arrays."""
    chance = np.random.default_rng(2)
    arrays = {
        "w1": chance.normal(0, 0.01, (3, 3, 3, 8)),
        "b1": chance.normal(0, 1, 8),
        "w2": chance.normal(0, 0.3, (3, 3, 8, 1)),
        "s2": chance.uniform(0.5, 2, 8),
        "w3": chance.normal(0, 0.3, (1, 1, 8, 16)),
        "six": np.array(6.0),
        "zero": np.array(0.0),
        "age": chance.normal(0, 1, (16, 3)),
    }
    arrays = {name: values.astype(np.float16).astype(np.float32) for name, values in arrays.items()}

    def node(name: str, op: str, *inputs: str, stride: int = 1) -> dict[str, Any]:
        padding = base64.b64encode(b"SAME").decode()
        attributes = {"strides": {"list": {"i": ["1", str(stride), str(stride), "1"]}}, "padding": {"s": padding}}
        return {"name": name, "op": op, "input": list(inputs), "attr": attributes}

    nodes = [
        *({"name": name, "op": "Const"} for name in arrays),
        {"name": "input_1", "op": "Placeholder"},
        node("conv1", "Conv2D", "input_1", "w1", stride=2),
        node("add1", "Add", "conv1", "b1"),
        node("relu1", "Relu", "add1"),
        node("low1", "Minimum", "relu1", "six"),
        node("high1", "Maximum", "low1", "zero"),
        node("conv2", "DepthwiseConv2dNative", "high1", "w2", stride=2),
        node("mul2", "Mul", "conv2", "s2:0"),
        node("conv3", "Conv2D", "mul2", "w3"),
        node("global_pooling/Mean", "Mean", "conv3", "axes"),
        node("age", "MatMul", "global_pooling/Mean", "age"),
    ]
    weights = [
        {"name": name, "shape": list(values.shape), "dtype": "float32", "quantization": {"dtype": "float16"}}
        for name, values in arrays.items()
    ]
    stored = b"".join(values.astype("<f2").tobytes() for values in arrays.values())
    return {"modelTopology": {"node": nodes}, "weightsManifest": [{"weights": weights}]}, stored, arrays


def same_padding(x: Tensor, side: int, stride: int) -> Tensor:
    """Pad as TensorFlow does: one more after than before, where the sum is odd."""
    total = max((-(-x.shape[2] // stride) - 1) * stride + side - x.shape[2], 0)
    return F.pad(x, (total // 2, total - total // 2) * 2)


@pytest.mark.parametrize("side", [30, 31, 32])
def test_a_graph_of_tensorflow_computes_the_same(side: int, tmp_path: Path) -> None:
    described, stored, arrays = face_graph()
    (tmp_path / "made.onnx").write_bytes(faceres.to_onnx(json.dumps(described).encode(), stored, side=side))
    images = photographs(side)
    w = {name: torch.from_numpy(values) for name, values in arrays.items()}
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float().flip(1) - torch.tensor([103.939, 116.779, 123.68]).view(
        1, 3, 1, 1
    )
    x = F.conv2d(same_padding(x, 3, 2), w["w1"].permute(3, 2, 0, 1), w["b1"], 2).clamp(0, 6)
    x = F.conv2d(same_padding(x, 3, 2), w["w2"].permute(2, 3, 0, 1), None, 2, groups=8) * w["s2"].view(1, -1, 1, 1)
    x = F.conv2d(x, w["w3"].permute(3, 2, 0, 1)).mean((2, 3))
    expected = F.normalize(x, dim=1).numpy()
    np.testing.assert_allclose(Verifier(tmp_path / "made.onnx").embed(images), expected, atol=2e-4)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: d["modelTopology"]["node"].pop(-2), "no node global_pooling/Mean"),
        (lambda d: d["weightsManifest"][0]["weights"].pop(), "bytes of weights"),
        (lambda d: d.pop("weightsManifest"), "weightsManifest"),
    ],
)
def test_another_graph_is_rejected(change: Any, reason: str) -> None:
    described, stored, _ = face_graph()
    change(described)
    with pytest.raises(UnusableModel, match=reason):
        faceres.to_onnx(json.dumps(described).encode(), stored)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an archive of a package that holds a graph, whose digests are the expected ones."""
    described, stored, _ = face_graph()
    files = {"faceres.json": json.dumps(described).encode(), "faceres.bin": stored}
    known = replace(
        conversion.SOURCES[1], files={name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    )
    monkeypatch.setattr(conversion, "SOURCES", (conversion.SOURCES[0], known))
    path = tmp_path / "package.tgz"
    with tarfile.open(path, "w:gz") as made:
        for name, content in {"../../run.sh": b"exit 1", **{f"models/{n}": c for n, c in files.items()}}.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return path


def test_a_model_is_found_in_the_archive_of_its_package(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    labels = np.repeat(np.arange(6), 4)
    card = convert(archive, out, references=(photographs(40, len(labels)), labels))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "package.tgz"], "nothing is unpacked"
    assert card["blind"] is True, "on noise"
    assert [path.name for path in out.iterdir()] == ["face-faceres.json"]
    assert convert(archive, out)["sha256"] == hashlib.sha256((out / "face-faceres.onnx").read_bytes()).hexdigest()


def test_a_file_with_another_digest_is_rejected(archive: Path, tmp_path: Path) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data", members=[m for m in packed if "models" in m.name])
    folder = tmp_path / "package" / "models"
    assert convert(folder / "faceres.json", tmp_path)["name"] == "face-faceres"
    (folder / "faceres.bin").write_bytes((folder / "faceres.bin").read_bytes()[::-1])
    with pytest.raises(UnusableModel, match="SHA-256 differs"):
        convert(folder / "faceres.bin", tmp_path)
    with pytest.raises(UnusableModel, match="does not hold a known face recognition model"):
        convert(tmp_path / "face-faceres.onnx", tmp_path)


def test_an_audit_accepts_both_networks(tmp_path: Path) -> None:
    described, stored, _ = face_graph()
    made = {"dlib": dlib_resnet.to_onnx(dlib_file(dlib_layers()))}
    made["faceres"] = faceres.to_onnx(json.dumps(described).encode(), stored, side=32)
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
        checked = check_verifier_file(tmp_path / name, tmp_path / f"{name}.onnx", convention={})
        assert checked.dim == {"dlib": 128, "faceres": 16}[name]
