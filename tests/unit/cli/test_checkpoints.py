"""Shards are packed into a reproducible ZIP archive, and shapes are read from headers."""

import json
import zipfile
from pathlib import Path

import pytest

from app.formats.local_files import one_file, shapes


def safetensors(path: Path, name: str) -> None:
    header = json.dumps({"__metadata__": {}, name: {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        safetensors(tmp_path / f"{name}.safetensors", name)
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(json.dumps({"weight_map": {"a": "a.safetensors", "b": "b.safetensors"}}))
    return path


def test_shards_become_one_uncompressed_zip_that_is_gone_afterwards(index: Path) -> None:
    packed = []
    for _ in range(2):
        with one_file(index) as file:
            packed.append(file.read_bytes())
            with zipfile.ZipFile(file) as archive:
                assert archive.namelist() == [index.name, "a.safetensors", "b.safetensors"]
                assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert not file.exists()
    assert packed[0] == packed[1]


def test_another_file_is_sent_as_it_is(index: Path) -> None:
    with one_file(index.with_name("a.safetensors")) as file:
        assert file == index.with_name("a.safetensors")


def test_a_shard_that_is_not_there_is_an_error(index: Path) -> None:
    index.with_name("b.safetensors").unlink()
    with pytest.raises(OSError, match=r"b\.safetensors"), one_file(index):
        pass


def test_shapes_of_one_file_and_of_shards(index: Path) -> None:
    assert shapes(index.with_name("a.safetensors")) == {"a": [2, 1]}
    assert shapes(index) == {"a": [2, 1], "b": [2, 1]}


def test_another_format_has_no_shapes(tmp_path: Path) -> None:
    (tmp_path / "x.pt").write_bytes(b"PK\x03\x04" + bytes([255] * 60))
    with pytest.raises(ValueError, match="not a safetensors file"):
        shapes(tmp_path / "x.pt")
