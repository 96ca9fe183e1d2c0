"""One spelling of a JSON document, so that it can be hashed."""

import hashlib
import json
from typing import Any


def canonical_json(document: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8; NaN and infinity are refused."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(document: Any) -> str:
    """`sha256:` and the hexadecimal SHA-256 of the canonical spelling."""
    return f"sha256:{hashlib.sha256(canonical_json(document)).hexdigest()}"
