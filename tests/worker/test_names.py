"""Stability of names over restarts, and over earlier audits that differ only in the seed."""

from types import SimpleNamespace
from typing import Any

import pytest

from app.contract.plan import Plan
from app.contract.result.names import Naming, Restarts, Seeds
from app.db.models import Audit, DatasetRole, IdentityOutcome, Release
from app.db.session import sync_session
from tests.worker.rows import PLAN, an_audit, make_dataset, make_project, make_release
from worker.evaluation.score import Score
from worker.report.names import EarlierRuns, earlier_runs, named, naming

pytestmark = pytest.mark.usefixtures("settings_env")


def add_audit(session: Any, release: Release, sets: dict[str, Any], names: dict[int, bool], **values: Any) -> Audit:
    """Add a finished audit with an outcome per class index: whether it was named."""
    finished = {"state": "succeeded", "evidence_level": "verified"} | sets | values
    audit = an_audit(project_id=release.project_id, release_id=release.id, **finished)
    session.add(audit)
    session.flush()
    for identity, is_named in names.items():
        row = {"audit_id": audit.id, "project_id": release.project_id, "identity": identity, "name": f"p{identity}"}
        session.add(IdentityOutcome(**row, verified=True, details={"named": is_named}))
    session.flush()
    return audit


def test_only_finished_audits_that_differ_in_the_seed_alone_count_one_for_each_seed() -> None:
    with sync_session() as session:
        project = make_project(session)
        release, other = make_release(session, project), make_release(session, project)
        sets = {
            "public_dataset_id": make_dataset(session, project, DatasetRole.PUBLIC).id,
            "private_dataset_id": make_dataset(session, project, DatasetRole.PRIVATE).id,
        }
        inputs: Any = SimpleNamespace(plan=Plan.load(PLAN | {"seed": 7, "identities": [0, 1, 2]}))
        mine = add_audit(session, release, sets, {}, plan=inputs.plan.document(), state="running")
        inputs.audit_id = mine.id
        assert earlier_runs(session, inputs) == EarlierRuns()
        again = PLAN | {"identities": [1, 2, 3]}
        add_audit(session, release, sets, {0: True, 1: True, 2: False}, plan=PLAN | {"seed": 1})
        add_audit(session, release, sets, {1: True, 2: True, 3: True}, plan=again | {"seed": 2})
        everybody = {0: True, 1: True, 2: True, 3: True}
        add_audit(session, release, sets, everybody, plan=PLAN | {"seed": 7})  # the same run
        add_audit(session, release, sets, everybody, plan=PLAN | {"seed": 3, "steps": 9})
        add_audit(session, release, sets, everybody, plan=PLAN | {"seed": 3}, state="failed")
        add_audit(session, release, sets, everybody, plan=PLAN | {"seed": 3}, evidence_level="evaluator")
        add_audit(session, release, sets, everybody, plan=PLAN | {"seed": 3}, replay_of=mine.id)
        add_audit(session, other, sets, everybody, plan=PLAN | {"seed": 3})
        session.flush()
        found = earlier_runs(session, inputs)
    assert found.runs == 2
    assert dict(found.audited) == {0: 1, 1: 2, 2: 2, 3: 1}
    assert {k: n for k, n in found.named.items() if n} == {0: 1, 1: 2, 2: 1, 3: 1}


def test_a_name_carries_its_restarts_and_seeds_and_all_names_the_expected_number_of_false_ones() -> None:
    rows = [
        {"identity": k, "p_value": 0.001, "strength": 9.0 - k, "restarts": {"recognised": 3 - k, "of": 4}}
        for k in range(3)
    ]
    scored: Any = SimpleNamespace(identities=rows, named=[0, 1], evidence="verified", risk=object())
    inputs: Any = SimpleNamespace(classes=("ada", "bob", "cyd"))
    earlier = EarlierRuns(runs=3)
    earlier.audited.update({0: 3, 2: 3})
    earlier.named.update({0: 2, 2: 1})
    first, second = named(inputs, scored, earlier)
    assert (first.name, first.restarts, first.seeds) == (
        "ada",
        Restarts(recognised=3, of=4),
        Seeds(named=2, of=3),
    )
    assert second.seeds is None, "no earlier run audited bob"
    assert naming(inputs, scored, earlier) == Naming(
        false_discovery_rate=0.05, expected_false=0.05 * 2, earlier_runs=3, named_earlier_only=["cyd"]
    )
    nothing: Score = SimpleNamespace(evidence="evaluator", risk=object())  # type: ignore[assignment]
    assert naming(inputs, nothing, earlier) is None
