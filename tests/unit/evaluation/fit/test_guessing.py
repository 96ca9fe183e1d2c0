"""The exact test against guessing is correct with two classes and with hundreds."""

from __future__ import annotations

import numpy as np
import pytest

from bench.truth.fit_simulation import alike_pair, fit_of, numbered, states, strangers, trained
from worker.evaluation.fit import floor_of
from worker.evaluation.guessing import LEVEL, NO_GUESS, against_guessing, clearly_better


@pytest.mark.parametrize("right", [0.86, 1.0])
@pytest.mark.parametrize("classes", [2, 3, 10, 90, 500])
def test_a_trained_model_is_never_mistaken_for_guessing(classes, right):
    rng = np.random.default_rng(classes)
    for _ in range(5):
        guesses, labels = trained(rng, classes, images=15, right=right)
        assert against_guessing(guesses, labels, classes).p_value <= LEVEL


@pytest.mark.parametrize("classes", [2, 3, 4, 5, 10, 90])
def test_models_that_guess_are_found_better_at_the_level_of_the_test_at_most(classes):
    rng = np.random.default_rng(classes)
    for image_by_image in (True, False):
        rejected = 0
        for _ in range(100):
            guesses, labels = strangers(rng, classes, images=6, alike=0.0 if image_by_image else 1.0)
            rejected += against_guessing(guesses, labels, classes).p_value <= LEVEL
        if image_by_image or classes > 4:  # with few classes, look-alikes resemble known people
            assert rejected <= 13, "of 100, at 5 %: more than 13 in one case of two thousand"


@pytest.mark.parametrize("classes", [2, 3, 10, 90])
def test_a_constant_model_and_one_without_answers_guess(classes):
    labels = np.repeat(np.arange(classes), 8)
    for constant in (0, classes - 1, NO_GUESS):
        found = against_guessing(np.full_like(labels, constant), labels, classes)
        assert found.at_chance
        assert found.p_value == 1.0


def test_a_constant_model_guesses_where_two_of_ninety_classes_have_images_and_it_says_one_of_them():
    labels = np.repeat([4, 7], 10)
    assert against_guessing(np.full_like(labels, 4), labels, 90).at_chance
    assert not against_guessing(labels, labels, 90).at_chance


@pytest.mark.parametrize("classes", [3, 4, 5])
def test_a_model_of_few_classes_that_confuses_two_of_them_is_better_than_guessing(classes):
    rng = np.random.default_rng(0)
    for _ in range(10):
        guesses, labels = alike_pair(rng, classes, images=15, taken=0.5)
        assert not against_guessing(guesses, labels, classes).at_chance


def test_one_class_alone_is_compared_with_its_share():
    labels = np.zeros(10, int)
    assert not against_guessing(labels, labels, 90).at_chance
    half = np.arange(10) % 2
    assert against_guessing(half, labels, 2).at_chance
    assert against_guessing(np.ones_like(labels), labels, 2).at_chance


def test_the_test_does_not_decide_where_not_even_a_flawless_model_could_be_told_from_guessing():
    for labels in (np.arange(2), np.repeat(np.arange(2), 2), np.zeros(0, int)):
        found = against_guessing(labels, labels, 2)
        assert not found.decides
        assert not found.at_chance
    three = np.repeat(np.arange(2), 3)
    assert against_guessing(three, three, 2).decides


def test_images_of_one_identity_count_as_one_where_there_are_enough_identities():
    labels = np.repeat(np.arange(90), 15)
    called = np.roll(np.arange(90), 1)
    called[:2] = 0, 1  # two of 90 look-alikes are correct by chance, with all of their 30 images
    assert against_guessing(called[labels], labels, 90).at_chance
    called[:8] = np.arange(8)
    assert not against_guessing(called[labels], labels, 90).at_chance


def test_strangers_of_many_classes_are_at_chance_and_hardly_ever_anything_else():
    rng = np.random.default_rng(3)
    for alike, popular in ((0.0, False), (0.5, False), (1.0, False), (1.0, True)):
        found = states(lambda a=alike, p=popular: strangers(rng, 90, alike=a, popular=p), 90, times=20)
        assert found["at_chance"] >= 16, (alike, popular, found)
        assert found["class_order"] <= 2, (alike, popular, found)
        assert not found["trained"], (alike, popular, found)


def test_one_classifier_is_clearly_better_by_the_images_on_which_they_differ():
    base = np.zeros(40, bool)
    base[:20] = True
    better = base.copy()
    better[20:26] = True
    assert clearly_better(better, base)
    assert not clearly_better(base, better)
    better[0] = False
    assert not clearly_better(better, base), "six won, one lost"
    assert not clearly_better(base, base)


def test_the_accuracy_of_a_flawless_model_has_an_interval_with_a_width():
    fit = fit_of(trained(np.random.default_rng(0), 8, right=1.0), numbered(8))
    assert (fit.accuracy.value, fit.accuracy.high, fit.accuracy.n) == (1.0, 1.0, 8)
    assert 0.5 < fit.accuracy.low < 0.8
    assert (fit.state, fit.may_pass) == ("trained", True)


def test_the_floor_is_half_way_and_must_be_passed():
    assert [floor_of(classes) for classes in (2, 3, 10)] == [0.75, pytest.approx(2 / 3), 0.55]
    labels = np.repeat(np.arange(3), 12)
    two_of_three = np.where(labels == 2, 0, labels)
    fit = fit_of((two_of_three, labels), numbered(3))
    assert fit.accuracy.value == pytest.approx(fit.floor)
    assert (fit.state, fit.may_pass, fit.stops) == ("below_floor", False, False)
