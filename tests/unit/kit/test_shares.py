"""Shares, differences and intervals have one form here and in the dashboard.

Both read the same table of cases.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from app.contract.shares import exact, interval, points, share

CASES: dict[str, list[tuple[Any, str]]] = json.loads(Path(__file__).with_name("shares.json").read_text("utf-8"))


@pytest.mark.parametrize(("value", "text"), CASES["share"])
def test_a_share_is_a_percentage_with_at_most_one_decimal(value: float, text: str) -> None:
    assert share(value) == text


@pytest.mark.parametrize(("value", "text"), CASES["points"])
def test_a_difference_is_signed_and_there_is_no_minus_zero(value: float, text: str) -> None:
    assert points(value) == text


@pytest.mark.parametrize(("figure", "text"), CASES["interval"])
def test_an_interval_stands_behind_its_value(figure: dict[str, float], text: str) -> None:
    assert interval(figure) == text


@pytest.mark.parametrize(("value", "text"), [(0.05, "5 %"), (0.0025, "0.25 %"), (0.125, "12.5 %"), (0.0001, "0.01 %")])
def test_a_budget_is_written_exactly(value: float, text: str) -> None:
    assert exact(value) == text
