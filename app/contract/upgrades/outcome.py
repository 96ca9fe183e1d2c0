"""Upgrades of the stored details of an identity's outcome."""

from collections.abc import Mapping
from typing import Any

from app.contract.outcome import deciding_verifier


def upgraded(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return details with the deciding verifier, which older versions did not store."""
    if details.get("deciding") is not None or (deciding := deciding_verifier(details)) is None:
        return dict(details)
    return dict(details) | {"deciding": deciding}
