"""The quick check of images agrees with decoding, and never rejects a valid set."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.formats.archive import read_entry, read_structure
from app.formats.limits import DATASET
from bench.hostile.pictures import picture
from worker.intake import Refused, check_dataset_file, dataset
from worker.intake.images.decoding import ImageRefusedError, decode
from worker.intake.images.image_header import read_image_header
from worker.intake.images.layout import read_layout
from worker.intake.images.quick_check import MOST_ODD, QuickCheck, check_quickly
from worker.intake.images.rules import zip_rules

KINDS: list[tuple[str, dict[str, Any]]] = [
    *(("PNG", {"mode": mode}) for mode in ("RGB", "L", "P", "RGBA", "1")),
    *(("JPEG", {"mode": mode, **more}) for mode, more in (("RGB", {}), ("L", {}), ("RGB", {"progressive": True}))),
    ("JPEG", {"exif": b"Exif\0\0" + bytes(60_000), "comment": b"\xff\xc0 is no frame"}),
    *(("WEBP", more) for more in ({}, {"lossless": True}, {"mode": "RGBA"}, {"exif": Image.Exif().tobytes()})),
    *(("BMP", {"mode": mode}) for mode in ("RGB", "L", "P", "1")),
]


def oblong(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(picture(64))).crop((0, 0, 40, 23)).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_size_is_reported_as_it_is_decoded(kind: str, options: dict[str, Any]) -> None:
    data = oblong(kind, **options)
    assert read_image_header(data, whole=True) == ((23, 40), False)
    assert decode(data, DATASET).pixels.shape[:2] == (23, 40)
    assert read_image_header(data + b"more", whole=True).size == (23, 40)


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_a_file_cut_off_anywhere_is_odd_where_it_is_broken(kind: str, options: dict[str, Any]) -> None:
    data = oblong(kind, **options)
    for length in {*range(0, len(data), max(1, len(data) // 50)), len(data) - 1}:
        try:
            decode(data[:length], DATASET)
        except ImageRefusedError:
            assert (
                read_image_header(data[:length], whole=True).odd
                or read_image_header(data[:length], whole=True).size is None
            )
        read_image_header(data[:length], whole=False)


def test_headers_that_are_not_of_an_image_are_suspicious() -> None:
    for data in (b"", b"GIF89a" + bytes(99), b"%PDF", b"RIFF" + bytes(40), bytes(100)):
        assert read_image_header(data, whole=True) == (None, True)
    for data in (
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xff\xff",
        b"\xff\xd8\xff" + b"\xe0\0\0" * 20,
        b"BM",
        b"RIFF____WEBP",
    ):
        assert read_image_header(data, whole=False).size is None


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def seen(files: dict[str, bytes]) -> QuickCheck:
    file = io.BytesIO(zipped(files))
    return check_quickly(
        file,
        read_layout(read_structure(file, zip_rules(DATASET, 0)), lambda entry: read_entry(file, entry)).files,
        DATASET,
    )


def test_broken_ones_and_those_of_a_rarer_size_are_tried_first() -> None:
    found = seen({"a/1.png": picture(16), "a/2.png": picture(16), "b/1.png": picture(24), "b/2.png": b"none"})
    assert [entry.name for entry in found.odd] == ["b/2.png", "b/1.png"]
    assert found.sizes is None
    found = seen({"a/1.png": picture(16), "a/2.png": picture(16), "b/1.png": picture(24)})
    assert found.sizes == {(16, 16): ["a/1.png", "a/2.png"], (24, 24): ["b/1.png"]}
    found = seen({f"a/{i}.png": picture(8 + i % 7) for i in range(MOST_ODD + 100)})
    assert len(found.odd) == MOST_ODD


@pytest.mark.parametrize(("last", "code"), [(picture(24), "mixed-sizes"), (picture(16)[:-30], "broken-image")])
def test_a_set_that_will_be_rejected_is_not_decoded(
    last: bytes, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "upload").write_bytes(zipped({f"a/{i}.png": picture(16, seed=i) for i in range(9)} | {"b/1": last}))
    asked = []

    def sandboxed(task: str, request: dict[str, Any], **_: Any) -> dict[str, Any]:
        asked.append(task)
        from worker.intake.images.zip_set import try_odd

        return try_odd(str(tmp_path / "upload"), "", request)

    monkeypatch.setattr(dataset, "run_sandboxed", sandboxed)
    with pytest.raises(Refused) as caught:
        check_dataset_file(tmp_path / "upload", tmp_path / "out")
    assert caught.value.code == code
    assert "b/1" in str(caught.value.errors)
    assert asked == ["worker.intake.images.zip_set:try_odd"]


def test_a_sound_set_that_looks_odd_is_accepted(tmp_path: Path) -> None:
    """Bytes after the end of an image are common and harmless."""
    (tmp_path / "upload").write_bytes(zipped({"a/1.png": picture(16) + b"tail", "a/2.png": picture(16)}))
    assert check_dataset_file(tmp_path / "upload", tmp_path / "out").images == 2


def test_a_zip_of_very_many_tiny_pictures_is_rejected_by_its_count_alone():
    few = replace(DATASET, tiny_entries=3)
    data = zipped({f"a/{i}.txt": b"" for i in range(4)})
    with pytest.raises(Refused, match=r"4 entries, more than the limit of 3 .* \.npz") as refused:
        read_structure(io.BytesIO(data), zip_rules(few, len(data)))
    assert refused.value.code == "zip-too-many-entries"
    assert len(read_structure(io.BytesIO(data), zip_rules(few, 4 * 1024))) == 4
    assert zip_rules(few, 10**12).entries == DATASET.entries
