"""Keys of what is made once and kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import worker
from worker.inversion.keys import Maker
from worker.inversion.priors.recipe import MAKERS, prior_key

WORKER = Path(worker.__file__).parent
CARDS = sorted((WORKER / "bundled").glob("prior-*.json"))


def test_a_key_follows_the_inputs_and_the_version_and_not_the_order_or_the_modules() -> None:
    maker = Maker("students", 1, ("a",))
    key = maker.key(images="i", seed=0)
    assert key == maker.key(seed=0, images="i") == replace(maker, modules=("b",)).key(images="i", seed=0)
    others = [
        maker.key(images="j", seed=0),
        maker.key(images="i", seed=1),
        maker.key(images="i"),
        replace(maker, version=2).key(images="i", seed=0),
        replace(maker, name="p-reg").key(images="i", seed=0),
    ]
    assert len({key, *others}) == 6


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.stem)
def test_a_shipped_prior_is_found_under_the_key_of_its_card(card: Path) -> None:
    content = json.loads(card.read_text())
    assert prior_key(content["images"], content["recipe"], content["seed"]) == content["key"]


def test_a_shipped_reference_model_is_named_after_a_shipped_prior() -> None:
    keys = {json.loads(card.read_text())["key"] for card in CARDS}
    references = sorted((WORKER / "bundled").glob("power-*.json"))
    assert references
    for reference in references:
        content = json.loads(reference.read_text())["prior"]
        assert content in keys
        assert reference.stem == f"power-{content.removeprefix('sha256:')[:16]}"


def test_no_key_depends_on_the_digest_of_all_source_files() -> None:
    """Only the result document tells it: for the reader."""
    asks = {path.relative_to(WORKER).as_posix() for path in WORKER.rglob("*.py") if "code_version(" in path.read_text()}
    assert asks == {"report/code.py", "report/document.py"}


def test_labels_are_those_that_cards_of_shipped_priors_have() -> None:
    for card in CARDS:
        content = json.loads(card.read_text())
        if "code" in content:
            assert MAKERS[content["recipe"].get("kind", "wgan-gp")].label == content["code"]
