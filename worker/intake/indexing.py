"""Write the index that `detection` reads: `python -m worker.intake.indexing`, minutes; after an upgrade of timm."""

from __future__ import annotations

import json
import sys
from typing import Any

import torch

from worker.intake.detection import INDEX, digest, shape_digest
from worker.inversion.errors import EngineError
from worker.inversion.targets import architecture_names, build_network

_LARGE = (
    "giant",
    "gigantic",
    "huge",
    "large",
    "1b",
    "3b",
    "xxl",
    "so400m",
    "384",
    "448",
    "512",
    "aimv2",
    "clip",
    "eva",
)
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
    """Index what the index lacks, smaller architectures first; what is there is kept, so this can be interrupted."""
    index: dict[str, list[dict[str, Any]]] = json.loads(INDEX.read_text()) if INDEX.exists() else {}
    known = {found["name"] for entries in index.values() for found in entries}
    missing = [n for n in architecture_names() if n not in known and not n.startswith("exhume/")]
    for count, name in enumerate(sorted(missing, key=_order), start=1):
        try:
            names, found = entry(name)
        except EngineError as error:
            sys.stderr.write(f"left out: {error}\n")
            continue
        index.setdefault(names, []).append(found)
        if count % 20 == 0 or count == len(missing):
            _write(index)
            sys.stderr.write(f"{count} of {len(missing)}\n")


def _order(name: str) -> tuple[bool, bool, str]:
    return not name.startswith("torchvision/"), any(word in name for word in _LARGE), name


def _write(index: dict[str, list[dict[str, Any]]]) -> None:
    lines = (f"{json.dumps(names)}: {json.dumps(found)}" for names, found in sorted(index.items()))
    INDEX.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
