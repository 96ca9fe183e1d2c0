"""Format and size of an image from its first bytes, in a few microseconds.

It does not decide whether an image is accepted. It tells the intake which images to decode first,
so that a set with a fault is rejected early, and whether all sizes are equal.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

Shape = tuple[int, int]
_PNG, _JPEG, _BMP = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM"
_BEGINNING = struct.Struct(">16x2I")
"""Start of a PNG: signature, and the sides in its first chunk."""
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers of a frame header in JPEG (ITU T.81, table B.1)."""
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


class ImageHeader(NamedTuple):
    """`size`: (height, width), or None if it was not found. `odd`: decoding will probably fail."""

    size: Shape | None
    odd: bool


def read_image_header(data: bytes, whole: bool) -> ImageHeader:
    """Check the first bytes of a file, or all of them (`whole`)."""
    if data.startswith(_PNG):
        odd = whole and data[-8:-4] != b"IEND"
        if len(data) < _BEGINNING.size or data[12:16] != b"IHDR":
            return ImageHeader(None, odd)
        width, height = _BEGINNING.unpack_from(data)
        return ImageHeader((height, width), odd)
    if data.startswith(_JPEG):
        return ImageHeader(_jpeg(data), odd=whole and not data.endswith(b"\xff\xd9"))
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return ImageHeader(_webp(data), odd=whole and int.from_bytes(data[4:8], "little") + 8 > len(data))
    if data.startswith(_BMP):
        return _bmp(data, whole=whole)
    return ImageHeader(None, odd=True)


def _jpeg(data: bytes) -> Shape | None:
    position = 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
        elif marker in _WITHOUT_LENGTH:
            position += 2
        elif marker in _FRAMES:
            height, width = struct.unpack_from(">2H", data, position + 5)
            return height, width
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4])
    return None


def _webp(data: bytes) -> Shape | None:
    if len(data) < 30:
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[27:30], "little"), 1 + int.from_bytes(data[24:27], "little")
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits >> 14 & 0x3FFF), 1 + (bits & 0x3FFF)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<2H", data, 26)
        return height & 0x3FFF, width & 0x3FFF
    return None


def _bmp(data: bytes, *, whole: bool) -> ImageHeader:
    if len(data) < 54 or int.from_bytes(data[14:18], "little") < 40:
        return ImageHeader(None, odd=False)
    begin, _, width, height, _, bits, packing = struct.unpack_from("<2I2i2HI", data, 10)
    needed = begin + (width * bits + 31) // 32 * 4 * abs(height)
    return ImageHeader((abs(height), width), odd=whole and packing == 0 and needed > len(data))
