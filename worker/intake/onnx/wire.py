"""Strict parser for protobuf's wire format (https://protobuf.dev/programming-guides/encoding/).

It does not recurse, and is stricter than protobuf: a singular field must not appear twice
(protobuf merges, so two readers may see two models), numbers have at most 64 bits, and groups are
rejected. The number of fields is limited, which bounds the time.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
TEXT_BYTES = 4096
MOST_FIELDS = 600_000

Field = tuple[str, bool, Callable[[int, Any], Any]]
"""Name, whether it may be repeated, and a function that reads (wire type, value).

The function returns a list for several values.
"""


class WireError(ValueError):
    """The message is malformed. The text says how."""


class TooManyFieldsError(ValueError):
    """The messages have more fields than the limit."""


class Reader:
    """Reader of messages with at most `fields` fields in total."""

    def __init__(self, fields: int = MOST_FIELDS) -> None:
        self._left = fields

    def message(self, data: memoryview, known: Mapping[int, Field], what: str) -> dict[str, Any]:
        """Return the fields by name: one value, or a list for repeated fields, which may be empty.

        Raises: WireError for unknown and duplicate fields; TooManyFieldsError.
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
        """Count `parts` towards the limit. Raises: TooManyFieldsError."""
        self._left -= parts
        if self._left < 0:
            raise TooManyFieldsError


def fields(data: memoryview) -> Iterator[tuple[int, int, Any]]:
    """Yield (field number, wire type, value). Integers are unsigned, bytes are views."""
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
    """Return an integer of at most 64 bits, and the position after it."""
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
    """Interpret a 64-bit number as two's complement."""
    return value - 2**64 if value >= 2**63 else value


def integers(wire: int, value: Any) -> list[int]:
    """Read one integer, or a short packed list. `packed` reads long lists."""
    if wire == VARINT:
        return [signed(value)]
    if wire != BYTES or len(value) > TEXT_BYTES:
        raise WireError("a list of integers has the wrong wire type or is too long")
    found, position = [], 0
    while position < len(value):
        number, position = varint(value, position)
        found.append(signed(number))
    return found


def floats(wire: int, value: Any) -> list[float]:
    """Read one float, or a short packed list."""
    if wire not in (FIXED32, BYTES) or len(value) % 4 or len(value) > TEXT_BYTES:
        raise WireError("a list of floats has the wrong wire type or is too long")
    return list(struct.unpack(f"<{len(value) // 4}f", value))


def as_text(wire: int, value: Any) -> str:
    """Read a string of at most `TEXT_BYTES` bytes of UTF-8."""
    content = as_bytes(wire, value)
    if len(content) > TEXT_BYTES:
        raise WireError(f"a string has {len(content):,} bytes, more than {TEXT_BYTES:,}")
    try:
        return bytes(content).decode("utf-8")
    except UnicodeDecodeError:
        raise WireError("a string is not UTF-8") from None


def as_bytes(wire: int, value: Any) -> memoryview:
    """Read bytes or an inner message."""
    if wire != BYTES or not isinstance(value, memoryview):
        raise WireError("a field has the wrong wire type")
    return value


def as_integer(wire: int, value: Any) -> int:
    """Read an integer."""
    if wire != VARINT:
        raise WireError("an integer has the wrong wire type")
    return signed(value)


def as_float(wire: int, value: Any) -> float:
    """Read a float."""
    if wire != FIXED32:
        raise WireError("a float has the wrong wire type")
    found: float = struct.unpack("<f", value)[0]
    return found


def ignored(wire: int, value: Any) -> None:
    """Ignore a field that does not affect the outputs."""
