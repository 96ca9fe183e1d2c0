"""Seeds of mutation: small valid and hostile files, and findings of coverage-guided runs."""

from __future__ import annotations

import io
import pickle
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import torch

from bench.hostile import onnx_files
from bench.hostile.onnx_classifiers import ONNX_FILES, sound
from bench.hostile.onnx_writer import model
from bench.hostile.pickles import PICKLES, torch_zip
from bench.hostile.safetensors_files import GOOD, SAFETENSORS, pack, tensor
from bench.hostile.torch_files import TORCH_FILES
from worker.intake.onnx.wire import WireError, fields

FOUND = Path(__file__).with_name("corpus")
_LARGEST = 8_192
_NOWHERE = Path("/nonexistent/marker")


def saved(value: object) -> bytes:
    """Return the value as torch.save writes it."""
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def _states() -> list[bytes]:
    weights = OrderedDict((f"layer{i}.weight", torch.zeros(2, 3, dtype=kind)) for i, kind in enumerate(_KINDS))
    return [saved(weights), saved({"epoch": 3, "lr": 0.1, "state_dict": weights, "best": None, "ok": True})]


_KINDS = (torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.bool)


def _pickle_of(data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read(next(n for n in archive.namelist() if n.endswith("data.pkl")))
    except (
        zipfile.BadZipFile,
        zlib.error,
        StopIteration,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ):  # a hostile file
        return data


def _header_of(data: bytes) -> bytes:
    return data[8 : 8 + int.from_bytes(data[:8], "little")]


def _graph_of(data: bytes) -> bytes:
    try:
        return next((bytes(value) for number, _, value in fields(memoryview(data)) if number == 7), data)
    except WireError:
        return data


def _small(files: list[bytes]) -> list[bytes]:
    return [data for data in files if 0 < len(data) <= _LARGEST]


def seeds(parser: str) -> list[bytes]:
    """Return the seeds of one parser, always in the same order."""
    found = [path.read_bytes() for path in sorted((FOUND / parser).glob("*"))]
    made: list[bytes]
    match parser:
        case "safetensors":
            two = {"w": GOOD, "b": tensor(4, 12, [2, 2], "F16"), "__metadata__": {"format": "pt"}}
            made = [pack(two, bytes(12)), *(case.build(_NOWHERE) for case in SAFETENSORS)]
        case "torch_zip":
            made = [*_states(), *(case.build(_NOWHERE) for case in TORCH_FILES)]
        case "pickle":
            files = [*_states(), *(case.build(_NOWHERE) for case in (*TORCH_FILES, *PICKLES))]
            made = [*(_pickle_of(data) for data in files), pickle.dumps({"a": [1, 2.5, None]}, protocol=2)]
        case _:
            hostile = [case.build(_NOWHERE) for case in ONNX_FILES] + [
                data for data, _ in onnx_files.hostile().values()
            ]
            made = [sound(), onnx_files.embedder(dim=4, side=8), *hostile]
    return _small([*made, *found])


WRAPS: dict[str, list[tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]]] = {
    "safetensors": [(_header_of, lambda header: pack(header, bytes(12))), (_header_of, lambda h: pack(h, bytes(4)))],
    "torch_zip": [(_pickle_of, torch_zip)],
    "pickle": [],
    "onnx": [(_graph_of, model)],
}
