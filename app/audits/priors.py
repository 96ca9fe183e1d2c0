"""The shipped priors, read as files, because the API never imports the engine."""

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.db.models import Dataset
from app.errors import UnprocessableError


@lru_cache(maxsize=1)
def cards() -> tuple[dict[str, Any], ...]:
    """The card of every shipped prior."""
    spec = find_spec("worker")
    folders = [Path(place) / "bundled" for place in (spec.submodule_search_locations or [])] if spec else []
    return tuple(json.loads(card.read_text()) for folder in folders for card in sorted(folder.glob("prior-*.json")))


def bundled_priors() -> frozenset[tuple[str, str]]:
    """(digest of the public set, kind) of the priors that an audit of these images finds already shipped."""
    return frozenset((str(card["images"]), str(card["recipe"]["kind"])) for card in cards() if not card.get("built_in"))


def built_in_card(public: Dataset) -> dict[str, Any]:
    """The card of the prior shipped for any images of this size.

    Raises: UnprocessableError when none is.
    """
    by_shape = {tuple(card["shape"]): card for card in cards() if card.get("built_in")}
    card = by_shape.get((public.channels, public.height, public.width))
    if card is None:
        sizes = " or ".join(f"{w}x{h} with {c} channels" for c, h, w in by_shape) or "no size yet"
        raise UnprocessableError(
            "no_built_in_prior",
            f"A built-in prior is shipped for images of {sizes}; dataset {public.name!r} has "
            f"{public.width}x{public.height} with {public.channels}. Leave `prior` out: the audit then makes "
            "one of the public images.",
        )
    return card


def built_in_kind(public: Dataset) -> str:
    """The kind of that prior."""
    return str(built_in_card(public)["recipe"]["kind"])


def trainable(public: Dataset) -> bool:
    """Whether a generator can be trained on images of this size: square, the side a power of two from 16 on."""
    side = public.height or 0
    return side == public.width and side >= 16 and side & (side - 1) == 0


def shipped(key: str) -> bool:
    """Whether this very prior is shipped with this version."""
    return any(card["key"] == key for card in cards())
