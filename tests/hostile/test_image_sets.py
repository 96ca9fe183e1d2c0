"""Data sets with extra files, odd names and image formats: changes are noted, faults rejected."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bench.hostile.pictures import picture
from tests.hostile.test_sound_uploads import zipped
from worker.intake import Refused, check_dataset_file
from worker.intake.dataset import DatasetIntake
from worker.intake.images.litter import FOLDERS
from worker.intake.notes import MAX_NOTES, bounded

PEOPLE = {f"{who}/{i}.png": picture(seed=i) for who in ("anna", "bert") for i in range(2)}


def take_in(folder: Path, files: dict[str, bytes]) -> DatasetIntake:
    (folder / "upload").write_bytes(zipped(files))
    return check_dataset_file(folder / "upload", folder / "out.npz")


def refused(folder: Path, files: dict[str, bytes]) -> Refused:
    with pytest.raises(Refused) as caught:
        take_in(folder, files)
    return caught.value


LITTER = [
    *(".ipynb_checkpoints", "@eaDir", ".Trash", ".Trash-1000", "lost+found", "__MACOSX", "#recycle", "$RECYCLE.BIN"),
    *(".git", ".thumbnails", "System Volume Information"),
]


@pytest.mark.parametrize("name", LITTER)
def test_litter_folders_are_ignored_at_any_depth_and_counted(name: str, tmp_path: Path) -> None:
    inside = {f"{name}/0.png": picture(), f"anna/{name}/1.png": picture(), f"anna/{name}/deep/er/2.png": picture()}
    found = take_in(tmp_path, PEOPLE | inside | {f"{name}/bert/3.png": picture()})
    assert (found.images, found.identities) == (4, ["anna", "bert"])
    assert found.notes == [f"Ignored 4 files that systems or programs leave behind: {name} (4)."]


def test_litter_is_ignored_beside_a_held_out_side_and_inside_a_wrapper(tmp_path: Path) -> None:
    files = {f"set/{side}/{who}/1.png": picture() for side in ("train", "test") for who in ("anna", "bert")}
    files |= {"set/.Trash-1000/files/old.png": picture(), "set/train/@eaDir/anna/x.jpg": picture()}
    files |= {"set/train/.ipynb_checkpoints/1.png": picture(), "set/test/anna/Thumbs.db": b"x", "set/.DS_Store": b"x"}
    found = take_in(tmp_path, files)
    assert (found.images, found.identities) == (4, ["anna", "bert"])
    (note,) = found.notes
    assert note.startswith("Ignored 5 files")


def test_an_identity_of_litter_alone_is_none(tmp_path: Path) -> None:
    files = PEOPLE | {"eve/": b"", "eve/.DS_Store": b"x", "mallory/Thumbs.db": b"x", "old/@eaDir/1.jpg": picture()}
    found = take_in(tmp_path, files)
    assert found.identities == ["anna", "bert"]
    assert (
        found.notes[0]
        == "Ignored 3 files that systems or programs leave behind: .DS_Store (1), Thumbs.db (1), @eaDir (1)."
    )
    assert found.notes[1] == "Left out 3 folders that only had such files: eve, mallory, old."
    assert refused(tmp_path, PEOPLE | {"eve/": b""}).code == "empty-folder"
    assert refused(tmp_path, {"eve/.DS_Store": b"x"}).code == "empty-archive"


def test_names_that_only_resemble_litter_are_people(tmp_path: Path) -> None:
    files = {f"{who}/1.png": picture() for who in ("git", "trash", "lost+found2", "eaDir")}
    assert take_in(tmp_path, files).identities == ["eaDir", "git", "lost+found2", "trash"]
    assert not [name for name in FOLDERS if name != name.lower()], "they are compared in lower case"


def test_files_beside_the_images_are_named(tmp_path: Path) -> None:
    side = {"README": b"hi", "LICENSE": b"x", "datasheet.pdf": b"%PDF", "anna/notes.docx": b"PK", "labels.csv": b"a,b"}
    found = take_in(tmp_path, PEOPLE | side | {"readme.md": b"x", "more.txt": b"x"})
    assert found.notes == [
        "Did not read 7 files beside the images: "
        "README, LICENSE, datasheet.pdf, anna/notes.docx, labels.csv and 2 more."
    ]
    assert refused(tmp_path, PEOPLE | {"anna/clip.mp4": b"\0\0\0\x18ftypmp42"}).code == "broken-image"


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("Jos\N{LATIN SMALL LETTER E WITH ACUTE}", "Jose\N{COMBINING ACUTE ACCENT}", "Jose<U+0301>"),
        ("ada", "ada ", "ada<U+0020>"),
        ("Ada", "ada", "ada"),
        ("ada", "a\N{ZERO WIDTH SPACE}da", "a<U+200B>da"),
        ("ada", "\N{NO-BREAK SPACE}ada", "<U+00A0>ada"),
    ],
)
def test_look_alike_twins_are_rejected_with_both_by_code_point(
    first: str, second: str, shown: str, tmp_path: Path
) -> None:
    problem = refused(tmp_path, {f"{first}/1.png": picture(), f"{second}/1.png": picture()})
    assert problem.code == "look-alike-names"
    assert shown in problem.detail
    names = np.array([first, second])
    np.savez(tmp_path / "set.npz", images=np.zeros((2, 16, 16), np.uint8), labels=np.arange(2), identities=names)
    with pytest.raises(Refused) as caught:
        check_dataset_file(tmp_path / "set.npz", tmp_path / "out.npz")
    assert caught.value.code == "look-alike-names"
    assert shown in caught.value.detail


def test_names_are_stored_composed_and_without_white_space_around_them(tmp_path: Path) -> None:
    files = {f"{who}/1.png": picture() for who in ("Jose\N{COMBINING ACUTE ACCENT}", "ada ", "bert")}
    found = take_in(tmp_path, files)
    assert found.identities == ["Jos\N{LATIN SMALL LETTER E WITH ACUTE}", "ada", "bert"]
    (note,) = found.notes
    assert note.startswith("Renamed 2 identities")
    assert "'Jose<U+0301>' became 'Jos<U+00E9>'; 'ada<U+0020>' became 'ada'" in note


def test_names_of_an_npz_are_treated_alike(tmp_path: Path) -> None:
    images, names = np.zeros((2, 16, 16), np.uint8), np.array(["mary\n", "Jose\N{COMBINING ACUTE ACCENT}"])
    np.savez(tmp_path / "set.npz", images=images, labels=np.array([1, 0]), identities=names)
    found = check_dataset_file(tmp_path / "set.npz", tmp_path / "out.npz")
    assert found.identities == ["mary", "Jos\N{LATIN SMALL LETTER E WITH ACUTE}"]
    assert "'mary<U+000A>' became 'mary'" in found.notes[0]
    with np.load(tmp_path / "out.npz") as packed:
        assert packed["labels"].tolist() == [1, 0]
    np.savez(tmp_path / "set.npz", images=images, labels=np.arange(2), identities=np.array(["ada", "be\trt"]))
    with pytest.raises(Refused) as caught:
        check_dataset_file(tmp_path / "set.npz", tmp_path / "out.npz")
    assert caught.value.code == "identity-name"
    assert "be<U+0009>rt" in caught.value.detail


def test_one_person_may_be_spelled_differently_in_the_held_out_side(tmp_path: Path) -> None:
    """The archive comes from two systems, of which one composes accents."""
    files = {
        "train/Jos\N{LATIN SMALL LETTER E WITH ACUTE}/1.png": picture(seed=1),
        "train/Zoe/1.png": picture(seed=2),
        "test/Jose\N{COMBINING ACUTE ACCENT}/1.png": picture(seed=3),
        "test/Zoe/1.png": picture(seed=4),
    }
    found = take_in(tmp_path, files)
    assert sorted(found.identities) == ["Jos\N{LATIN SMALL LETTER E WITH ACUTE}", "Zoe"]
    with np.load(tmp_path / "out.npz") as packed:
        named = [found.identities[label] for label in packed["labels"]]
        held_out = [name for name, split in zip(named, packed["split"], strict=True) if split == "held-out"]
        assert sorted(held_out) == sorted(set(named))
    assert refused(tmp_path, {"train/Ada/1.png": picture(), "test/ada/1.png": picture()}).code == "look-alike-names"


def test_names_of_other_scripts_keep_their_joiners_and_no_name_turns_the_line(tmp_path: Path) -> None:
    persian = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    assert take_in(tmp_path, PEOPLE | {f"{persian}/1.png": picture()}).identities[-1] == persian
    assert refused(tmp_path, PEOPLE | {"ab\u202ecd/1.png": picture()}).code == "zip-name"


@pytest.mark.parametrize(
    ("train", "held_out"), [("train", "val"), ("train", "valid"), ("Train", "Test"), ("training", "testing")]
)
def test_usual_names_of_the_held_out_side_are_accepted_and_reported(train: str, held_out: str, tmp_path: Path) -> None:
    files = {f"data/{side}/{who}/1.png": picture() for side in (train, held_out) for who in ("anna", "bert")}
    found = take_in(tmp_path, files)
    assert found.identities == ["anna", "bert"]
    assert found.notes == [f"Read 2 images in {held_out} as held out."]
    with np.load(tmp_path / "out.npz") as packed:
        assert packed["split"].tolist() == ["train", "train", "held-out", "held-out"]


def test_two_held_out_folders_are_one_side(tmp_path: Path) -> None:
    sides = ("train", "val", "test")
    found = take_in(tmp_path, {f"{side}/{who}/1.png": picture() for side in sides for who in ("anna", "bert")})
    assert (found.images, found.identities) == (6, ["anna", "bert"])
    assert found.notes == ["Read 4 images in test and val as held out."]


def png_16(colour: int, channels: int) -> bytes:
    """Return a PNG with 16 bits per channel, which Pillow does not write in colour."""
    rows = b"".join(b"\0" + bytes([0x12, 0x34] * 16 * channels) for _ in range(16))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">2I5B", 16, 16, 16, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


COLOURS = Image.fromarray(np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8))


def faded(alpha: int) -> bytes:
    image = COLOURS.copy()
    image.putalpha(255)
    image.putpixel((3, 3), (9, 9, 9, alpha))
    return written(image, "PNG")


def palette(transparent: bool) -> bytes:
    return written(COLOURS.quantize(8), "PNG", **({"transparency": 0} if transparent else {}))


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (png_16(2, 3), "Reduced 16 bits per channel to the upper 8 in 1 image."),
        (faded(0), "Dropped the transparency of 1 image: the colours behind it are visible."),
        (palette(transparent=True), "Dropped the transparency of 1 image: the colours behind it are visible."),
        (faded(255), None),
        (palette(transparent=False), None),
        (written(COLOURS.convert("CMYK"), "JPEG"), "Converted 1 image from CMYK to RGB without a colour profile."),
        (written(COLOURS, "PNG"), None),
    ],
)
def test_what_was_done_to_pixels_is_reported(data: bytes, note: str | None, tmp_path: Path) -> None:
    found = take_in(tmp_path, {"anna/1": data})
    assert found.notes == ([note] if note else [])
    with np.load(tmp_path / "out.npz") as packed:
        expected = Image.open(io.BytesIO(data)).convert("RGB")
        assert (packed["images"][0] == np.asarray(expected)).all()


def test_the_upper_bits_of_48_bit_colour_are_what_is_kept(tmp_path: Path) -> None:
    take_in(tmp_path, {"anna/1.png": png_16(2, 3)})
    with np.load(tmp_path / "out.npz") as packed:
        assert set(packed["images"].ravel().tolist()) == {0x12}


def test_grey_of_16_bits_is_rejected_with_what_to_do(tmp_path: Path) -> None:
    problem = refused(tmp_path, {"anna/1.png": png_16(0, 1)})
    assert "grey with 16 bits per pixel" in problem.detail
    assert "astype('uint8')" in problem.detail


def test_the_first_frame_of_an_mpo_is_the_picture(tmp_path: Path) -> None:
    data = written(COLOURS, "MPO", save_all=True, append_images=[COLOURS.resize((8, 8)), COLOURS.rotate(90)])
    found = take_in(tmp_path, {"anna/1.jpg": data})
    assert found.notes == ["Used the first picture of 1 image with several pictures (MPO)."]
    with np.load(tmp_path / "out.npz") as packed:
        assert (packed["images"][0] == np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))).all()
    animated = written(COLOURS, "PNG", save_all=True, append_images=[COLOURS.rotate(90)])
    assert "is an animation" in refused(tmp_path, {"anna/1.png": animated}).detail


@pytest.mark.parametrize(
    ("images", "advice"),
    [
        (np.zeros((2, 16, 16), np.uint16), "Scale it to 8 bits as in training"),
        (np.zeros((2, 16, 16), np.int64), "x.astype('uint8')"),
        (np.full((2, 16, 16), 0.3, np.float32), "(x * 255).round().astype('uint8')"),
        (np.zeros((2, 16, 16), bool), "(x * 255).astype('uint8')"),
        (np.zeros((2, 16, 16, 4), np.uint8), "images[..., :3]"),
    ],
)
def test_an_npz_of_another_type_is_rejected_with_what_to_do(images: np.ndarray, advice: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", images=images)
    with pytest.raises(Refused) as caught:
        check_dataset_file(tmp_path / "set.npz", tmp_path / "out.npz")
    assert caught.value.code == "npz-images"
    assert advice in caught.value.detail


def test_pictures_that_only_note_how_they_are_turned_are_distinguished(tmp_path: Path) -> None:
    files = {"anna/1.png": picture(side=16), "anna/2.png": written(COLOURS.resize((16, 24)), "PNG")}
    assert "EXIF" not in refused(tmp_path, files).detail
    files["anna/1.png"] = written(COLOURS.resize((24, 16)), "PNG")
    assert "EXIF orientations are not applied" in refused(tmp_path, files).detail


def test_notes_are_never_cut_silently() -> None:
    assert bounded([str(n) for n in range(MAX_NOTES)]) == [str(n) for n in range(MAX_NOTES)]
    many = bounded([str(n) for n in range(MAX_NOTES + 30)])
    assert len(many) == MAX_NOTES
    assert many[-1] == "31 more notes are not shown."


def test_two_arrays_with_the_same_name_are_rejected(tmp_path: Path) -> None:
    def stored(array: np.ndarray) -> bytes:
        np.save(file := io.BytesIO(), array)
        return file.getvalue()

    labels = np.array([0, 1])
    files = {"images.npy": stored(np.zeros((2, 8, 8), np.uint8)), "labels.npy": stored(labels)}
    assert take_in(tmp_path, files).identities == ["0", "1"]
    assert refused(tmp_path, files | {"labels": stored(labels[::-1])}).code == "npz-arrays"
