""".npz files with forged headers, or with arrays that do not fit."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from bench.hostile.case import BOUNDED, ONE_MEANING, RUNS_NO_CODE, SAYS_WHY, Case, fixed
from bench.hostile.pickles import Payload
from bench.hostile.zip_writer import Member, deflated, write_zip

IMAGES = np.arange(2 * 16 * 16, dtype=np.uint8).reshape(2, 16, 16)


def _saved(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{"images": IMAGES, **arrays})
    return buffer.getvalue()


def npy(header: str | bytes, data: bytes = b"", version: int = 1, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else header.encode()
    size = (len(text) if length is None else length).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + data


def described(shape: str, data: bytes = bytes(512), dtype: str = "|u1", order: str = "False") -> bytes:
    return write_zip(
        [Member("images.npy", npy(f"{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': {shape}}}", data))]
    )


def _pickled(marker: Path) -> bytes:
    text = npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", pickle.dumps(Payload(marker)))
    return write_zip([Member("images.npy", text)])


NPZ_SETS: tuple[Case, ...] = (
    Case("pickled array", RUNS_NO_CODE, "npy-pickled", _pickled),
    fixed(
        "header that is code",
        RUNS_NO_CODE,
        "npy-header",
        write_zip([Member("images.npy", npy("__import__('os').mkdir('x')"))]),
    ),
    fixed("header of nested brackets", BOUNDED, "npy-header", write_zip([Member("images.npy", npy("(" * 4000))])),
    fixed("header too long", BOUNDED, "npy-header", write_zip([Member("images.npy", npy(" " * 60_000))])),
    fixed("header cut off", ONE_MEANING, "npy-header", write_zip([Member("images.npy", npy("{", length=4000))])),
    fixed("no npy", SAYS_WHY, "npy-header", write_zip([Member("images.npy", b"hello")])),
    fixed("promises a terabyte", BOUNDED, "npy-size", described("(1000000, 1000, 1000)")),
    fixed("one byte too few", ONE_MEANING, "npy-size", described("(2, 16, 16)", bytes(511))),
    fixed("one byte too many", ONE_MEANING, "npy-size", described("(2, 16, 16)", bytes(513))),
    fixed("negative shape", BOUNDED, "npy-header", described("(-2, -16, 16)")),
    fixed("true as dimension", ONE_MEANING, "npy-header", described("(True, 512)")),
    fixed("Fortran order", ONE_MEANING, "npy-order", described("(2, 16, 16)", order="True")),
    fixed(
        "structured dtype",
        SAYS_WHY,
        "npy-dtype",
        write_zip(
            [
                Member(
                    "images.npy", npy("{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (512,)}", bytes(512))
                )
            ]
        ),
    ),
    fixed(
        "compressed array of zeros",
        BOUNDED,
        "npz-images",
        write_zip(
            [
                deflated(
                    "images.npy",
                    npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 5000, 4000)}", bytes(20_000_000)),
                )
            ]
        ),
    ),
    fixed("float images", SAYS_WHY, "npz-images", _saved(images=IMAGES / 100)),
    fixed("five channels", SAYS_WHY, "npz-images", _saved(images=np.zeros((2, 5, 16, 16), np.uint8))),
    fixed("no image", SAYS_WHY, "empty-set", _saved(images=np.zeros((0, 16, 16), np.uint8))),
    fixed("tiny images", SAYS_WHY, "npz-images", _saved(images=np.zeros((2, 4, 4), np.uint8))),
    fixed("unknown array", SAYS_WHY, "npz-arrays", _saved(weights=np.zeros(2))),
    fixed("identities without labels", SAYS_WHY, "npz-labels", _saved(identities=np.array(["a"]))),
    fixed("one label too few", SAYS_WHY, "npz-labels", _saved(labels=np.array([0]))),
    fixed("float labels", SAYS_WHY, "npz-labels", _saved(labels=np.array([0.0, 1.0]))),
    fixed("negative label", SAYS_WHY, "npz-labels", _saved(labels=np.array([0, -1]))),
    fixed("label of two thousand million", BOUNDED, "too-many-identities", _saved(labels=np.array([0, 2_000_000_000]))),
    fixed(
        "label without a name", SAYS_WHY, "npz-identities", _saved(labels=np.array([0, 1]), identities=np.array(["a"]))
    ),
    fixed(
        "two of one name",
        ONE_MEANING,
        "npz-identities",
        _saved(labels=np.array([0, 1]), identities=np.array(["a", "a"])),
    ),
    fixed("unknown split", SAYS_WHY, "npz-split", _saved(labels=np.array([0, 1]), split=np.array(["train", "odd"]))),
    fixed(
        "held out only",
        SAYS_WHY,
        "held-out-only",
        _saved(labels=np.array([0, 1]), split=np.array(["train", "held-out"])),
    ),
)
