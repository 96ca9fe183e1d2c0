"""Names and shapes of the tensors of each architecture, to find out what a file lacks.

Those of our own networks are computed. Those of timm and torchvision, with default
hyper-parameters, are in `architecture_tensors.zip`, which `bench.make.architecture_index` writes.
It has one text for each family (the name up to its first digit or `_`), so that little has to be
unpacked. There, an architecture is a line with its name and one line for each tensor: a space, the
name, a space, the shape. The number of classes is `CLASSES`, the number of channels 3.
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
CLASSES = 1013  # a prime that is not a dimension of any architecture
_FAMILY = re.compile(r"[^/]+/[a-z]+")


def tensors_of(architecture: str, hyperparameters: dict[str, Any] | None = None, channels: int = 3) -> Shapes | None:
    """Return the tensors of an architecture with `CLASSES` classes, or None if they are not known.

    Hyper-parameters and `channels` only apply to our own architectures: others are not known with
    hyper-parameters and always have 3 channels. `masks` names the tensors that depend on channels.
    """
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
    """Write the listing. The same architectures give the same file."""
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
