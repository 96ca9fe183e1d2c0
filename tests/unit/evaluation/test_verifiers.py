"""The shipped verifiers fit their domain and are independent. Other files are rejected."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from worker.bundled import omniglot
from worker.evaluation import verifiers
from worker.evaluation.panel import templates
from worker.evaluation.verifiers import BUNDLED, Verifier, bundled_verifiers, providers
from worker.inversion.data import images_digest
from worker.inversion.errors import InvalidImages, UnusableModel


def test_two_verifiers_are_shipped_for_grey_32_px_and_none_for_others():
    assert len(bundled_verifiers((1, 32, 32))) == 2
    assert bundled_verifiers((3, 64, 64)) == []


def test_the_cards_describe_the_files_and_the_two_differ_in_architecture_and_loss():
    cards = [json.loads(p.read_text()) for p in sorted(BUNDLED.glob("verifier-*.json"))]
    for key in ("architecture", "loss", "sha256"):
        assert len({c[key] for c in cards}) == 2
    for path, card in zip(sorted(BUNDLED.glob("verifier-*.onnx")), cards, strict=True):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == card["sha256"]
        assert card["trained_on"] == images_digest(omniglot.load().public.images)


@pytest.mark.parametrize("index", [0, 1])
def test_each_shipped_verifier_finds_nine_in_ten_held_out_drawings(index):
    verifier, data = bundled_verifiers((1, 32, 32))[index], omniglot.load()
    gallery, identities = templates(verifier.embed(data.private_train.images), data.private_train.labels)
    probes = verifier.embed(data.private_held_out.images)
    rank1 = (identities[(probes @ gallery.T).argmax(1)] == data.private_held_out.labels).mean()
    assert rank1 >= 0.90


def test_embeddings_are_unit_length_and_independent_of_the_batch():
    verifier, images = bundled_verifiers((1, 32, 32))[0], omniglot.load().public.images[:70]
    e = verifier.embed(images)
    assert np.allclose(np.linalg.norm(e, axis=1), 1, atol=1e-5)
    assert np.array_equal(verifier.embed(images[66:67])[0], e[66])


def test_images_of_another_size_are_resized_and_of_another_depth_rejected():
    verifier, image = bundled_verifiers((1, 32, 32))[0], omniglot.load().public.images[:1]
    twice = verifier.embed(image.repeat(2, 1).repeat(2, 2))
    assert float((twice @ verifier.embed(image).T)[0, 0]) > 0.9
    with pytest.raises(UnusableModel, match="takes images"):
        verifier.embed(np.zeros((1, 32, 32, 3), np.uint8))
    with pytest.raises(InvalidImages):
        verifier.embed(np.zeros((1, 32, 32), np.float32))


@pytest.mark.parametrize("content", [b"", b"not onnx at all"])
def test_what_is_not_an_onnx_model_is_rejected(tmp_path, content):
    path = tmp_path / "v.onnx"
    path.write_bytes(content)
    with pytest.raises(UnusableModel, match=r"v\.onnx"):
        Verifier(path)


@pytest.mark.parametrize(
    ("device", "built", "found"),
    [
        ("cuda", True, [("CUDAExecutionProvider", {"use_tf32": "0"}), "CPUExecutionProvider"]),
        ("cuda", False, ["CPUExecutionProvider"]),
        ("cpu", True, ["CPUExecutionProvider"]),
        ("mps", True, ["CPUExecutionProvider"]),
    ],
)
def test_a_shipped_verifier_uses_a_gpu_in_full_float32_where_onnxruntime_can(
    device: str, built: bool, found: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = [*(["CUDAExecutionProvider"] if built else []), "CPUExecutionProvider"]
    monkeypatch.setattr(verifiers.runtime(), "get_available_providers", lambda: there)
    assert providers(device) == found
