"""The text that takes the place of the name of an erased identity."""

import re
from uuid import uuid4

ERASED = re.compile(r"erased-[0-9a-f]{12}")


def placeholder() -> str:
    """Return a text that no other identity has."""
    return f"erased-{uuid4().hex[:12]}"
