"""Target training of the benchmarks: data sets, recipe, resuming, written files."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch

from bench.attacks.image_sets import held_out, private_sets, read_zip
from bench.make.train_target import TargetRecipe, accuracy, open_target, save_target, train_target

from .faces import squares, write_zip

TINY = TargetRecipe(
    "exhume/small-cnn", {"width": 4, "feature_dim": 16, "dropout": 0.2}, size=32, epochs=3, batch=8, lr=0.05
)  # fmt: skip


def test_a_zip_of_two_halves_gives_the_same_labels_in_both(face_data):
    train, test = private_sets(face_data / "lfw64-private.zip")
    assert train.images.shape == (40, 64, 64, 3)
    assert test.images.shape == (12, 64, 64, 3)
    assert train.names == test.names == ["000", "001", "002", "003"]
    assert np.bincount(train.labels).tolist() == [10] * 4
    assert np.bincount(test.labels).tolist() == [3] * 4
    for k in range(4):  # the colour depends on the identity
        square = train.images[train.labels == k][:, k * 64 // 5 + 2, k * 64 // 5 + 2]
        assert (square[:, k % 3] >= 180).all()


def test_halves_of_different_people_are_rejected(tmp_path):
    write_zip(tmp_path / "a.zip", {"train/a": squares(0, 1, 0), "test/b": squares(1, 1, 0)})
    with pytest.raises(SystemExit, match="same identities"):
        private_sets(tmp_path / "a.zip")
    with pytest.raises(SystemExit, match="no images"):
        read_zip(tmp_path / "a.zip", "elsewhere/")


def test_an_npz_of_two_halves_is_relabelled_from_zero(tmp_path):
    x = np.arange(4 * 64, dtype=np.uint8).reshape(4, 8, 8)
    y = np.array([5, 9, 5, 7])
    np.savez(tmp_path / "d.npz", x_train=x, y_train=y, x_test=x[:2], y_test=y[:2])
    train, test = private_sets(tmp_path / "d.npz")
    assert train.labels.tolist() == [0, 2, 0, 1]
    assert test.labels.tolist() == [0, 2]
    assert train.names == ["5", "7", "9"]


def test_held_out_images_are_no_training_images():
    images = np.arange(30, dtype=np.uint8)[:, None, None]
    learn, unseen = held_out(images)
    assert unseen.ravel().tolist() == [13, 27]
    assert len(learn) == 28
    assert not set(learn.ravel().tolist()) & set(unseen.ravel().tolist())


def test_the_default_recipe_is_the_papers():
    r = TargetRecipe()
    assert (r.lr, r.momentum, r.weight_decay, r.batch, r.mirror, r.affine) == (0.01, 0.9, 1e-4, 64, True, 0.0)
    assert [r.rate(x) for x in (0.0, 0.5, 1.0)] == [0.01] * 3
    cycle = TargetRecipe(schedule="one-cycle")
    rates = [cycle.rate(x / 100) for x in range(101)]
    assert 0 < rates[0] < 1e-3
    assert max(rates) == pytest.approx(0.01, rel=0.01)
    assert np.argmax(rates) in range(8, 13)
    assert 0 < rates[-1] < 1e-3
    with pytest.raises(SystemExit, match="one-cycle"):
        TargetRecipe(schedule="cosine")


def test_a_resumed_training_equals_an_unbroken_one(face_data, tmp_path):
    train, _ = private_sets(face_data / "lfw64-private.zip")
    whole = train_target(train.images, train.labels, TINY)

    class CutError(Exception):
        pass

    def cut(done, total, figures):
        if done == 2:
            raise CutError

    path = tmp_path / "checkpoint.pt"
    with pytest.raises(CutError):
        train_target(train.images, train.labels, TINY, checkpoint=path, progress=cut)
    seen = []
    resumed = train_target(
        train.images, train.labels, TINY, checkpoint=path, progress=lambda done, *_: seen.append(done)
    )
    assert seen == [3]
    assert all(torch.equal(v, whole.state_dict()[k]) for k, v in resumed.state_dict().items())


def test_a_target_learns_and_comes_back_from_its_folder(face_data, tmp_path):
    train, test = private_sets(face_data / "lfw64-private.zip")
    recipe = dataclasses.replace(TINY, epochs=8, mirror=False)
    T = train_target(train.images, train.labels, recipe)
    assert accuracy(T, test.images, test.labels) > 0.7
    card = json.loads(save_target(T, recipe, train, test, tmp_path).read_text())
    assert card["test_accuracy"] == accuracy(T, test.images, test.labels)
    assert card["recipe"]["epochs"] == 8
    again, _ = open_target(tmp_path)
    x = torch.rand(2, 3, 64, 64)
    assert torch.allclose(again(x).logits, T(x).logits, atol=1e-6)
    assert not any(p.requires_grad for p in again.parameters())
