"""Limits on the work that a small image file can cause in a decoder.

A progressive JPEG may have any number of scans, each of which visits every block of the image.
Metadata may be split into pieces that are joined again and again, or packed a thousandfold.
Cameras and editors write a few of each.
"""

from __future__ import annotations

import re

SCANS = 100
SEGMENTS = 4_000
EXIF_SEGMENTS = 4
EXIF_BYTES = 256 * 1024
CHUNKS = 20_000
PACKED_CHUNKS = 64
"""Chunks of a PNG that hold packed text or a packed colour profile."""
_PNG, _JPEG, _RIFF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"RIFF"
_EXIF = b"Exif\x00\x00"
_START_OF_SCAN, _END = 0xDA, 0xD9
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length."""
_SCAN = re.compile(rb"\xff\xda")
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
"""A marker after the coded data of a scan: neither a stuffed byte nor a restart."""


def excess(data: bytes) -> str | None:
    """Return in what way the file asks for more work than a sound image, or None."""
    if data.startswith(_JPEG):
        return _jpeg(data)
    if data.startswith(_PNG):
        return _png(data)
    if data.startswith(_RIFF):
        return _webp(data)
    return None


def _jpeg(data: bytes) -> str | None:
    segments = exif = scans = 0
    few_scans = len(_SCAN.findall(data)) <= SCANS  # counts those of thumbnails too
    position = 2
    while (found := _MARKER.search(data, position)) is not None:
        marker, position = found[1][0], found.end()
        if marker == _END:
            break
        if marker in _ALONE:
            continue
        segments += 1
        if segments > SEGMENTS:
            return f"has more than {SEGMENTS:,} segments"
        exif += data.startswith(_EXIF, position + 2)
        if exif > EXIF_SEGMENTS:
            return f"has more than {EXIF_SEGMENTS} segments of Exif data"
        if marker == _START_OF_SCAN:
            scans += 1
            if few_scans:
                break
            if scans > SCANS:
                return f"has more than {SCANS} scans"
        position += int.from_bytes(data[position : position + 2])
    return None


def _png(data: bytes) -> str | None:
    position, packed = len(_PNG), 0
    for _ in range(CHUNKS):
        length, kind = int.from_bytes(data[position : position + 4]), data[position + 4 : position + 8]
        if len(kind) < 4 or kind == b"IEND":
            return None
        packed += kind in (b"iCCP", b"zTXt", b"iTXt")
        if packed > PACKED_CHUNKS:
            return f"has more than {PACKED_CHUNKS} chunks of packed text or colour profiles"
        if kind == b"eXIf" and length > EXIF_BYTES:
            return _too_much_exif(length)
        position += 12 + length
    return f"has more than {CHUNKS:,} chunks"


def _webp(data: bytes) -> str | None:
    position = 12
    for _ in range(CHUNKS):
        kind, length = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "little")
        if len(kind) < 4:
            return None
        if kind == b"EXIF" and length > EXIF_BYTES:
            return _too_much_exif(length)
        position += 8 + length + length % 2
    return f"has more than {CHUNKS:,} chunks"


def _too_much_exif(length: int) -> str:
    return f"has {length:,} bytes of Exif data (the limit is {EXIF_BYTES:,}; save it without metadata)"
