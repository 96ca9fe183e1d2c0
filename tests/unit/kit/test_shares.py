"""Shares, differences and intervals have one form."""

import pytest

from app.kit.shares import interval, points, share


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.125, "12.5 %"),
        (0.87, "87 %"),
        (0.0003, "< 0.1 %"),
        (0.9999, "> 99.9 %"),
        (-0.0, "0 %"),
    ],
)
def test_a_share_is_a_percentage_with_at_most_one_decimal(value: float, text: str) -> None:
    assert share(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.045, "+4.5 points"), (-0.045, "\u22124.5 points"), (-0.0001, "0 points"), (0.01, "+1 point")]
)
def test_a_difference_is_signed_and_there_is_no_minus_zero(value: float, text: str) -> None:
    assert points(value) == text


def test_an_interval_stands_behind_its_value() -> None:
    figure = {"value": 0.87, "low": 0.741, "high": 1.0}
    assert interval(figure) == "87 % (74.1 % to 100 %)"
