"""Every file of the corpus is rejected with its code, leaves no file behind, and runs no code."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from bench.hostile import CHECKPOINTS, DATASETS, Case
from bench.hostile.pickles import PICKLES, Nested, Payload, by_stack_global, protocol_0
from worker.intake import Refused, check_dataset_file, check_release_file

CONVENTION = {"height": 32, "width": 32, "channels": 1}


def take_in(upload: Path, out: Path, *, dataset: bool) -> None:
    if dataset:
        check_dataset_file(upload, out)
        return
    check_release_file(
        upload,
        architecture="exhume/small-cnn",
        hyperparameters={},
        convention=CONVENTION,
        classes=["a", "b"],
        out=out,
    )


def refusal(case: Case, folder: Path, *, dataset: bool) -> Refused:
    upload, marker = folder / "upload", folder / "marker"
    upload.write_bytes(case.build(marker))
    with pytest.raises(Refused) as caught:
        take_in(upload, folder / "out", dataset=dataset)
    assert sorted(p.name for p in folder.iterdir()) == ["upload"], "nothing may be left beside the upload"
    return caught.value


def check(found: Refused, case: Case) -> None:
    assert found.code == case.code, f"{case.promise}: {found.detail}"
    problem = found.problem
    assert set(problem) == {"type", "title", "status", "code", "detail", "errors"}
    assert problem["status"] == 422
    assert problem["type"].endswith(case.code)
    assert len(problem["detail"]) > 40, "says what is wrong and what to do"
    assert all(character.isprintable() or character == "\n" for character in problem["detail"])


@pytest.mark.parametrize("case", CHECKPOINTS, ids=lambda c: c.name)
def test_hostile_checkpoint_is_rejected_with_its_reason(case: Case, tmp_path: Path) -> None:
    check(refusal(case, tmp_path, dataset=False), case)


@pytest.mark.parametrize("case", DATASETS, ids=lambda c: c.name)
def test_hostile_image_set_is_rejected_with_its_reason(case: Case, tmp_path: Path) -> None:
    check(refusal(case, tmp_path, dataset=True), case)


@pytest.mark.parametrize(
    "build", [protocol_0, by_stack_global, lambda m: pickle.dumps(Nested(m)), lambda m: pickle.dumps(Payload(m))]
)
def test_the_payloads_would_work(build: object, tmp_path: Path) -> None:
    """The payloads work, so that the tests of the corpus mean something."""
    assert callable(build)
    pickle.loads(build(tmp_path / "marker"))
    assert (tmp_path / "marker").exists()


def test_the_corpus_is_large_and_names_are_unique() -> None:
    names = [case.name for case in (*CHECKPOINTS, *DATASETS)]
    assert len(names) >= 120
    assert len({(case.name, case in CHECKPOINTS) for case in (*CHECKPOINTS, *DATASETS)}) == len(names)
    assert len(PICKLES) >= 10
