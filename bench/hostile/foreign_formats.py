"""Files of other formats, recognised by their structure and rejected with a remedy."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib

from bench.hostile.case import SAYS_WHY, Case, fixed


def _zip(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return buffer.getvalue()


def _tar(kind: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=kind) as archive:
        archive.addfile(tarfile.TarInfo("storages"))
    return buffer.getvalue()


def _tar_v7() -> bytes:
    """Return a tar without magic, recognisable by its checksum only."""
    head = bytearray(512)
    head[:8], head[100:107], head[124:135] = b"storages", b"0000644", b"00000000000"
    head[148:156] = b" " * 8
    head[148:156] = f"{sum(head):06o}\0 ".encode()
    return bytes(head) + bytes(1024)


FOREIGN: tuple[Case, ...] = tuple(
    fixed(name, SAYS_WHY, code, data)
    for name, code, data in (
        ("nothing", "empty-file", b""),
        ("one byte", "unknown-format", b"\x01"),
        ("zip", "zip-archive", _zip("model.safetensors")),
        ("zip cut off", "zip-unsound", _zip("model.safetensors")[:-5]),
        ("Keras 3", "keras", _zip("config.json", "metadata.json", "model.weights.h5")),
        ("npz", "npz", _zip("images.npy")),
        ("tar", "tar-archive", _tar(tarfile.USTAR_FORMAT)),
        ("tar, pax", "tar-archive", _tar(tarfile.PAX_FORMAT)),
        ("tar, version 7", "tar-archive", _tar_v7()),
        ("gzip", "compressed-file", gzip.compress(b"x")),
        ("bzip2", "compressed-file", bz2.compress(b"x")),
        ("xz", "compressed-file", lzma.compress(b"x")),
        ("zlib", "compressed-file", zlib.compress(b"x")),
        ("7z", "compressed-file", b"7z\xbc\xaf\x27\x1c" + bytes(26)),
        ("HDF5", "hdf5", b"\x89HDF\r\n\x1a\n" + bytes(40)),
        ("HDF5 after a user block", "hdf5", bytes(512) + b"\x89HDF\r\n\x1a\n" + bytes(40)),
        ("TFLite", "tensorflow", b"\x1c\x00\x00\x00TFL3" + bytes(24)),
        ("GGUF", "gguf", b"GGUF\x03\x00\x00\x00" + bytes(16)),
        ("npy", "npy", b"\x93NUMPY\x01\x00"),
        ("PNG", "image", b"\x89PNG\r\n\x1a\n"),
        ("ELF", "program", b"\x7fELF" + bytes(60)),
        ("script", "program", b"#!/bin/sh\ntouch marker\n"),
        ("Python source", "text", b"import os\nos.mkdir('marker')\n"),
        ("shard index", "safetensors-index", b'{"metadata": {}, "weight_map": {"w": "model-00001.safetensors"}}'),
        ("Git LFS pointer", "lfs-pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
        ("web page", "html", b"<!DOCTYPE html><title>Sign in</title>"),
        ("noise", "unknown-format", bytes(range(200, 256)) * 40),
    )
)
