"""The digest of a data set: fixed layout, equal for arrays and files, covers everything."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest

from app.datasets.packed import PackedError, read_contents
from app.datasets.set_digest import set_digest
from worker.intake.set_contents import contents_of
from worker.inversion.data import images_digest

IMAGES = np.arange(3 * 8 * 9, dtype=np.uint8).reshape(3, 8, 9)
LABELS, HELD_OUT, NAMES = np.array([0, 1, 0]), np.array([False, False, True]), ["ada", "José"]


def digest(
    images: np.ndarray = IMAGES,
    labels: np.ndarray = LABELS,
    held_out: np.ndarray = HELD_OUT,
    names: list[str] = NAMES,
) -> str:
    return set_digest(contents_of(images, labels, held_out), names)


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_the_layout_is_the_documented_one() -> None:
    labels = bytes([0] * 8 + [1] + [0] * 7 + [0] * 8)
    names = b"\x03\x00\x00\x00ada" + b"\x05\x00\x00\x00Jos\xc3\xa9"
    lines = [
        "exhume.image-set/1",
        f"images {sha256(b'|u1(3, 8, 9)' + IMAGES.tobytes())}",
        f"labels {sha256(labels)}",
        f"split {sha256(bytes([0, 0, 1]))}",
        f"names {sha256(names)}",
    ]
    assert digest() == sha256("".join(f"{line}\n" for line in lines).encode())


def test_a_digest_never_changes_between_versions() -> None:
    """Digests are stored: if this value changes, use a new layout name and a migration."""
    assert digest() == "sha256:33e6c769d9272b1c6be3830dcff022340a1bc075ae9443c53f53a4b0bdf8f1d6"


def test_every_part_of_a_data_set_changes_its_digest() -> None:
    pixels = IMAGES.copy()
    pixels[0, 0, 0] += 1
    others = [
        digest(images=pixels),
        digest(images=IMAGES.reshape(3, 9, 8)),
        digest(labels=LABELS[::-1].copy() ^ 1),
        digest(labels=np.full(3, -1)),
        digest(held_out=~HELD_OUT),
        digest(names=NAMES[::-1]),
        digest(names=["adaJosé", ""]),
    ]
    assert len({digest(), *others}) == len(others) + 1


@pytest.mark.parametrize("shape", [(3, 8, 9), (3, 8, 9, 3)])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_file_has_the_digest_of_its_arrays(shape: tuple[int, ...], save: object, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    split = np.where(HELD_OUT, "held-out", "train")
    save(tmp_path / "packed.npz", images=images, labels=LABELS, split=split)  # type: ignore[operator]
    contents = read_contents(tmp_path / "packed.npz")
    assert contents == contents_of(images, LABELS, HELD_OUT)
    assert contents.images_digest == images_digest(images)


def test_a_set_without_held_out_images_and_labels_is_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "packed.npz", images=IMAGES, labels=np.full(3, -1), split=np.array(["train"] * 3))
    assert read_contents(tmp_path / "packed.npz") == contents_of(IMAGES, np.full(3, -1), np.zeros(3, bool))


def test_damaged_files_are_distinguished_from_sets(tmp_path: Path) -> None:
    path = tmp_path / "packed.npz"
    np.savez(path, images=IMAGES, labels=LABELS, split=np.where(HELD_OUT, "held-out", "train"))
    whole = path.read_bytes()
    at = whole.index(IMAGES.tobytes())
    for data in (b"", whole[:-100], whole[:at] + b"\xff" + whole[at + 1 :]):
        path.write_bytes(data)
        with pytest.raises(PackedError):
            read_contents(path)
    np.savez(path, images=IMAGES, labels=LABELS.astype(np.int32), split=np.array(["train"] * 3))
    with pytest.raises(PackedError, match="labels are <i4"):
        read_contents(path)
    np.savez(path, images=IMAGES, labels=LABELS, split=np.array(["train", "test", "train"]))
    with pytest.raises(PackedError, match="test"):
        read_contents(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other.txt", "x")
    with pytest.raises(PackedError):
        read_contents(path)
