"""The description of a checkpoint by its file, and what is missing in it."""

from typing import Any

import pytest
import typer

from app.cli import recognised
from app.cli.recognised import Stated, description_of
from app.formats.architectures import Proposal

VIT = {"architecture": "timm/vit_tiny_patch16_224", "exact": True, "num_classes": 2, "channels": 3}
VIT |= {"hyperparameters": {"img_size": 64}}
KNOWN = {"proposals": [VIT], "classes": ["ada", "bob"], "side": 64}
NUMBERS = Stated(mean=[0.5], std=[0.25])


def test_what_the_file_says_needs_no_description() -> None:
    found, missing = description_of(KNOWN, NUMBERS)
    assert missing == []
    assert found == {
        "architecture": "timm/vit_tiny_patch16_224",
        "hyperparameters": {"img_size": 64},
        "convention": {"height": 64, "width": 64, "channels": 3, "mean": [0.5], "std": [0.25]},
        "classes": ["ada", "bob"],
    }


@pytest.mark.parametrize(
    ("preflight", "stated", "missing"),
    [
        (KNOWN | {"classes": None}, NUMBERS, ["the names of its classes"]),
        (KNOWN | {"side": None}, NUMBERS, ["the size of its images (--size)"]),
        (KNOWN | {"side": None}, Stated((64, 48), [0.5], [0.5]), []),
        (KNOWN, Stated(), ["their mean (--mean)", "their standard deviation (--std)"]),
        (KNOWN | {"proposals": [VIT | {"channels": None}]}, NUMBERS, ["their channels"]),
        (KNOWN | {"proposals": [VIT | {"exact": False}]}, Stated(mean=[0.1] * 3, std=[1.0]), []),
    ],
)
def test_what_is_missing_is_named(preflight: dict[str, Any], stated: Stated, missing: list[str]) -> None:
    assert description_of(preflight, stated)[1] == missing


def test_sizes_and_numbers_are_read_from_options() -> None:
    assert recognised._sides("64") == (64, 64)
    assert recognised._sides("64x48") == (64, 48)
    assert recognised._numbers("0.485,0.456,0.406") == [0.485, 0.456, 0.406]
    for read, text in ((recognised._sides, "big"), (recognised._numbers, "imagenet")):
        with pytest.raises(typer.BadParameter):
            read(text)


@pytest.mark.parametrize(
    ("proposal", "side"),
    [
        (Proposal("torchvision/vit_b_16", True), 224),
        (Proposal("torchvision/vit_b_16", True, hyperparameters={"image_size": 64}), 64),
        (Proposal("torchvision/vit_b_16", False), None),
        (Proposal("timm/resnet18", True), None),
        (Proposal("exhume/small-cnn", True), None),
    ],
)
def test_the_side_is_known_where_the_tensors_depend_on_it(proposal: Proposal, side: int | None) -> None:
    assert proposal.side == side
