"""Dashboard and alerts of `deploy` ask for metrics that exist, and the docs list all of them."""

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry

from app.metrics import gauges, requests, service, stages

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"\bexhume_[a-z_]+")
SERIES = re.compile("_(bucket|count|sum)$")  # of a histogram
DASHBOARD = json.loads((ROOT / "deploy/grafana/exhume.json").read_text())
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())


def known() -> set[str]:
    """Return the names of all metrics, from the code that makes them."""
    registry = CollectorRegistry()
    requests.Requests(registry)
    found = {family.name for family in registry.collect()} | {one.name for one in stages.StageSeconds().metrics()}
    for module in (gauges, service):
        found |= set(re.findall(r'"(exhume_[a-z_]+)"', Path(str(module.__file__)).read_text()))
    return found


def asked(expression: str) -> set[str]:
    return {SERIES.sub("", name) for name in NAME.findall(expression)}


def expressions() -> list[tuple[str, str]]:
    panels = [(one["title"], target["expr"]) for one in DASHBOARD["panels"] for target in one["targets"]]
    return panels + [(rule["alert"], rule["expr"]) for group in ALERTS["groups"] for rule in group["rules"]]


@pytest.mark.parametrize(("title", "expression"), expressions())
def test_what_is_asked_for_exists(title: str, expression: str) -> None:
    assert asked(expression) <= known(), title
    assert expression.count("(") == expression.count(")")


def test_the_page_lists_every_metric() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    assert known() == asked(" ".join(line for line in page.splitlines() if line.startswith("| `exhume_")))


def test_every_alert_says_what_is_wrong() -> None:
    assert all(rule["annotations"]["summary"].endswith(".") for group in ALERTS["groups"] for rule in group["rules"])


def test_panels_do_not_overlap() -> None:
    cells = [
        (x, y)
        for grid in (one["gridPos"] for one in DASHBOARD["panels"])
        for x in range(grid["x"], grid["x"] + grid["w"])
        for y in range(grid["y"], grid["y"] + grid["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
