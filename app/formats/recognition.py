"""Recognition of the format of a file by its structure, never by its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO


class Format(StrEnum):
    """Every format that is recognised, accepted or not."""

    SAFETENSORS = "safetensors"
    EMPTY = "empty"
    ZIP = "zip"
    TORCH_LEGACY = "torch-legacy"
    PICKLE = "pickle"
    JOBLIB = "joblib"
    TAR = "tar"
    COMPRESSED = "compressed"
    HDF5 = "hdf5"
    ONNX = "onnx"
    TENSORFLOW = "tensorflow"
    GGUF = "gguf"
    NPY = "npy"
    IMAGE = "image"
    SHARD_INDEX = "safetensors-index"
    LFS_POINTER = "lfs-pointer"
    HTML = "html"
    PROGRAM = "program"
    TEXT = "text"
    UNKNOWN = "unknown"


_TORCH_MAGIC = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19"  # pickled long 0x1950a86a20f9469cfc6c, torch before 1.6
_MAGICS: tuple[tuple[bytes, Format], ...] = (
    (b"PK\x03\x04", Format.ZIP),
    (b"PK\x05\x06", Format.ZIP),
    (b"\x1f\x8b", Format.COMPRESSED),
    (b"BZh", Format.COMPRESSED),
    (b"\xfd7zXZ\x00", Format.COMPRESSED),
    (b"\x28\xb5\x2f\xfd", Format.COMPRESSED),
    (b"\x04\x22\x4d\x18", Format.COMPRESSED),
    (b"7z\xbc\xaf\x27\x1c", Format.COMPRESSED),
    (b"Rar!\x1a\x07", Format.COMPRESSED),
    (b"\x89HDF\r\n\x1a\n", Format.HDF5),
    (b"GGUF", Format.GGUF),
    (b"ggml", Format.GGUF),
    (b"lmgg", Format.GGUF),
    (b"tjgg", Format.GGUF),
    (b"\x93NUMPY", Format.NPY),
    (b"\x89PNG\r\n\x1a\n", Format.IMAGE),
    (b"\xff\xd8\xff", Format.IMAGE),
    (b"\x7fELF", Format.PROGRAM),
    (b"MZ", Format.PROGRAM),
    (b"#!", Format.PROGRAM),
    (b"version https://git-lfs", Format.LFS_POINTER),
)
_OLD_PICKLE = re.compile(rb"(?:[(\]}]*[cp]?|\()(?:[dl]p\d+\n|c?[A-Za-z_][\w.]*\n[A-Za-z_]\w*\n)")
_MARKUP = re.compile(rb"\s*(?:<!doctype html|<html|<\?xml)", re.IGNORECASE)


def recognise(path: Path) -> Format:
    """Return the format of the file, from its size and first bytes."""
    with path.open("rb") as file:
        return recognise_in(file)


def recognise_in(file: BinaryIO) -> Format:
    """Return the format of an open file. Reads 10 bytes of a safetensors file, 4096 of others."""
    size = file.seek(0, 2)
    if not size:
        return Format.EMPTY
    file.seek(0)
    head = file.read(10)
    length = int.from_bytes(head[:8], "little")
    if len(head) > 9 and head[8:9] == b"{" and 2 <= length <= size - 8:
        return Format.SAFETENSORS
    file.seek(0)
    head = file.read(4096)
    if known := next((known for magic, known in _MAGICS if head.startswith(magic)), None):
        return known
    return _by_content(head, size)


def _by_content(head: bytes, size: int) -> Format:
    if re.match(rb"\x80[\x02-\x05]", head) or _OLD_PICKLE.match(head):
        return _pickle(head)
    if _is_tar(head):
        return Format.TAR
    if re.match(rb"\x78[\x01\x5e\x9c\xda]", head):
        return Format.COMPRESSED
    if any(head[offset : offset + 8] == b"\x89HDF\r\n\x1a\n" for offset in (512, 1024, 2048)):
        return Format.HDF5
    return _protobuf(head, size) or _text(head)


def _pickle(head: bytes) -> Format:
    if _TORCH_MAGIC in head[:64]:
        return Format.TORCH_LEGACY
    return Format.JOBLIB if b"joblib" in head else Format.PICKLE


def _protobuf(head: bytes, size: int) -> Format | None:
    """Recognise ONNX and TensorFlow.

    ONNX's ModelProto begins with its version (field 1) and has a graph (7). TensorFlow's
    SavedModel has fields 1 and 2.
    """
    if head[4:8] == b"TFL3":
        return Format.TENSORFLOW
    fields = list(_protobuf_fields(head, size))
    if not fields or fields[0] != (1, 0):
        return None
    return Format.ONNX if 7 in {number for number, _ in fields} or len(fields) > 2 else Format.TENSORFLOW


def _text(head: bytes) -> Format:
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < 4096 else "ignore")
    except UnicodeDecodeError:
        return Format.UNKNOWN
    if not all(c.isprintable() or c in "\r\n\t" for c in text):
        return Format.UNKNOWN
    if text.lstrip().startswith("{") and '"weight_map"' in text:
        return Format.SHARD_INDEX
    return Format.HTML if _MARKUP.match(head) else Format.TEXT


def _is_tar(head: bytes) -> bool:
    """Recognise POSIX ustar by its magic, and older tar by the checksum of its first block."""
    if head[257:262] == b"ustar":
        return True
    block = head[:512]
    if len(block) < 512 or not re.match(rb"[ 0]*[0-7]+[ \0]", block[148:156]):
        return False
    declared = int(block[148:156].strip(b" \0") or b"0", 8)
    return declared == sum(block) - sum(block[148:156]) + 8 * 32


def _protobuf_fields(head: bytes, size: int) -> Iterator[tuple[int, int]]:
    """Yield (field number, wire type) of the top-level fields, up to the first implausible one."""
    position = 0
    while position < len(head):
        tag, position = _varint(head, position)
        number, wire = tag >> 3, tag & 7
        if not 1 <= number <= 64 or wire not in (0, 2):
            return
        yield number, wire
        value, position = _varint(head, position)
        if wire == 2:
            position += value
        if position > size:
            return


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 63, 7):
        if position >= len(data):
            break
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    return 0, len(data)
