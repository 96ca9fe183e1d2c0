"""The prior stage of an audit that uses the shipped prior."""

from __future__ import annotations

import json

import pytest

from app.errors import UnprocessableError
from worker.inversion.priors import built_in_prior
from worker.inversion.priors.recipe import bundled_prior
from worker.stages.prior import built_in


def test_the_stage_hands_on_the_key_and_the_credit() -> None:
    result = built_in((3, 64, 64), None)
    path = built_in_prior((3, 64, 64))
    assert path is not None
    assert result["source"] == "built-in"
    assert bundled_prior(result["key"]) == path
    assert result["license"] == json.loads(path.with_suffix(".json").read_text())["license"]


def test_other_image_sizes_have_no_shipped_prior() -> None:
    with pytest.raises(UnprocessableError, match="train one"):
        built_in((1, 32, 32), None)


def test_the_prior_of_the_plan_is_used_and_no_other() -> None:
    key = built_in((3, 64, 64), None)["key"]
    assert built_in((3, 64, 64), key)["key"] == key
    with pytest.raises(UnprocessableError, match="sha256:0123"):
        built_in((3, 64, 64), "sha256:0123")
