"""Documents as bytes of JSON."""

import json
from typing import Any


def json_bytes(document: Any) -> bytes:
    """Return indented UTF-8 JSON that ends in a newline. Rejects NaN and infinity."""
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
