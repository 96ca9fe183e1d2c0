"""Records of a ZIP file (PKWARE APPNOTE 6.3.10). Every length and offset is checked."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from app.formats.refusal import Refused, shown

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_EXTRA_FIELDS = 16  # programs write up to four
_U16, SENTINEL = 0xFFFF, 0xFFFFFFFF
"""Values that mean: see the ZIP64 record."""


@dataclass(frozen=True)
class Directory:
    """Position and size of the central directory, and the number of entries it claims."""

    begin: int
    size: int
    entries: int


def unsound(code: str, what: str, name: str | None = None) -> Refused:
    """Return the rejection of an archive, or of one entry of it (`name`)."""
    remedy = "Pack the folder again with an ordinary ZIP program, without encryption and without a comment."
    finding = [{"name": shown(name), "detail": what}] if name is not None else []
    where = f" {shown(name)!r}" if name is not None else ""
    return Refused(code, f"The ZIP archive was rejected:{where} {what}. {remedy}", finding)


def find_directory(file: BinaryIO) -> Directory:
    """Read the end records, which must be the last bytes of the file and agree with each other.

    Raises: Refused (zip-truncated, zip-multi-disk, zip-end-record, zip64-lies).
    """
    size = file.seek(0, 2)
    if size < _END.size:
        raise unsound("zip-truncated", "it is shorter than an empty archive")
    end_at = size - _END.size
    sign, disk, start_disk, here, total, length, begin, comment = _END.unpack(_at(file, end_at, _END.size))
    if sign != b"PK\x05\x06" or comment:
        raise unsound("zip-end-record", "its end record is not at the end, so it is cut off or followed by other data")
    if {disk, start_disk} - {0, _U16} or here != total:
        raise unsound("zip-multi-disk", "it is one part of a multi-part archive")
    directory = Directory(begin, length, total)
    before = end_at - _LOCATOR.size
    if before >= 0 and (locator := _at(file, before, _LOCATOR.size)).startswith(b"PK\x06\x07"):
        directory, end_at = _zip64(file, locator, before, directory), before - _END64.size
    elif SENTINEL in (begin, length) or total == _U16:
        raise unsound("zip64-lies", "it refers to ZIP64 records that do not exist")
    if directory.begin + directory.size != end_at:
        raise unsound("zip-end-record", "its directory is not directly before its end record")
    return directory


def _zip64(file: BinaryIO, locator: bytes, locator_at: int, short: Directory) -> Directory:
    _, disk, at, disks = _LOCATOR.unpack(locator)
    if disk or disks > 1:
        raise unsound("zip-multi-disk", "it is one part of a multi-part archive")
    if at != locator_at - _END64.size:
        raise unsound("zip64-lies", "its ZIP64 end record is not where its locator says")
    sign, length, _, _, disk, start_disk, here, total, size, begin = _END64.unpack(_at(file, at, _END64.size))
    if sign != b"PK\x06\x06" or length != _END64.size - 12 or disk or start_disk or here != total:
        raise unsound("zip64-lies", "its ZIP64 end record is malformed")
    for claimed, real, sentinel in (
        (short.begin, begin, SENTINEL),
        (short.size, size, SENTINEL),
        (short.entries, total, _U16),
    ):
        if claimed not in (real, sentinel):
            raise unsound("zip64-lies", "its two end records disagree")
    return Directory(begin, size, total)


def zip64_extra(extra: bytes, name: str) -> bytes | None:
    """Return the ZIP64 field of an extra block after checking that the block is well formed.

    Raises: Refused (zip-extra, zip64-lies).
    """
    found, position, fields = None, 0, 0
    while position < len(extra):
        fields += 1
        if fields > _EXTRA_FIELDS:
            raise unsound("zip-extra", f"has more than {_EXTRA_FIELDS} extra fields", name)
        if position + 4 > len(extra):
            raise unsound("zip-extra", "has a malformed extra field", name)
        kind, length = struct.unpack_from("<2H", extra, position)
        position += 4
        if position + length > len(extra):
            raise unsound("zip-extra", "has an extra field that is longer than its block", name)
        if kind == 0x7075:
            raise unsound("zip-extra", "has a second name in an extra field", name)
        if kind == 0x0001:
            if found is not None:
                raise unsound("zip64-lies", "has two ZIP64 fields", name)
            found = extra[position : position + length]
        position += length
    return found


def widened(values: tuple[int, ...], field: bytes | None, name: str) -> tuple[int, ...]:
    """Replace each 32-bit value that holds the sentinel by its value from the ZIP64 field.

    The field must hold exactly these values.

    Raises: Refused (zip64-lies).
    """
    if field is None and SENTINEL not in values:
        return values
    wanted = values.count(SENTINEL)
    if field is None or len(field) != 8 * wanted:
        raise unsound("zip64-lies", "has a ZIP64 field that does not fit its sizes", name)
    wide = iter(struct.unpack(f"<{wanted}Q", field))
    return tuple(next(wide) if v == SENTINEL else v for v in values)


def _at(file: BinaryIO, position: int, length: int) -> bytes:
    if position < 0:
        raise unsound("zip-truncated", "it refers to a record before the start of the file")
    file.seek(position)
    data = file.read(length)
    if len(data) != length:
        raise unsound("zip-truncated", "it ends inside a record")
    return data


read_at = _at
