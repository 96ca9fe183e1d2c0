"""Interpreter for the pickle of a state_dict. It builds plain values and descriptions of tensors.

It knows the allowed instructions only and calls nothing. PyTorch reads the file later, in the
sandbox, if no fault was found here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.formats.limits import CHECKPOINT
from app.formats.pickle_opcodes import instructions, refused
from app.formats.refusal import shown

_ITEM_BYTES = {
    **dict.fromkeys(("DoubleStorage", "LongStorage"), 8),
    **dict.fromkeys(("FloatStorage", "IntStorage"), 4),
    **dict.fromkeys(("HalfStorage", "BFloat16Storage", "ShortStorage"), 2),
    **dict.fromkeys(("CharStorage", "ByteStorage", "BoolStorage"), 1),
}
_MARK = object()
_RANK = 64
"""Most dimensions of a tensor: PyTorch's own limit."""
_PLAIN = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_LITERALS = frozenset({"BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE"})
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


@dataclass(frozen=True)
class StoredTensor:
    """Data type and shape of a tensor.

    Attributes:
        stored: number of elements of its storage.
        storage: key of the storage, which is the record `data/<key>` of the archive.
        offset: position in the storage of its first element, in elements.
        stride: distance in the storage of neighbours in each dimension, in elements.
    """

    dtype: str
    shape: tuple[int, ...]
    stored: int
    storage: str
    offset: int
    stride: tuple[int, ...]


@dataclass(frozen=True)
class _Name:
    name: str


@dataclass(frozen=True)
class _Storage:
    dtype: str
    numel: int
    key: str


class _BrokenError(ValueError):
    """The stream does not describe a value. The message says why."""


def read_pickle(data: bytes, records: Mapping[str, int], *, tensors: int) -> Any:
    """Return the value: dicts, lists, tuples, strings, numbers and `StoredTensor`.

    `records`: size of each storage in bytes, by its key.

    Raises: Refused (pickle-..., too-many-tensors).
    """
    machine = _Machine(records, tensors)
    try:
        for name, argument in instructions(data, tensors=tensors):
            machine.do(name, argument)
        return machine.result()
    except (_BrokenError, IndexError) as error:
        raise refused("pickle-broken", f"{error}") from None


class _Machine:
    """Pickle's stack and memo."""

    def __init__(self, records: Mapping[str, int], tensors: int) -> None:
        self._records = records
        self._tensors, self._named = tensors, 0
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def result(self) -> Any:
        if len(self._stack) != 1 or self._stack[0] is _MARK:
            raise _BrokenError("its pickle does not end with exactly one value")
        return self._stack[0]

    def do(self, name: str, argument: Any) -> None:
        """Execute one instruction. Raises: _BrokenError, IndexError (the stack is empty)."""
        stack = self._stack
        if name in _LITERALS:
            stack.append(argument)
        elif name in ("BINPUT", "LONG_BINPUT"):
            self._memo[argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            if argument not in self._memo:
                raise _BrokenError(f"its pickle reads memo {argument}, which was never written")
            stack.append(self._memo[argument])
        elif name in _PLAIN:
            stack.append(_PLAIN[name])
        elif name in _TUPLES:
            if len(stack) < _TUPLES[name]:
                raise _BrokenError("its pickle reads from an empty stack")
            items = tuple(stack[-_TUPLES[name] :])
            del stack[-_TUPLES[name] :]
            stack.append(items)
        else:
            self._rarer(name, argument)

    def _rarer(self, name: str, argument: Any) -> None:
        stack = self._stack
        match name:
            case "MARK":
                stack.append(_MARK)
            case "GLOBAL":
                stack.append(_Name(argument))
            case "EMPTY_DICT":
                stack.append({})
            case "EMPTY_LIST":
                stack.append([])
            case "EMPTY_TUPLE":
                stack.append(())
            case "TUPLE":
                stack.append(tuple(self._marked()))
            case "APPEND" | "APPENDS":
                items = self._marked() if name == "APPENDS" else [stack.pop()]
                self._top(list).extend(items)
            case "SETITEM" | "SETITEMS":
                self._set(self._marked() if name == "SETITEMS" else [stack.pop(-2), stack.pop()])
            case "BINPERSID":
                stack.append(self._storage(stack.pop()))
            case "REDUCE":
                arguments = stack.pop()
                stack.append(self._made(stack.pop(), arguments))
            case "BUILD":  # the versions of modules in a state_dict, which do not affect the weights
                stack.pop()
                self._top(dict)

    def _top(self, kind: type[Any]) -> Any:
        if not self._stack or type(self._stack[-1]) is not kind:
            raise _BrokenError(f"its pickle adds items to a value that is not a {kind.__name__}")
        return self._stack[-1]

    def _marked(self) -> list[Any]:
        for at in range(len(self._stack) - 1, -1, -1):
            if self._stack[at] is _MARK:
                items = self._stack[at + 1 :]
                del self._stack[at:]
                return items
        raise _BrokenError("its pickle refers to a missing mark")

    def _set(self, items: list[Any]) -> None:
        if len(items) % 2:
            raise _BrokenError("its pickle has a key without a value")
        target = self._top(dict)
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, str | int | float | None):  # hashing nested tuples can take forever
                raise _BrokenError(f"a key of its pickle is a {type(key).__name__}")
            if isinstance(value, StoredTensor):
                if isinstance(key, str) and len(key) > CHECKPOINT.name_length:
                    raise refused("tensor-name", f"the name of the tensor {shown(key)!r} is too long")
                self._named += 1  # one tensor may have many names
            target[key] = value
        if self._named > self._tensors:
            raise refused("too-many-tensors", f"it holds more than {self._tensors:,} tensors")

    def _storage(self, reference: Any) -> _Storage:
        match reference:
            case ("storage", _Name(name), str(key), str(), int(numel)) if name.startswith("torch "):
                kind = name.removeprefix("torch ")
                size = _ITEM_BYTES.get(kind)
                if size is None or key not in self._records or not 0 <= numel * size <= self._records[key]:
                    raise _BrokenError(f"its storage {shown(key, 40)!r} is not in the file, or smaller than it says")
                return _Storage(kind.removesuffix("Storage"), numel, key)
        raise _BrokenError("its pickle has a malformed reference to a storage")

    def _made(self, function: Any, arguments: Any) -> Any:
        match function, arguments:
            case _Name("collections OrderedDict"), ():
                return {}
            case _Name("torch Size"), (tuple() | list() as sides,) if len(sides) <= _RANK:
                return tuple(sides)
            case _Name("torch._utils _rebuild_parameter"), (StoredTensor() as tensor, bool(), dict()):
                return tensor
            case (
                _Name("torch._utils _rebuild_tensor_v2"),
                (_Storage() as storage, int(offset), tuple() as shape, tuple() as stride, bool(), dict(), *_),
            ):
                return _tensor(storage, offset, shape, stride)
        raise _BrokenError("its pickle calls a function with arguments that PyTorch does not write")


def _tensor(storage: _Storage, offset: int, shape: tuple[Any, ...], stride: tuple[Any, ...]) -> StoredTensor:
    """Return a tensor after checking that it lies inside its storage. Raises: _BrokenError."""
    if len(shape) != len(stride) or len(shape) > _RANK:  # a long shape can be named in many tensors
        raise _BrokenError("it has a tensor with an impossible shape or stride")
    numbers = [offset, *shape, *stride]
    if not all(type(v) is int and 0 <= v < 2**48 for v in numbers):
        raise _BrokenError("it has a tensor with an impossible shape or stride")
    last = offset + sum((side - 1) * step for side, step in zip(shape, stride, strict=True))
    if math.prod(shape) and last >= storage.numel:
        raise _BrokenError("it has a tensor that reaches past its storage")
    return StoredTensor(storage.dtype, shape, storage.numel, storage.key, offset, stride)
