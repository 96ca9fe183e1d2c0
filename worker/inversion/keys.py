"""Keys of everything that is made once and kept: digests of inputs, and of the version of the code that makes it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, NewType

Key = NewType("Key", str)
""" "sha256:..." """

NETWORKS = ("worker.inversion.targets", "worker.inversion.graph", "worker.inversion.layout", "worker.inversion.frozen")
IMAGES = ("worker.inversion.data", "worker.inversion.arrays", "worker.inversion.priors.augmentation")


@dataclass(frozen=True)
class Maker:
    """Code whose results are kept.

    Attributes:
        version: raised when a change of the code changes its results, so that no older one is reused.
        modules: what the results depend on; a package stands for all modules in it. A test compares their syntax
            trees with those that were recorded for this version: see `tests/architecture/code_of_makers.py`.
    """

    name: str
    version: int
    modules: tuple[str, ...]

    @property
    def label(self) -> str:
        """For example "students/1"."""
        return f"{self.name}/{self.version}"

    def key(self, **inputs: Any) -> Key:
        """The key of what is made of these inputs: plain JSON, with the recipe and the seed, where there are any."""
        text = json.dumps({**inputs, "code": self.label}, sort_keys=True)
        return Key("sha256:" + hashlib.sha256(text.encode()).hexdigest())
