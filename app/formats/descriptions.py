"""The description of a checkpoint in a JSON file, as people have it.

The service has one form, which `exhume release upload` and the API take. Other usual forms are
understood: names by index or indices by name, one number for a list of equal ones, a byte order
mark, and the `config.json` and `preprocessor_config.json` of Hugging Face.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any, NoReturn

from app.formats.refusal import shown
from app.formats.stated_classes import TO_INDEX

OPTIONAL = ("architecture", "hyperparameters", "classes_are", "confirm_class_order")
CLASSES = (
    *("classes", "class_names", "names", "labels", "label_names", "id2label", "idx_to_class"),
    *("label2id", "class_to_idx"),
)
"""Keys that may hold the classes. The first that is present is used."""
_BY_INDEX = frozenset({"id2label", "idx_to_class"})
_INDEX = re.compile(r"[0-9]{1,9}")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SIDES = ("size", "image_size", "input_size", "crop_size")
_NUMBERS = {"mean": ("mean", "image_mean"), "std": ("std", "image_std")}


class DescriptionError(ValueError):
    """The file is not a description. The message names the field, and what it must be."""


def read_description(data: bytes) -> dict[str, Any]:
    """Return `convention`, `classes` and what is given of `OPTIONAL`.

    Raises: DescriptionError, which names the field.
    """
    document = _parsed(data)
    convention = document.get("convention", document if _is_preprocessor(document) else None)
    if not isinstance(convention, dict):
        _wrong("convention", "must be an object with height, width, channels, mean and std", convention)
    found: dict[str, Any] = {"convention": _convention(convention), "classes": _classes(document)}
    return found | {name: document[name] for name in OPTIONAL if name in document}


def _parsed(data: bytes) -> dict[str, Any]:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        document = json.loads(data.decode(encoding))
    except UnicodeDecodeError:
        raise DescriptionError("The description is not UTF-8. Save it as UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise DescriptionError(f"The description is not JSON: {shown(error, 300)}") from None
    if not isinstance(document, dict):
        raise DescriptionError(f"The description is a {type(document).__name__}, not a JSON object. {_EXAMPLE}")
    return document


def _is_preprocessor(document: dict[str, Any]) -> bool:
    return any(key in document for keys in _NUMBERS.values() for key in keys)


def _convention(given: dict[str, Any]) -> dict[str, Any]:
    """Return the convention with sides, channels and lists written out."""
    processor = "image_mean" in given or "image_std" in given
    if processor:
        given = _computed_alike(given)
    known: dict[str, Any] = {
        key: given[key] for key in ("height", "width", "channels", "channel_order") if key in given
    }
    size = next((given[key] for key in _SIDES if key in given), None)
    if size is not None and not {"height", "width"} <= known.keys():
        known |= _sides(size)
    for name, keys in _NUMBERS.items():
        value = next((given[key] for key in keys if key in given), None)
        if _is_number(value):
            value = [value]
        if value is not None:
            known[name] = value
    lengths = {len(known[name]) for name in _NUMBERS if isinstance(known.get(name), list)}
    if "channels" not in known and 3 in lengths:
        known["channels"] = 3
    understood = {*known, *_SIDES, *(key for keys in _NUMBERS.values() for key in keys)}
    return known if processor else known | {key: given[key] for key in given if key not in understood}


def _computed_alike(given: dict[str, Any]) -> dict[str, Any]:
    """Return a preprocessor's size, mean and std after all that it does with an image.

    Other keys either leave the numbers as they are, or are rejected here.
    """
    factor = given.get("rescale_factor", 1 / 255)
    scaled = _is_number(factor) and math.isclose(factor, 1 / 255, rel_tol=1e-3) and not given.get("rescale_offset")
    if not given.get("do_rescale", True) or not scaled:
        _wrong("rescale_factor", "must scale images to 0 to 1. State `mean` and `std` of such images", None)
    if given.get("do_flip_channel_order"):
        _wrong("do_flip_channel_order", "must be false. State `channel_order`, `mean` and `std`", None)
    size = given.get("crop_size") if given.get("do_center_crop") else None
    found = {**given, "size": size} if size is not None else dict(given)
    normalises, again = given.get("do_normalize", True), given.get("include_top")
    if not normalises:
        found["image_mean"] = [0.0] * 3
    if again and normalises:  # EfficientNet's divides by the deviations twice
        std: Any = given.get("image_std")
        found["image_std"] = [value**2 for value in (std if isinstance(std, list) else [std]) if _is_number(value)]
    elif not again and not normalises:
        found["image_std"] = [1.0] * 3
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sides(size: Any) -> dict[str, Any]:
    """Return height and width of `32`, `[32, 32]`, `{"height": 32, "width": 32}` and similar."""
    match size:
        case int():
            return {"height": size, "width": size}
        case [int(height), int(width)] | [1 | 3, int(height), int(width)]:
            return {"height": height, "width": width}
        case {"height": int(height), "width": int(width)}:
            return {"height": height, "width": width}
        case {"shortest_edge": int(side)}:
            return {"height": side, "width": side}
    _wrong("convention.size", "must be a number, or a height and a width", size)


def _classes(document: dict[str, Any]) -> list[Any]:
    key = next((key for key in CLASSES if key in document), None)
    if key is None:
        _wrong("classes", "is missing: the names of the classes, in the order of the outputs", None)
    value = document[key]
    if isinstance(value, dict):
        return _by_index(key, value)
    if not isinstance(value, list):
        _wrong(key, "must be a list of names, or an object of names by index", value)
    return [str(name) if type(name) is int else name for name in value]


def _by_index(key: str, value: dict[str, Any]) -> list[Any]:
    """Return names in the order of their indices, whichever of the two is the key.

    Names can be numbers, too. Then only the name of the object says which of the two is the key.
    """
    numbers = all(type(index) is int for index in value.values())
    if key in TO_INDEX or (numbers and key not in _BY_INDEX):
        if not numbers:
            strange = next(index for index in value.values() if type(index) is not int)
            _wrong(key, "must be an object of indices by name", strange)
        pairs = [(index, name) for name, index in value.items()]
        other = [str(value.get(str(index))) for index in range(len(value))]
        if key not in TO_INDEX and sorted(other) == sorted(value) and other != [name for _, name in sorted(pairs)]:
            _wrong(key, "has numbers on both sides: use id2label or label2id to say which ones are the names", value)
    else:
        strange = next((index for index in value if not _INDEX.fullmatch(index)), None)
        if strange is not None:
            _wrong(f"{key}.{shown(strange, 40)}", "must be an index: 0, 1, 2 and so on", strange)
        unnamed = next((name for name in value.values() if type(name) not in (str, int)), "")
        if unnamed != "":
            _wrong(key, "must be an object of names by index", unnamed)
        pairs = [(int(index), str(name)) for index, name in value.items()]
    if sorted(index for index, _ in pairs) != list(range(len(pairs))):
        _wrong(key, f"must have the indices 0 to {len(pairs) - 1}, each once", sorted(index for index, _ in pairs)[:20])
    return [name for _, name in sorted(pairs)]


def _wrong(field: str, what: str, value: Any) -> NoReturn:
    found = "" if value is None else f" Found {shown(json.dumps(value, ensure_ascii=False), 80)}."
    raise DescriptionError(f"In the description, {field!r} {what}.{found} {_EXAMPLE}")


_EXAMPLE = (
    'Example: {"convention": {"height": 224, "width": 224, "channels": 3, "mean": [0.485, 0.456, 0.406],'
    ' "std": [0.229, 0.224, 0.225]}, "classes": ["ada", "grace"]}'
)
