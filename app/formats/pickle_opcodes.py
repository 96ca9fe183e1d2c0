"""Allowlist of the opcodes and names in the pickle of a state_dict. Other files are not converted.

`pickletools.genops` walks the stream without running it. `torch.load(weights_only=True)` has an
allowlist too. Code of an upload could only run if both, written by different people, had a fault
(CVE-2025-32434, CVE-2026-24747).

A scanner such as picklescan would add nothing. It walks the same stream with the same `genops`,
and looks at the names of GLOBAL, INST and STACK_GLOBAL. Here the last two are rejected as
instructions, and of the first only the names below are accepted.
"""

from __future__ import annotations

import pickletools
from collections.abc import Iterator
from typing import Any

from app.formats.recipes import SAVE_WEIGHTS, WEIGHTS_ALONE
from app.formats.refusal import Refused, shown

OPCODES = frozenset(
    {
        *("PROTO", "STOP", "MARK", "GLOBAL", "REDUCE", "BUILD", "BINPERSID", "NONE", "NEWTRUE", "NEWFALSE"),
        *("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE"),
        *("EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"),
        *("SETITEM", "SETITEMS", "APPEND", "APPENDS", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET"),
    }
)
_STORAGES = ["Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool"]
_DTYPES = ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
INSTRUCTIONS = 1_000_000  # a tensor of a state_dict takes about 30
NAMES = frozenset(
    {
        "collections OrderedDict",
        "torch._utils _rebuild_tensor_v2",
        "torch._utils _rebuild_parameter",
        "torch Size",
        *(f"torch {s}Storage" for s in _STORAGES),
        *(f"torch {d}" for d in _DTYPES),
    }
)

BESIDE = ("argparse Namespace", "numpy", "pathlib ")
"""Beginnings of names that training scripts save beside the weights. They are rejected, too."""


def instructions(data: bytes, *, tensors: int) -> Iterator[tuple[str, Any]]:
    """Yield (name, argument) of every instruction. No bytes may follow the last.

    Raises: Refused (pickle-opcode, pickle-name, pickle-broken, pickle-too-large,
        too-many-tensors).
    """
    references, position = 0, 0
    stream = pickletools.genops(data)
    for count in range(INSTRUCTIONS + 1):
        try:
            opcode, argument, at = next(stream)
        except StopIteration:
            break
        except Exception as error:  # noqa: BLE001 (genops raises ValueError, IndexError, UnicodeError and others)
            raise refused("pickle-broken", f"its pickle cannot be read ({type(error).__name__})") from None
        if count == INSTRUCTIONS:
            raise refused("pickle-too-large", f"it has more than {INSTRUCTIONS:,} pickle instructions")
        if opcode.name not in OPCODES:
            raise refused("pickle-opcode", f"it uses the pickle instruction {opcode.name} at byte {at}")
        if opcode.name == "GLOBAL" and argument not in NAMES:
            recipe = WEIGHTS_ALONE if str(argument).startswith(BESIDE) else SAVE_WEIGHTS
            raise refused("pickle-name", f"it refers to {shown(str(argument).replace(' ', '.'))!r}", recipe)
        if opcode.name == "BINPERSID" and (references := references + 1) > tensors:
            raise refused("too-many-tensors", f"it holds more than {tensors:,} tensors")
        position = at or 0
        yield opcode.name, argument
    if position + 1 != len(data):
        raise refused("pickle-broken", f"{len(data) - position - 1} bytes follow its pickle")


def refused(code: str, what: str, recipe: str = SAVE_WEIGHTS) -> Refused:
    """Return the rejection of a pickle."""
    return Refused(
        code,
        f"This PyTorch file is not a plain state_dict: {what}. {recipe}",
        [{"detail": what}],
    )
