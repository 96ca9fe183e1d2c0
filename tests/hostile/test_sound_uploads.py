"""Valid uploads are accepted, so that the tests of the hostile corpus mean something."""

from __future__ import annotations

import io
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from app.formats.archive import ZipRules, read_entry, read_structure
from bench.hostile.pictures import picture
from worker.intake import Refused, ReleaseIntake, check_dataset_file, check_release_file, examination
from worker.inversion.data import images_digest
from worker.inversion.targets import InputConvention, Target, build_network

CLASSES = ["a", "b", "c"]


def weights() -> dict[str, torch.Tensor]:
    return build_network("exhume/small-cnn", {"width": 4}, 3, 1).state_dict()


def checked_release(path: Path, state: dict[str, torch.Tensor], **other: Any) -> ReleaseIntake:
    save_file(state, path)
    order = {
        "architecture": "exhume/small-cnn",
        "hyperparameters": {"width": 4},
        "convention": {"height": 32, "width": 32, "channels": 1},
        "classes": CLASSES,
        "out": path.with_name("out"),
    }
    return check_release_file(path, **{**order, **other})


def test_sound_checkpoint_is_taken_byte_for_byte(tmp_path: Path) -> None:
    found = checked_release(tmp_path / "upload", weights())
    assert found.examination.outputs == "logits"
    assert found.examination.feature_dim == 128
    assert found.examination.dtypes == ["F32", "I64"]
    assert (tmp_path / "out").read_bytes() == (tmp_path / "upload").read_bytes()
    assert load_file(tmp_path / "out").keys() == weights().keys()


def test_a_wrong_number_of_classes_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        checked_release(tmp_path / "upload", weights(), classes=["a", "b"])
    assert caught.value.code == "class-count"
    assert "has 3 classes, but the release names 2" in caught.value.detail
    assert {
        "name": "head.bias",
        "expected": [2],
        "found": [3],
        "detail": "expected shape [2], found [3]",
    } in caught.value.errors
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("architecture", ["auto", "exhume/small-cnn"])
def test_a_single_output_is_told_how_to_become_two(
    architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = build_network("exhume/small-cnn", {"width": 4}, 1, 1).state_dict()
    save_file(one, tmp_path / "model.safetensors")
    with pytest.raises(Refused) as caught:
        checked_release(tmp_path / "upload", one, architecture=architecture, classes=["normal", "pneumonia"])
    assert caught.value.code == "single-output"
    monkeypatch.chdir(tmp_path)
    exec(textwrap.dedent(caught.value.detail.partition("\n")[2]))
    two = load_file(tmp_path / "two-outputs.safetensors")
    assert checked_release(tmp_path / "upload", two, classes=["normal", "pneumonia"]).examination.num_classes == 2
    images = torch.rand(4, 1, 32, 32)
    networks = [build_network("exhume/small-cnn", {"width": 4}, n, 1).eval() for n in (1, 2)]
    for network, state in zip(networks, (one, two), strict=True):
        network.load_state_dict(state)
    before, after = networks[0](images).sigmoid()[:, 0], networks[1](images).softmax(1)[:, 1]
    assert torch.allclose(before, after, atol=1e-6)


@pytest.mark.parametrize("name", ["torchvision/shufflenet_v2_x0_5", "timm/lcnet_050"])
def test_networks_of_other_libraries_are_built_in_the_sandbox(name: str, tmp_path: Path) -> None:
    """Their imports use folders, caches and system calls that ours do not."""
    network = build_network(name, {}, 3, 3)
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, tmp_path / "upload")
    found = check_release_file(
        tmp_path / "upload",
        architecture=name,
        hyperparameters={},
        convention={"height": 64, "width": 64, "channels": 3},
        classes=["a", "b", "c"],
        out=tmp_path / "out",
    )
    assert found.examination.num_classes == 3


def examined(folder: Path, state: dict[str, torch.Tensor], **other: Any) -> dict[str, Any]:
    """Run the sandboxed task in this process, which is faster, and return its answer."""
    save_file(state, folder / "upload")
    request = {
        "architecture": "exhume/small-cnn",
        "hyperparameters": {"width": 4},
        "convention": {"height": 32, "width": 32, "channels": 1},
        "num_classes": 3,
    }
    return examination.examine(str(folder / "upload"), str(folder), {**request, **other})


def test_wrong_keys_and_shapes_are_listed(tmp_path: Path) -> None:
    state = weights()
    state["heads.bias"] = state.pop("head.bias")
    state["head.weight"] = torch.zeros(3, 64)
    with pytest.raises(Refused) as caught:
        examined(tmp_path, state)
    assert caught.value.code == "checkpoint-mismatch"
    shape = {"expected": [3, 128], "found": [3, 64]}
    assert caught.value.errors == [
        {"name": "head.weight", "detail": "expected shape [3, 128], found [3, 64]", **shape},
        {"name": "head.bias", "detail": "expected, not in the file"},
        {"name": "heads.bias", "detail": "in the file, not in the architecture"},
    ]


def test_wrapped_keys_are_explained(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"Every key begins with 'module\.'"):
        examined(tmp_path, {f"module.{k}": v for k, v in weights().items()})


def test_constant_model_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="same output for every image") as caught:
        examined(tmp_path, {k: torch.zeros_like(v) for k, v in weights().items()})
    assert caught.value.code == "unusable-model"


def test_unknown_architecture_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        examined(tmp_path, weights(), architecture="exhume/small-cmm")
    assert caught.value.code == "unknown-architecture"
    assert "exhume/small-cnn" in [e["name"] for e in caught.value.errors]


def test_probabilities_are_detected_and_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    network = torch.nn.Sequential(build_network("exhume/small-cnn", {"width": 4}, 3, 1), torch.nn.Softmax(1)).eval()
    target = Target(network, InputConvention(32, 32, 1), 3)
    monkeypatch.setattr(examination, "load_target", lambda *args: target)
    found = examined(tmp_path, weights())
    assert found["outputs"] == "probabilities"
    assert "probabilities" in found["notes"][0]


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_folder_per_identity_with_held_out_images(tmp_path: Path) -> None:
    files = {
        f"set/{side}/{who}/{i}.png": picture(seed=i)
        for side in ("train", "test")
        for who in ("bert", "anna")
        for i in range(2)
    }
    files |= {"set/readme.txt": b"hello", "__MACOSX/set/._1.png": b"x", "set/train/anna/grey.png": picture(mode="L")}
    (tmp_path / "upload").write_bytes(zipped(files))
    found = check_dataset_file(tmp_path / "upload", tmp_path / "out.npz")
    assert (found.images, found.height, found.width, found.channels) == (9, 16, 16, 3)
    assert found.identities == ["anna", "bert"]
    assert found.notes == [
        "Ignored 1 file that systems or programs leave behind: __MACOSX (1).",
        "Did not read 1 file beside the images: set/readme.txt.",
        "Converted 1 grey image among coloured ones to RGB.",
    ]
    with np.load(tmp_path / "out.npz", allow_pickle=False) as packed:
        assert packed["labels"].tolist() == [0, 0, 0, 1, 1, 0, 0, 1, 1]
        assert packed["split"].tolist() == ["train"] * 5 + ["held-out"] * 4
        assert found.images_digest == images_digest(packed["images"])
        expected = np.asarray(Image.open(io.BytesIO(picture(seed=1))).convert("RGB"))
        assert (packed["images"][1] == expected).all()


def test_metadata_and_orientation_are_dropped(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = picture(kind="JPEG", exif=exif.tobytes())
    (tmp_path / "upload").write_bytes(zipped({"anna/1.jpg": turned}))
    found = check_dataset_file(tmp_path / "upload", tmp_path / "out")
    assert found.notes == ["Dropped the EXIF orientation of 1 image without applying it."]
    assert b"Exif" not in (tmp_path / "out").read_bytes()
    with np.load(tmp_path / "out", allow_pickle=False) as packed:
        assert (packed["images"][0] == np.asarray(Image.open(io.BytesIO(turned)))).all()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
def test_every_format_of_the_list_is_accepted(kind: str, tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(zipped({"anna/1": picture(kind=kind, mode="L" if kind != "WEBP" else "RGB")}))
    found = check_dataset_file(tmp_path / "upload", tmp_path / "out")
    assert found.channels == (3 if kind == "WEBP" else 1)


def test_npz_with_everything(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, 16, 20, 1), dtype=np.uint8)
    np.savez_compressed(
        tmp_path / "upload.npz",
        images=images,
        labels=np.array([1, 0, 1, 0], np.uint8),
        identities=np.array(["anna", "bert"]),
        split=np.array(["train", "train", "held-out", "train"]),
    )
    found = check_dataset_file(tmp_path / "upload.npz", tmp_path / "out")
    assert (found.images, found.height, found.width, found.channels) == (4, 16, 20, 1)
    assert found.identities == ["anna", "bert"]
    with np.load(tmp_path / "out", allow_pickle=False) as packed:
        assert packed["images"].shape == (4, 16, 20)
        assert packed["labels"].tolist() == [1, 0, 1, 0]
        assert packed["split"].tolist() == ["train", "train", "held-out", "train"]


def test_npz_without_labels_has_no_identities(tmp_path: Path) -> None:
    np.savez(tmp_path / "upload.npz", images=np.zeros((2, 16, 16, 3), np.uint8))
    found = check_dataset_file(tmp_path / "upload.npz", tmp_path / "out")
    assert found.identities == []
    with np.load(tmp_path / "out", allow_pickle=False) as packed:
        assert packed["labels"].tolist() == [-1, -1]


def test_zips_of_common_writers_are_read(tmp_path: Path) -> None:
    """Python writes data descriptors, ZIP64 headers and entries for folders."""

    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise io.UnsupportedOperation

        def seek(self, *args: Any) -> int:
            raise io.UnsupportedOperation

    buffer = Unseekable()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("anna")
        with archive.open("anna/1.png", "w", force_zip64=True) as member:
            member.write(picture())
        archive.writestr("anna/ä.png", picture())
    file = io.BytesIO(buffer.getvalue())
    entries = read_structure(file, ZipRules(entries=10, entry_bytes=10_000, unpacked_bytes=10_000))
    assert [e.name for e in entries] == ["anna/", "anna/1.png", "anna/ä.png"]
    assert read_entry(file, entries[1]) == picture()
