"""Weights of ONNX models in other files are read from files beside the model only."""

from __future__ import annotations

import os
from pathlib import Path

import onnx
import pytest

from app.formats import onnx_external
from app.formats.onnx_external import whole_model


def model(folder: Path, *, name: str = "model.onnx", **where: str) -> Path:
    tensor = onnx.TensorProto(name="w", data_type=1, dims=[4], data_location=1)
    for key, value in where.items():
        tensor.external_data.add(key=key, value=value)
    folder.mkdir(exist_ok=True)
    made = onnx.ModelProto(ir_version=8, graph=onnx.GraphProto(name="g", initializer=[tensor]))
    (folder / name).write_bytes(made.SerializeToString())
    return folder / name


def whole(path: Path) -> bytes | None:
    with whole_model(path) as pieces:
        return None if pieces is None else b"".join(pieces)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "downloaded"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(bytes(16))
    (folder / "w.data").write_bytes(bytes(range(32)))
    (folder / "link").symlink_to("../secret")
    (folder / "zero").symlink_to("/dev/zero")
    os.mkfifo(folder / "fifo")
    with (folder / "sparse").open("wb") as file:
        file.truncate(50 * 2**30)
    return folder


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "..", ".", "", "link", "zero", "fifo", "sparse", "a\0b"])
def test_only_files_beside_the_model_are_read(name: str, folder: Path) -> None:
    with pytest.raises(ValueError, match=r"not a file beside it|more than 10 GiB|null"):
        whole(model(folder, location=name))


@pytest.mark.parametrize(
    ("offset", "length"), [("33", "0"), ("-1", "4"), ("0", "-4"), ("0", "33"), ("31", "2"), ("0", "9" * 30)]
)
def test_a_part_outside_the_file_is_rejected(offset: str, length: str, folder: Path) -> None:
    with pytest.raises(ValueError, match="too short"):
        whole(model(folder, location="w.data", offset=offset, length=length))


def test_a_file_without_a_length_is_read_from_its_offset(folder: Path) -> None:
    made = whole(model(folder, location="w.data", offset="16"))
    assert onnx.load_from_string(made or b"").graph.initializer[0].raw_data == bytes(range(16, 32))


def test_links_of_a_cache_of_downloads_are_followed(folder: Path, tmp_path: Path) -> None:
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    (snapshot / "model.onnx").symlink_to(model(folder, name="0123", location="model.onnx_data", length="16"))
    (snapshot / "model.onnx_data").symlink_to(folder / "w.data")
    made = whole(snapshot / "model.onnx")
    assert onnx.load_from_string(made or b"").graph.initializer[0].raw_data == bytes(range(16))


def test_weights_are_copied_a_piece_at_a_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_external, "MIB", 5)
    with whole_model(model(folder, location="w.data", length="16")) as pieces:
        assert pieces is not None
        assert [len(piece) for piece in pieces if 0 < len(piece) <= 5][-4:] == [5, 5, 5, 1]


def test_a_model_that_lacks_no_weights_is_left_as_it_is(folder: Path) -> None:
    made = onnx.ModelProto(
        ir_version=8, graph=onnx.GraphProto(initializer=[onnx.TensorProto(name="w", raw_data=b"1234")])
    )
    (folder / "own.onnx").write_bytes(made.SerializeToString())
    assert whole(folder / "own.onnx") is None
