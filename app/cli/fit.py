"""How well the audited model labels its own private training images, and what to do when it does not."""

import json
from collections.abc import Iterator
from typing import Any

from app.cli.figures import with_interval
from app.kit.shares import share

EXAMPLES_SHOWN = 5
NAMES_SHOWN = 20
STATES = {
    "trained": "as a trained model does",
    "below_floor": "below the {floor} that a verdict PASS needs",
    "at_chance": "no better than guessing",
    "class_order": "the class names are probably in another order than declared",
    "input_convention": "the images are probably prepared in another way than declared",
}


def fit_lines(fit: dict[str, Any] | None) -> Iterator[str]:
    """What was measured; the recognised order or input convention, and how to correct the release."""
    if not fit:
        return
    accuracy = with_interval({"format": "share"} | fit["accuracy"])
    state = STATES[fit["state"]].format(floor=share(fit["floor"]))
    yield (
        f"fit: the model labels {accuracy} of its private training images as declared, guessing "
        f"{share(fit['guessing'])}: {state}"
    )
    if fit["state"] == "class_order" and fit.get("order"):
        yield from _order(fit["order"])
    if fit["state"] == "input_convention":
        yield from _conventions(fit.get("conventions") or [])


def _order(order: dict[str, Any]) -> Iterator[str]:
    yield (
        f"  in the recognised order it labels {share(order['accuracy'])} as declared; "
        f"{order['displaced']} names are in another place:"
    )
    for one in order["examples"][:EXAMPLES_SHOWN]:
        yield f"  pictures of {one['pictures_of']} are labelled {one['labelled_as']} ({share(one['share'])})"
    names = order["suggested"]
    more = f", ... ({len(names)} names; all of them: --json, fit.order.suggested)" if len(names) > NAMES_SHOWN else ""
    yield f"  recognised order: {', '.join(names[:NAMES_SHOWN])}{more}"
    yield "  Correct `classes` in the description and upload the release again."


def _conventions(conventions: list[dict[str, Any]]) -> Iterator[str]:
    for one in conventions:
        yield f"  {one['name']}: {share(one['accuracy'])}"
    best = max(conventions, key=lambda one: float(one["accuracy"]), default=None)
    if best:
        right = json.dumps(best["convention"])
        yield f"  Correct `convention` in the description and upload the release again: {right}"
