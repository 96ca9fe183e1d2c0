"""Write the index that `detect` reads, and the listing of all tensors.

    python -m bench.make.architecture_index

Run it after an upgrade of timm or torchvision. An entry has:

* `name`;
* `shapes`, the digest of all shapes;
* `body`, the digest of the names without those of the last layer, if that is one Linear layer;
* `heads` and `stems`, the tensors whose shape depends on the number of classes and of channels;
* where the size of images or patches is a hyper-parameter: its `size` and `patch`, the tensors
  that depend on them (`sized`, `patched`), and `loose`, the digest that ignores them.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import torch

from app.formats.architectures import listing
from app.formats.architectures.digests import Shapes, digest, shape_digest
from app.formats.architectures.insightface import UNITS
from app.formats.architectures.listing import CLASSES, tensors_of
from app.formats.architectures.matching import INDEX
from app.formats.declared import DeclarationError, architecture_names
from worker.inversion.errors import EngineError
from worker.inversion.targets import build_network

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
BY_RULE = {"exhume/small-cnn", *UNITS}
"""Their names depend on hyper-parameters. `detect` reads these from the shapes."""
_POSITION = re.compile(r"pos_emb|position|rel_pos|attn_mask|pos_bias|attention_bias")


def shapes_of(name: str, hyperparameters: dict[str, Any], classes: int = CLASSES, channels: int = 3) -> Shapes:
    """Return names and shapes of the tensors as the engine builds them. Raises: EngineError."""
    with torch.device("meta"):
        network = build_network(name, hyperparameters, classes, channels)
    return {key: tuple(value.shape) for key, value in network.state_dict().items()}


def entry(name: str) -> tuple[str, dict[str, Any]]:
    """Return (digest of the names, index entry) of an architecture with its defaults.

    Raises: EngineError if it cannot be built.
    """
    shapes = shapes_of(name, {})
    found: dict[str, Any] = {
        "name": name,
        "heads": sorted(key for key, shape in shapes.items() if shape[:1] == (CLASSES,)),
        "stems": sorted(key for key, shape in shapes.items() if len(shape) == 4 and shape[1] == 3),
    }
    found["shapes"] = shape_digest(shapes, found)
    found |= body_of(shapes, found["heads"])
    if any(_POSITION.search(key) for key in shapes):
        found |= _sizes(name, shapes)
        if "size" in found or "patch" in found:
            found["loose"] = shape_digest(shapes, found, any_size=True)
    return digest(shapes), found


def body_of(shapes: Shapes, heads: list[str]) -> dict[str, str]:
    """Return `body`, the digest of all names but those of the last layer, if it is Linear."""
    layers = {name.rpartition(".")[0] for name in heads}
    if len(layers) != 1 or len(heads) != 2 or {len(shapes[name]) for name in heads} != {1, 2}:
        return {}
    return {"body": digest(shapes.keys() - set(heads))}


def _sizes(name: str, shapes: Shapes) -> dict[str, Any]:
    """Return the tensors that depend on image and patch size, found by building other sizes."""
    found: dict[str, Any] = {}
    key = "image_size" if name.startswith("torchvision/") else "img_size"
    size = _default_size(name)
    if size and (changed := _changed(name, shapes, {key: 2 * size})):
        found |= {"size_key": key, "size": size, "sized": changed}
        found["tokens"] = {n: list(shapes[n]) for n in changed[:1]}
    patches = [s for n, s in shapes.items() if re.search(r"(patch_embed\.proj|conv_proj)\.weight$", n) and len(s) == 4]
    if patches and patches[0][2] == patches[0][3]:
        found["patch"] = patches[0][2]
        if changed := _changed(name, shapes, {"patch_size": 2 * patches[0][2]}):
            found["patched"] = changed
    return found


def _default_size(name: str) -> int | None:
    family, _, bare = name.partition("/")
    if family != "timm":
        return 224
    import timm

    configuration = timm.get_pretrained_cfg(bare, allow_unregistered=True)
    return int(configuration.input_size[-1]) if configuration else 224


def _changed(name: str, shapes: Shapes, hyperparameters: dict[str, Any]) -> list[str]:
    """Return the tensors whose shape changed.

    Returns an empty list if the network cannot be built with these options or its names differ.
    """
    try:
        other = shapes_of(name, hyperparameters)
    except (EngineError, DeclarationError):
        return []
    return sorted(n for n in shapes if shapes[n] != other[n]) if other.keys() == shapes.keys() else []


def main() -> None:
    """Add the missing architectures to the index, smaller ones first.

    Existing entries are kept, so the command can be interrupted.
    """
    index: dict[str, list[dict[str, Any]]] = json.loads(INDEX.read_text()) if INDEX.exists() else {}
    known = {found["name"] for entries in index.values() for found in entries}
    missing = [n for n in architecture_names() if n not in known and n not in BY_RULE]
    for count, name in enumerate(sorted(missing, key=_order), start=1):
        try:
            names, found = entry(name)
        except (EngineError, DeclarationError) as error:
            sys.stderr.write(f"left out: {error}\n")
            continue
        index.setdefault(names, []).append(found)
        if count % 20 == 0 or count == len(missing):
            _write(index)
            sys.stderr.write(f"{count} of {len(missing)}\n")
    _write(index)
    indexed = [str(found["name"]) for entries in index.values() for found in entries]
    foreign = [name for name in indexed if not name.startswith("exhume/")]
    listing.write({name: tensors_of(name) or shapes_of(name, {}) for name in foreign})


def _order(name: str) -> tuple[bool, bool, str]:
    return not name.startswith(("torchvision/", "exhume/")), any(word in name for word in _LARGE), name


def _write(index: dict[str, list[dict[str, Any]]]) -> None:
    lines = (f"{json.dumps(names)}: {json.dumps(found)}" for names, found in sorted(index.items()))
    INDEX.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
