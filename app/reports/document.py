"""The decision itself, exhume.decision/1."""

from typing import Any

from app.contract.decision import Decision
from app.reports.json_bytes import json_bytes
from app.reports.place import Place


def document(decision: Decision) -> dict[str, Any]:
    """Return the decision as a JSON document."""
    return decision.model_dump(mode="json", by_alias=True)


def render(decision: Decision, place: Place) -> bytes:
    """Return the decision as JSON."""
    return json_bytes(document(decision))
