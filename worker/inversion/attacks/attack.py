"""The base of every attack: its hyper-parameters and the `search` method to implement."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Self, get_args

import torch
from torch import Tensor

from worker.inversion.acceleration import Precision
from worker.inversion.attacks.capture import Recorder
from worker.inversion.attacks.consensus import mean_latent
from worker.inversion.attacks.film import Film, Latents, Shot
from worker.inversion.attacks.views import View, random_view, uniform, view_keys
from worker.inversion.errors import InvalidRecipe
from worker.inversion.losses import IdentityLoss, identity_losses
from worker.inversion.objective import IdentityObjective, ModelSet
from worker.inversion.priors.prior import Prior
from worker.inversion.progress import Progress
from worker.inversion.registry import Registry

Setting = Literal["baseline", "lom", "ma", "lomma"]
SETTINGS: tuple[Setting, ...] = get_args(Setting)
WITHOUT_STUDENTS: dict[Setting, Setting] = {"ma": "baseline", "lomma": "lom"}
PReg = Literal["mean", "sample"]
Selection = Literal["augmented", "target", "average", "consensus", "crops"]

WHOLE = {
    *("steps", "restarts", "views", "views_per_step", "check_every", "micro_batch"),
    *("samples", "reference_batch", "pool", "pool_crops"),
}
"""Hyper-parameters that are whole numbers."""

attacks: Registry[type[Attack]] = Registry("attack")


class Task(NamedTuple):
    """The inputs of a search.

    Rows are identity-major: identity 0 restart 0, identity 0 restart 1, ...

    Attributes:
        prior: None for attacks without a prior.
        y: identity of each row (R,), R = identities x restarts.
        restart: restart of each row (R,).
        p_reg: None, (d,) for all rows, or one draw per row (R, d).
        decoded: latents of each class from the feature decoder (K, d), if the attack uses them.
        recorder: records the steps of the search, on a device where that is faster.
        film: collects the latents of the search at some steps.
    """

    models: ModelSet
    prior: Prior | None
    y: Tensor
    restart: Tensor
    p_reg: Tensor | None
    seed: int
    progress: Progress
    decoded: Tensor | None = None
    recorder: Recorder | None = None
    film: Film | None = None

    @property
    def rows(self) -> list[tuple[int, int]]:
        """Identity and restart of each row, from which its random numbers are drawn."""
        return list(zip(self.y.tolist(), self.restart.tolist(), strict=True))

    def shot(self, latents: Latents) -> Shot | None:
        """Return what collects the latents of all rows for the film. None without a film."""
        return None if self.film is None else self.film.shot(self.rows, latents)

    def score(self, x: Tensor, y: Tensor) -> Tensor:
        """Return log softmax T(x)_y of images (B, C, H, W) for identities y (B,): (B,)."""
        logits: Tensor = self.models.T(x).logits
        return logits.float().log_softmax(1).gather(1, y[:, None]).squeeze(1)


class Searched(NamedTuple):
    """Latents (R, d) after the search, or pixels without a prior, and steps of each row (R,)."""

    z: Tensor
    iterations: Tensor


@dataclass(frozen=True, kw_only=True)
class Attack:
    """Hyper-parameters of an attack. A subclass adds its own, its defaults, and `search`.

    Attributes:
        setting: baseline (cross-entropy under T), lom (logit loss with feature regulariser), ma
            (cross-entropy under T and students), lomma (both).
        identity_loss: a name of `losses.identity_losses`, instead of the setting's loss (ce or
            lom).
        steps, lr: optimiser steps and learning rate.
        restarts: reconstructions per identity: independent searches, or draws from a distribution
            that was found.
        identity_weight, realism_weight: weights of L_id and of -D(x). With realism_weight 0, D is
            skipped.
        lambda_reg, regulariser: weight of the feature regulariser (settings lom and lomma), and
            whether it is the mean or the sum over feature dimensions.
        p_reg: "mean" of the public features, or one "sample" per row of the Gaussian fitted to
            them.
        selection: "augmented" submits the restart with the best mean score over `views` light
            augmentations, "target" the one with the best score on the image itself, both by log
            softmax T(x)_y. "average" submits all, for figures that average over restarts.
            "crops" submits the one with the best mean of softmax T(x)_y over `views` random crops.
            "consensus" submits one further image, the mean of the restarts (`consensus`).
            Its index is `restarts`.
        views_per_step, view: the identity loss of a step is the mean over this number of random
            views of the image (`views.random_view`), drawn anew in every step. 0 for the image
            itself.
        tolerance, check_every: a row stops when `check_every` steps improve its loss by less than
            this share. With tolerance 0 it never stops early.
        micro_batch: images per forward pass, always filled, so that a row's arithmetic never
            depends on the others. On an accelerator there may be more (`run_attack`).
        precision: of the networks inside the search: float32, tf32 (on a GPU of NVIDIA) or bf16.
            Latents, losses, updates and all scores stay float32.
    """

    name: ClassVar[str]
    prior_kind: ClassVar[str | None]
    """The kind of prior, as published or by default; None for attacks without a prior."""
    fewest_steps: ClassVar[int] = 1
    uses_decoder: ClassVar[bool] = False
    """Whether the search needs the latents of the feature decoder (`Task.decoded`)."""

    setting: Setting = "lomma"
    identity_loss: str | None = None
    steps: int = 150
    restarts: int = 4
    lr: float = 0.05
    identity_weight: float = 100.0
    realism_weight: float = 1.0
    lambda_reg: float = 1.0
    regulariser: Literal["mean", "sum"] = "mean"
    p_reg: PReg = "mean"
    selection: Selection = "augmented"
    views: int = 8
    views_per_step: int = 0
    view: View = "light"
    tolerance: float = 0.0
    check_every: int = 25
    micro_batch: int = 40
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        """Check the hyper-parameters. Raises: InvalidRecipe."""
        self._one_of("setting", SETTINGS)
        self._one_of("regulariser", ("mean", "sum"))
        self._one_of("p_reg", get_args(PReg))
        self._one_of("selection", get_args(Selection))
        self._one_of("precision", get_args(Precision))
        self._one_of("view", get_args(View))
        if self.identity_loss is not None:
            identity_losses[self.identity_loss]
        self._at_least(self.fewest_steps, "steps")
        self._at_least(1, "restarts", "views", "check_every", "micro_batch")
        self._at_least(0, "views_per_step", "identity_weight", "realism_weight", "lambda_reg", "tolerance")
        self._at_least(0, "lr")
        if self.lr == 0:
            raise InvalidRecipe(f"{self.name}: lr must be positive, not {self.lr}")

    def _one_of(self, field: str, allowed: tuple[str, ...]) -> None:
        if getattr(self, field) not in allowed:
            raise InvalidRecipe(f"{self.name}: {field} {getattr(self, field)!r} is unknown; known: {list(allowed)}")

    def _at_least(self, least: int, *fields: str) -> None:
        for field in fields:
            value = getattr(self, field)
            whole = field in WHOLE
            if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
                raise InvalidRecipe(f"{self.name}: {field} must be {'a whole' if whole else 'a'} number, not {value!r}")
            if not (least <= value < math.inf):
                raise InvalidRecipe(f"{self.name}: {field} must be at least {least}, not {value!r}")

    @property
    def uses_students(self) -> bool:
        return self.setting in ("ma", "lomma")

    def without_students(self) -> Self:
        """Return this attack under T alone: lom instead of lomma, baseline instead of ma."""
        return dataclasses.replace(self, setting=WITHOUT_STUDENTS.get(self.setting, self.setting))

    @property
    def uses_p_reg(self) -> bool:
        return self.setting in ("lom", "lomma") and self.lambda_reg > 0

    @property
    def loss(self) -> IdentityLoss:
        """The identity loss: `identity_loss`, or else -logit_y (lom, lomma) or cross-entropy."""
        return identity_losses[self.identity_loss or ("lom" if self.setting in ("lom", "lomma") else "ce")]

    def objective(self, task: Task) -> IdentityObjective:
        """Return L_id of this attack under the task's models."""
        models = task.models if self.uses_students else ModelSet(task.models.T)
        lambda_reg = self.lambda_reg if self.uses_p_reg else 0.0
        return IdentityObjective(models, self.loss, lambda_reg=lambda_reg, over=self.regulariser)

    def image_loss(self, task: Task, x: Tensor, y: Tensor, p_reg: Tensor | None, u: Tensor | None = None) -> Tensor:
        """Return identity_weight * L_id(x, y) - realism_weight * D(x).

        Args:
            u: numbers of the step's views (B, n, 5), see `drawn`. With None, L_id is that of the
                image itself.

        Shapes: x (B, C, H, W), y (B,) -> (B,).
        """
        loss = self.identity_weight * self.identity_term(task, x, y, p_reg, u)
        if self.realism_weight and task.prior is not None:
            loss = loss - self.realism_weight * task.prior.realism(x)
        return loss

    def identity_term(self, task: Task, x: Tensor, y: Tensor, p_reg: Tensor | None, u: Tensor | None) -> Tensor:
        """Return 1/n sum_i L_id(v_i(x), y) over n = `views_per_step` views; L_id(x, y) if n = 0.

        Source: AlignMI, NeurIPS 2025 (arXiv 2509.20177), whose gradient is the mean over views.
        """
        L = self.objective(task)
        if u is None:
            return L(x, y, p_reg)
        n = u.shape[1]
        each_p_reg = p_reg.repeat_interleave(n, 0) if p_reg is not None and p_reg.ndim == 2 else p_reg
        views = random_view(x.repeat_interleave(n, 0), u.flatten(0, 1), self.view)
        return L(views, y.repeat_interleave(n), each_p_reg).view(-1, n).mean(1)

    def keyed(self, task: Task) -> dict[str, Tensor]:
        """Return the part of a search's state that its views need: empty without views."""
        return {"views": view_keys(task.seed, task.rows).to(task.y.device)} if self.views_per_step else {}

    def drawn(self, keys: Tensor | None, t: int | Tensor) -> Tensor | None:
        """Return the numbers of the views of step t for each key (B,): (B, views_per_step, 5)."""
        return None if keys is None else uniform(keys, t, 5 * self.views_per_step).view(len(keys), -1, 5)

    @property
    def rows_at_once(self) -> int:
        """Rows of a micro-batch, such that it has `micro_batch` images with their views."""
        return max(1, self.micro_batch // max(1, self.views_per_step))

    def search(self, task: Task) -> Searched:
        """Find a latent for every row of the task."""
        raise TypeError(f"{type(self).__name__} does not implement search")

    def consensus(self, task: Task, z: Tensor) -> Tensor:
        """Return the submission of the selection "consensus": (K, restarts, d) -> (K, d).

        The mean latent of all restarts, or their mean image without a prior.
        """
        return z.mean(1) if self.prior_kind is None or task.prior is None else mean_latent(z, task.prior)

    def decode(self, prior: Prior | None, z: Tensor) -> Tensor:
        """Decode the latents that `search` found to images (B, C, H, W) in [0, 1]."""
        assert prior is not None
        return prior.decode(z)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Attack:
        """Return the attack named by `attack` (default "gmi") with these hyper-parameters."""
        kind = attacks[values.get("attack", "gmi")]
        given = {k: v for k, v in values.items() if k != "attack"}
        known = {f.name for f in dataclasses.fields(kind)}
        if unknown := sorted(set(given) - known):
            raise InvalidRecipe(f"attack {kind.name!r} has unknown keys {unknown}; known: {sorted(known)}")
        return kind(**given)

    def to_dict(self) -> dict[str, Any]:
        return {"attack": self.name, **dataclasses.asdict(self)}


def rows_of(identities: list[int], restarts: int) -> tuple[Tensor, Tensor]:
    """Return (y, restart), each (R,), in identity-major rows."""
    y = torch.tensor(identities).repeat_interleave(restarts)
    return y, torch.arange(restarts).repeat(len(identities))
