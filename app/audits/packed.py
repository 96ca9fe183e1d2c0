"""Reads one image out of a packed dataset without numpy: the API process stays small.

A packed set is an `.npz`: a zip whose member `images.npy` is a header and the bytes of a C-ordered uint8 array
(N, H, W) or (N, H, W, 3).
"""

import ast
import struct
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MEMBER = "images.npy"
MAGIC = b"\x93NUMPY"


class PackedError(Exception):
    """The object is not a packed set as the intake writes it."""


def read_image(path: Path, index: int) -> "Image":
    """Image `index` of a packed set; `IndexError` past the end."""
    from PIL import Image

    with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as member:
        shape = _header(member)
        if not 0 <= index < shape[0]:
            raise IndexError(index)
        height, width = shape[1:3]
        channels = shape[3] if len(shape) == 4 else 1
        size = height * width * channels
        member.seek(member.tell() + index * size)
        pixels = member.read(size)
    if len(pixels) != size or channels not in {1, 3}:
        raise PackedError(f"{path.name}: image {index} is incomplete or has {channels} channels")
    return Image.frombytes("RGB" if channels == 3 else "L", (width, height), pixels)


def _header(member: IO[bytes]) -> tuple[int, ...]:
    """The shape in the npy header; the file is positioned at the first byte of the array."""
    magic, major = member.read(6), member.read(2)[:1]
    length = struct.unpack("<H", member.read(2))[0] if major == b"\x01" else struct.unpack("<I", member.read(4))[0]
    header = ast.literal_eval(member.read(length).decode("latin-1"))
    shape = tuple(header["shape"])
    if magic != MAGIC or header["descr"] != "|u1" or header["fortran_order"] or len(shape) not in {3, 4}:
        raise PackedError(f"unexpected array {header}")
    return shape
