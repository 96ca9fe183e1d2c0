"""Measure how long a user waits for a rejection.

The files are the hostile corpus and files just under 100 MB that are slow to reject.
"""

from __future__ import annotations

import io
import json
import resource
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from app.formats.architectures import CLASSES, tensors_of
from bench.cost.processor_time import ended_seconds
from bench.hostile import CHECKPOINTS, DATASETS, ONNX_FILES
from bench.hostile.onnx_classifiers import IMAGES, LOGITS, NODES, TENSORS, sound
from bench.hostile.onnx_writer import field, graph, model, node, tensor, value, varint
from bench.hostile.pictures import picture
from bench.hostile.safetensors_files import pack
from bench.hostile.torch_files import LOADED
from bench.hostile.zip_writer import Member, write_zip
from worker.intake import Refused, check_dataset_file, check_release_file
from worker.intake.sandbox import level
from worker.intake.sandbox.warm import WARM

SIZE = 99_000_000
GREY = {"height": 32, "width": 32, "channels": 1}
COLOUR = {"height": 224, "width": 224, "channels": 3}
CONSTANT = ("timm/resnet50", "torchvision/resnet50", "timm/vit_small_patch16_224", "timm/efficientnet_b0")
"""Networks just under 100 MB, or slow to build, that fail only when run on images of 224 px."""


@dataclass(frozen=True)
class Refusal:
    """One rejection, with wall-clock seconds, and CPU seconds of this process and its children."""

    name: str
    code: str
    bytes: int
    seconds: float
    cpu_seconds: float


def loading_seconds() -> float:
    """Start the warm parent of sandboxed processes like a worker, and wait until it has loaded."""
    began = time.perf_counter()
    WARM.start()
    if not WARM.wait(120):
        raise SystemExit("the warm parent of sandboxed processes did not start: see the log")
    return time.perf_counter() - began


def warm_parent_bytes() -> int:
    """Return the warm parent's proportional share of memory (Linux)."""
    lines = Path(f"/proc/{WARM.pid}/smaps_rollup").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def refusals(*, only: str = "") -> Iterator[Refusal]:
    """Measure every file whose name contains `only`, from handing it in to the reason code."""
    level()  # a worker measures this once, not per upload
    for kind, name, build in _files():
        if only not in name:
            continue
        with tempfile.TemporaryDirectory(prefix="exhume-refusals-") as folder:
            upload = Path(folder) / "upload"
            upload.write_bytes(build(Path(folder) / "marker"))
            yield _measured(kind, name, upload)


def _measured(kind: str, name: str, upload: Path) -> Refusal:
    began, cpu = time.perf_counter(), _cpu()
    try:
        if kind == "images":
            check_dataset_file(upload, upload.with_name("out"))
        else:
            networks = {"weights": "exhume/small-cnn", "onnx": "auto"}
            check_release_file(
                upload,
                architecture=networks.get(kind, kind),
                hyperparameters={},
                convention=COLOUR if "/" in kind else GREY,
                classes=["a", "b"],
                out=upload.with_name("out"),
            )
        code = "TAKEN"
    except Refused as refusal:
        code = refusal.code
    return Refusal(name, code, upload.stat().st_size, time.perf_counter() - began, _cpu() - cpu)


def _cpu() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages) + _forked_cpu()


def _forked_cpu() -> float:
    """Return the CPU seconds of the warm parent's reaped children ."""
    if WARM.pid is None:
        return 0.0
    return ended_seconds(WARM.pid)


def _files() -> Iterator[tuple[str, str, Callable[[Path], bytes]]]:
    for case in (*CHECKPOINTS, *LOADED):
        yield "weights", case.name, case.build
    for case in ONNX_FILES:
        yield "onnx", case.name, case.build
    for case in DATASETS:
        yield "images", case.name, case.build
    for kind, name, make in _LARGE:
        yield kind, f"under 100 MB: {name}", partial(_without_marker, make)
    for name in CONSTANT:
        yield name, f"state_dict of a constant {name}", partial(_without_marker, partial(_constant_network, name))


def _without_marker(make: Callable[[], bytes], _marker: Path) -> bytes:
    return make()


def _weights(shapes: dict[str, tuple[int, ...]], last: float = 0.0, tail: bytes = b"") -> bytes:
    header, position = {}, 0
    for name, shape in shapes.items():
        end = position + 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [position, end]}
        position = end
    values = np.zeros(position // 4, "<f4")
    values[-1] = last
    return pack(header, values.tobytes() + tail)


def _many(count: int = 20_000) -> dict[str, tuple[int, ...]]:
    return {f"{'n' * 480}{i}": (SIZE // count // 8,) for i in range(count)}


def _state_dict(state: dict[str, tuple[int, ...]]) -> bytes:
    import torch

    buffer = io.BytesIO()
    torch.save({name: torch.zeros(shape) for name, shape in state.items()}, buffer)
    return buffer.getvalue()


def _constant_network(architecture: str) -> bytes:
    """Return a checkpoint of the network with its two classes and all weights zero."""
    listed = tensors_of(architecture, {}, COLOUR["channels"]) or {}
    return _state_dict(
        {name: tuple(2 if side == CLASSES else side for side in shape) for name, shape in listed.items()}
    )


def _own() -> dict[str, tuple[int, ...]]:
    """Return the tensors of the declared network with its two classes."""
    listed = tensors_of("exhume/small-cnn", {}, GREY["channels"]) or {}
    return _with_two_classes(listed)


def _with_two_classes(listed: Mapping[str, Sequence[int | str]]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(2 if side == CLASSES else int(side) for side in shape) for name, shape in listed.items()}


def _zip_of_pickle(pickled: bytes, storages: int, storage: bytes, extra: bytes = b"") -> bytes:
    members = [
        Member("a/data.pkl", pickled),
        *(Member(f"a/data/{i}", storage, local={"extra": extra}) for i in range(storages)),
    ]
    return write_zip(members)


def _damaged(data: bytes) -> bytes:
    """Flip a bit in the last storage, far behind everything that is read first."""
    out = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        last = max(archive.infolist(), key=lambda i: (i.file_size, i.header_offset))
    out[last.header_offset + 4096 + last.file_size // 2] ^= 1
    return bytes(out)


def _pictures(last: bytes, count: int = 99_999) -> bytes:
    """Return a ZIP archive of `count` small pictures and a last file that is not a picture."""
    one = picture(8)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for i in range(count):
            archive.writestr(f"p{i % 50}/{i}.png", one)
        archive.writestr("p0/z.png", last)
    return buffer.getvalue()


def _notes(count: int = 99_999) -> bytes:
    """Return one picture among files that are ignored, outside any folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for i in range(count):
            archive.writestr(f"{i}.txt", "x" * 300)
        archive.writestr("a.png", picture(8))
    return buffer.getvalue()


def _deep(count: int = 65_000) -> bytes:
    """Return deeply nested folders, each file in a different one."""
    return write_zip([Member("a/", b"", mode=0), *(Member(f"{i}{'/a' * 190}", b"x", mode=0) for i in range(count))])


def _portraits(last: bytes) -> bytes:
    """Return portraits of 64 px of ordinary size, as many as fit, and a last file."""
    files = {f"p{i % 500}/{i}.jpg": picture(64, kind="JPEG", quality=95, seed=i % 50) for i in range(12_000)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in (files | {"p0/z.jpg": last}).items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _chain(count: int = 19_990) -> bytes:
    """Return the maximum number of operators and constants, without a last layer."""
    constants = [tensor(f"t{i}", np.array([i], "<i8")) for i in range(count // 2)]
    nodes = [node("Add", f"{'x' if not i else f'v{i - 1}'} t{i // 2}", f"v{i}") for i in range(count)]
    return model(graph(nodes, constants, [IMAGES], [value(f"v{count - 1}", ["n", 2])]))


def _constant(last: float) -> bytes:
    values = np.zeros((SIZE // 16, 4), "<f4")
    values[-1] = last
    return tensor("last", values)


def _external_at_the_end() -> bytes:
    outside = field(1, 2) + field(1, 4) + field(2, 1) + field(8, "outside") + field(14, 1)
    return sound(tensors=[*TENSORS[:2], _constant(0.0), outside]) + varint(6 << 3 | 2) + varint(0)


_SMALL_OPS = b"\x80\x02" + b"X\x01\x00\x00\x00aq\x01" * 2_000_000 + b"."
_LARGE: tuple[tuple[str, str, Callable[[], bytes]], ...] = (
    ("weights", "zeros", lambda: bytes(SIZE)),
    ("weights", "noise", lambda: np.random.default_rng(0).bytes(SIZE)),
    ("weights", "text", lambda: b"All work and no play. " * (SIZE // 22)),
    ("weights", "pickle of memo instructions", lambda: b"\x80\x02" + b"q\x01" * (SIZE // 2)),
    ("weights", "safetensors of another network", lambda: _weights({"w": (SIZE // 4,)})),
    ("auto", "safetensors of no known network", lambda: _weights(_many(19_000))),
    ("weights", "safetensors with a NaN at its end", lambda: _weights({"w": (SIZE // 4,)}, np.nan)),
    ("weights", "safetensors with a tail", lambda: _weights({"w": (SIZE // 4,)}, tail=b"x")),
    ("weights", "safetensors of 20,000 tensors with a NaN", lambda: _weights(_many(), np.nan)),
    ("weights", "safetensors with a text of 16 MB", lambda: pack(b'{"' + b'\\"' * 8_000_000, bytes(SIZE - 16_000_000))),
    (
        "weights",
        "safetensors with 320,000 members",
        lambda: pack(b'{"w":[' + b"0," * 319_000 + b"0]}", bytes(SIZE)),
    ),
    (
        "weights",
        "safetensors with 16 MB of metadata",
        lambda: pack(
            json.dumps({"__metadata__": {"a": "\u00e9" * 2_700_000}, "w": 1}).encode(), bytes(SIZE - 16_500_000)
        ),
    ),
    ("weights", "state_dict of another network", lambda: _state_dict({"w": (SIZE // 4,)})),
    ("weights", "safetensors of a constant network", lambda: _weights(_own())),
    ("weights", "state_dict of a constant network", lambda: _state_dict(_own())),
    ("auto", "state_dict of no known network", lambda: _state_dict({f"w{i}": (SIZE // 8000,) for i in range(2000)})),
    ("weights", "state_dict with a bit turned over", lambda: _damaged(_state_dict({"w": (SIZE // 4,)}))),
    ("weights", "zip with 2 million pickle instructions", lambda: _zip_of_pickle(_SMALL_OPS, 8, bytes(10_000_000))),
    (
        "weights",
        "zip of 20,000 storages and no pickle of them",
        lambda: _zip_of_pickle(b"\x80\x02N.", 19_999, bytes(4900)),
    ),
    (
        "weights",
        "zip with 30 MB of extra fields",
        lambda: _zip_of_pickle(b"\x80\x02N.", 7_000, bytes(1000), b"xx\x00\x00" * 1_000),
    ),
    ("onnx", "onnx of a constant with a NaN", lambda: sound(tensors=[*TENSORS[:2], _constant(np.nan)])),
    ("onnx", "onnx with another number of classes", lambda: sound(tensors=[*TENSORS[:2], _constant(0.0)])),
    (
        "onnx",
        "onnx of 33 million fields",
        lambda: model(graph(NODES, TENSORS, [IMAGES], [LOGITS], field(10, "") + b"\x82\x01\x00" * 33_000_000)),
    ),
    ("onnx", "onnx of 33 million dimensions", lambda: sound(tensors=[*TENSORS[:2], b"\x08\x01" * 49_000_000])),
    (
        "onnx",
        "onnx of 99 million packed numbers",
        lambda: sound(tensors=[*TENSORS[:2], field(1, SIZE) + field(2, 7) + field(8, "w") + field(7, b"\x01" * SIZE)]),
    ),
    ("onnx", "onnx with a name of 99 MB", lambda: sound([*NODES, node("Relu", "x", "n" * SIZE)])),
    ("onnx", "onnx cut off at its end", lambda: sound(tensors=[*TENSORS[:2], _constant(0.0)])[:-1]),
    ("onnx", "onnx with its weights elsewhere at its end", _external_at_the_end),
    ("onnx", "onnx of 19,990 operators", _chain),
    ("images", "100,000 pictures, the last is none", lambda: _pictures(b"none")),
    ("images", "199,000 pictures", lambda: _pictures(picture(8), 198_999)),
    ("images", "100,000 pictures, a second size", lambda: _pictures(picture(9))),
    ("images", "12,000 portraits, the last is cut off", lambda: _portraits(picture(64, kind="JPEG")[:-50])),
    ("images", "12,000 portraits, a second size", lambda: _portraits(picture(32, kind="JPEG"))),
    ("images", "100,000 notes and a picture", _notes),
    ("images", "65,000 files 190 folders deep", _deep),
)
