"""Upgrades of stored results add what older versions did not write."""

from typing import Any

from app.contract.upgrades.result import with_comparison_in_words

COMPARED: dict[str, Any] = {
    "version": "1",
    "shared": 22,
    "newly_exposed": 3,
    "difference": {"value": -0.0001, "low": -0.045, "high": 0.12},
}


def upgraded(regression: dict[str, Any] | None, many: str = "people") -> Any:
    return with_comparison_in_words({"noun": {"one": "one", "many": many}, "regression": regression})["regression"]


def test_a_comparison_without_a_sentence_gets_one_that_counts_what_the_classes_are() -> None:
    said = "Against release 1: R 0 points (−4.5 points to +12 points), 22 {} in both, 3 newly exposed."
    assert upgraded(COMPARED) == COMPARED | {"sentence": said.format("people")}
    assert upgraded(COMPARED, "classes")["sentence"] == said.format("classes")


def test_a_sentence_stays_and_none_is_made_without_a_comparison() -> None:
    for regression in (COMPARED | {"sentence": "Said."}, {"difference": None, "reason": "first"}, None):
        assert upgraded(regression) == regression
