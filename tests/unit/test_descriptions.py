"""Descriptions of checkpoints that could be misread, or are hostile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.formats.descriptions import DescriptionError, read_description

SIDES = {"height": 8, "width": 8, "channels": 3, "mean": [0.5] * 3, "std": [0.5] * 3}
PROCESSOR = {"size": 8, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.5, 0.4, 0.2], "classes": ["a", "b"]}
CYCLE = {"0": 1, "1": 2, "2": 0}


def classes(**given: Any) -> list[str]:
    return read_description(json.dumps({"convention": SIDES, **given}).encode())["classes"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("key", ["id2label", "idx_to_class"])
def test_names_by_index_may_be_numbers(key: str) -> None:
    assert classes(**{key: CYCLE}) == ["1", "2", "0"]


@pytest.mark.parametrize("key", ["label2id", "class_to_idx"])
def test_indices_by_name_may_have_numbers_as_names(key: str) -> None:
    assert classes(**{key: CYCLE}) == ["2", "0", "1"]


def test_numbers_on_both_sides_need_a_key_that_says_which_are_names() -> None:
    assert classes(classes={"0": 1, "1": 0}) == ["1", "0"]
    with pytest.raises(DescriptionError, match="numbers on both sides"):
        classes(classes=CYCLE)


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        json.dumps({"convention": SIDES, "id2label": {"9" * 5000: "a"}}).encode(),
        json.dumps({"convention": SIDES, "id2label": {"": "a"}}).encode(),
        json.dumps({"convention": SIDES, "id2label": {"0": {"a": 1}}}).encode(),
        json.dumps({"convention": SIDES, "id2label": {"0": None}}).encode(),
        json.dumps({"convention": SIDES, "label2id": {"a": "b"}}).encode(),
    ],
    ids=["lists", "objects", "digits", "no-digits", "object", "null", "name-as-index"],
)
def test_hostile_descriptions_are_rejected(data: bytes) -> None:
    with pytest.raises(DescriptionError):
        read_description(data)


def convention(**given: Any) -> dict[str, Any]:
    return read_description(json.dumps(PROCESSOR | given).encode())["convention"]  # type: ignore[no-any-return]


def test_a_preprocessor_is_read_as_it_computes() -> None:
    assert convention(do_center_crop=True, size={"shortest_edge": 16}, crop_size=8)["height"] == 8
    assert convention(do_center_crop=False, crop_size=16)["height"] == 8
    assert convention(do_normalize=False) | {"channels": 3} == convention(image_mean=[0.0] * 3, image_std=[1.0] * 3)
    assert convention(include_top=True)["std"] == pytest.approx([0.25, 0.16, 0.04])
    assert convention(include_top=True, do_normalize=False)["mean"] == [0.0] * 3
    assert convention(include_top=True, do_normalize=False)["std"] == [0.5, 0.4, 0.2]


@pytest.mark.parametrize(
    "given",
    [
        {"do_rescale": False},
        {"rescale_factor": 1 / 127.5},
        {"rescale_factor": "x"},
        {"rescale_offset": True},
        {"do_flip_channel_order": True},
    ],
)
def test_a_preprocessor_that_computes_something_else_is_rejected(given: dict[str, Any]) -> None:
    with pytest.raises(DescriptionError, match=r"rescale_factor|do_flip_channel_order"):
        convention(**given)
