"""The demo's data and target."""

from __future__ import annotations

import numpy as np
import torch

from worker.bundled import omniglot
from worker.demo import train_target
from worker.inversion.targets import InputConvention, examine_target, load_target


def test_the_split_has_the_sizes_it_says_and_shares_no_character():
    data = omniglot.load()
    assert data.private_train.images.shape == (90 * 15, 32, 32)
    assert data.private_held_out.images.shape == (90 * 5, 32, 32)
    assert data.public.images.shape == (152 * 20, 32, 32)
    assert {n.split("/")[0] for n in data.private_train.names} == {"Korean", "Latin", "Greek"}
    assert not {n.split("/")[0] for n in data.private_train.names} & {n.split("/")[0] for n in data.public.names}
    assert data.private_train.names == data.private_held_out.names
    for part, each in ((data.private_train, 15), (data.private_held_out, 5), (data.public, 20)):
        assert np.bincount(part.labels).tolist() == [each] * len(part.names)
    drawings = {d.tobytes() for d in data.private_train.images}
    assert not drawings & {d.tobytes() for d in data.private_held_out.images}


def test_the_licence_of_the_data_is_shipped_beside_it():
    assert "Copyright (c) 2015 Brenden Lake" in (omniglot.DATA.parent / "LICENSE.omniglot").read_text()


def test_a_trained_target_loads_by_its_card_and_beats_chance(tmp_path):
    torch.set_num_threads(1)
    seen = []
    card = train_target.train_demo_target(
        tmp_path / "t.safetensors", seed=1, epochs=2, progress=lambda *a: seen.append(a[:2])
    )
    assert seen == [(1, 2), (2, 2)]
    assert card["held_out_accuracy"] > 10 / 90
    assert len(card["class_names"]) == card["num_classes"] == 90
    target = load_target(
        tmp_path / "t.safetensors",
        card["architecture"],
        card["hyperparameters"],
        card["num_classes"],
        InputConvention.from_dict(card["convention"]),
    )
    assert examine_target(target).outputs == "logits"
