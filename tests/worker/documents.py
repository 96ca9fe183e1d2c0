"""Checks of every result document: schema, intervals, labels and sentences."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from pydantic import BaseModel

import app.audits
from app.contract.result import Result
from app.contract.shares import share, span

LABELLED = {"id", "label", "unit", "definition", "format", "order"}
BESIDE = {  # bare numbers, each with the figure in `figures` that adds its interval
    "rank1_on_references": "rank1_on_references",
    "false_match_rate": "false_match_rate",
    "held_out_accuracy": "held_out_accuracy",
    "on_replaced": "on_replaced",
    "on_others": "on_others",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "uncorrected_risk": "uncorrected_risk",
    "p": "corrected_p",
    "q": "corrected_q",
}


def nodes(part: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object of a document with its path."""
    if isinstance(part, dict):
        yield path, part
        for name, value in part.items():
            yield from nodes(value, f"{path}/{name}")
    elif isinstance(part, list):
        for at, value in enumerate(part):
            yield from nodes(value, f"{path}/{at}")


def parts(part: Any, path: str = "") -> Iterator[tuple[str, BaseModel]]:
    """Yield every model of a result with its path."""
    if isinstance(part, BaseModel):
        yield path, part
        part = {name: getattr(part, name) for name in type(part).model_fields}
    if isinstance(part, dict):
        for name, value in part.items():
            yield from parts(value, f"{path}/{name}")
    elif isinstance(part, list):
        for at, value in enumerate(part):
            yield from parts(value, f"{path}/{at}")


@cache
def validator() -> Draft202012Validator:
    """Return a validator of the committed JSON schema."""
    schema = json.loads((Path(app.audits.__file__).parent / "result.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def check_document(result: dict[str, Any]) -> None:
    """Check the JSON schema, that figures are complete, and that sentences agree with them."""
    validator().validate(json.loads(json.dumps(result)))
    assert Result.load(result).document() == result, "an upgrade does not change a result of this version"
    for path, part in parts(Result.load(result)):
        assert not part.model_extra, f"the contract does not describe {path}: {sorted(part.model_extra or {})}"
    for path, figure in nodes(result):
        if path.startswith(("/regression/history", "/settings", "/intake", "/hardware")):
            continue
        if "value" in figure:
            check_figure(path, figure)
        for name, beside in BESIDE.items():
            if isinstance(figure.get(name), float):
                assert figure["figures"][beside]["value"] == figure[name], f"{path}/{name} has no interval"
    for part in ("figures", "controls"):
        for name, figure in result[part].items():
            assert figure.keys() >= LABELLED, name
    assert {line["access"] for line in result["threat_models"]} == {"white-box", "scores", "labels"}
    assert len(result["reasons"]) == len(result["reason_codes"]) > 0
    assert len(result["decides"]) == len(result["decide_codes"])
    check_words(result)


def check_figure(path: str, figure: dict[str, Any]) -> None:
    """Check that a figure has n and an interval of positive width that contains its value."""
    assert figure.keys() >= {"value", "low", "high", "n"}, path
    assert figure["low"] <= figure["value"] <= figure["high"], path
    assert figure["low"] < figure["high"], f"{path} has an empty interval at n = {figure['n']}"
    if figure.get("format") == "share":
        assert figure["low"] >= 0, path
        assert figure["high"] <= 1, path


def check_words(result: dict[str, Any]) -> None:
    """Check that the numbers in the sentence are those of the document."""
    sentence, risk = result["sentence"], result["risk"]
    assert sentence.startswith(f"{result['verdict']}: ")
    assert "recognisabl" not in sentence
    if result["stopped"] is not None:
        assert result["stopped"]["detail"] in sentence
        return
    if risk is None:
        assert "R =" not in sentence
        return
    name = "verified" if result["evidence_level"] == "verified" else "attack_accuracy_top1"
    hits = re.search(r"(\d+) of (\d+) (\w+) recognised", sentence)
    assert hits is not None, sentence
    n = int(hits[2])
    assert int(hits[1]) == round(result["figures"][name]["value"] * n)
    assert n == result["figures"][name]["n"] == risk["n"]
    assert hits[3] == result["noun"]["one" if n == 1 else "many"]
    assert f"R = {share(risk['value'])} (95 % interval {span(risk['low'], risk['high'])})" in sentence
    assert sentence.endswith(f"The budget is {share(result['budget'])}.")
    if risk["correction"] is not None:
        figures = risk["correction"]["figures"]
        plain = figures["uncorrected_risk"]
        assert f"miss {share(1 - figures['sensitivity']['value'])} of real images" in sentence
        assert (
            f"Uncorrected, R = {share(plain['value'])} (95 % interval {span(plain['low'], plain['high'])})" in sentence
        )
    control = re.search(r", (\d+) of (\d+) by the strongest control", sentence)
    if control is not None:
        assert int(control[1]) / int(control[2]) == result["figures"]["control"]["value"]
    else:
        assert f"{share(result['figures']['control']['value'])} by the strongest control" in sentence
