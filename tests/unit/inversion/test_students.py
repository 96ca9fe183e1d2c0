"""Students learn the teacher's outputs reproducibly and do not change the teacher."""

from __future__ import annotations

import pytest
import torch

from tests.unit.inversion.conftest import TINY_STUDENTS
from worker.inversion.data import to_tensor
from worker.inversion.errors import InvalidRecipe, UnusableModel
from worker.inversion.students import (
    StudentRecipe,
    default_student_recipe,
    load_students,
    public_feature_mean,
    save_students,
    students_key,
    train_students,
)
from worker.inversion.targets import InputConvention


def kl(target, student, x):
    with torch.no_grad():
        a, b = target(x).logits.log_softmax(1), student(x).logits.log_softmax(1)
    return float((a.exp() * (a - b)).sum(1).mean())


def test_distillation_brings_students_closer_to_the_target(target, public_images):
    x = to_tensor(public_images)
    little, more = (train_students(target, public_images, {**TINY_STUDENTS, "epochs": e}, seed=2) for e in (10, 60))
    for a, b in zip(little, more, strict=True):
        assert kl(target, b, x) < kl(target, a, x)


def test_same_seed_same_students_another_seed_others(target, public_images, students):
    again, other = (train_students(target, public_images, TINY_STUDENTS, seed=s) for s in (1, 2))
    for a, b, c in zip(students, again, other, strict=True):
        assert all(torch.equal(v, b.state_dict()[k]) for k, v in a.state_dict().items())
        assert not torch.equal(a.network.head.weight, c.network.head.weight)


def test_the_target_is_neither_trained_nor_left_in_another_mode(target, public_images):
    before = {k: v.clone() for k, v in target.state_dict().items()}
    target.train()
    try:
        train_students(target, public_images, TINY_STUDENTS, seed=1)
        assert all(m.training for m in target.modules())
    finally:
        target.eval()
    assert all(torch.equal(v, before[k]) for k, v in target.state_dict().items())


def test_progress_ends_at_the_total_and_can_cancel(target, public_images):
    seen = []
    train_students(target, public_images, TINY_STUDENTS, seed=1, progress=lambda *a: seen.append(a))
    assert seen[-1][0] == seen[-1][1]
    assert {f["student"] for *_, f in seen} == {1.0, 2.0}

    def cancel(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_students(target, public_images, TINY_STUDENTS, seed=1, progress=cancel)


def test_students_survive_their_file(target, public_images, students, tmp_path):
    save_students(students, TINY_STUDENTS, tmp_path / "s.safetensors")
    x = to_tensor(public_images[:3])
    for a, b in zip(students, load_students(tmp_path / "s.safetensors"), strict=True):
        assert torch.equal(a(x).logits, b(x).logits)
        assert a.convention == b.convention
    (tmp_path / "t.safetensors").write_bytes(b"")
    with pytest.raises(UnusableModel):
        load_students(tmp_path / "t.safetensors")


def test_p_reg_is_the_mean_feature_over_the_public_set_in_eval_mode(target, public_images):
    with torch.no_grad():
        expected = target(to_tensor(public_images)).features.mean(0)
    target.train()
    try:
        assert torch.allclose(public_feature_mean(target, public_images), expected, atol=1e-6)
        assert target.training
    finally:
        target.eval()


def test_p_reg_of_a_large_set_is_taken_over_a_bounded_part(target, public_images):
    with torch.no_grad():
        expected = target(to_tensor(public_images[::4])).features.mean(0)
    assert torch.allclose(public_feature_mean(target, public_images, limit=10), expected, atol=1e-6)


def test_the_default_is_the_papers_from_64_px_on():
    names = [a for a, _ in default_student_recipe(InputConvention(64, 64, 3))["networks"]]
    assert names == ["timm/efficientnet_b0", "timm/efficientnet_b1", "timm/efficientnet_b2"]
    assert {a for a, _ in default_student_recipe(InputConvention(32, 32, 1))["networks"]} == {"exhume/small-cnn"}


def test_the_key_depends_on_everything_that_makes_the_students():
    key = students_key("t", "i", TINY_STUDENTS, 0)
    assert key == students_key("t", "i", StudentRecipe.from_dict(TINY_STUDENTS).to_dict(), 0)
    others = [
        ("u", "i", TINY_STUDENTS, 0),
        ("t", "j", TINY_STUDENTS, 0),
        ("t", "i", {**TINY_STUDENTS, "epochs": 9}, 0),
        ("t", "i", TINY_STUDENTS, 1),
    ]
    assert len({key, *(students_key(*o) for o in others)}) == 5


@pytest.mark.parametrize(
    "wrong", [{}, {"networks": []}, {**TINY_STUDENTS, "epochs": 0}, {**TINY_STUDENTS, "teacher": 1}]
)
def test_a_wrong_recipe_is_rejected(wrong):
    with pytest.raises(InvalidRecipe):
        StudentRecipe.from_dict(wrong)
