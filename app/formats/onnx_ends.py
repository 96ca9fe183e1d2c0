"""Inputs and outputs of an ONNX model, read from the beginning and the end of its file.

Serialised messages have their fields in the order of their numbers: the operators and weights of a
graph come first, then its inputs and outputs, and after the graph the metadata. The weights are
not read: the inputs begin at the first place near the end from which all bytes up to the known end
of the graph are inputs, outputs and what may follow them. A file that is written otherwise is not
understood, and the checks after the upload decide as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from app.formats.limits import KIB, MIB
from app.formats.protobuf import BYTES, NUMBER, fields, varint
from app.formats.stated_classes import CONTAINERS, KEYS

_HEAD = 64 * KIB
_WINDOWS = (64 * KIB, MIB, 4 * MIB)
"""How much of the end is searched, one after the other."""
_GRAPH, _METADATA = 7, 14
_INPUT, _OUTPUT = 11, 12
_AFTER = frozenset({13, 14, 16})
"""Fields of a graph that may follow its outputs: types of other values, annotations, metadata."""
_FLOATS, _BYTE = frozenset({1, 10, 11, 16}), 2
_MOST_FIELDS = 200_000
_LARGEST = 2**31 - 1
"""Largest side. Negative ones are above it, as they are written in two's complement."""
_COLOURS = (1, 3)


@dataclass(frozen=True)
class OnnxEnds:
    """What the ends of a model say. None where they do not say it, or not clearly."""

    num_classes: int | None = None
    channels: int | None = None
    side: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)


class _Value(NamedTuple):
    """An input or output. Sides without a number are None, also if the file has 0 or -1 there."""

    element: int
    shape: tuple[int | None, ...]


def read_ends(file: BinaryIO, size: int) -> OnnxEnds:
    """Return what the model takes and gives.

    Raises: NotSentError if `file` is incomplete, and more of its end is needed.
    """
    file.seek(0)
    found = _graph(memoryview(file.read(min(size, _HEAD))), size)
    if found is None:
        return OnnxEnds()
    begin, end = found
    file.seek(end)
    metadata = _metadata(memoryview(file.read())) if size - end <= _HEAD else {}
    search = _Search()
    for window in _WINDOWS:
        start = max(begin, size - window)
        if start >= end:
            continue
        file.seek(start)
        values = search.first(memoryview(file.read(end - start)))
        if values is not None:
            return OnnxEnds(_classes(values[1]), *_images(values[0]), metadata)
        if start == begin:
            break
    return OnnxEnds(metadata=metadata)


def _graph(head: memoryview, size: int) -> tuple[int, int] | None:
    """Return where the graph begins and ends, or None if its beginning is not in these bytes."""
    at = 0
    try:
        while at < len(head):
            tag, at = varint(head, at)
            if tag & 7 == NUMBER:
                _, at = varint(head, at)
            elif tag & 7 == BYTES:
                length, at = varint(head, at)
                if tag >> 3 == _GRAPH:
                    return (at, at + length) if at + length <= size else None
                at += length
            else:
                return None
    except ValueError:
        pass
    return None


class _SpentError(Exception):
    """More fields than the limit were read."""


class _Search:
    """Search for the inputs. It reads a limited number of fields, which bounds its time."""

    def __init__(self) -> None:
        self._left = _MOST_FIELDS

    def first(self, data: memoryview) -> tuple[list[_Value], list[_Value]] | None:
        """Return inputs and outputs, from the first place where they can begin."""
        text, at = bytes(data), -1
        first = bytes([_INPUT << 3 | BYTES])
        try:
            while (at := text.find(first, at + 1)) >= 0:
                self._spend()
                if (values := self._values(data[at:])) is not None:
                    return values
        except _SpentError:
            pass
        return None

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _SpentError

    def _values(self, data: memoryview) -> tuple[list[_Value], list[_Value]] | None:
        found: dict[int, list[_Value]] = {_INPUT: [], _OUTPUT: []}
        try:
            for number, wire, _, content in fields(data):
                self._spend()
                if wire == BYTES and number in found:
                    found[number].append(self._value(content))
                elif wire != BYTES or number not in _AFTER:
                    return None
        except ValueError:
            return None
        return (found[_INPUT], found[_OUTPUT]) if found[_INPUT] and found[_OUTPUT] else None

    def _value(self, data: memoryview) -> _Value:
        """Read a ValueInfoProto of a tensor. Raises: ValueError if it is something else."""
        parts = self._known(data, {1: BYTES, 2: BYTES, 3: BYTES, 4: BYTES})
        bytes(_only(parts, 1)).decode()
        kind = self._known(_only(parts, 2), {1: BYTES, 6: BYTES})
        typed = self._known(_only(kind, 1), {1: NUMBER, 2: BYTES})
        shape: list[int | None] = []
        for dims in typed.get(2, ()):
            for dim in self._known(dims, {1: BYTES}).get(1, ()):
                sides = self._known(dim, {1: NUMBER, 2: BYTES, 3: BYTES}).get(1, ())
                side = varint(sides[0], 0)[0] if sides else 0
                shape.append(side if 0 < side <= _LARGEST else None)
        return _Value(varint(_only(typed, 1), 0)[0], tuple(shape))

    def _known(self, data: memoryview, wires: dict[int, int]) -> dict[int, list[memoryview]]:
        """Return the bytes of all fields by number. Raises: ValueError for others than these."""
        found: dict[int, list[memoryview]] = {}
        for number, wire, _, content in fields(data):
            self._spend()
            if wires.get(number) != wire:
                raise ValueError(f"unexpected field {number}")
            found.setdefault(number, []).append(content)
        return found


def _only(found: dict[int, list[memoryview]], number: int) -> memoryview:
    """Return the only field of this number. Raises: ValueError if there is not exactly one."""
    if len(found.get(number, ())) != 1:
        raise ValueError(f"field {number} is missing, or is there twice")
    return found[number][0]


def _classes(outputs: Sequence[_Value]) -> int | None:
    """Return the size of the scores (N, K), if all outputs of that form have one."""
    sizes = {one.shape[1] for one in outputs if len(one.shape) == 2 and one.element in _FLOATS}
    return sizes.pop() if len(sizes) == 1 else None


def _images(inputs: Sequence[_Value]) -> tuple[int | None, int | None]:
    """Return channels and side of the only input that can be images, (N, C, H, W) or with C last.

    Older models list their weights as inputs, too.
    """
    found = []
    for one in inputs:
        if len(one.shape) == 4 and one.shape[0] in (None, 1) and one.element in (*_FLOATS, _BYTE):
            _, first, second, last = one.shape
            if first in _COLOURS:
                found.append((first, second, last))
            elif last in _COLOURS:
                found.append((last, first, second))
    if len(found) != 1:
        return None, None
    channels, height, width = found[0]
    return channels, height if height == width else None


def _metadata(data: memoryview) -> dict[str, str]:
    """Return the properties that may state the classes."""
    found: dict[str, str] = {}
    try:
        for number, wire, _, content in fields(data):
            if number == _METADATA and wire == BYTES:
                parts = {n: text for n, wire, _, text in fields(content) if wire == BYTES}
                key, value = (bytes(parts.get(n, b"")).decode() for n in (1, 2))
                if key in KEYS or key in CONTAINERS:
                    found[key] = value
    except ValueError:
        return {}
    return found
