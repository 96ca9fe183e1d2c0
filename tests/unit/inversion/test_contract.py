"""What the service knows of the engine (`app.contract`) is what the engine does."""

from typing import get_args

import pytest

from app.contract import choices
from app.contract.engine import DRAWS, MICRO_BATCH, PCA_OPTIONS, PRESETS, PRIOR_KINDS, SMALL, WITH_STUDENTS
from app.contract.result.base import Access
from app.decision import deciding
from worker.evaluation import severity, verdict
from worker.inversion.attacks import SETTINGS, Attack, attacks
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


def test_networks_are_small_up_to_the_same_size() -> None:
    small, large = (default_student_recipe(InputConvention(side, side, 3))["networks"] for side in (SMALL, SMALL + 1))
    assert {network for network, _ in small} == {"exhume/small-cnn"}
    assert {network for network, _ in large}.isdisjoint({"exhume/small-cnn"})
    assert all(preset.students <= len(small) for preset in PRESETS.values())


def test_advice_and_verdict_need_the_same_power() -> None:
    assert deciding.POWER_NEEDED == verdict.POWER_NEEDED
