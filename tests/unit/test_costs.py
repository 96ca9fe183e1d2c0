"""The estimate of a stage grows with its work: images, their size, the target, the students."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from app.audits.costs import START_SECONDS, Sizes, expected_seconds, refits, relearned, work_seconds
from app.audits.reuse import ReuseKey, reuse_key
from app.contract import speed
from app.contract.choices import Attack, PriorKind
from app.contract.plan import Plan
from app.jobs.stages import AUDIT_STAGES, WITH_LOOK, Stage
from tests.worker import rows
from worker.report.costs import cost

PLAN = rows.PLAN | {"restarts": 4, "steps": 100}
SMALL = Sizes(pixels=1.0, multiply_adds=2_700_000, public=3_000, private=600, uploaded=0, shipped=True)
FACES = Sizes(pixels=4.0, multiply_adds=1_253_000_000, public=10_000, private=2_400, uploaded=2)


def seconds(stage: Stage, sizes: Sizes, identities: int = 20, *, reused: bool = False, **changes: Any) -> float:
    return work_seconds(stage, Plan.load(PLAN | changes), identities, sizes, reused=reused)


def test_every_job_of_a_stage_has_to_start() -> None:
    work, plan = seconds(Stage.ATTACK, SMALL), Plan.load(PLAN)
    assert expected_seconds(Stage.ATTACK, plan, 20, SMALL, jobs=3) == pytest.approx(3 * START_SECONDS + work)
    assert expected_seconds(Stage.SCORE, plan, 20, SMALL) == START_SECONDS


def test_the_start_of_a_job_does_not_grow_with_its_work() -> None:
    """Ten classes took 6.5 s in place of 5.1, and ninety took 27.5 s."""
    assert relearned(6.5, 3.1, 3.1, 1) == pytest.approx(6.5)
    assert relearned(6.5, 3.1, 21, 1) == pytest.approx(32.5, abs=0.1)
    assert relearned(1.0, 2.0, 6.0, 1) == pytest.approx(2.0), "a job that is faster than its start"
    assert relearned(3.0, 0.0, 0.0, 1) == pytest.approx(3.0)
    assert relearned(12.0, 10.0, 20.0, 4) == pytest.approx(28.0)


@pytest.mark.parametrize("stage", [Stage.REFERENCES, Stage.PREPARE, Stage.VERIFY, Stage.LOOK, Stage.POWER])
def test_what_an_earlier_audit_has_made_takes_no_time(stage: Stage) -> None:
    assert seconds(stage, FACES, reused=True) < seconds(stage, FACES)
    for other in set(AUDIT_STAGES) - {Stage.REFERENCES, Stage.PREPARE, Stage.VERIFY, Stage.LOOK, Stage.POWER}:
        assert seconds(other, FACES, reused=True) == seconds(other, FACES)


def test_a_stage_is_reused_where_what_it_depends_on_is_the_same() -> None:
    plan, ids = Plan.load(PLAN), [UUID(int=n) for n in range(4)]
    release, public, private, other = ids

    def key(stage: Stage, plan: Plan = plan, **changed: UUID) -> ReuseKey | None:
        return reuse_key(stage, plan, **({"release": release, "public": public, "private": private} | changed))

    assert key(Stage.PREPARE) == key(Stage.PREPARE, private=other) != key(Stage.PREPARE, release=other)
    assert key(Stage.REFERENCES) == key(Stage.REFERENCES, release=other) != key(Stage.REFERENCES, public=other)
    assert key(Stage.VERIFY) == key(Stage.VERIFY, public=other) != key(Stage.VERIFY, private=other)
    more = Plan.load(PLAN | {"restarts": 5})
    assert key(Stage.POWER) == key(Stage.POWER, release=other) != key(Stage.POWER, more)
    assert key(Stage.ATTACK) is None
    assert key(Stage.POWER) != key(Stage.POWER, private=other)
    powers = [
        reuse_key(Stage.POWER, plan, release=release, public=public, private=one, shipped=True)
        for one in (private, other)
    ]
    assert powers[0] == powers[1], "the shipped reference model does not depend on the private images"


def test_a_search_grows_with_identities_steps_and_restarts() -> None:
    once = seconds(Stage.ATTACK, SMALL)
    assert seconds(Stage.ATTACK, SMALL, identities=40) == pytest.approx(2 * once)
    assert seconds(Stage.ATTACK, SMALL, steps=200) == pytest.approx(2 * once)
    assert seconds(Stage.ATTACK, SMALL, restarts=8) == pytest.approx(2 * once)
    assert seconds(Stage.ATTACK, SMALL, attack="kedmi") == pytest.approx(once / 4)
    assert seconds(Stage.ATTACK, SMALL, attack="vmi", restarts=9) == pytest.approx(once)


def forward_seconds(sizes: Sizes) -> float:
    return speed.forward_seconds(sizes.pixels, sizes.multiply_adds)


def step_seconds(sizes: Sizes, students: int, kind: PriorKind = "wgan-gp") -> float:
    return speed.step_seconds(sizes.pixels, sizes.multiply_adds, students, kind)


def test_a_search_costs_the_views_that_the_target_scores() -> None:
    once, forward, rows = seconds(Stage.ATTACK, SMALL, steps=1), forward_seconds(SMALL), 20 * 4
    two_views = seconds(Stage.ATTACK, SMALL, attack="plg-mi", steps=1)
    assert two_views - once == pytest.approx(rows * 3 * forward)
    assert seconds(Stage.ATTACK, SMALL, attack="ppa", steps=1, shard_size=10) - once == pytest.approx(
        (2 * 4096 + rows * 100) * forward
    )
    students = [seconds(Stage.ATTACK, SMALL, attack="plg-mi", students=n) for n in (0, 3)]
    assert students[1] - students[0] == pytest.approx(rows * 100 * 2 * 3 * 0.00016)
    controls = [seconds(Stage.CONTROLS, SMALL, attack=name) for name in ("gmi", "ppa")]
    assert controls[1] - controls[0] == pytest.approx(20 * 16 * (100 - 8) * forward)


def test_a_prior_that_learns_answers_is_made_for_every_model() -> None:
    twin = {"release": "rel_0", "checkpoint": "sha256:0", "identities": [1], "replaced": []}
    own = {"attack": "kedmi", "prior_kind": "kedmi"}
    for stage, changes in ((Stage.POWER, {}), (Stage.CONTROLS, {"twin": twin})):
        alike = seconds(stage, SMALL, **changes, attack="kedmi", prior_kind="non-saturating")
        assert seconds(stage, SMALL, **changes, **own) - alike > 900, stage
    assert seconds(Stage.CONTROLS, SMALL, **own) == seconds(Stage.CONTROLS, SMALL, attack="kedmi")


def test_an_attacker_s_queries_include_the_refit_that_all_identities_share() -> None:
    decoder = {"name": "decoder", "setting": "lom", "prior": "pca", "prior_kind": "pca", "students": 0}
    plan = Plan.load(PLAN)
    attacks = [plan.attacks[0].model_copy(update={**decoder, "steps": 100, "restarts": 4})]
    inputs: Any = SimpleNamespace(
        plan=plan.model_copy(update={"attacks": attacks}), classes=["one"] * 74, identities=list(range(37))
    )

    def queries(*moved: float) -> int:
        return cost(inputs, [], {"refit": {"key": "one", "moved": moved}}).gradient_queries_per_identity

    assert queries(0.1, 0.05) == 4 * 100 + 2 * 60 * 74 // 37
    assert queries(0.0) == 4 * 100 + 60 * 74 // 37, "the first round ended the refit"
    inputs.classes = ["one"] * 19
    assert queries() == 400, "no refit of so few classes"


def test_attacks_that_share_a_refit_pay_for_it_once() -> None:
    plan = Plan.load(PLAN)
    common = {"setting": "lom", "prior": "pca", "prior_kind": "pca", "students": 0, "restarts": 1}
    names: dict[Attack, int] = {"decoder": 100, "warm-start-views": 100, "closed-form": 0}
    attacks = [plan.attacks[0].model_copy(update=common | {"name": k, "steps": n}) for k, n in names.items()]
    inputs: Any = SimpleNamespace(
        plan=plan.model_copy(update={"attacks": attacks}), classes=["one"] * 74, identities=list(range(37))
    )
    keys = ("one", "one", "one"), ("one", "one", "other")
    shared, apart = (
        cost(inputs, [], {"attacks": [{"refit": {"key": key, "moved": [0.1, 0.1]}} for key in three]}) for three in keys
    )
    rounds = 2 * 60 * 74 // 37
    assert apart.gradient_queries_per_identity - shared.gradient_queries_per_identity == rounds
    assert shared.gradient_queries_per_identity == 200 + rounds
    assert refits(attacks) == refits(attacks[:1]) == {("pca", "pca", "lom")}
    other = attacks[2].model_copy(update={"setting": "baseline"})
    assert refits([*attacks[:2], other]) == {("pca", "pca", "lom"), ("pca", "pca", "baseline")}
    shipped = attacks[2].model_copy(update={"prior": "built-in"})
    assert refits([*attacks[:2], shipped]) == {("pca", "pca", "lom"), ("pca", "built-in", "lom")}


def of_target(multiply_adds: int | None, pixels: float = 4.0) -> Sizes:
    return Sizes(pixels, multiply_adds, 10_000, 2_400, 2)


def test_a_large_target_costs_what_it_multiplies() -> None:
    large, small = of_target(1_253_000_000), of_target(10_800_000)
    difference = forward_seconds(large) - forward_seconds(small)
    assert step_seconds(large, 0) - step_seconds(small, 0) == pytest.approx(3 * difference)
    assert seconds(Stage.ATTACK, large) > 3 * seconds(Stage.ATTACK, small)


def test_components_are_as_good_as_free_in_a_step() -> None:
    assert step_seconds(of_target(10_800_000), 0, "pca") == pytest.approx(3 * forward_seconds(of_target(10_800_000)))
    assert seconds(Stage.ATTACK, FACES, prior_kind="pca") < seconds(Stage.ATTACK, FACES)


def test_a_release_whose_work_was_not_counted_counts_as_a_small_one() -> None:
    assert step_seconds(of_target(None, 1.0), 3) == pytest.approx(step_seconds(of_target(2_700_000, 1.0), 3))
    assert step_seconds(of_target(None), 0) == pytest.approx(step_seconds(of_target(10_800_000), 0))


def test_students_cost_by_the_public_images_and_their_size() -> None:
    assert seconds(Stage.STUDENTS, FACES) == 0
    assert seconds(Stage.STUDENTS, Sizes(1.0, None, 3_040, 0, 0), students=3) == pytest.approx(60)
    assert seconds(Stage.STUDENTS, Sizes(4.0, None, 10_000, 0, 0), students=1) == pytest.approx(1400)
    assert seconds(Stage.STUDENTS, Sizes(16.0, None, 10_000, 0, 0), students=1) == pytest.approx(5600)


def test_controls_cost_by_the_public_images_and_the_shortlist_of_each_identity() -> None:
    forward = forward_seconds(FACES)
    assert seconds(Stage.CONTROLS, FACES, identities=0) == pytest.approx(10_000 * forward)
    assert seconds(Stage.CONTROLS, FACES, identities=74) == pytest.approx(0.05 * 74 + (10_000 + 128 * 74) * forward)


def test_uploaded_verifiers_embed_every_image_and_bundled_ones_are_in_the_guess() -> None:
    bundled = Sizes(FACES.pixels, FACES.multiply_adds, FACES.public, FACES.private, 0)
    added = {stage: seconds(stage, FACES) - seconds(stage, bundled) for stage in set(AUDIT_STAGES) - WITH_LOOK}
    assert added.pop(Stage.REFERENCES) == pytest.approx(2 * 12_400 * 0.01)
    assert added.pop(Stage.VERIFY) == pytest.approx(2 * 2_400 * 0.01)
    assert set(added.values()) == {0.0}


def test_classifiers_of_the_private_images_are_trained_to_judge() -> None:
    more = Sizes(FACES.pixels, FACES.multiply_adds, FACES.public, 2 * FACES.private, 0)
    few = Sizes(FACES.pixels, FACES.multiply_adds, FACES.public, FACES.private, 0)
    grown = {stage: seconds(stage, more) - seconds(stage, few) for stage in set(AUDIT_STAGES) - WITH_LOOK}
    assert grown[Stage.VERIFY] == pytest.approx(15 * 2_400 * 4 * 0.0007)
    assert grown[Stage.POWER] == pytest.approx(2 * grown[Stage.VERIFY])
    assert grown[Stage.REFERENCES] == pytest.approx(2_400 * forward_seconds(few))
    assert sum(map(bool, grown.values())) == 3
    assert seconds(Stage.POWER, SMALL) == pytest.approx(seconds(Stage.POWER, Sizes(1.0, None, 3_000, 0, 0)))


def test_the_model_known_to_leak_is_as_small_for_every_target() -> None:
    other = Sizes(FACES.pixels, 10_800_000, FACES.public, FACES.private, 0)
    assert seconds(Stage.POWER, FACES) == pytest.approx(seconds(Stage.POWER, other))
    assert seconds(Stage.POWER, FACES, students=3) > 3 * 1400  # it needs separate students
    own, shipped = (seconds(Stage.POWER, replace(SMALL, shipped=one), students=3) for one in (False, True))
    assert own - shipped == pytest.approx(30 * 600 * 0.0007 + 3 * 3_000 * 20 / 3040), "none is shipped for this prior"
    nobody = replace(SMALL, shipped=False, private=0)
    assert seconds(Stage.POWER, nobody) == seconds(Stage.POWER, SMALL), "it would be trained on private images"
    assert seconds(Stage.POWER, SMALL, students=3) < 60
    assert seconds(Stage.POWER, SMALL, steps=1) > 1.6, "its reconstructions are judged, too"


def test_components_take_a_hundredth_of_the_training_of_a_generator() -> None:
    assert seconds(Stage.PRIOR, FACES) > 80 * seconds(Stage.PRIOR, FACES, prior_kind="pca")
    few = Sizes(FACES.pixels, FACES.multiply_adds, 1_000, FACES.private, FACES.uploaded)
    whole = seconds(Stage.PRIOR, FACES, prior_kind="pca")
    assert seconds(Stage.PRIOR, few, prior_kind="pca") == pytest.approx(whole / 10)
