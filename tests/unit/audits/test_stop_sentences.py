"""Sentences about a release that cannot be judged give figures and say what to correct."""

from app.sentences.references import stop


def document(state: str, **other: object) -> dict[str, object]:
    conventions = [
        {"name": "as declared", "accuracy": 0.144, "convention": convention(0.5, 0.5)},
        {"name": "pixels from 0 to 255", "accuracy": 0.98, "convention": convention(0.0, 1 / 255)},
    ]
    accuracy = {"value": 0.144, "low": 0.08, "high": 0.22, "n": 90}
    return {"state": state, "accuracy": accuracy, "classes": 90, "order": None, "conventions": conventions} | other


def convention(mean: float, std: float) -> dict[str, object]:
    return {"mean": [mean], "std": [std], "channel_order": "RGB"}


def order(under: str, sorting: str | None = "sorted as text") -> dict[str, object]:
    examples = [{"pictures_of": "3", "labelled_as": "23", "share": 1.0}]
    return {"accuracy": 0.997, "examples": examples, "is": sorting, "convention": under}


def test_another_order_is_reported_with_an_example_both_accuracies_and_how_it_is_sorted():
    said = stop(document("class_order", order=order("as declared")))
    for part in ("images of 3 are labelled 23", "99.7 %", "14.4 %", "sorted as text", "Correct the order of the class"):
        assert part in said
    assert "convention" not in said
    assert "private set" not in said
    unsorted = stop(document("class_order", order=order("as declared", None)))
    assert "sorted" not in unsorted
    assert "or the names in the private set" in unsorted


def test_where_the_convention_is_another_too_its_numbers_are_told_and_both_are_to_be_corrected():
    said = stop(document("class_order", order=order("pixels from 0 to 255")))
    assert "With mean 0, standard deviation 0.003922 and channel order RGB, images of 3 are labelled 23" in said
    assert "Correct both" in said


def test_another_convention_is_reported_by_its_accuracy_and_its_numbers():
    said = stop(document("input_convention"))
    assert "with pixels from 0 to 255 98 %" in said
    assert "mean 0, standard deviation 0.003922" in said
    assert "as declared the model labels 14.4 %" in said


def test_guessing_is_reported_with_the_number_of_classes():
    said = stop(document("at_chance"))
    assert "14.4 %" in said
    assert "among 90 classes" in said
