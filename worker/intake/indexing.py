"""Write the index that `detection` reads: `python -m worker.intake.indexing`; minutes, after an upgrade of timm."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from typing import Any

import torch

from worker.intake.detection import INDEX, digest, shape_digest
from worker.inversion.errors import EngineError
from worker.inversion.targets import architecture_names, build_network

CLASSES = 1013  # a prime that is no other dimension of any architecture


def entry(name: str) -> tuple[str, dict[str, Any]]:
    """(digest of the names, what is compared beyond them) of the architecture as its defaults build it.

    Raises: EngineError when it can't be built.
    """
    with torch.device("meta"):
        network = build_network(name, {}, CLASSES, 3)
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    heads = sorted(key for key, shape in shapes.items() if shape[:1] == (CLASSES,))
    stems = sorted(key for key, shape in shapes.items() if len(shape) == 4 and shape[1] == 3)
    return digest(shapes), {
        "name": name,
        "shapes": shape_digest(shapes, [*heads, *stems]),
        "heads": heads,
        "stems": stems,
    }


def main() -> None:
    """Index every architecture but our own, which is recognised by its shapes."""
    index: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name in architecture_names():
        if name.startswith("exhume/"):
            continue
        try:
            names, found = entry(name)
        except EngineError as error:
            sys.stderr.write(f"left out: {error}\n")
            continue
        index[names].append(found)
    lines = (f"{json.dumps(names)}: {json.dumps(found)}" for names, found in sorted(index.items()))
    INDEX.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
