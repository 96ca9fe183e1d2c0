"""Images that fool a classifier and its evaluator without resembling anybody.

They show where attack accuracy is misleading.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from worker.bundled import omniglot
from worker.evaluation.controls import prior_control
from worker.evaluation.evaluator import train_evaluator
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import BUNDLED, bundled_verifiers
from worker.inversion.data import to_uint8
from worker.inversion.frozen import frozen
from worker.inversion.priors import load_prior

CHARACTERS, STEPS, RATE = 24, 60, 0.02


def adversarial() -> tuple[float, float]:
    """Return evaluator accuracy and verified share of adversarial images.

    The images are made from noise by signed gradient steps on both classifiers.
    """
    data = omniglot.load().private_train
    rows = data.labels < CHARACTERS
    images, labels, y = data.images[rows], data.labels[rows], np.arange(CHARACTERS)
    models = [train_evaluator(images, labels, seed=seed, epochs=14) for seed in (1, 2)]
    x = torch.rand((CHARACTERS, 1, 32, 32), generator=torch.Generator().manual_seed(0)) * 0.3
    with frozen(*(m.model for m in models)):
        for _ in range(STEPS):
            x.requires_grad_()
            losses = [F.cross_entropy(m.model(x).logits, torch.from_numpy(y), reduction="sum") for m in models]
            (g,) = torch.autograd.grad(torch.stack(losses).sum(), x)
            x = (x.detach() - RATE * g.sign()).clamp(0, 1)
    made = to_uint8(x)
    prior = load_prior(BUNDLED / "prior-omniglot32.safetensors")
    v = verify(made, y, images, labels, bundled_verifiers((1, 32, 32)), reconstructions=made, reconstructed_for=y,
               controls={"prior": prior_control(prior, y.tolist(), draws=2, seed=0)})  # fmt: skip
    return float((models[1].top(made, 1)[:, 0] == y).mean()), float(v.success.mean())
