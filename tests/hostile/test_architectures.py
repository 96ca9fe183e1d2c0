"""Real networks are accepted and detected in every form (a part of `bench.cost.intake`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cost.architectures import FORMS, try_one


@pytest.mark.parametrize(
    "name", ["timm/mobilenetv3_small_050", "timm/lcnet_050", "torchvision/mnasnet0_5", "exhume/small-cnn"]
)
def test_every_form_is_accepted_and_detected(name: str, tmp_path: Path) -> None:
    found = try_one(name, tmp_path)
    assert found.failures == {}
    assert found.forms == len(FORMS) + 2
