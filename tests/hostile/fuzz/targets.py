"""Fuzz targets for the parsers. Each returns whether it accepts a file. Errors are findings."""

from __future__ import annotations

import io
import itertools
import math
import zipfile
from collections.abc import Callable

from app.formats.limits import CHECKPOINT
from app.formats.pickle_reading import read_pickle
from app.formats.refusal import Refused
from app.formats.safetensors_header import read_header_at
from app.formats.torch_zip import read_torch_zip
from worker.intake.onnx.model import read_model
from worker.intake.onnx.simplify import with_constants
from worker.intake.onnx.verifier_rules import check_verifier, image_input


def safetensors(data: bytes) -> bool:
    """Return whether the file was accepted. Its tensors must then cover the data exactly."""
    try:
        found = read_header_at(io.BytesIO(data), 0, len(data), CHECKPOINT)
    except Refused:
        return False
    covered = sorted((t.begin, t.end) for t in found.tensors.values())
    assert covered[0][0] == 0
    assert covered[-1][1] == len(data) - found.data_begin
    assert all(a[1] == b[0] for a, b in itertools.pairwise(covered))
    return True


def torch_zip(data: bytes) -> bool:
    """Return whether the file was accepted. Python's zipfile must then read the same archive."""
    try:
        read_torch_zip(io.BytesIO(data), CHECKPOINT)
    except Refused:
        return False
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        assert len(set(names)) == len(names)
        assert archive.testzip() is None
    return True


def pickled(data: bytes) -> bool:
    """Return whether the pickle was accepted, without an archive and its checksum."""
    try:
        read_pickle(data, {"0": 64, "1": 64}, tensors=CHECKPOINT.tensors)
    except Refused:
        return False
    return True


def onnx(data: bytes) -> bool:
    """Return whether the model was read. Later checks may still reject it."""
    try:
        model = read_model(data)
    except Refused:
        return False
    assert all(array.size == math.prod(array.shape) for array in model.tensors.values())
    for step in (with_constants, lambda m: check_verifier(m, parameters=10**6), image_input):
        try:
            step(model)
        except Refused:
            continue
    return True


TARGETS: dict[str, Callable[[bytes], bool]] = {
    "safetensors": safetensors,
    "torch_zip": torch_zip,
    "pickle": pickled,
    "onnx": onnx,
}
