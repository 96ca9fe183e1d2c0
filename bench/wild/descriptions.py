"""Descriptions of checkpoints as people write and export them."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench.wild.case import HALVES, IMAGENET, NAMES, Described

CONVENTION = {"height": 32, "width": 32, "channels": 3, **IMAGENET}
BODY = {"convention": CONVENTION, "classes": NAMES}
_BY_INDEX = {str(index): name for index, name in enumerate(NAMES)}
_PROCESSOR = {
    **{"do_normalize": True, "do_rescale": True, "rescale_factor": 1 / 255, "size": {"height": 32, "width": 32}},
    **{"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "image_processor_type": "ViTImageProcessor"},
}


def _written(data: bytes, understood: dict[str, Any], folder: Path) -> Described:
    (folder / "model.json").write_bytes(data)
    return Described(folder / "model.json", understood)


def _as(document: Any, understood: dict[str, Any] | None = None) -> Callable[[Path], Described]:
    return partial(_written, json.dumps(document).encode(), understood or BODY)


def _bytes(data: bytes) -> Callable[[Path], Described]:
    return partial(_written, data, BODY)


_TEXT = json.dumps(BODY).encode()
DESCRIPTIONS: dict[str, Callable[[Path], Described]] = {
    "description": _as(BODY),
    "description_bom": _bytes(codecs.BOM_UTF8 + _TEXT),
    "description_utf16": _bytes(json.dumps(BODY).encode("utf-16")),
    "description_names_by_index": _as({**BODY, "classes": _BY_INDEX}),
    "description_index_by_name": _as({**BODY, "classes": {name: index for index, name in enumerate(NAMES)}}),
    "description_id2label": _as({"convention": CONVENTION, "id2label": _BY_INDEX}),
    "description_numbers": _as({**BODY, "classes": [0, 1, 2]}, {**BODY, "classes": ["0", "1", "2"]}),
    "description_size": _as({"convention": {"size": 32, **IMAGENET}, "classes": NAMES}),
    "description_one_mean": _as(
        {"convention": {**CONVENTION, "mean": 0.5, "std": 0.5}, "classes": NAMES},
        {"convention": {**CONVENTION, "mean": [0.5], "std": [0.5]}, "classes": NAMES},
    ),
    "description_hugging_face": _as(
        {**_PROCESSOR, "id2label": _BY_INDEX},
        {"convention": {"height": 32, "width": 32, "channels": 3, **HALVES}, "classes": NAMES},
    ),
    "description_gap": _as({**BODY, "classes": {"0": "ada", "2": "mary"}}),
    "description_without_classes": _as({"convention": CONVENTION}),
    "description_comma": _bytes(_TEXT[:-1] + b",}"),
    "description_yaml": _bytes(b"architecture: timm/resnet10t\nclasses: [ada, grace]\n"),
}
