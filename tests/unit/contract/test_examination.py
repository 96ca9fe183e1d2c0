"""Examinations: stored ones of older versions still load, and current ones keep every field."""

import json
from pathlib import Path
from typing import get_args

import pytest

from app.contract import examination as contract
from app.contract.examination import Examination, GraphSource, WeightsSource
from app.contract.result.record import IntakeOfResult
from tests.examinations import examination
from worker.inversion.targets import Outputs
from worker.report.document import intake

FOLDER = Path(__file__).parent / "stored"
STORED = {file.stem: json.loads(file.read_text()) for file in sorted(FOLDER.glob("examination-*.json"))}


@pytest.mark.parametrize("name", STORED)
def test_a_stored_examination_loads_and_loses_nothing(name: str) -> None:
    loaded = Examination.model_validate(STORED[name])
    assert loaded.model_dump(mode="json", exclude_unset=True) == STORED[name]


def test_fields_that_older_versions_did_not_write_are_null() -> None:
    first = Examination.model_validate(STORED["examination-1"])
    assert (first.source, first.sandbox, first.multiply_adds, first.class_order) == (None, None, None, None)
    assert intake(first) == IntakeOfResult(format=None, sandbox=None, architecture_detected=None, also_fits=[])
    assert isinstance(weights := Examination.model_validate(STORED["examination-state-dict"]).source, WeightsSource)
    assert (weights.key_map, weights.others) == (None, None)
    assert isinstance(graph := Examination.model_validate(STORED["examination-graph"]).source, GraphSource)
    assert (graph.left_out, graph.scale, graph.first_steps) == ([], 1.0, None)


def test_a_field_of_a_later_version_is_kept() -> None:
    assert Examination.model_validate(examination(licence="none")).model_dump()["licence"] == "none"


def test_outputs_are_those_of_the_engine() -> None:
    assert get_args(contract.Outputs) == get_args(Outputs)
