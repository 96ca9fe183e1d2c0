"""The catalogue of figures: every figure of a result has a label, definition, format and place."""

import pytest

from app.contract.figures import BY_PREFIX, CONTROLS, FIGURES, kind_of, labelled, labelled_again
from app.contract.nouns import NOUNS, PERSON
from app.db.models import ClassKind

MEASURED = {"value": 0.5, "low": 0.2, "high": 0.8, "n": 8}


def test_every_kind_of_class_has_its_noun() -> None:
    assert set(NOUNS) == {kind.value for kind in ClassKind}
    assert NOUNS["person"].counted(1) == "1 person"
    assert NOUNS["other"].counted(22) == "22 classes"


def test_no_two_figures_share_a_place_or_a_label() -> None:
    kinds = [*FIGURES.values(), *CONTROLS.values(), *BY_PREFIX.values()]
    assert len({kind.order for kind in kinds}) == len(kinds)
    assert len({kind.label for kind in kinds}) == len(kinds)


def test_a_figure_is_named_after_its_judge_and_speaks_of_what_the_classes_are() -> None:
    one = labelled("knn_distance_pixels-1", MEASURED, NOUNS["writer"])
    assert one["label"] == "distance to the nearest private image, pixels-1"
    assert "of its writer" in one["definition"]
    assert labelled("control_nearest-public", MEASURED)["label"] == "nearest public image"
    with pytest.raises(KeyError, match="catalogue"):
        kind_of("made_up")


def test_no_control_claims_to_be_made_without_the_model_that_is_made_with_it() -> None:
    assert "without the model" in CONTROLS["prior"].definition
    for name in ("nearest-public", "permuted"):
        assert "without the model" not in CONTROLS[name].definition
    assert "model's scores" in CONTROLS["nearest-public"].definition


def test_a_stored_figure_is_labelled_and_keeps_what_it_measured() -> None:
    assert labelled_again("verified", MEASURED, PERSON) == labelled("verified", MEASURED)
    gone = labelled_again("gone", MEASURED, PERSON)
    assert (gone["label"], gone["value"]) == ("gone", 0.5)
    assert labelled_again("verified", gone, PERSON) == gone, "a label that is there stays"
    assert "label" not in MEASURED, "the stored document is left as it was"
