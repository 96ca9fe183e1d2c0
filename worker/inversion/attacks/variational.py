"""Variational families of VMI: one distribution of latents per identity, in batched parameters."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import torch
from torch import Tensor

from worker.inversion.attacks.moments import State
from worker.inversion.registry import Registry


class Family(Protocol):
    """q(z) per identity: eps ~ N(0, I) mapped with that identity's parameters."""

    def start(self, count: int, d: int, device: torch.device | str = "cpu") -> State:
        """Return parameters of `count` identities for q = N(0, I) or near it, one row each."""

    def push(self, state: State, eps: Tensor) -> tuple[Tensor, Tensor]:
        """Map eps (B, S, d) to z (B, S, d), with KL(q || N(0, I)) or an unbiased estimate (B,)."""


families: Registry[Family] = Registry("variational family")


class FullGaussian:
    """q = N(mu, L L^T), L lower triangular: A / sqrt(d) below a diagonal of exp(s).

    z = mu + L eps,   KL = 1/2 (||mu||^2 + ||L||_F^2 - d) - sum s

    Because of sqrt(d), one Adam step on all of A changes z about as much as a step on mu, for any
    number of latents.
    """

    def start(self, count: int, d: int, device: torch.device | str = "cpu") -> State:
        shapes = {"mu": (count, d), "s": (count, d), "A": (count, d, d)}
        return {name: torch.zeros(shape, device=device) for name, shape in shapes.items()}

    def push(self, state: State, eps: Tensor) -> tuple[Tensor, Tensor]:
        mu, s = state["mu"], state["s"]
        L = state["A"].tril(-1) / mu.shape[1] ** 0.5 + torch.diag_embed(s.exp())
        z = mu[:, None] + eps @ L.mT
        kl = 0.5 * (mu.square().sum(1) + L.square().sum((1, 2)) - mu.shape[1]) - s.sum(1)
        return z, kl


class Glow:
    """A flow of `levels` x `steps` steps.

    Each step is an affine map per coordinate, a fixed permutation, and an additive coupling:

        h = exp(a) * z + b,   h = h[permutation],   h_2 = h_2 + W_2 relu(W_1 h_1 + c_1) + c_2

    As in Glow (Kingma and Dhariwal, NeurIPS 2018), each deeper level sees half of the coordinates.
    Couplings preserve volume, so log |det| = sum a, and KL(q || N(0, I)) = E[1/2 ||z||^2 - 1/2
    ||eps||^2] - sum a.
    """

    def __init__(self, levels: int = 3, steps: int = 10, hidden: int = 32) -> None:
        self.levels, self.steps, self.hidden = levels, steps, hidden

    def widths(self, d: int) -> list[int]:
        """Return how many coordinates each level sees, the deepest (first in sampling) first."""
        return [max(2, d // 2**level) for level in reversed(range(self.levels))]

    def start(self, count: int, d: int, device: torch.device | str = "cpu") -> State:
        permutations(tuple(self.widths(d)), self.steps, torch.device(device))  # copied before the first step
        rng, state = torch.Generator().manual_seed(20210), {}
        for level, width in enumerate(self.widths(d)):
            first, rest = width // 2, width - width // 2
            shapes = {"a": (width,), "b": (width,), "W1": (first, self.hidden), "c1": (self.hidden,)}
            for name, shape in {**shapes, "W2": (self.hidden, rest), "c2": (rest,)}.items():
                one = torch.zeros(self.steps, *shape)
                if name == "W1":
                    one = torch.randn(one.shape, generator=rng) / first**0.5
                state[f"{name}.{level}"] = one.expand(count, *one.shape).clone().to(device)
        return state

    def push(self, state: State, eps: Tensor) -> tuple[Tensor, Tensor]:
        z, d = eps, eps.shape[2]
        volume = torch.zeros(len(eps), device=eps.device)
        orders = permutations(tuple(self.widths(d)), self.steps, eps.device)
        for level, width in enumerate(self.widths(d)):
            p = {name: state[f"{name}.{level}"] for name in ("a", "b", "W1", "c1", "W2", "c2")}
            h, untouched = z[..., :width], z[..., width:]
            for i in range(self.steps):
                h = p["a"][:, i, None].exp() * h + p["b"][:, i, None]
                h = h[..., orders[level][i]]
                h1, h2 = h[..., : width // 2], h[..., width // 2 :]
                inner = (h1 @ p["W1"][:, i] + p["c1"][:, i, None]).relu()
                h = torch.cat([h1, h2 + inner @ p["W2"][:, i] + p["c2"][:, i, None]], -1)
            z = torch.cat([h, untouched], -1)
            volume = volume + p["a"].sum((1, 2))
        return z, 0.5 * (z.square().sum(2) - eps.square().sum(2)).mean(1) - volume


@lru_cache(maxsize=64)
def permutations(widths: tuple[int, ...], steps: int, device: torch.device) -> list[list[Tensor]]:
    """Return the fixed permutation of each step of each level, made once per device."""
    rng = torch.Generator().manual_seed(20211)
    return [[torch.randperm(width, generator=rng).to(device) for _ in range(steps)] for width in widths]


families.register("gaussian")(FullGaussian())
families.register("flow")(Glow())
