"""Checkpoints that no architecture fits are told what is in the way."""

from __future__ import annotations

import pytest

from app.formats.key_maps import hint


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["0.0.weight", "0.4.0.conv1.weight", "1.8.weight"], "fastai"),
        (["model.0.conv.weight", "model.9.linear.bias"], "ultralytics"),
        (["conv1.weight", "prelu.weight", "bn2.weight", "features.weight"], "insightface"),
        (["dinov2.embeddings.cls_token", "dinov2.encoder.layer.0.norm1.weight", "classifier.bias"], "'dinov2'"),
        (["blocks.0.attn.qkv.weight", "blocks.0.attn.qkv.lora_A.default.weight"], "LoRA"),
    ],
)
def test_the_library_is_named(names: list[str], said: str) -> None:
    assert said in hint(names)


def test_names_without_a_known_pattern_get_no_hint() -> None:
    assert hint(["conv1.weight", "fc.weight"]) == ""
    assert hint([]) == ""
