"""Content of ZIP entries, bounded by the size in the header and checked against the checksum."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from app.formats.archive.records import unsound
from app.formats.archive.structure import STORED, ZipEntry

CHUNK = 1024 * 1024


def chunks(file: BinaryIO, entry: ZipEntry) -> Iterator[bytes]:
    """Yield the unpacked bytes in pieces of at most 1 MiB.

    The last piece is yielded only if size and checksum are right.

    Raises: Refused (zip-truncated, zip-corrupt, zip-checksum).
    """
    seen, crc = 0, 0
    for piece in _stored(file, entry) if entry.method == STORED else _inflated(file, entry):
        seen += len(piece)
        if seen > entry.size:
            raise unsound("zip-corrupt", "is larger than its header says", entry.name)
        crc = zlib.crc32(piece, crc)
        if seen == entry.size and crc != entry.crc:
            raise unsound("zip-checksum", "does not match its checksum", entry.name)
        yield piece
    if seen != entry.size or crc != entry.crc:
        raise unsound("zip-corrupt", "is smaller than its header says", entry.name)


def read_entry(file: BinaryIO, entry: ZipEntry) -> bytes:
    """Return the whole content. The caller must have bounded `entry.size`."""
    return b"".join(chunks(file, entry))


def read_beginning(file: BinaryIO, entry: ZipEntry) -> bytes:
    """Return the first 1 MiB of the content. Size and checksum are compared if that is all of it.

    Raises: Refused (zip-truncated, zip-corrupt, zip-checksum).
    """
    _, _, method, crc, packed, size, _, begin = entry
    if size <= CHUNK and packed <= CHUNK:  # most images; the code below finds the fault if this fails
        file.seek(begin)
        data = file.read(packed)
        if method != STORED:
            data = _inflated_at_once(data, size)
        if len(data) == size and zlib.crc32(data) == crc:
            return data
    if entry.size <= CHUNK:
        return read_entry(file, entry)
    return next(chunks(file, entry))


def _inflated_at_once(packed: bytes, size: int) -> bytes:
    """Return the unpacked bytes, or none if the data is broken or incomplete."""
    unpacker = zlib.decompressobj(-15)
    try:
        data = unpacker.decompress(packed, size + 1)
    except zlib.error:
        return b""
    return data if unpacker.eof and not unpacker.unused_data else b""


def _stored(file: BinaryIO, entry: ZipEntry) -> Iterator[bytes]:
    for position in range(0, entry.packed, CHUNK):
        file.seek(entry.begin + position)
        piece = file.read(min(CHUNK, entry.packed - position))
        if not piece:
            raise unsound("zip-truncated", "is cut off", entry.name)
        yield piece


def _inflated(file: BinaryIO, entry: ZipEntry) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-15)
    try:
        for packed in _stored(file, entry):
            rest = packed
            while rest and not unpacker.eof:
                if piece := unpacker.decompress(rest, CHUNK):
                    yield piece
                rest = unpacker.unconsumed_tail
            if unpacker.unused_data:
                raise unsound("zip-corrupt", "has bytes after the end of its data", entry.name)
        while not unpacker.eof and (piece := unpacker.decompress(unpacker.unconsumed_tail, CHUNK)):
            yield piece
    except zlib.error as error:
        raise unsound("zip-corrupt", f"cannot be unpacked ({error})", entry.name) from None
    if not unpacker.eof:
        raise unsound("zip-truncated", "is cut off", entry.name)
