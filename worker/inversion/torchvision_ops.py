"""Stand-ins for torchvision's compiled operators, for installations without the binary part.

torchvision registers abstract versions of `nms` and `qnms` at import and fails if the operators
are not defined. Classifiers never call them. Import this module before timm or torchvision.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch

_LIBRARY = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]


def _load_compiled() -> None:
    """Load torchvision's own operators first if they work. A later definition would clash."""
    spec = importlib.util.find_spec("torchvision")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for library in Path(folder).glob("_C*.so"):
            try:
                torch.ops.load_library(str(library))  # type: ignore[no-untyped-call]
            except (OSError, RuntimeError):  # built for another torch or for CUDA
                continue


def _define_missing() -> None:
    for name in ("nms", "qnms"):
        try:
            getattr(torch.ops.torchvision, name)
        except AttributeError:
            schema = f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            _LIBRARY.define(schema)  # type: ignore[no-untyped-call]


_load_compiled()
_define_missing()
