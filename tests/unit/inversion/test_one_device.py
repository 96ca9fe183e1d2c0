"""No step of an attack or a training makes a GPU wait or mixes devices; seen without a GPU."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from tests.unit.inversion.conftest import CLASSES, TINY_STUDENTS
from tests.unit.inversion.one_device import META, Float64Error, OneDevice, TwoDevicesError, ValueReadError
from tests.unit.inversion.test_attacks import SHORT
from worker.evaluation import reference
from worker.evaluation.evaluator import train_evaluator
from worker.inversion.attacks import (
    SETTINGS,
    ClosedForm,
    Gmi,
    Reconstruction,
    attacks,
    descent,
    gmi,
    kedmi,
    latent_search,
    miface,
    vmi,
)
from worker.inversion.attacks.attack import Attack, Task
from worker.inversion.attacks.run import networks
from worker.inversion.attacks.selection import target_scores
from worker.inversion.classifier_training import ClassifierTraining
from worker.inversion.feature_decoder import decode_classes
from worker.inversion.priors.prior import Prior
from worker.inversion.priors.training import start_training, train_prior
from worker.inversion.progress import silent
from worker.inversion.students import train_students
from worker.inversion.tangent import tangent_alignment
from worker.inversion.targets import Target

DRIVEN = SHORT | {"closed-form": ClosedForm(views=2, micro_batch=8)}
SEARCHING: tuple[ModuleType, ...] = (latent_search, gmi, kedmi, miface, vmi)
PRIORS = {
    "wgan-gp": {"gp_images": 4, "augment": "translation,cutout"},
    "non-saturating": {"gp_images": 4, "augment": "colour", "mirror": True},
    "kedmi": {"gp_images": 4, "num_classes": CLASSES},
}


@pytest.fixture
def watch() -> Iterator[OneDevice]:
    with OneDevice() as mode:
        yield mode


class OnMeta(Task):
    """A task whose tensors have no values, so that its rows are known from elsewhere."""

    @property
    def rows(self) -> list[tuple[int, int]]:
        return [(at // 2, at % 2) for at in range(len(self.y))]


def on_meta(module: Any) -> Any:
    return copy.deepcopy(module).to(META)


def task(target: Target, students: list[Target], prior: Prior | None, attack: Attack) -> Task:
    own, found = on_meta(target), None if prior is None else on_meta(prior)
    models, fast = networks(own, [on_meta(S) for S in students], found, attack)
    rows = torch.empty(2 * attack.restarts, dtype=torch.int64, device=META)
    features = torch.empty(24, device=META) if attack.uses_p_reg else None
    decoded = torch.empty(CLASSES, prior.latent_dim, device=META) if prior is not None else None
    return OnMeta(models, fast, rows, rows, features, 3, silent, decoded)


def test_every_attack_is_driven() -> None:
    assert {attack.name for attack in DRIVEN.values()} == set(attacks)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", DRIVEN)
def test_a_step_of_a_search_never_waits(
    name: str,
    setting: str,
    target: Target,
    students: list[Target],
    prior: Prior,
    watch: OneDevice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every attack in every setting, from its first latents to the scores of its images."""

    def descend(state: Any, step: Any, *args: Any, **kwargs: Any) -> Any:
        return descent.descend(state, watch.watched(step), *args, **kwargs)

    for module in SEARCHING:
        monkeypatch.setattr(module, "descend", descend)
    attack = dataclasses.replace(DRIVEN[name], setting=setting, steps=min(DRIVEN[name].steps, 1))
    given = task(target, students if attack.uses_students else [], prior, attack)
    given.models.T(torch.empty(1, 1, 32, 32, device=META))  # an attack does so to measure its memory
    found = attack.search(given)
    assert found.z.device == META
    assert watch.operations > 50 or attack.steps == 0
    agreed = attack.consensus(given, found.z.view(-1, attack.restarts, *found.z.shape[1:]))
    assert agreed.device == META
    reads = watch.reads
    with torch.no_grad():
        images = attack.decode(given.prior, found.z)
        target_scores(given.models.T, images, given.y, views=2, micro_batch=4, cropped=attack.selection == "crops")
    assert watch.reads == reads


@pytest.mark.parametrize("kind", PRIORS)
def test_a_step_of_a_prior_reads_nothing(
    kind: str, target: Target, public_images: np.ndarray, watch: OneDevice
) -> None:
    tiny = {"steps": 2, "latent_dim": 12, "width": 8, "batch": 8, "affine": 0.3}
    recipe = {"kind": kind.partition(",")[0], **tiny, **PRIORS[kind]}
    run = start_training(public_images, recipe, seed=0, checkpoint=None, target=on_meta(target), device=META)
    reads = watch.reads
    figures = [run.step() for _ in range(2)]
    assert watch.reads == reads
    assert watch.resampled == {META}, "views are made on the device, not for it"
    assert {one.device for step in figures for one in step.values()} == {META}
    assert run.prior().G(torch.empty(2, 12, device=META)).device == META


@pytest.mark.parametrize("kind", ["students", "evaluator", "reference"])
def test_a_step_of_a_classifier_reads_nothing(
    kind: str, target: Target, public_images: np.ndarray, watch: OneDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = ClassifierTraining.step

    def step(self: ClassifierTraining, *args: Any) -> Any:
        return watch.watched(plain)(self, *args)

    monkeypatch.setattr(ClassifierTraining, "step", step)
    monkeypatch.setattr(reference, "EPOCHS", (1, 1))
    labels = np.arange(len(public_images)) % CLASSES
    if kind == "students":
        made = train_students(on_meta(target), public_images, TINY_STUDENTS | {"affine": 1.0}, seed=0)
    elif kind == "evaluator":
        made = [train_evaluator(public_images, labels, seed=0, epochs=1, device="meta").model]
    else:
        made = [reference.train_reference(public_images, labels, classes=CLASSES, device="meta").model]
    assert watch.operations > 100
    assert watch.resampled == {META}
    assert {next(network.parameters()).device for network in made} == {META}


def test_no_fit_and_no_figure_has_float64_on_the_device(
    target: Target, public_images: np.ndarray, watch: OneDevice
) -> None:
    """The decoder and the alignment of a gradient need it, so they compute on the CPU."""
    recipe = {"kind": "pca", "steps": 1, "latent_dim": 4}
    linear = train_prior(public_images, recipe, seed=0, device="meta")
    assert {t.device for t in linear.state_dict().values()} == {META}
    for public in (public_images, None):
        found = decode_classes(on_meta(target), linear, public, images=40)
        assert (found.latents.shape, found.latents.device.type) == ((CLASSES, 4), "cpu")
    one = Reconstruction(public_images[0], 0, 0, 0, 0.0, 1.0, True, 1, True, 8)
    assert len(tangent_alignment(on_meta(target), linear, None, Gmi(setting="baseline"), [one])) == 1


def test_the_watch_notices_what_it_is_for(watch: OneDevice) -> None:
    here, there = torch.ones(3), torch.empty(3, device=META)
    with pytest.raises(TwoDevicesError):
        there + here
    assert there + torch.ones(()) is not None
    with pytest.raises(Float64Error):
        there.double()
    with pytest.raises(TwoDevicesError):
        torch.randn(3, device=META, generator=torch.Generator())
    with watch.step():
        with pytest.raises(ValueReadError):
            float(there.sum())
        with pytest.raises(TwoDevicesError):
            here.to(META)
        with pytest.raises(TwoDevicesError):
            torch.zeros(2)
    assert float(there.sum()) == 1.0
