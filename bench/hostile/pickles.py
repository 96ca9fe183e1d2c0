"""Pickles in every encoding. Each would create the marker when unpickled."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from pathlib import Path

from bench.hostile.case import RUNS_NO_CODE, Case

TORCH_MAGIC = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)


class Payload:
    """Creates the marker when unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (self.marker,)


class Nested:
    """Unpickles the payload when unpickled. Scanners of one level only see `pickle.loads`."""

    def __init__(self, marker: Path) -> None:
        self.inner = pickle.dumps(Payload(marker))

    def __reduce__(self) -> tuple[object, ...]:
        return pickle.loads, (self.inner,)


def by_stack_global(marker: Path) -> bytes:
    """Return a pickle without a GLOBAL opcode: module and function come from the memo."""
    path = str(marker).encode()
    return (
        b"\x80\x04\x8c\x05posix\x94\x8c\x05mkdir\x94h\x00h\x01\x93\x8c" + bytes([len(path)]) + path + b"\x85R."
        if len(path) < 256
        else pickle.dumps(Payload(marker))
    )


def protocol_0(marker: Path) -> bytes:
    return pickle.dumps(Payload(marker), protocol=0)


def broken_after_the_call(marker: Path) -> bytes:
    """Return a pickle that breaks after the call. Scanners that stop at errors find nothing."""
    return pickle.dumps(Payload(marker), protocol=4)[:-1] + b"\xff\xff"


def torch_legacy(marker: Path) -> bytes:
    return TORCH_MAGIC + pickle.dumps(1001, protocol=2) + pickle.dumps(Payload(marker), protocol=2)


def torch_zip(pickled: bytes, *more: str) -> bytes:
    """Return a file in the layout of torch.save since 1.6, with more (empty) members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/version", "3\n")
        for name in more:
            archive.writestr(name, b"")
    return buffer.getvalue()


def _joblib(marker: Path) -> bytes:
    return pickle.dumps({"joblib.numpy_pickle": Payload(marker)}, protocol=3)


PICKLES: tuple[Case, ...] = tuple(
    Case(name, RUNS_NO_CODE, code, build)
    for name, code, build in (
        ("pickle, protocol 0", "pickle", protocol_0),
        ("pickle, protocol 2", "pickle", lambda m: pickle.dumps(Payload(m), protocol=2)),
        ("pickle, protocol 5", "pickle", lambda m: pickle.dumps(Payload(m), protocol=5)),
        ("pickle through STACK_GLOBAL", "pickle", by_stack_global),
        ("pickle in a pickle", "pickle", lambda m: pickle.dumps(Nested(m))),
        ("pickle that breaks after its call", "pickle", broken_after_the_call),
        ("joblib", "joblib", _joblib),
        ("torch before 1.6", "torch-legacy-pickle", torch_legacy),
        ("TorchScript", "torchscript", lambda m: torch_zip(pickle.dumps(Payload(m)), "archive/code/__torch__.py")),
        ("torch.export", "torch-export", lambda m: torch_zip(pickle.dumps(Payload(m)), "archive/archive_format")),
    )
)
