"""Valid ZIP archives with invalid images or folders."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

from bench.hostile.case import BOUNDED, ONE_MEANING, SAYS_WHY, Case, fixed
from bench.hostile.pictures import PNG, picture
from bench.hostile.zip_writer import Member, write_zip


def _with(data: bytes, name: str = "bert/2.png") -> bytes:
    """Return a ZIP of two valid images and this one."""
    return write_zip([Member("anna/1.png", PNG), Member("bert/1.png", PNG), Member(name, data)])


def _claims(side: int) -> bytes:
    """Return a PNG of a few bytes that claims side x side pixels."""

    head = _chunk(b"IHDR", struct.pack(">2L5B", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(bytes(100))) + _chunk(b"IEND", b"")


def _sixteen_bits() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((16, 16), np.uint16)).save(buffer, "PNG")
    return buffer.getvalue()


def _animation() -> bytes:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "PNG", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def _members(*names: str) -> bytes:
    return write_zip([Member(n, b"" if n.endswith("/") else PNG, mode=0) for n in names])


def _before_the_end(data: bytes, more: bytes) -> bytes:
    """Return a JPEG with more segments before its end marker."""
    return data[:-2] + more + data[-2:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


_LARGE = picture(1024, "L", "JPEG", progressive=True)
_SCANS = _before_the_end(_LARGE, b"\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x00" * 60_000)
_EXIF = b"\xff\xe1\xff\xffExif\0\0" + bytes(65_527)
_MUCH_EXIF = _LARGE[:2] + _EXIF * 300 + _LARGE[2:]
_ICC_BOMB = PNG[:33] + struct.pack(">L", 4) + b"iCCP" + b"junk" + bytes(4) + PNG[33:]

IMAGE_SETS: tuple[Case, ...] = (
    fixed("truncated PNG", SAYS_WHY, "broken-image", _with(PNG[: len(PNG) // 2])),
    fixed("truncated JPEG", SAYS_WHY, "broken-image", _with(picture(kind="JPEG")[:300], "bert/2.jpg")),
    fixed("truncated WebP", SAYS_WHY, "broken-image", _with(picture(kind="WEBP")[:-40], "bert/2.webp")),
    fixed("truncated BMP", SAYS_WHY, "broken-image", _with(picture(kind="BMP")[:-40], "bert/2.bmp")),
    fixed("image of 0 bytes", SAYS_WHY, "broken-image", _with(b"")),
    fixed("text as image", SAYS_WHY, "broken-image", _with(b"this is no image")),
    fixed("GIF", SAYS_WHY, "broken-image", _with(picture(kind="GIF"))),
    fixed("TIFF", SAYS_WHY, "broken-image", _with(picture(kind="TIFF"))),
    fixed("PDF", SAYS_WHY, "broken-image", _with(b"%PDF-1.7\n")),
    fixed(
        "EPS that would call Ghostscript",
        SAYS_WHY,
        "broken-image",
        _with(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
    ),
    fixed("SVG", SAYS_WHY, "broken-image", _with(b'<svg xmlns="http://www.w3.org/2000/svg"/>')),
    fixed("image bomb", BOUNDED, "broken-image", _with(_claims(60_000))),
    fixed("more pixels than data", BOUNDED, "broken-image", _with(_claims(900))),
    fixed("wide image", BOUNDED, "broken-image", _with(picture(2000))),
    fixed("tiny image", SAYS_WHY, "broken-image", _with(picture(4))),
    fixed("16 bits a channel", SAYS_WHY, "broken-image", _with(_sixteen_bits())),
    fixed("animation", SAYS_WHY, "broken-image", _with(_animation())),
    fixed("broken chunk", SAYS_WHY, "broken-image", _with(_ICC_BOMB)),
    fixed("JPEG of 60,000 empty scans", BOUNDED, "broken-image", _with(_SCANS, "bert/2.jpg")),
    fixed("JPEG of 20 MB of Exif data", BOUNDED, "broken-image", _with(_MUCH_EXIF, "bert/2.jpg")),
    fixed(
        "PNG of 1 MB of Exif data", BOUNDED, "broken-image", _with(PNG[:33] + _chunk(b"eXIf", bytes(2**20)) + PNG[33:])
    ),
    fixed("PNG of 30,000 chunks", BOUNDED, "broken-image", _with(PNG[:33] + _chunk(b"zzZz", b"") * 30_000 + PNG[33:])),
    fixed("picture with the set behind it (polyglot)", ONE_MEANING, "set-format", PNG + _with(PNG)),
    fixed("picture with a zip behind it (polyglot)", SAYS_WHY, "mixed-sizes", _with(picture(24) + write_zip([]))),
    fixed("tar of pictures", SAYS_WHY, "set-format", b"anna".ljust(257, b"\0") + b"ustar\00000".ljust(255, b"\0")),
    fixed("nothing", SAYS_WHY, "empty-file", b""),
    fixed("mixed sizes", SAYS_WHY, "mixed-sizes", _with(picture(24))),
    fixed("empty archive", SAYS_WHY, "empty-archive", write_zip([])),
    fixed("only litter", SAYS_WHY, "empty-archive", _members("__MACOSX/x", ".DS_Store")),
    fixed("only a table", SAYS_WHY, "empty-archive", _members("labels.csv")),
    fixed("empty folder", SAYS_WHY, "empty-folder", _members("anna/1.png", "bert/")),
    fixed("loose image", SAYS_WHY, "image-outside-folder", _members("anna/1.png", "2.png")),
    fixed("too deep", SAYS_WHY, "folder-layout", _members("anna/1.png", "a/b/c/2.png")),
    fixed("folders 190 deep", BOUNDED, "zip-name", _members("anna/", *(f"{i}{'/a' * 190}" for i in range(300)))),
    fixed("train without identities", SAYS_WHY, "folder-layout", _members("train/1.png", "test/1.png")),
    fixed("identity only held out", SAYS_WHY, "held-out-only", _members("train/anna/1.png", "test/bert/1.png")),
)
