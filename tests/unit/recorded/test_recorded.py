"""Reconstructions and trained weights equal the recorded ones after any restructuring."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from worker.evaluation.evaluator import train_evaluator
from worker.inversion.attacks import SETTINGS, Attack
from worker.inversion.attacks import attacks as registered

from . import attacks, records, trainings


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", attacks.CASES)
def test_an_attack_makes_the_recorded_reconstructions(name):
    kept, found = records.load(records.RECONSTRUCTIONS)[name], attacks.reconstructions(name)
    digests = kept["digests"].get(records.machine())
    assert digests is None or [one.digest for one in found] == digests
    assert records.pixels_agree(np.stack([one.image for one in found]), records.unpacked(kept["pixels"]))


@pytest.mark.parametrize("name", trainings.TRAININGS)
def test_a_training_ends_in_the_recorded_weights(name):
    kept, network = records.load(records.WEIGHTS)[name], trainings.TRAININGS[name]()
    digest = kept["digests"].get(records.machine())
    assert digest is None or records.weights_digest(network) == digest
    said = trainings.answers(network, trainings.channels_of(name))[:, :12]
    assert records.answers_agree(said, np.array(kept["answers"]))


@pytest.mark.parametrize("name", [name for name in attacks.CASES if name != "closed-form-pca"])
def test_the_tolerance_for_other_processors_notices_one_step_more(name, monkeypatch):
    """Without a digest only the pixels count. They must reveal an attack that ran longer."""
    kept = records.unpacked(records.load(records.RECONSTRUCTIONS)[name]["pixels"])
    monkeypatch.setitem(attacks.SHORT, "steps", attacks.SHORT["steps"] + 1)
    found = np.stack([one.image for one in attacks.reconstructions(name)])
    assert not records.pixels_agree(found, kept)


def test_every_attack_is_recorded():
    kinds = {options["attack"] for _, options in attacks.CASES.values()}
    assert kinds == set(registered)
    assert {Attack.from_dict(options).setting for _, options in attacks.CASES.values()} == set(SETTINGS)


def test_the_tolerance_for_other_processors_notices_another_order_of_the_images():
    kept = np.array(records.load(records.WEIGHTS)["evaluator"]["answers"])
    other = train_evaluator(*trainings.images_and_labels(), seed=3, epochs=3).model
    assert not records.answers_agree(trainings.answers(other, 1)[:, :12], kept)
