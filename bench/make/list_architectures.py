"""Write app/formats/architectures.json, the names that a release may declare.

Run `python -m bench.make.list_architectures`.
"""

from __future__ import annotations

import json
from pathlib import Path

import worker.inversion.torchvision_ops  # noqa: F401 (must come before timm and torchvision)
from worker.inversion.graph import ARCHITECTURE
from worker.inversion.targets.registry import OWN


def names() -> list[str]:
    """Return Exhume's names, then the classifiers of the installed timm and torchvision."""
    import timm
    from torchvision import models

    own = sorted([*OWN, ARCHITECTURE])
    return (
        own
        + [f"timm/{n}" for n in sorted(timm.list_models())]
        + [f"torchvision/{n}" for n in sorted(models.list_models(module=models))]
    )


if __name__ == "__main__":
    path = Path(__file__).resolve().parents[2] / "app" / "formats" / "architectures.json"
    path.write_text(json.dumps(names(), indent=0) + "\n")
