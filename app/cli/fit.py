"""How well the audited model labels its private training images, and a better description."""

import json
from collections.abc import Iterator
from typing import Any

from app.contract.shares import share
from app.contract.written import with_interval

NAMES_SHOWN = 20
STATES = {
    "trained": "as a trained model does",
    "below_floor": "a PASS needs more than {floor}",
    "at_chance": "no better than guessing",
    "class_order": "its class names are in another order than declared",
    "input_convention": "its images are prepared in another way than declared",
}


def fit_lines(fit: dict[str, Any] | None) -> Iterator[str]:
    """Yield lines with the measurement and the recognised order and input convention, as JSON."""
    if not fit:
        return
    accuracy = with_interval(fit["accuracy"])
    state = STATES[fit["state"]].format(floor=share(fit["floor"]))
    guessing = share(fit["guessing"])
    yield f"fit: the model labels {accuracy} of its private training images as declared, guessing {guessing}: {state}"
    order = fit.get("order") if fit["state"] == "class_order" else None
    if order:
        misplaced = f"{order['displaced']} names are in another place"
        yield f"  in the recognised order it labels {share(order['accuracy'])}; {misplaced}"
        yield f"  classes: {_listed(order['suggested'])}"
    if fit["state"] in {"input_convention", "class_order"}:
        yield from _conventions(fit.get("conventions") or [], order)


def _listed(names: list[str]) -> str:
    if len(names) <= NAMES_SHOWN:
        return json.dumps(names, ensure_ascii=False)
    first = json.dumps(names[:NAMES_SHOWN], ensure_ascii=False).removesuffix("]")
    return f"{first}, ... ({len(names)} names; all of them: fit.order.suggested of --json)"


def _conventions(conventions: list[dict[str, Any]], order: dict[str, Any] | None) -> Iterator[str]:
    """Yield every convention that was tried, then the one to declare.

    It is that of the recognised order, or else the best.
    """
    if not conventions or (order and order.get("convention") == conventions[0]["name"]):
        # Only the order is wrong.
        return
    yield from (f"  with {one['name']}: {share(one['accuracy'])}" for one in conventions)
    named = [one for one in conventions if order and one["name"] == order.get("convention")]
    best = named[0] if named else max(conventions, key=lambda one: float(one["accuracy"]))
    yield f"  convention: {json.dumps(best['convention'])}"
