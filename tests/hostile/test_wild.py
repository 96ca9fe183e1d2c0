"""Files as users bring them get the right answer, and the page that lists them is current."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from app.formats.proposals import propose
from bench.make import uploads_page
from bench.wild import trying
from bench.wild.building import BUILDERS
from bench.wild.case import ACCEPTED, Case, cases
from bench.wild.hugging_face import recorded
from worker.intake import converting, dataset, release

SMALL = [case for case in cases() if not case.large]


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the tasks of the sandbox in this process, which is faster."""

    def run(task: str, request: dict[str, Any], *, input_path: Path, work: Path, **_: Any) -> dict[str, Any]:
        module, _, function = task.partition(":")
        answer = getattr(importlib.import_module(module), function)(str(input_path), str(work), request)
        return dict(json.loads(json.dumps(answer)))

    for caller in (converting, dataset, release):
        monkeypatch.setattr(caller, "run_sandboxed", run)
    monkeypatch.setattr(torch, "set_num_threads", lambda _: None)


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_every_kind_of_file_gets_the_right_answer(case: Case, tmp_path: Path) -> None:
    found = trying.try_one(case, tmp_path)
    assert (found.outcome, found.why if found.outcome == trying.WRONG else "") == (
        trying.RIGHT if case.answer == ACCEPTED else trying.RECIPE,
        "",
    )


def test_a_wrong_answer_is_seen(tmp_path: Path) -> None:
    """The judgement itself: other outputs, another answer and a recipe that does nothing."""
    by_name = {case.name: case for case in cases()}
    assert BUILDERS.keys() == by_name.keys()
    wrong = Case("npz_gaps", "images", "", "npz-labels")
    assert trying.try_one(wrong, tmp_path).outcome == trying.WRONG


@pytest.mark.parametrize("name", sorted(recorded()))
def test_names_of_hugging_face_are_those_of_an_architecture(name: str) -> None:
    described = {key: _Described(tuple(shape)) for key, shape in recorded()[name]["shapes"].items()}
    proposals = propose(described)
    assert [one.exact for one in proposals[:1]] == ([] if name == "dinov2" else [True])


class _Described:
    dtype = "F32"

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape


def test_the_page_is_current() -> None:
    assert uploads_page.PAGE.read_text(encoding="utf-8") == uploads_page.written()


def test_only_rejected_models_are_set_aside() -> None:
    """The share of plain classifiers counts every file that is accepted."""
    aside = [case for case in cases() if case.aside]
    assert aside
    assert all(case.answer != ACCEPTED and case.kind in ("checkpoint", "onnx") for case in aside)
