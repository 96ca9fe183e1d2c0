"""Protocol buffers on the wire: fields of one message, each inside its bounds, nothing skipped, nothing merged.

The format (protobuf.dev, "Encoding"): a varint tag holds field number << 3 | wire type; 0 is a varint, 1 eight bytes,
2 a length and as many bytes, 5 four bytes. Groups (3 and 4) are not used by ONNX.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from worker.intake.refusal import Refused

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_WIDTH = {FIXED64: 8, FIXED32: 4}
_LONGEST_VARINT = 10

Value = int | memoryview
Message = dict[str, list[Value]]


def read_message(data: memoryview, schema: Mapping[int, str], what: str, *, single: frozenset[str]) -> Message:
    """The fields of a message by name, each with its values in order.

    Args:
        schema: the names of all fields that the message may have. single: those that may come once only: a decoder
            merges or overwrites repeated ones, so that two readers may see two different messages.
    Raises: Refused (onnx-broken) for anything else, and at any byte that does not fit.
    """
    found: Message = {}
    for number, value in _fields(data, what):
        name = schema.get(number)
        if name is None:
            raise broken(f"{what} has a field {number} that ONNX does not know")
        if name in single and name in found:
            raise broken(f"{what} has its {name} twice")
        found.setdefault(name, []).append(value)
    return found


def integers(values: list[Value], what: str) -> list[int]:
    """Signed 64-bit numbers of a repeated field, packed or not."""
    numbers: list[int] = []
    for value in values:
        if isinstance(value, int):
            numbers.append(_signed(value))
            continue
        position = 0
        while position < len(value):
            number, position = _varint(value, position, what)
            numbers.append(_signed(number))
    return numbers


def integer(message: Message, name: str, default: int = 0) -> int:
    """A single signed number."""
    match message.get(name):
        case None:
            return default
        case [int(value)]:
            return _signed(value)
    raise broken(f"{name} is not a number")


def text(message: Message, name: str, limit: int) -> str:
    """A single short UTF-8 string; empty when absent."""
    values = texts(message, name, limit)
    return values[0] if values else ""


def texts(message: Message, name: str, limit: int) -> list[str]:
    """Short UTF-8 strings."""
    out = []
    for value in message.get(name, []):
        if isinstance(value, int) or len(value) > limit:
            raise broken(f"a {name} is no string of at most {limit} bytes")
        try:
            out.append(bytes(value).decode("utf-8"))
        except UnicodeDecodeError:
            raise broken(f"a {name} is not UTF-8") from None
    return out


def parts(message: Message, name: str) -> list[memoryview]:
    """The nested messages, or byte strings, of a repeated field."""
    values = message.get(name, [])
    if any(isinstance(value, int) for value in values):
        raise broken(f"{name} is not a message")
    return [value for value in values if not isinstance(value, int)]


def broken(what: str) -> Refused:
    """The refusal of a file that is no sound ONNX model."""
    return Refused(
        "onnx-broken", f"This is no sound ONNX model: {what}. Export it again and check it with onnx.checker."
    )


def _fields(data: memoryview, what: str) -> Iterator[tuple[int, Value]]:
    position, end = 0, len(data)
    while position < end:
        tag, position = _varint(data, position, what)
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise broken(f"{what} has a field 0")
        if wire == VARINT:
            value, position = _varint(data, position, what)
            yield number, value
            continue
        if wire == BYTES:
            length, position = _varint(data, position, what)
        elif wire in _WIDTH:
            length = _WIDTH[wire]
        else:
            raise broken(f"{what} has a field of wire type {wire}")
        if length > end - position:
            raise broken(f"{what} claims {length} bytes where {end - position} are left")
        yield number, data[position : position + length]
        position += length


def _varint(data: memoryview, position: int, what: str) -> tuple[int, int]:
    value = 0
    for count in range(_LONGEST_VARINT):
        if position >= len(data):
            raise broken(f"{what} ends inside a number")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, position
    raise broken(f"{what} has a number of more than {_LONGEST_VARINT} bytes")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
