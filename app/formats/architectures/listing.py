"""Names and shapes of the tensors of an architecture: to tell what a file lacks.

Of our own networks they are told by rule. Of those of timm and torchvision, as their defaults build them,
`architecture_tensors.zip` has one text for each family (the name up to its first digit or `_`), so that little is
unpacked for an answer. In it, an architecture is a line with its name and one line for each tensor: a blank, the name,
a blank, the shape. The number of classes is `CLASSES`, that of channels 3. Written by `bench.make.architecture_index`.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.formats.architectures.digests import Shapes
from app.formats.architectures.own import own_tensors

LISTING = Path(__file__).with_name("architecture_tensors.zip")
CLASSES = 1013  # a prime that is no other dimension of any architecture
_FAMILY = re.compile(r"[^/]+/[a-z]+")


def tensors_of(architecture: str, hyperparameters: dict[str, Any] | None = None, channels: int = 3) -> Shapes | None:
    """Its tensors, with `CLASSES` classes; None for one that is not known, as those of others than our own with
    hyper-parameters. Where these take other channels than three, `masks` has the tensors that follow them."""
    if architecture.startswith("exhume/"):
        return own_tensors(architecture, hyperparameters or {}, CLASSES, channels)
    return None if hyperparameters else _listed(architecture)


def _listed(architecture: str) -> Shapes | None:
    family = _family(architecture)
    with zipfile.ZipFile(LISTING) as archive:
        if family not in archive.namelist():
            return None
        text = archive.read(family).decode()
    begin = f"\n{text}".find(f"\n{architecture}\n")
    if begin < 0:
        return None
    found: dict[str, tuple[int, ...]] = {}
    for line in text[begin + len(architecture) + 1 :].splitlines():
        if not line.startswith(" "):
            break
        _, name, shape = line.split(" ")
        found[name] = tuple(int(side) for side in shape.split(",") if side)
    return found


def write(listed: Mapping[str, Shapes]) -> None:
    """Write the listing anew; the same architectures give the same file."""
    families: dict[str, list[str]] = {}
    for architecture, shapes in sorted(listed.items()):
        lines = [f" {name} {','.join(map(str, shape))}" for name, shape in shapes.items()]
        families.setdefault(_family(architecture), []).extend([architecture, *lines])
    with zipfile.ZipFile(LISTING, "w", zipfile.ZIP_LZMA) as archive:
        for family, lines in sorted(families.items()):
            member = zipfile.ZipInfo(family)
            member.compress_type = zipfile.ZIP_LZMA
            archive.writestr(member, "\n".join([*lines, ""]))


def _family(architecture: str) -> str:
    found = _FAMILY.match(architecture.lower())
    return found[0] if found else "other"
