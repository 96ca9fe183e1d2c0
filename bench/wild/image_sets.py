"""Data sets of images as people pack them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bench.wild.case import NAMES, ImageSet

Files = dict[str, bytes]
SIDE = 16
Found = list[tuple[str, bool, np.ndarray]]


def photo(who: int, number: int, mode: str = "RGB", side: int = SIDE) -> Image.Image:
    """Return a picture that depends on the person and its number."""
    pixels = np.random.default_rng(1000 * who + number).integers(0, 255, (side, side, 3), np.uint8)
    return Image.fromarray(pixels).convert(mode)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return the bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pixels(image: Image.Image) -> np.ndarray:
    """Return the pixels as the checks keep them."""
    return np.asarray(image.convert("L" if image.mode in ("1", "L", "LA") else "RGB"))


def folders(names: list[str] = NAMES, each: int = 2, above: str = "", first: int = 0) -> Files:
    """Return a folder of PNGs for each name."""
    return {
        f"{above}{name}/{number}.png": encoded(photo(who, number))
        for who, name in enumerate(names)
        for number in range(first, first + each)
    }


def found_in(names: list[str] = NAMES, each: int = 2, *, held_out: bool = False, first: int = 0) -> Found:
    """Return what must be found in `folders` with the same arguments."""
    return [
        (name, held_out, pixels(photo(who, number)))
        for who, name in enumerate(names)
        for number in range(first, first + each)
    ]


def packed(folder: Path, files: Files, images: Found | None = None) -> ImageSet:
    """Write a ZIP archive."""
    with zipfile.ZipFile(folder / "images.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return ImageSet(folder / "images.zip", found_in() if images is None else images)


def _with(*more: str, above: str = "") -> Callable[[Path], ImageSet]:
    """Return a builder of folders with other files beside them."""
    return lambda folder: packed(folder, folders(above=above) | {name: encoded(photo(9, 9)) for name in more})


def _split(training: str, *held_out: str) -> Callable[[Path], ImageSet]:
    def make(folder: Path) -> ImageSet:
        files, images = folders(above=f"data/{training}/"), found_in()
        for place, part in enumerate(held_out, 1):
            files |= folders(above=f"data/{part}/", each=1, first=10 * place)
            images += found_in(each=1, first=10 * place, held_out=True)
        return packed(folder, files, images)

    return make


def streamed(folder: Path) -> ImageSet:
    """Write the sizes behind each entry, as Finder does."""

    class Unseekable(io.RawIOBase):
        def __init__(self, file: io.BufferedWriter) -> None:
            self.file = file

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            return self.file.write(data)

    with (folder / "images.zip").open("wb") as file, zipfile.ZipFile(Unseekable(file), "w") as archive:
        for name, data in (folders(above="faces/") | {"__MACOSX/faces/._ada": b"\0\5\26\7"}).items():
            archive.writestr(name, data)
    return ImageSet(folder / "images.zip", found_in())


def _flat(above: str, listing: str, text: str, *, header: bool = True) -> Callable[[Path], ImageSet]:
    """Return a builder of one folder of pictures with a file that lists whose each is."""

    def make(folder: Path) -> ImageSet:
        files = {f"{above}{who}{n}.png": encoded(photo(who, n)) for who in range(len(NAMES)) for n in range(2)}
        rows = [text.format(file=f"{who}{n}.png", who=name) for who, name in enumerate(NAMES) for n in range(2)]
        lines = ["file,label", *rows] if header else rows
        return packed(folder, files | {listing: "\n".join(lines).encode()})

    return make


def held_out_strangers(folder: Path) -> ImageSet:
    files = folders(["n1", "n2"], above="train/") | folders(["n3"], above="test/")
    return packed(folder, files, found_in(["n1", "n2"]))


def below_sessions(folder: Path) -> ImageSet:
    return packed(folder, {n.replace("/", "/session1/"): data for n, data in folders().items()})


def below_images(folder: Path) -> ImageSet:
    """Write the layout of Tiny ImageNet."""
    boxes = {f"{name}/{name}_boxes.txt": b"1 2" for name in NAMES}
    return packed(folder, {n.replace("/", "/images/"): data for n, data in folders().items()} | boxes)


def _as(change: Callable[[Image.Image], Image.Image], kind: str, **options: Any) -> Callable[[Path], ImageSet]:
    def make(folder: Path) -> ImageSet:
        files: Files = {}
        images: Found = []
        for who, name in enumerate(NAMES):
            data = encoded(change(photo(who, 0)), kind, **options)
            files[f"{name}/0.{kind.lower()}"] = data
            with Image.open(io.BytesIO(data)) as read:
                images.append((name, False, pixels(read)))
        return packed(folder, files, images)

    return make


def _cut_out(image: Image.Image) -> Image.Image:
    values = np.asarray(image.convert("RGBA")).copy()
    values[: SIDE // 2, :, 3] = 0
    return Image.fromarray(values)


def grey_16_bits(folder: Path) -> ImageSet:
    files = {f"{name}/0.png": encoded(_deep_grey(photo(who, 0))) for who, name in enumerate(NAMES)}
    return packed(folder, files, [(name, False, pixels(photo(who, 0, "L"))) for who, name in enumerate(NAMES)])


def _deep_grey(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)


def mixed_grey(folder: Path) -> ImageSet:
    files: Files = {}
    images: Found = []
    for who, name in enumerate(NAMES):
        grey = photo(who, 0, "L")
        files |= {f"{name}/0.png": encoded(grey), f"{name}/1.png": encoded(photo(who, 1))}
        images += [(name, False, pixels(grey.convert("RGB"))), (name, False, pixels(photo(who, 1)))]
    return packed(folder, files, images)


def phone(folder: Path) -> ImageSet:
    """Write JPEGs with a second picture, as phones do."""
    second = {"save_all": True, "append_images": [photo(7, 7, side=8)]}
    return _as(lambda image: image, "MPO", **second)(folder)


def rotated(folder: Path) -> ImageSet:
    exif = Image.Exif()
    exif[0x0112] = 6
    return _as(lambda image: image, "JPEG", exif=exif.tobytes())(folder)


def of_two_sizes(folder: Path) -> ImageSet:
    large = photo(0, 9, side=24)
    scaled = [("ada", False, pixels(large.resize((SIDE, SIDE))))]
    return packed(folder, folders() | {"ada/9.png": encoded(large)}, found_in() + scaled)


def with_a_broken_file(folder: Path) -> ImageSet:
    return packed(
        folder, folders() | {"ada/9.jpg": encoded(photo(0, 9), "JPEG")[:-40], "mary/9.jpg": b"<html>404</html>"}
    )


def animated(folder: Path) -> ImageSet:
    return _as(lambda image: image, "PNG", save_all=True, append_images=[photo(7, 7)])(folder)


def composed_accents(folder: Path) -> ImageSet:
    names = ["Jose\u0301", "ada ", "mary"]
    files = folders(names, each=1)
    return packed(folder, files, found_in(["Jos\u00e9", "ada", "mary"], each=1))


def two_spellings(folder: Path) -> ImageSet:
    return packed(folder, folders(["Ada", "ada", "mary"], each=1))


def zip_in_zip(folder: Path) -> ImageSet:
    inner = packed(folder, folders()).file.read_bytes()
    return packed(folder, {"faces.zip": inner})


def tar(folder: Path) -> ImageSet:
    import tarfile

    with tarfile.open(folder / "images.tar.gz", "w:gz") as archive:
        for name, data in folders().items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return ImageSet(folder / "images.tar.gz", found_in())


def medical(folder: Path) -> ImageSet:
    return packed(folder, {f"{name}/0.dcm": bytes(128) + b"DICM" + bytes(300) for name in NAMES})


def parquet(folder: Path) -> ImageSet:
    (folder / "data.parquet").write_bytes(b"PAR1" + bytes(100) + b"PAR1")
    return ImageSet(folder / "data.parquet")


IMAGE_SETS: dict[str, Callable[[Path], ImageSet]] = {
    "folders": lambda folder: packed(folder, folders()),
    "folders_in_one": lambda folder: packed(folder, folders(above="faces/")),
    "mac_archive": _with("__MACOSX/._faces", "faces/.DS_Store", "__MACOSX/faces/ada/._0.png", above="faces/"),
    "notebook_folders": _with(".ipynb_checkpoints/0-checkpoint.png", "ada/.ipynb_checkpoints/0-checkpoint.png"),
    "nas_thumbnails": _with("@eaDir/SYNOPHOTO_THUMB_M.jpg"),
    "trash_folders": _with(".Trash/old.png", "lost+found/x.png", "__pycache__/a.pyc"),
    "documents_beside": _with("README", "LICENSE", "datasheet.pdf", "ada/notes.docx", "train.cache"),
    "split_train_test": _split("train", "test"),
    "split_train_val": _split("train", "val"),
    "split_train_valid_test": _split("train", "valid", "test"),
    "split_capitals": _split("Train", "Test"),
    "split_training_testing": _split("training", "testing"),
    "csv_of_labels": _flat("images/", "labels.csv", "{file},{who}"),
    "csv_of_labels_at_the_root": _flat("", "labels.csv", "{file},{who}"),
    "hf_metadata_csv": _flat("train/", "train/metadata.csv", "{file},{who}"),
    "celeba_identities": _flat("img/", "identity_CelebA.txt", "{file} {who}", header=False),
    "grey": _as(lambda image: image.convert("L"), "PNG"),
    "opaque_alpha": _as(lambda image: image.convert("RGBA"), "PNG"),
    "cut_out": _as(_cut_out, "PNG"),
    "palette": _as(lambda image: image.quantize(64), "PNG"),
    "one_bit": _as(lambda image: image.convert("1"), "PNG"),
    "jpeg_cmyk": _as(lambda image: image.convert("CMYK"), "JPEG"),
    "webp": _as(lambda image: image, "WEBP", lossless=True),
    "bmp": _as(lambda image: image, "BMP"),
    "progressive_jpeg": _as(lambda image: image, "JPEG", progressive=True),
    "tiff": _as(lambda image: image, "TIFF"),
    "gif": _as(lambda image: image.quantize(64), "GIF"),
    "strangers_in_test": held_out_strangers,
    **{made.__name__: made for made in (
        grey_16_bits, streamed, below_sessions, below_images, mixed_grey, phone, rotated, of_two_sizes,
        with_a_broken_file, animated, composed_accents, two_spellings, zip_in_zip, tar, medical, parquet,
    )},
}  # fmt: skip
