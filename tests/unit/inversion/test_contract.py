"""What the service knows of the engine (`app.contract`) is what the engine does."""

import dataclasses
from collections.abc import Callable
from inspect import signature
from math import inf, nan
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from app.contract import choices, engine
from app.contract.convention import Convention, VerifierConvention
from app.contract.engine import (
    DRAWS,
    MICRO_BATCH,
    PCA_OPTIONS,
    PRESETS,
    PRIOR_KINDS,
    SMALL,
    VIEWS_OF,
    WITH_STUDENTS,
    Views,
)
from app.contract.result.base import Access
from worker.evaluation import input_conventions, power, reference, severity, sight, verdict
from worker.evaluation.controls import nearest_public_control
from worker.evaluation.evaluator import train_evaluator
from worker.evaluation.input_conventions import normalisations, turned
from worker.evaluation.verifiers import Preprocessing
from worker.inversion import domain_refit
from worker.inversion.attacks import SETTINGS, Attack, Decoder, attacks
from worker.inversion.errors import InvalidConvention
from worker.inversion.feature_decoder import decode_classes
from worker.inversion.priors.recipe import MAKERS
from worker.inversion.students import default_student_recipe
from worker.inversion.targets import InputConvention


def test_requests_can_choose_what_the_engine_has() -> None:
    assert set(get_args(choices.Attack)) == set(attacks) == set(PRIOR_KINDS)
    assert set(get_args(choices.Setting)) == set(SETTINGS)
    assert set(get_args(choices.PriorKind)) == set(MAKERS) >= set(PRIOR_KINDS.values())
    assert set(get_args(choices.Verdict)) == set(get_args(verdict.Answer))
    assert set(get_args(Access)) == set(get_args(severity.Access))


@pytest.mark.parametrize("setting", get_args(choices.Setting))
def test_the_settings_with_students_are_those_that_use_them(setting: str) -> None:
    assert Attack.from_dict({"attack": "gmi", "setting": setting}).uses_students == (setting in WITH_STUDENTS)


@pytest.mark.parametrize("name", get_args(choices.Attack))
def test_defaults_of_an_attack_are_those_that_estimates_count_with(name: str) -> None:
    attack = Attack.from_dict({"attack": name, **PCA_OPTIONS.get(name, {})})
    assert attack.micro_batch == MICRO_BATCH
    assert attack.prior_kind in {PRIOR_KINDS[name], None}
    assert getattr(attack, "samples", DRAWS.get(name)) == DRAWS.get(name)
    views = VIEWS_OF.get(name, Views())
    assert max(1, attack.views_per_step) == views.a_step
    assert attack.views == (views.of_result or engine.VIEWS)
    assert getattr(attack, "pool", 0) * getattr(attack, "pool_crops", 0) == views.of_starts


@pytest.mark.parametrize("name", get_args(choices.Attack))
@pytest.mark.parametrize("kind", get_args(choices.PriorKind))
@pytest.mark.parametrize("effort", get_args(choices.Effort))
def test_the_engine_accepts_the_effort_that_is_planned(name: str, kind: str, effort: choices.Effort) -> None:
    planned = engine.planned_effort(name, kind, effort)
    attack = Attack.from_dict({"attack": name, "steps": planned.steps, "restarts": planned.restarts})
    fewer = name in engine.SINGLE or (kind == "pca" and name == "decoder")
    assert (attack.restarts < PRESETS[effort].restarts or effort == "quick") if fewer else planned == PRESETS[effort]
    beside = engine.planned_effort(name, kind, effort, beside=engine.PORTFOLIOS["quick"].large)
    assert beside.restarts == (1 if fewer else planned.restarts)


def test_networks_are_small_up_to_the_same_size() -> None:
    small, large = (default_student_recipe(InputConvention(side, side, 3))["networks"] for side in (SMALL, SMALL + 1))
    assert {network for network, _ in small} == {"exhume/small-cnn"}
    assert {network for network, _ in large}.isdisjoint({"exhume/small-cnn"})
    assert all(preset.students <= len(small) for preset in PRESETS.values())


def test_defaults_by_size_are_those_of_the_engine_and_search_large_images_without_students() -> None:
    assert engine.default_setting(SMALL) == Attack.from_dict({"attack": "gmi"}).setting
    assert engine.default_setting(SMALL + 1) not in WITH_STUDENTS
    assert [engine.default_prior(side) for side in (SMALL, SMALL + 1)] == ["trained", "pca"]


def test_estimates_count_the_work_that_the_engine_does() -> None:
    assert signature(train_evaluator).parameters["epochs"].default == engine.EVALUATOR_EPOCHS
    assert min(reference.EPOCHS) == engine.REFERENCE_EPOCHS
    counts = power.IDENTITIES, power.MORE_IDENTITIES
    assert counts == (engine.REFERENCE_IDENTITIES, engine.MORE_REFERENCE_IDENTITIES)
    assert power.SMALL == SMALL
    refit = engine.DomainRefit(
        rounds=domain_refit.ROUNDS,
        steps=domain_refit.SEARCH_STEPS,
        fewest_classes=domain_refit.FEWEST_CLASSES,
        most_classes=domain_refit.MOST_CLASSES,
        images=signature(decode_classes).parameters["images"].default,
    )
    assert refit == engine.REFIT
    assert {name for name, attack in attacks.items() if attack.uses_decoder} == engine.WITH_DECODER
    search = domain_refit.search_of(Decoder(setting="lomma"))
    alike = {"lambda_reg": search.lambda_reg, "realism_weight": search.realism_weight}
    assert PCA_OPTIONS["decoder"] | alike == PCA_OPTIONS["decoder"]
    assert signature(nearest_public_control).parameters["shortlist"].default == engine.SHORTLIST
    assert Attack.from_dict({"attack": "gmi"}).views == engine.VIEWS
    assert input_conventions.SAMPLE == engine.CONVENTION_SAMPLE
    unlike_others = InputConvention(32, 32, 3, mean=(0.3,), std=(0.2,))
    assert len([*normalisations(unlike_others), turned(unlike_others)]) == engine.OTHER_CONVENTIONS


def test_advice_and_verdict_need_the_same_power() -> None:
    assert engine.POWER_NEEDED == verdict.POWER_NEEDED
    assert engine.SENSITIVITY_NEEDED == sight.SENSITIVITY_NEEDED


SOUND = {"height": 32, "width": 64, "channels": 3}
VARIANTS: list[dict[str, Any]] = [
    *({"height": side} for side in (7, 8, 1024, 1025)),
    *({"width": side} for side in (7, 8, 1024, 1025)),
    *({"channels": count} for count in (1, 2, 3)),
    *({"channel_order": order} for order in ("RGB", "BGR", "GRB")),
    *({name: [0.5] * count} for name in ("mean", "std") for count in range(5)),
    *({name: [0.5] * 3, "channels": 1} for name in ("mean", "std")),
    *({name: [value]} for name in ("mean", "std") for value in (-1e6, -1.0, 0.0, 999_999.0, 1e6, inf, nan)),
    {"crop": 4},
]


def accepts(read: Callable[[dict[str, Any]], object], values: dict[str, Any]) -> bool:
    try:
        read(values)
    except (ValidationError, InvalidConvention):
        return False
    return True


@pytest.mark.parametrize("change", VARIANTS, ids=str)
def test_a_convention_is_accepted_by_the_contract_and_by_the_engine_or_by_neither(change: dict[str, Any]) -> None:
    values = SOUND | change
    assert accepts(Convention.model_validate, values) == accepts(InputConvention.from_dict, values)
    if {"height", "width", "channels", "crop"}.isdisjoint(change) and accepts(
        VerifierConvention.model_validate, change
    ):
        Preprocessing.from_dict(VerifierConvention.model_validate(change).model_dump())


@pytest.mark.parametrize("channels", [1, 3])
def test_a_convention_means_the_same_to_the_contract_and_to_the_engine(channels: int) -> None:
    values = {"height": 32, "width": 64, "channels": channels}
    assert Convention.model_validate(values).model_dump() == InputConvention.from_dict(values).to_dict()
    of_verifier = VerifierConvention().model_dump()
    assert Preprocessing.from_dict(of_verifier) == Preprocessing.from_dict({}) == Preprocessing()
    assert set(of_verifier) == {field.name for field in dataclasses.fields(Preprocessing)}


@pytest.mark.parametrize("count", range(5))
def test_a_verifier_takes_one_number_or_three(count: int) -> None:
    values = {"mean": [0.5] * count}
    assert accepts(VerifierConvention.model_validate, values) == accepts(Preprocessing.from_dict, values)
