"""The shipped priors. Cards are read as files, because the API does not import the engine."""

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.db.models import Dataset
from app.errors import UnprocessableError


@lru_cache(maxsize=1)
def cards() -> tuple[dict[str, Any], ...]:
    """Return the card of every shipped prior."""
    spec = find_spec("worker")
    folders = [Path(place) / "bundled" for place in (spec.submodule_search_locations or [])] if spec else []
    return tuple(json.loads(card.read_text()) for folder in folders for card in sorted(folder.glob("prior-*.json")))


def bundled_priors() -> frozenset[tuple[str, str]]:
    """Return (digest of the public set, kind) of priors that are shipped for one public set."""
    return frozenset((str(card["images"]), str(card["recipe"]["kind"])) for card in cards() if not card.get("built_in"))


def built_in_card(public: Dataset) -> dict[str, Any]:
    """Return the card of the built-in prior for images of this size.

    Raises: UnprocessableError when none is shipped.
    """
    by_shape = {tuple(card["shape"]): card for card in cards() if card.get("built_in")}
    card = by_shape.get((public.channels, public.height, public.width))
    if card is None:
        sizes = " or ".join(f"{w}x{h} with {c} channels" for c, h, w in by_shape) or "no size"
        raise UnprocessableError(
            "no_built_in_prior",
            f"A built-in prior is shipped for images of {sizes}; data set {public.name!r} has "
            f"{public.width}x{public.height} with {public.channels}. Leave `prior` out: the audit then makes "
            "one from the public images.",
        )
    return card


def built_in_kind(public: Dataset) -> str:
    """Return the kind of the built-in prior."""
    return str(built_in_card(public)["recipe"]["kind"])


def trainable(public: Dataset) -> bool:
    """Return whether a generator can be trained on images of this size.

    They must be square, with a side that is a power of two and at least 16.
    """
    side = public.height or 0
    return side == public.width and side >= 16 and side & (side - 1) == 0


def shipped(key: str) -> bool:
    """Return whether the prior with this key is shipped with this version."""
    return any(card["key"] == key for card in cards())
