"""Canonical JSON, for digests."""

import hashlib
import json
from typing import Any


def canonical_json(document: Any) -> bytes:
    """Return JSON with sorted keys, no spaces and UTF-8. Rejects NaN and infinity."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(document: Any) -> str:
    """Return `sha256:` and the hexadecimal SHA-256 of the canonical JSON."""
    return f"sha256:{hashlib.sha256(canonical_json(document)).hexdigest()}"
