"""Uploaded verifiers must be flat graphs of listed operators. Others never run."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.hostile import onnx_files
from bench.hostile.onnx_files import attribute, embedder, node, tensor, value, write
from worker.evaluation.verifiers import BUNDLED, Preprocessing, Verifier
from worker.intake import Refused, SandboxedVerifier, check_verifier_file, sandboxed_verifier
from worker.intake.onnx.model import read_model
from worker.intake.onnx.verifier_rules import check_verifier, image_input
from worker.inversion.errors import InvalidConvention

HOSTILE = onnx_files.hostile()
PARAMETERS = 10_000_000


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_model_is_rejected_by_its_structure(name: str) -> None:
    data, code = HOSTILE[name]
    with pytest.raises(Refused) as caught:
        check_verifier(read_model(data), parameters=PARAMETERS)
    assert caught.value.code == code
    assert len(caught.value.detail) > 40


@pytest.mark.parametrize("file", sorted(BUNDLED.glob("verifier-*.onnx")), ids=lambda file: file.stem)
def test_what_pytorch_exports_is_accepted(file: Path) -> None:
    model = read_model(file.read_bytes())
    check_verifier(model, parameters=PARAMETERS)
    assert image_input(model)[1] == (1, 32, 32)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_are_rejected_or_read_and_never_crash(data: st.DataObject) -> None:
    sound = bytearray(embedder(dim=4, side=8))
    for _ in range(data.draw(st.integers(1, 8))):
        sound[data.draw(st.integers(0, min(400, len(sound) - 1)))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Refused):  # anything else is a crash
        check_verifier(read_model(bytes(sound)), parameters=PARAMETERS)


@pytest.mark.parametrize(
    "shape", [["b", 2, 16, 16], ["b", 1, "h", 16], ["b", 1, 4, 4], ["b", 256], ["b", 1, 16, 2000]], ids=str
)
def test_an_input_that_is_not_an_image_is_rejected(shape: list[int | str]) -> None:
    with pytest.raises(Refused) as caught:
        image_input(read_model(embedder(inputs=[value("image", shape)])))
    assert caught.value.code == "onnx-input"


def test_a_limit_on_parameters_holds() -> None:
    with pytest.raises(Refused) as caught:
        check_verifier(read_model(embedder()), parameters=1000)
    assert caught.value.code == "onnx-too-large"


def test_a_sound_verifier_is_accepted_and_works_in_the_sandbox_as_outside(tmp_path: Path) -> None:
    upload = write(tmp_path / "upload", embedder(seed=5))
    convention = {"mean": [0.5], "std": [0.25]}
    taken = check_verifier_file(upload, tmp_path / "v.onnx", convention=convention)
    assert (taken.shape, taken.dim) == ((1, 16, 16), 24)
    assert taken.examination.operators == ["Flatten", "MatMul", "Sub"]
    assert "unit length" in taken.examination.notes[0]
    images = np.random.default_rng(0).integers(0, 256, (70, 16, 16), dtype=np.uint8)
    caged = SandboxedVerifier(tmp_path / "v.onnx", name="v", digest="d", convention=convention)
    free = Verifier(tmp_path / "v.onnx", preprocessing=Preprocessing.from_dict(convention))
    np.testing.assert_array_equal(caged.embed(images), free.embed(images))
    assert caged.embed(images) is caged.embed(images), "the same images are not embedded twice"


def test_a_large_set_is_embedded_by_one_process_in_pieces_with_a_look_around_before_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandboxed_verifier, "PIECE", 64)
    run, given = sandboxed_verifier.run_sandboxed, []

    def counted(task: str, request: dict[str, Any], **more: Any) -> dict[str, Any]:
        given.append(request["shape"][0])
        return run(task, request, **more)

    monkeypatch.setattr(sandboxed_verifier, "run_sandboxed", counted)
    write(tmp_path / "v.onnx", embedder(seed=5))
    images = np.random.default_rng(0).integers(0, 256, (150, 16, 16), dtype=np.uint8)
    looks: list[int] = []
    told: list[tuple[int, int]] = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 5:
            raise InterruptedError

    caged = SandboxedVerifier(tmp_path / "v.onnx", name="v", digest="d", convention={}, between=look)
    free = Verifier(tmp_path / "v.onnx", preprocessing=Preprocessing.from_dict({}))
    found = caged.embed(images, lambda done, total, _: told.append((done, total)))
    np.testing.assert_array_equal(found, free.embed(images))
    assert (len(looks), given) == (3, [150])
    assert told == [(64, 150), (128, 150), (150, 150)]
    with pytest.raises(InterruptedError):  # as in a cancelled audit: the second piece is not waited for
        caged.embed(images[::-1])
    assert len(looks) == 5
    np.testing.assert_array_equal(caged.embed(images[::-1]), free.embed(images[::-1]))
    assert given == [150, 150, 86], "what was embedded before the interruption is kept"


@pytest.mark.parametrize("left", ["link", "pipe", "folder", "short", "other length", "nothing"])
def test_only_embeddings_are_read_from_the_process(left: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def invalid(task: str, request: dict[str, Any], *, work: Path, **more: Any) -> dict[str, Any]:
        file = work / "embeddings-0"
        match left:
            case "link":
                file.symlink_to("/etc/hostname")
            case "pipe":
                os.mkfifo(file)
            case "folder":
                file.mkdir()
            case "short":
                file.write_bytes(bytes(7))
            case "other length":
                np.full((3, 4), 2, "<f4").tofile(file)
        return {}

    monkeypatch.setattr(sandboxed_verifier, "run_sandboxed", invalid)
    write(tmp_path / "v.onnx", embedder(seed=5))
    with pytest.raises(Refused) as caught:
        SandboxedVerifier(tmp_path / "v.onnx", name="v", digest="d", convention={}).embed(np.zeros((3, 8, 8), np.uint8))
    assert caught.value.code == "examination-crashed"


@pytest.mark.parametrize(
    ("model", "code"),
    [
        (embedder(weights=np.zeros((256, 24), np.float32)), "verifier-constant"),
        (
            embedder(
                nodes=[
                    node("Flatten", ["image"], ["flat"], attribute("axis", i=1)),
                    node("ReduceMean", ["flat", "axes"], ["mean"], attribute("keepdims", i=1)),
                    node("Sub", ["flat", "mean"], ["centred"]),
                    node("MatMul", ["centred", "w"], ["embedding"]),
                ],
                constants=[
                    tensor("w", np.random.default_rng(0).normal(size=(256, 24)).astype(np.float32)),
                    tensor("axes", np.array([0], np.int64)),
                ],
            ),
            "verifier-batch",
        ),
        (embedder(weights=np.ones((255, 24), np.float32)), "verifier-run"),
        (b"just text", "not-onnx"),
    ],
    ids=["constant", "depends on its batch", "does not run", "text"],
)
def test_a_verifier_that_cannot_judge_is_rejected(tmp_path: Path, model: bytes, code: str) -> None:
    with pytest.raises(Refused) as caught:
        check_verifier_file(write(tmp_path / "upload", model), tmp_path / "v.onnx", convention={})
    assert caught.value.code == code, caught.value.detail
    assert not (tmp_path / "v.onnx").exists()


def test_a_convention_swaps_and_scales_channels() -> None:
    x = np.arange(3, dtype=np.float32).reshape(1, 3, 1, 1)
    made = Preprocessing.from_dict({"mean": [1.0], "std": [2.0], "channel_order": "BGR"}).apply(x)
    assert made.ravel().tolist() == [0.5, 0.0, -0.5]
    with pytest.raises(InvalidConvention):
        Preprocessing.from_dict({"std": [0.0]})
