"""Protobuf's wire format (https://protobuf.dev/programming-guides/encoding/), read without trust and without recursion.

Stricter than protobuf: a field that a message may have once must not appear twice (protobuf merges, so two readers
may see two models), numbers are no longer than they need to be allowed, and groups do not exist. A reader takes in
so many fields and no more, so that no file keeps it busy for long.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
TEXT_BYTES = 4096
MOST_FIELDS = 600_000

Field = tuple[str, bool, Callable[[int, Any], Any]]
"""Its name, whether it may be repeated, and how (wire type, value) is read; several values at once as a list."""


class WireError(ValueError):
    """No sound message; the text says what is wrong."""


class TooManyFieldsError(ValueError):
    """The messages together have more fields than are read."""


class Reader:
    """Reads messages as long as their fields, all counted together, are at most `fields`."""

    def __init__(self, fields: int = MOST_FIELDS) -> None:
        self._left = fields

    def message(self, data: memoryview, known: Mapping[int, Field], what: str) -> dict[str, Any]:
        """The known fields by name: one value, or for repeated ones a list (empty when there is none).

        Raises: WireError for unknown and doubled fields; TooManyFieldsError.
        """
        found: dict[str, Any] = {name: [] for name, repeated, _ in known.values() if repeated}
        for number, wire, value in fields(data):
            self.spend(1)
            if number not in known:
                raise WireError(f"{what} has the unknown field {number}")
            name, repeated, read = known[number]
            content = read(wire, value)
            if not repeated:
                if name in found:
                    raise WireError(f"{what} has two of {name}")
                found[name] = content
            elif isinstance(content, list):
                found[name].extend(content)
            else:
                found[name].append(content)
        return found

    def spend(self, parts: int) -> None:
        """Count parts beside the fields. Raises: TooManyFieldsError."""
        self._left -= parts
        if self._left < 0:
            raise TooManyFieldsError


def fields(data: memoryview) -> Iterator[tuple[int, int, Any]]:
    """(field number, wire type, value): whole numbers unsigned, bytes as views into the data."""
    position, end = 0, len(data)
    while position < end:
        tag, position = varint(data, position)
        number, wire = tag >> 3, tag & 7
        if not 1 <= number < 2**29:
            raise WireError("a field has an impossible number")
        if wire == VARINT:
            value, position = varint(data, position)
            yield number, wire, value
            continue
        if wire == BYTES:
            length, position = varint(data, position)
        elif wire in (FIXED32, FIXED64):
            length = 4 if wire == FIXED32 else 8
        else:
            raise WireError(f"field {number} has the unknown wire type {wire}")
        if length > end - position:
            raise WireError(f"field {number} is cut off")
        yield number, wire, data[position : position + length]
        position += length


def varint(data: memoryview, position: int) -> tuple[int, int]:
    """A whole number of at most 64 bits, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            raise WireError("a number is cut off")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >= 2**64:
                break
            return value, position
    raise WireError("a number has more than 64 bits")


def signed(value: int) -> int:
    """A 64-bit number in two's complement."""
    return value - 2**64 if value >= 2**63 else value


def integers(wire: int, value: Any) -> list[int]:
    """One number, or a few packed into bytes; long lists are for `packed_integers`."""
    if wire == VARINT:
        return [signed(value)]
    if wire != BYTES or len(value) > TEXT_BYTES:
        raise WireError("a short list of whole numbers has another wire type, or is long")
    found, position = [], 0
    while position < len(value):
        number, position = varint(value, position)
        found.append(signed(number))
    return found


def floats(wire: int, value: Any) -> list[float]:
    """One float, or a few packed into bytes."""
    if wire not in (FIXED32, BYTES) or len(value) % 4 or len(value) > TEXT_BYTES:
        raise WireError("a short list of floats has another wire type, or is long")
    return list(struct.unpack(f"<{len(value) // 4}f", value))


def as_text(wire: int, value: Any) -> str:
    """A field of UTF-8, of a few kilobytes at most."""
    content = as_bytes(wire, value)
    if len(content) > TEXT_BYTES:
        raise WireError(f"a text has {len(content):,} bytes, more than {TEXT_BYTES:,}")
    try:
        return bytes(content).decode("utf-8")
    except UnicodeDecodeError:
        raise WireError("a text is no UTF-8") from None


def as_bytes(wire: int, value: Any) -> memoryview:
    """A field of bytes or an inner message."""
    if wire != BYTES or not isinstance(value, memoryview):
        raise WireError("a field has another wire type")
    return value


def as_integer(wire: int, value: Any) -> int:
    """A field of a whole number."""
    if wire != VARINT:
        raise WireError("a whole number has another wire type")
    return signed(value)


def as_float(wire: int, value: Any) -> float:
    """A field of one float."""
    if wire != FIXED32:
        raise WireError("a float has another wire type")
    found: float = struct.unpack("<f", value)[0]
    return found


def ignored(wire: int, value: Any) -> None:
    """A field that says nothing about what is computed."""
