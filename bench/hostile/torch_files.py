"""PyTorch ZIP files that are not plain state_dicts. Only `LOADED` is passed to `torch.load`."""

from __future__ import annotations

import collections
import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from bench.hostile.case import BOUNDED, ONE_MEANING, RUNS_NO_CODE, SAYS_WHY, STAYS_INSIDE, Case, fixed
from bench.hostile.pickles import Nested, Payload, by_stack_global, torch_zip
from bench.hostile.zip_writer import Member, write_zip

EMPTY = pickle.dumps(collections.OrderedDict(), protocol=2)


def calls(name: str, argument: bytes = b"") -> bytes:
    """Return a pickle that calls `module name` with a string (protocol 2, by GLOBAL)."""
    text = argument or b"touch marker"
    return b"\x80\x02c" + name.replace(" ", "\n").encode() + b"\nX" + struct.pack("<I", len(text)) + text + b"\x85R."


def _inst(marker: Path) -> bytes:
    return b"(S'" + str(marker).encode() + b"'\niposix\nmkdir\n."


def _members(extra: dict[str, bytes], pickled: bytes = EMPTY, method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in {"archive/data.pkl": pickled, **extra}.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def saved(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


class _Storage:
    def __init__(self, key: str, numel: int) -> None:
        self.id = ("storage", torch.FloatStorage, key, "cpu", numel)


class _Lie:
    """Is pickled as a tensor over the storage, with any offset, size and stride."""

    def __init__(self, storage: _Storage, *view: Any) -> None:
        self.view = (storage, *view, False, collections.OrderedDict())

    def __reduce__(self) -> tuple[Any, ...]:
        return torch._utils._rebuild_tensor_v2, self.view


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: object) -> Any:
        return value.id if isinstance(value, _Storage) else None


def _aliased(names: int, numel: int) -> bytes:
    """Return many tensors over one storage: a small file that would take terabytes."""
    text = io.BytesIO()
    view = _Lie(_Storage("0", numel), 0, (numel,), (1,))
    _Pickler(text, protocol=2).dump({f"w{i}": view for i in range(names)})
    return _members({"archive/data/0": bytes(4 * numel)}, text.getvalue())


def _sparse_lie() -> bytes:
    """Return a sparse tensor with indices far outside its size."""
    pieces = torch.tensor([[10**6], [10**6]]), torch.ones(1), (2, 2)
    return saved({"w": torch.sparse_coo_tensor(*pieces, check_invariants=False)})


def _entries(*members: Member, **end: Any) -> bytes:
    """Return a ZIP in the layout of torch.save with more or forged entries."""
    return write_zip([Member("archive/data.pkl", EMPTY), *members], **end)


_BYPASSES = (  # names that scanners or earlier allowlists accepted
    *(
        "torch.storage _load_from_bytes",
        "torch.hub load",
        "torch.jit load",
        "torch load",
        "torch.package PackageImporter",
    ),
    *("torch._utils _rebuild_sparse_tensor", "torch._utils _rebuild_qtensor", "torch._utils _rebuild_wrapper_subclass"),
    *("torch._utils _rebuild_tensor_v2.__globals__", "torch._utils  _rebuild_tensor_v2", "torch.serialization load"),
    *("collections namedtuple", "collections OrderedDict.fromkeys", "builtins getattr", "builtins exec"),
    *("numpy.core.multiarray _reconstruct", "argparse Namespace", "functools partial", "operator attrgetter"),
    *("runpy _run_code", "pydoc locate", "asyncio.unix_events _UnixSubprocessTransport._start", "cProfile run"),
    *("torch.distributed.rpc.api _run_function", "bdb Bdb.run", "code InteractiveInterpreter.runcode", "pip main"),
)
_BY_NAME: tuple[tuple[str, Callable[[Path], bytes]], ...] = (
    ("torch zip: protocol 2", lambda m: torch_zip(pickle.dumps(Payload(m), protocol=2))),
    ("torch zip: pickle in a pickle", lambda m: torch_zip(pickle.dumps(Nested(m), protocol=2))),
)
_BY_OPCODE: tuple[tuple[str, Callable[[Path], bytes]], ...] = (
    ("torch zip: protocol 4", lambda m: torch_zip(pickle.dumps(Payload(m)))),
    ("torch zip: STACK_GLOBAL", lambda m: torch_zip(by_stack_global(m))),
    ("torch zip: INST", lambda m: torch_zip(_inst(m))),
    ("torch zip: extension registry", lambda m: torch_zip(b"\x80\x02\x82\x01.")),
    ("torch zip: persistent id as text", lambda m: torch_zip(b"Pmarker\n.")),
    ("torch zip: NEWOBJ", lambda m: torch_zip(b"\x80\x02ccollections\nOrderedDict\n)\x81.")),
    ("torch zip: memo by text", lambda m: torch_zip(b"\x80\x02}p0\n.")),
)

_STORAGE = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\0t"
_STORAGES = b"\x80\x02(" + _STORAGE + b"q\0Q" + b"h\0Q" * 20_000 + b"t."

_SHAPE = b"(" + b"K\x01" * 200_000 + b"tq\1"
_NAMED = b"ctorch._utils\n_rebuild_tensor_v2\n(h\0QK\0h\1h\1\x89ccollections\nOrderedDict\n)RtR"
_LONG_SHAPES = b"\x80\x02(" + _STORAGE + b"q\0" + _SHAPE + _NAMED * 2_000 + b"t."

TORCH_FILES: tuple[Case, ...] = (
    *(Case(name, RUNS_NO_CODE, "pickle-name", build) for name, build in _BY_NAME),
    *(fixed(f"torch zip: {name}", RUNS_NO_CODE, "pickle-name", torch_zip(calls(name))) for name in _BYPASSES),
    *(Case(name, RUNS_NO_CODE, "pickle-opcode", build) for name, build in _BY_OPCODE),
    fixed("torch zip: whole module", RUNS_NO_CODE, "pickle-name", saved(torch.nn.Linear(2, 2))),
    fixed("torch zip: sparse tensor", SAYS_WHY, "pickle-name", saved({"w": torch.eye(3).to_sparse()})),
    fixed("torch zip: complex tensor", SAYS_WHY, "pickle-name", saved({"w": torch.zeros(2, dtype=torch.complex64)})),
    fixed("torch zip: sparse tensor that lies", ONE_MEANING, "pickle-name", _sparse_lie()),
    fixed("torch zip: 300,000 names of one tensor", BOUNDED, "too-many-tensors", _aliased(300_000, 4_000)),
    fixed("torch zip: 20,000 names of one tensor", BOUNDED, "too-many-parameters", _aliased(20_000, 60_000)),
    fixed("torch zip: a second pickle", RUNS_NO_CODE, "pickle-broken", torch_zip(EMPTY + calls("os system"))),
    fixed("torch zip: pickle cut off", ONE_MEANING, "pickle-broken", torch_zip(EMPTY[:-1])),
    fixed("torch zip: overlong text", BOUNDED, "pickle-broken", torch_zip(b"\x80\x02X\xff\xff\xff\x7fw.")),
    fixed("torch zip: number of 4 GiB", BOUNDED, "pickle-broken", torch_zip(b"\x80\x02\x8b\xff\xff\xff\x7f\x01.")),
    fixed("torch zip: 20,001 tensors", BOUNDED, "too-many-tensors", torch_zip(_STORAGES, "archive/data/0")),
    fixed(
        "torch zip: 2,000 tensors of 200,000 dimensions",
        BOUNDED,
        "pickle-broken",
        torch_zip(_LONG_SHAPES, "archive/data/0"),
    ),
    fixed("torch zip: pickle of 33 MiB", BOUNDED, "pickle-too-large", torch_zip(bytes(33 * 1024 * 1024))),
    fixed("torch zip: big-endian", SAYS_WHY, "torch-big-endian", _members({"archive/byteorder": b"big"})),
    fixed("torch zip: two folders", ONE_MEANING, "torch-zip-member", _members({"other/data.pkl": EMPTY})),
    fixed("torch zip: a program beside it", ONE_MEANING, "torch-zip-member", _members({"archive/setup.py": b"x"})),
    fixed("torch zip: storage that climbs out", ONE_MEANING, "zip-unsound", _members({"archive/data/../../0": b"x"})),
    fixed("torch zip: storage without number", ONE_MEANING, "torch-zip-member", _members({"archive/data/x": b"x"})),
    fixed(
        "torch zip: two pickles of one name", ONE_MEANING, "zip-unsound", _entries(Member("archive/data.pkl", EMPTY))
    ),
    fixed(
        "torch zip: other name in the local header",
        ONE_MEANING,
        "zip-unsound",
        write_zip([Member("archive/data.pkl", EMPTY, local={"name": b"archive/data.txt"})]),
    ),
    fixed(
        "torch zip: link as a storage", STAYS_INSIDE, "zip-unsound", _entries(Member("archive/data/0", mode=0o120777))
    ),
    fixed(
        "torch zip: sizes of 2^63 by zip64",
        BOUNDED,
        "zip-unsound",
        _entries(
            Member(
                "archive/data/0",
                b"four",
                central={"size": 2**32 - 1, "packed": 2**32 - 1, "extra": struct.pack("<2H2Q", 1, 16, 2**63, 2**63)},
            )
        ),
    ),
    fixed("torch zip: pickle before the archive (polyglot)", RUNS_NO_CODE, "pickle", b"\x80\x02." + torch_zip(EMPTY)),
    fixed("torch zip: compressed", BOUNDED, "torch-zip-unusual", _members({}, method=zipfile.ZIP_DEFLATED)),
    fixed("torch zip: tail", ONE_MEANING, "zip-unsound", torch_zip(EMPTY) + b"tail"),
)


def _lying(offset: int, size: tuple[int, ...], stride: tuple[int, ...], *, key: str = "0", numel: int = 4) -> bytes:
    text = io.BytesIO()
    _Pickler(text, protocol=2).dump({"w": _Lie(_Storage(key, numel), offset, size, stride)})
    return _members(
        {"archive/data/0": bytes(16), "archive/version": b"3\n", "archive/byteorder": b"little"}, text.getvalue()
    )


LOADED: tuple[Case, ...] = (
    fixed("view of a million million", BOUNDED, "tensor-layout", _lying(0, (10**12,), (0,))),
    fixed("expanded tensor", BOUNDED, "tensor-layout", saved({"w": torch.zeros(1).expand(1000)})),
    fixed("OrderedDict with arguments", RUNS_NO_CODE, "torch-load", torch_zip(calls("collections OrderedDict"))),
    fixed("size of a text", RUNS_NO_CODE, "torch-load", torch_zip(calls("torch Size"))),
    fixed("dict with a state", RUNS_NO_CODE, "torch-load", torch_zip(b"\x80\x02ctorch\nSize\n}b.")),
    fixed("view past its storage", BOUNDED, "torch-load", _lying(2, (4,), (1,))),
    fixed("offset past its storage", BOUNDED, "torch-load", _lying(2**40, (1,), (1,))),
    fixed("negative size", BOUNDED, "torch-load", _lying(0, (-4,), (1,))),
    fixed("negative stride", BOUNDED, "torch-load", _lying(3, (4,), (-1,))),
    fixed("storage larger than its record", BOUNDED, "torch-load", _lying(0, (10**9,), (1,), numel=10**9)),
    fixed("storage that is not there", ONE_MEANING, "torch-load", _lying(0, (4,), (1,), key="7")),
    fixed("storage by a path", ONE_MEANING, "torch-load", _lying(0, (4,), (1,), key="../../../etc/passwd")),
    fixed("no dict of tensors", SAYS_WHY, "no-state-dict", saved({"epoch": 3})),
    fixed("weights under a strange key", SAYS_WHY, "no-state-dict", saved({"mine": {"w": torch.zeros(1)}})),
    fixed("a number among the weights", SAYS_WHY, "no-state-dict", saved({"w": torch.zeros(1), "lr": 0.1})),
    fixed("pickle of a stack machine gone wrong", ONE_MEANING, "torch-load", torch_zip(b"\x80\x02R.")),
)
