"""A look before sending: from pieces of the file alone, with the same answer as the intake's, and never a crash."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from tests.hostile.corpus import CHECKPOINTS, Case
from tests.hostile.corpus.torch_files import saved
from worker.detection import CLASSES, masks, tensors_of
from worker.intake.pieces import NotSentError, Pieces
from worker.intake.preflight import Asked, Look, look
from worker.inversion.targets import build_network

ENDS = 4096


def by_pieces(data: bytes, asked: Asked = Asked()) -> tuple[Look, int]:  # noqa: B008 (frozen)
    """As a client does it; and how many bytes it sent in the end."""
    ranges = [(0, len(data))] if len(data) <= 2 * ENDS else [(0, ENDS), (len(data) - ENDS, ENDS)]
    for _ in range(12):
        seen = look(len(data), [(begin, data[begin : begin + length]) for begin, length in ranges], asked)
        if seen.wanted is None:
            return seen, sum(length for _, length in ranges)
        ranges.append(seen.wanted)
    raise AssertionError("it asks for ever more")


def resnet(classes: int = 7) -> dict[str, torch.Tensor]:
    return build_network("torchvision/resnet18", {}, classes, 3).state_dict()


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    return resnet()


@pytest.mark.parametrize("kind", ["safetensors", "zip", "shards"])
def test_a_sound_file_is_told_by_a_small_part_of_it(kind: str, state: dict[str, torch.Tensor]) -> None:
    if kind == "safetensors":
        data = save(state)
    elif kind == "zip":
        data = saved({"state_dict": {f"module.{name}": value for name, value in state.items()}, "epoch": 1})
    else:
        data = sharded(state)
    seen, sent = by_pieces(data, Asked(num_classes=7, channels=3))
    assert seen.refusal is None
    assert seen.proposals[0].architecture in ("torchvision/resnet18", "timm/resnet18")
    assert (seen.proposals[0].num_classes, seen.proposals[0].channels) == (7, 3)
    assert (seen.wrapper, seen.prefix) == ((("state_dict",), "module.") if kind == "zip" else ((), ""))
    assert sent < 400_000 < len(data)


def sharded(state: dict[str, torch.Tensor]) -> bytes:
    names = sorted(state)
    parts = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
    index = {"weight_map": {name: part for part, held in parts.items() for name in held}}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("model.safetensors.index.json", json.dumps(index))
        for part, held in parts.items():
            archive.writestr(part, save({name: state[name] for name in held}))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Asked("torchvision/resnet18", {}, 7, 3), None),
        (Asked("torchvision/resnet18", {}, 8, 3), "class-count"),
        (Asked("auto", {}, 8, 3), "class-count"),
        (Asked("auto", {}, 7, 1), "checkpoint-mismatch"),
        (Asked("torchvision/resnet34", {}, 7, 3), "checkpoint-mismatch"),
        (Asked("torchvision/resnet34", {"zero_init_residual": True}, 7, 3), None),  # not listed: the intake will tell
    ],
)
def test_what_the_release_says_is_compared(asked: Asked, code: str | None, state: dict[str, torch.Tensor]) -> None:
    seen, _ = by_pieces(save(state), asked)
    assert (seen.refusal.code if seen.refusal else None) == code
    if asked.architecture == "torchvision/resnet34" and code:
        assert "layer3.5.conv1.weight" in seen.missing
        assert seen.unexpected == []
        assert seen.refusal is not None
        assert "torchvision/resnet18" in seen.refusal.detail, "what it is instead"


@pytest.mark.parametrize("case", CHECKPOINTS, ids=lambda c: c.name)
def test_what_is_refused_before_sending_is_refused_alike_after(case: Case, tmp_path: Path) -> None:
    seen, _ = by_pieces(case.build(tmp_path / "marker"), Asked("exhume/small-cnn", {}, 2, 1))
    assert seen.refusal is None or seen.refusal.code == case.code
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("name", ["torchvision/resnet18", "timm/mobilenetv3_small_050", "timm/vit_tiny_patch16_224"])
def test_the_listing_is_what_is_built(name: str) -> None:
    with torch.device("meta"):
        built = build_network(name, {}, CLASSES, 3).state_dict()
    assert {key: tuple(value.shape) for key, value in built.items()} == tensors_of(name)
    heads, stems = masks(name)
    assert heads
    assert stems
    assert tensors_of("timm/no_such_network") is None


def test_pieces_read_like_the_file_or_say_what_is_needed() -> None:
    data = bytes(range(100))
    file = Pieces(100, [(0, data[:10]), (90, data[90:]), (10, data[10:20])])
    assert file.seek(5) == 5
    assert file.read(15) == data[5:20]
    assert file.seek(-10, 2) == 90
    assert file.read() == data[90:]
    assert file.read() == b""
    file.seek(15)
    with pytest.raises(NotSentError) as needed:
        file.read(10)
    assert (needed.value.offset, needed.value.length) == (20, 70)
    for pieces in ([(0, data[:10]), (9, data[:2])], [(95, data[:10])]):
        with pytest.raises(ValueError, match="lies over another, or outside"):
            Pieces(100, pieces)


def test_the_api_loads_neither_torch_nor_numpy_for_it() -> None:
    heavy: Any = ("torch", "numpy", "onnxruntime", "PIL", "safetensors", "picklescan")
    code = f"import sys, app.releases.preflight; sys.exit(', '.join(m for m in {heavy!r} if m in sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True).stderr.strip() == ""
    )
