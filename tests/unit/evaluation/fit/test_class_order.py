"""Another class order is recognised. Look-alikes and strangers do not count as one."""

from __future__ import annotations

import numpy as np
import pytest

from bench.truth.fit_simulation import alike_pair, fit_of, numbered, states, strangers, swapped, trained
from worker.evaluation.class_order import recognise_order
from worker.evaluation.places import exchanged
from worker.evaluation.sorting import sorted_orders, sorting_of

DIGITS = [str(k) for k in (*range(10), *range(20, 100))]


def in_text_order(names: list[str]) -> np.ndarray:
    """Return the place of each class when names are sorted as `ImageFolder` sorts folders."""
    return np.array([sorted(names).index(name) for name in names])


def test_a_model_trained_in_text_order_and_described_in_number_order_is_recognised_with_its_pictures():
    rng = np.random.default_rng(0)
    fit = fit_of(trained(rng, 90, right=0.98, places=in_text_order(DIGITS)), DIGITS)
    assert fit.state == "class_order"
    assert fit.accuracy.value == pytest.approx(13 / 90, abs=0.02)
    assert fit.p_value < 0.01, "13 names right by luck are more than guessing"
    assert fit.order is not None
    assert (fit.order.kind, fit.order.suggested) == ("sorted as text", tuple(sorted(DIGITS)))
    assert fit.order.displaced == 77
    assert fit.order.accuracy == pytest.approx(0.98, abs=0.02)
    first = fit.order.examples[0]
    assert (first.pictures_of, first.labelled_as) == ("3", "23"), "class 13 of the text order is 3, of the declared 23"
    assert first.share > 0.8


def test_a_model_trained_in_number_order_and_described_in_text_order_is_recognised():
    names = sorted(DIGITS)
    places = np.array([DIGITS.index(name) for name in names])
    fit = fit_of(trained(np.random.default_rng(0), 90, images=3, places=places), names)
    assert fit.state == "class_order"
    assert fit.order is not None
    assert (fit.order.kind, fit.order.suggested) == ("sorted as numbers", tuple(DIGITS))


@pytest.mark.parametrize("people", [8, 45])
def test_a_sorted_order_is_recognised_where_only_some_classes_have_images(people):
    rng = np.random.default_rng(people)
    fit = fit_of(trained(rng, 90, people=people, places=in_text_order(DIGITS)), DIGITS)
    assert fit.state == "class_order"
    assert fit.order is not None
    assert fit.order.suggested == tuple(sorted(DIGITS))


@pytest.mark.parametrize(("classes", "images"), [(2, 10), (3, 10), (10, 5), (90, 15), (90, 1), (300, 4)])
def test_a_shuffled_order_is_recognised_and_the_suggested_one_is_the_true_one(classes, images):
    rng = np.random.default_rng(classes)
    places = np.roll(rng.permutation(classes), 1) if classes > 3 else np.roll(np.arange(classes), 1)
    fit = fit_of(trained(rng, classes, images=images, right=0.97, places=places), numbered(classes))
    assert fit.state == "class_order"
    assert fit.order is not None
    agreeing = np.mean([fit.order.suggested[place] == str(k) for k, place in enumerate(places)])
    assert agreeing >= 0.95
    assert sorted(fit.order.suggested) == sorted(numbered(classes)), "every name once"


def test_hundreds_of_numbered_classes_with_twelve_right_by_luck_are_not_a_trained_model():
    rng = np.random.default_rng(1)
    names = numbered(400)
    places = in_text_order(names)
    kept = (places == np.arange(400)).sum()
    assert 2 <= kept <= 20
    fit = fit_of(trained(rng, 400, images=3, right=1.0, places=places), names)
    assert fit.p_value < 0.05 or fit.state == "class_order"
    assert fit.order is not None
    assert fit.order.kind == "sorted as text"


@pytest.mark.parametrize("classes", [10, 90])
def test_one_swapped_pair_is_recognised_though_nearly_everything_is_right(classes):
    rng = np.random.default_rng(classes)
    for a, b in ((0, 1), (3, classes - 2)):
        fit = fit_of(trained(rng, classes, images=15, right=0.9, places=swapped(classes, a, b)), numbered(classes))
        assert fit.state == "class_order"
        assert fit.order is not None
        assert fit.order.displaced == 2
        assert {(e.pictures_of, e.labelled_as) for e in fit.order.examples} == {(str(a), str(b)), (str(b), str(a))}
        assert fit.accuracy.value > fit.floor


@pytest.mark.parametrize(("taken", "most"), [(0.3, 0), (0.5, 1), (0.6, 3)])
def test_two_people_who_look_alike_are_no_order(taken, most):
    rng = np.random.default_rng(0)
    found = states(lambda: alike_pair(rng, 30, images=15, taken=taken), 30, times=25)
    assert found["class_order"] <= most
    assert found["trained"] == 25 - found["class_order"]


def test_a_person_who_is_always_mistaken_for_another_is_not_an_order():
    guesses, labels = trained(np.random.default_rng(0), 30, right=1.0)
    guesses[labels == 4] = 9
    guesses[labels == 5] = 4
    assert fit_of((guesses, labels), numbered(30)).order is None


@pytest.mark.parametrize(("classes", "people"), [(10, 10), (90, 90), (90, 12), (500, 20)])
def test_strangers_who_are_each_mistaken_for_one_look_alike_are_hardly_ever_an_order(classes, people):
    rng = np.random.default_rng(classes)
    found = states(lambda: strangers(rng, classes, people=people), classes, times=25)
    assert found["class_order"] <= 2
    assert found["at_chance"] >= 20


def test_a_model_that_memorised_a_third_is_not_mended_by_moving_the_strangers():
    rng = np.random.default_rng(0)
    guesses, labels = strangers(rng, 90)
    guesses[labels < 27] = labels[labels < 27]
    fit = fit_of((guesses, labels), numbered(90))
    assert (fit.state, fit.order) == ("below_floor", None)


def test_the_right_order_stays_where_the_classes_are_sorted_some_other_way():
    rng = np.random.default_rng(0)
    names = [str(k) for k in rng.permutation(40)]
    assert fit_of(trained(rng, 40), names).state == "trained"


def test_a_cycle_with_noise_keeps_what_is_right_and_moves_what_is_not():
    rng = np.random.default_rng(0)
    places = np.arange(50)
    places[[7, 19, 33]] = 19, 33, 7
    guesses, labels = trained(rng, 50, images=8, right=0.85, places=places)
    np.testing.assert_array_equal(exchanged(guesses, labels, 50, floor=0.51), places)


def test_classes_without_images_make_room_for_those_that_move_to_their_places():
    rng = np.random.default_rng(2)
    places = rng.permutation(60)
    guesses, labels = trained(rng, 60, people=45, right=0.97, places=places)
    order = recognise_order(guesses, labels, numbered(60), floor=0.51)
    assert order is not None
    assert sorted(order.suggested) == sorted(numbered(60))
    seen = np.unique(labels)
    assert np.mean([order.suggested[places[k]] == str(k) for k in seen]) > 0.9


def test_names_are_sorted_as_text_and_by_the_numbers_in_them():
    names = ["p10", "p9", "P1", "p02"]
    orders = sorted_orders(names)
    assert orders["sorted as text"].tolist() == [2, 3, 0, 1]  # P1, p02, p10, p9
    assert orders["sorted as numbers"].tolist() == [3, 2, 0, 1]  # P1, p02, p9, p10
    assert sorting_of(["1", "10", "2"]) == "sorted as text"
    assert sorting_of(["1", "2", "10"]) == "sorted as numbers"
    assert sorting_of(["b", "a"]) is None
    assert "sorted as text" not in sorted_orders(["a", "b"])
    long = ["9" * 5000, "1" + "0" * 5000]
    assert sorting_of(long) == "sorted as numbers", "of any length"
