"""Reading a packed data set without NumPy, so that the API process stays small.

A packed set is an `.npz` written by the intake: `images` (C-ordered uint8, (N, H, W) or (N, H, W,
3)), `labels` (int64) and `split` ("train" or "held-out").
"""

import ast
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from app.datasets.set_digest import SetContents, pixels_digest

if TYPE_CHECKING:
    from PIL.Image import Image

MAGIC = b"\x93NUMPY"
PIECE_BYTES = 1024 * 1024
LOCAL_HEADER_BYTES = 30  # of a member of a ZIP archive, before its name
DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, SyntaxError, ValueError)
SPLITS = {"train": 0, "held-out": 1}


class PackedError(Exception):
    """The object is not a packed set as written by the intake."""


@dataclass(frozen=True)
class Member:
    """An array in the file: its NumPy type, its shape, and its data from the first byte."""

    dtype: str
    shape: tuple[int, ...]
    data: IO[bytes]


def read_image(file: IO[bytes], index: int) -> "Image":
    """Return image `index`. Raises `IndexError` past the end."""
    return next(read_images(file, [index]))


def read_images(file: IO[bytes], wanted: Iterable[int]) -> Iterator["Image"]:
    """Yield some images, and read none of the others unless the set is compressed.

    Raises `IndexError` past the end.
    """
    from PIL import Image

    with zipfile.ZipFile(file) as archive, images_member(archive) as found:
        shape, begin = found.shape, found.data.tell()
        height, width = shape[1:3]
        channels = shape[3] if len(shape) == 4 else 1
        size = height * width * channels
        data = _within(file, archive.getinfo("images.npy")) or found.data
        for index in wanted:
            if not 0 <= index < shape[0]:
                raise IndexError(index)
            data.seek(begin + index * size)
            pixels = data.read(size)
            if len(pixels) != size or channels not in {1, 3}:
                raise PackedError(f"image {index} is incomplete or has {channels} channels")
            yield Image.frombytes("RGB" if channels == 3 else "L", (width, height), pixels)


def read_contents(file: Path | IO[bytes]) -> SetContents:
    """Return what the digest of the set covers. Reads pixels in pieces of 1 MiB.

    Raises: PackedError, also for a damaged file.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            with images_member(archive) as found:
                images = pixels_digest(found.shape, iter(lambda: found.data.read(PIECE_BYTES), b""))
            return SetContents(images, _labels(archive), _split(archive))
    except DAMAGE as error:
        raise PackedError(f"{getattr(file, 'name', 'the object')}: {error}") from error


class _Stored:
    """A member that is not compressed. `zipfile` would read all bytes before a place in it."""

    def __init__(self, file: IO[bytes], begin: int, size: int) -> None:
        self._file, self._begin, self._size, self._at = file, begin, size, 0

    def seek(self, offset: int) -> int:
        self._at = offset
        return offset

    def read(self, size: int) -> bytes:
        self._file.seek(self._begin + self._at)
        return self._file.read(max(0, min(size, self._size - self._at)))


def _within(file: IO[bytes], info: zipfile.ZipInfo) -> _Stored | None:
    if info.compress_type != zipfile.ZIP_STORED:
        return None
    file.seek(info.header_offset)
    name, extra = struct.unpack("<26x2H", file.read(LOCAL_HEADER_BYTES))
    return _Stored(file, info.header_offset + LOCAL_HEADER_BYTES + name + extra, info.file_size)


@contextmanager
def member(archive: zipfile.ZipFile, name: str) -> Iterator[Member]:
    """Open an array. Its `data` is positioned at the first byte after the npy header."""
    with archive.open(f"{name}.npy") as file:
        magic, major = file.read(6), file.read(2)[:1]
        length = struct.unpack("<H", file.read(2))[0] if major == b"\x01" else struct.unpack("<I", file.read(4))[0]
        header = ast.literal_eval(file.read(length).decode("latin-1"))
        shape = tuple(header["shape"])
        if magic != MAGIC or (header["fortran_order"] and len(shape) > 1):
            raise PackedError(f"unexpected array {name}: {header}")
        yield Member(str(header["descr"]), shape, file)


@contextmanager
def images_member(archive: zipfile.ZipFile) -> Iterator[Member]:
    """Open the images. Raises: PackedError."""
    with member(archive, "images") as found:
        if found.dtype != "|u1" or len(found.shape) not in {3, 4}:
            raise PackedError(f"images are {found.dtype} {found.shape}")
        yield found


def _labels(archive: zipfile.ZipFile) -> bytes:
    with member(archive, "labels") as found:
        if found.dtype != "<i8" or len(found.shape) != 1:
            raise PackedError(f"labels are {found.dtype} {found.shape}")
        return found.data.read()


def _split(archive: zipfile.ZipFile) -> bytes:
    with member(archive, "split") as found:
        if not (width := re.fullmatch(r"<U(\d+)", found.dtype)) or len(found.shape) != 1:
            raise PackedError(f"split is {found.dtype} {found.shape}")
        data, size = found.data.read(), 4 * int(width[1])
    words = [data[at : at + size].decode("utf-32-le").rstrip("\0") for at in range(0, len(data), size)]
    if unknown := set(words) - set(SPLITS):
        raise PackedError(f"split holds {sorted(unknown)}")
    return bytes(SPLITS[word] for word in words)
