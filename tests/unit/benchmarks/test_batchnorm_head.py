"""A BatchNorm inserted before a classifier's last layer changes only its features."""

from __future__ import annotations

import numpy as np
import torch

from bench.attacks.batchnorm_head import with_batchnorm_head
from worker.inversion.data import to_tensor
from worker.inversion.targets import InputConvention, Target, build_network


def test_logits_stay_and_features_are_normalised():
    network = build_network("exhume/small-cnn", {"width": 8, "feature_dim": 12}, 5, 1, seed=3)
    T = Target(network, InputConvention(32, 32, 1), 5).eval()
    with torch.no_grad():
        for p in network.parameters():
            p.mul_(3)  # so that features differ between images, as after training
    levels = np.random.default_rng(0).integers(0, 256, (40, 4, 4), dtype=np.uint8)
    images = levels.repeat(8, 1).repeat(8, 2)
    with_head, x = with_batchnorm_head(T, images), to_tensor(images)
    with torch.no_grad():
        before, after = T(x), with_head(x)
    assert torch.allclose(before.logits, after.logits, atol=1e-4)
    alive = before.features.var(0) > 1e-3  # far above the eps of BatchNorm
    assert alive.sum() > 3
    assert torch.allclose(after.features.mean(0), torch.zeros(12), atol=1e-3)
    assert torch.allclose(after.features.var(0)[alive], torch.ones(int(alive.sum())), atol=0.05)
    assert T.network is network, "the target itself is left as it was"
    assert not torch.allclose(before.features, after.features, atol=0.1)
