"""Keys of artifacts: digests of their inputs and of the version of the code that makes them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, NewType

Key = NewType("Key", str)
""" "sha256:..." """

NETWORKS = ("worker.inversion.targets", "worker.inversion.graph", "worker.inversion.layout", "worker.inversion.frozen")
SEARCH = (
    "worker.inversion.acceleration",
    "worker.inversion.attacks",
    "worker.inversion.batching",
    "worker.inversion.latents",
    "worker.inversion.losses",
    "worker.inversion.memory",
    "worker.inversion.objective",
    "worker.inversion.priors.kedmi_discriminator",
    "worker.inversion.priors.linear",
    "worker.inversion.priors.networks",
    "worker.inversion.priors.prior",
    "worker.inversion.priors.recipe",
)
IMAGES = ("worker.inversion.data", "worker.inversion.arrays", "worker.inversion.priors.augmentation")


@dataclass(frozen=True)
class Maker:
    """Code whose results are stored.

    Attributes:
        version: raised when a change of the code changes its results, so that older results are
            not reused.
        modules: the modules that the results depend on. A package stands for all its modules. A
            test compares their syntax trees with those recorded for this version
            (`tests/architecture/code_of_makers.py`).
    """

    name: str
    version: int
    modules: tuple[str, ...]

    @property
    def label(self) -> str:
        """The name with the version, such as "students/1"."""
        return f"{self.name}/{self.version}"

    def key(self, **inputs: Any) -> Key:
        """Return the key of the result for these inputs.

        Inputs are plain JSON and include the recipe and the seed, if any.
        """
        text = json.dumps({**inputs, "code": self.label}, sort_keys=True)
        return Key("sha256:" + hashlib.sha256(text.encode()).hexdigest())
