"""Sealed objects: streamed, read by ranges, and never opened altered, moved or cut off."""

import io
import os
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest

from app.datasets.packed import read_image
from app.kit.crypto import UnsealError
from app.storage.store import MissingObjectError, store
from app.vault import objects
from app.vault.chunks import CHUNK_BYTES, HEADER_BYTES, SEALED_BYTES, sealed, unsealed

KEY = bytes(range(32))
SIZES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 5)

pytestmark = pytest.mark.usefixtures("settings_env")


def written(tmp_path: Path, data: bytes, name: str = "datasets/1/packed.npz") -> str:
    (tmp_path / "plain").write_bytes(data)
    objects.write(tmp_path / "plain", name, KEY)
    return name


def stored(name: str) -> Path:
    assert store().folder is not None
    return (store().folder or Path()) / name


@pytest.mark.parametrize("size", SIZES)
def test_a_stream_comes_back_whatever_its_pieces(size: int) -> None:
    data = os.urandom(size)
    once = b"".join(sealed([data[:7], data[7:]], KEY, "a"))
    assert once != b"".join(sealed([data], KEY, "a")), "each writing has a salt of its own"
    for step in (SEALED_BYTES // 3, len(once)):
        pieces = (once[at : at + step] for at in range(0, len(once), step))
        assert b"".join(unsealed(pieces, KEY, "a")) == data


def test_an_altered_moved_or_shortened_object_does_not_open() -> None:
    data = os.urandom(2 * CHUNK_BYTES + 5)
    whole = b"".join(sealed([data], KEY, "a"))
    first, second = (whole[HEADER_BYTES + at * SEALED_BYTES :][:SEALED_BYTES] for at in (0, 1))
    rest = whole[HEADER_BYTES + 2 * SEALED_BYTES :]
    for wrong in (
        whole[:100] + bytes([whole[100] ^ 1]) + whole[101:],
        whole[: HEADER_BYTES + SEALED_BYTES],
        whole[: HEADER_BYTES + 2 * SEALED_BYTES],
        whole[:HEADER_BYTES],
        whole[:10],
        whole[:HEADER_BYTES] + second + first + rest,
        whole + rest,
    ):
        with pytest.raises(UnsealError):
            b"".join(unsealed([wrong], KEY, "a"))
    for key, name in ((KEY, "b"), (bytes(32), "a")):
        with pytest.raises(UnsealError):
            b"".join(unsealed([whole], key, name))


def test_nothing_of_the_file_is_in_the_store_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    data = os.urandom(CHUNK_BYTES + 100)
    name = written(tmp_path, data)
    file = stored(name)
    assert all(data[at : at + 16] not in file.read_bytes() for at in range(0, 4096, 16))
    assert file.stat().st_mode & 0o777 == 0o600
    objects.read(name, tmp_path / "back", KEY)
    assert (tmp_path / "back").read_bytes() == data


def test_an_object_whose_key_was_destroyed_is_missing(tmp_path: Path) -> None:
    name = written(tmp_path, b"secret")
    for attempt in (lambda: objects.read(name, tmp_path / "back", None), lambda: objects.opened(name, None)):
        with pytest.raises(MissingObjectError):
            attempt()
    with pytest.raises(MissingObjectError):
        objects.read("never-stored", tmp_path / "back", KEY)
    assert not (tmp_path / "back").exists()


def test_an_object_from_before_there_were_keys_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"plain")
    store().upload(tmp_path / "plain", "old")
    objects.read("old", tmp_path / "back", None)
    assert (tmp_path / "back").read_bytes() == b"plain"
    with objects.opened("old", None) as file:
        assert file.read() == b"plain"
    assert stored("old").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"EXHSEAL", b"a file without a seal, longer than a header"])
def test_a_plain_file_does_not_take_the_place_of_a_sealed_one(tmp_path: Path, content: bytes) -> None:
    name = written(tmp_path, b"secret")
    stored(name).write_bytes(content)
    for attempt in (lambda: objects.read(name, tmp_path / "back", KEY), lambda: objects.opened(name, KEY)):
        with pytest.raises(UnsealError):
            attempt()


@pytest.mark.parametrize("size", SIZES)
def test_ranges_are_those_of_the_plain_file(tmp_path: Path, size: int) -> None:
    data, chance = os.urandom(size), random.Random(size)
    with objects.opened(written(tmp_path, data), KEY) as file:
        assert file.read() == data
        for _ in range(20):
            start, length = chance.randrange(size + 2), chance.randrange(3 * CHUNK_BYTES // 2)
            file.seek(start)
            assert file.read(length) == data[start : start + length]
        file.seek(-min(3, size), io.SEEK_END)
        assert file.read() == data[size - min(3, size) :]


@pytest.mark.parametrize("place", [300, 599])
def test_one_image_is_read_without_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    images = np.random.default_rng(1).integers(0, 256, (600, 64, 64, 3), dtype=np.uint8)
    np.savez(tmp_path / "packed.npz", images=images, labels=np.zeros(600, np.int64))
    name = written(tmp_path, (tmp_path / "packed.npz").read_bytes())
    assert zipfile.is_zipfile(tmp_path / "packed.npz")
    lengths: list[int] = []
    part = type(store()).part

    def counted(self: object, key: str, start: int, length: int) -> bytes:
        lengths.append(length)
        return part(store(), key, start, length)

    monkeypatch.setattr(type(store()), "part", counted)
    with objects.opened(name, KEY) as file:
        np.testing.assert_array_equal(np.asarray(read_image(file, place)), images[place])
    assert sum(lengths) < 6 * SEALED_BYTES < len(images.tobytes())
