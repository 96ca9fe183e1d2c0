"""Tiny attacks, at least one of each kind, whose reconstructions are recorded."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch

from worker.inversion.attacks import Attack, Reconstruction, run_attack
from worker.inversion.priors import Prior, train_prior
from worker.inversion.students import public_features, train_students
from worker.inversion.targets import InputConvention, Target, build_network

CLASSES, SIDE, SEED = 5, 16, 11
IDENTITIES = [3, 1]
SHORT: dict[str, Any] = {"steps": 6, "restarts": 2, "check_every": 3, "micro_batch": 4, "views": 2}
CASES: dict[str, tuple[str | None, dict[str, Any]]] = {
    "gmi-lomma": ("wgan-gp", {"attack": "gmi", "setting": "lomma", "pool": 8}),
    "gmi-published": (
        "wgan-gp",
        {"attack": "gmi", "setting": "baseline", "optimiser": "momentum", "pool": 0, "clamp": 1.0, "lr": 20.0},
    ),
    "gmi-lom-pca": ("pca", {"attack": "gmi", "setting": "lom", "pool": 8, "tolerance": 0.01}),
    "kedmi-ma": ("kedmi", {"attack": "kedmi", "setting": "ma", "lr": 0.5}),
    "vmi-lom-sample": ("non-saturating", {"attack": "vmi", "setting": "lom", "p_reg": "sample", "samples": 2}),
    "vmi-flow": ("non-saturating", {"attack": "vmi", "setting": "baseline", "family": "flow", "samples": 2}),
    "plg-mi-lom": ("wgan-gp", {"attack": "plg-mi", "setting": "lom", "pool": 8}),
    "plg-mi-published": (
        "wgan-gp",
        {"attack": "plg-mi", "setting": "baseline", "lr": 0.1, "pool": 0, "view": "mirrored"},
    ),
    "ppa-baseline": ("wgan-gp", {"attack": "ppa", "setting": "baseline", "pool": 8}),
    "decoder-lom-pca": ("pca", {"attack": "decoder", "setting": "lom", "restarts": 3, "selection": "consensus"}),
    "decoder-baseline": ("wgan-gp", {"attack": "decoder", "setting": "baseline", "lr": 0.5}),
    "warm-start-lom-pca": ("pca", {"attack": "warm-start", "setting": "lom", "lambda_reg": 10.0}),
    "warm-start-views-lom-pca": ("pca", {"attack": "warm-start-views", "setting": "lom", "view": "mirrored"}),
    "closed-form-pca": ("pca", {"attack": "closed-form", "steps": 0, "restarts": 1}),
    "miface-lomma": (None, {"attack": "miface", "setting": "lomma"}),
}
"""Kind of prior, and hyper-parameters in addition to `SHORT`."""


def public_images() -> np.ndarray:
    """Return (32, 16, 16) uint8: crossing bars."""
    rng = np.random.default_rng(5)
    images = np.zeros((32, SIDE, SIDE), np.uint8)
    for image in images:
        a, b = rng.integers(1, SIDE - 3, 2)
        image[a : a + 2, 2:14] = rng.integers(100, 256)
        image[2:14, b : b + 2] = rng.integers(100, 256)
    return images


@cache
def target() -> Target:
    """Return a network with random weights and running statistics like those of a trained one."""
    network = build_network("exhume/small-cnn", {"width": 4, "feature_dim": 12}, CLASSES, 1, seed=3)
    generator = torch.Generator().manual_seed(0)
    for layer in network.modules():
        if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm):
            layer.running_mean.normal_(0, 0.1, generator=generator)
            layer.running_var.uniform_(0.5, 1.5, generator=generator)
    return Target(network, InputConvention(SIDE, SIDE, 1, mean=(0.5,), std=(0.5,)), CLASSES).eval()


@cache
def students() -> list[Target]:
    """Return two students after one epoch each."""
    networks = [["exhume/small-cnn", {"width": 4, "feature_dim": 8, "kernel": k}] for k in (3, 5)]
    return train_students(target(), public_images(), {"networks": networks, "epochs": 1, "views": 2}, seed=1)


@cache
def prior(kind: str) -> Prior:
    """Return a prior after two training steps."""
    recipe: dict[str, Any] = {"kind": kind, "steps": 2, "latent_dim": 10, "width": 4, "batch": 8, "gp_images": 4}
    if kind == "kedmi":
        recipe["num_classes"] = CLASSES
    return train_prior(public_images(), recipe, seed=1, target=target() if kind == "kedmi" else None)


def reconstructions(name: str) -> list[Reconstruction]:
    """Return the reconstructions of two identities by the case's attack."""
    kind, options = CASES[name]
    return run_attack(
        target(),
        students(),
        prior(kind) if kind else None,
        public_features(target(), public_images()),
        IDENTITIES,
        Attack.from_dict(SHORT | options),
        seed=SEED,
    )
