"""The settings of an attack, fixed before it runs."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from worker.inversion.errors import InvalidRecipe

Setting = Literal["baseline", "lom", "ma", "lomma"]
SETTINGS: tuple[Setting, ...] = ("baseline", "lom", "ma", "lomma")


@dataclass(frozen=True)
class AttackConfig:
    """A latent search of the GMI type.

    Attributes:
        setting: baseline (cross-entropy under T), lom (logit loss with feature regulariser), ma (cross-entropy
            under T and students), lomma (both).
        steps, lr: Adam steps on z and their rate, which falls to a tenth along a half cosine.
        restarts: independent searches per identity, one of which is put forward.
        pool: latents drawn per seed; each restart starts from one of the best `restarts` of them under T. 0 starts
            every restart from a fresh draw.
        clamp: bound of every latent coordinate.
        identity_weight, realism_weight: of L_id and of -D(G(z)); the paper's 100 and 1.
        lambda_reg: of the feature regulariser (settings lom and lomma).
        selection: "augmented" puts forward the restart with the best mean score over `views` light augmentations,
            "target" the one with the best score on the image itself; both by log softmax T(x)_y.
        tolerance, check_every: a row stops when `check_every` steps improve its loss by less than this share; 0 never.
        micro_batch: rows per forward pass, always filled, so that a row's arithmetic never depends on the others.
    """

    attack: Literal["gmi"] = "gmi"
    setting: Setting = "lomma"
    steps: int = 150
    restarts: int = 4
    lr: float = 0.05
    pool: int = 1024
    clamp: float = 2.5
    identity_weight: float = 100.0
    realism_weight: float = 1.0
    lambda_reg: float = 1.0
    selection: Literal["augmented", "target"] = "augmented"
    views: int = 8
    tolerance: float = 0.0
    check_every: int = 25
    micro_batch: int = 40

    def __post_init__(self) -> None:
        if self.attack != "gmi":
            raise InvalidRecipe(f"attack {self.attack!r} is unknown; known: 'gmi'")
        if self.setting not in SETTINGS:
            raise InvalidRecipe(f"setting {self.setting!r} is unknown; known: {list(SETTINGS)}")
        if self.selection not in ("augmented", "target"):
            raise InvalidRecipe(f"selection {self.selection!r} is unknown; known: 'augmented', 'target'")
        for name in ("steps", "restarts", "views", "check_every", "micro_batch"):
            if int(getattr(self, name)) < 1:
                raise InvalidRecipe(f"attack: {name} must be at least 1, not {getattr(self, name)}")
        if self.lr <= 0 or self.clamp <= 0:
            raise InvalidRecipe("attack: lr and clamp must be positive")
        if 0 < self.pool < self.restarts or self.pool < 0:
            raise InvalidRecipe(f"attack: pool must be 0 or at least restarts ({self.restarts}), not {self.pool}")

    @property
    def uses_students(self) -> bool:
        return self.setting in ("ma", "lomma")

    @property
    def uses_logit_loss(self) -> bool:
        return self.setting in ("lom", "lomma")

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> AttackConfig:
        known = {f.name for f in dataclasses.fields(cls)}
        if unknown := sorted(set(values) - known):
            raise InvalidRecipe(f"attack has unknown keys {unknown}; known: {sorted(known)}")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)
