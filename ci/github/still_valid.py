"""Exit with 0 if a stored decision passed without a warning or waiver and has not expired."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path


def still_valid(file: Path, now: datetime) -> bool:
    """Return whether the decision counts without being made again."""
    try:
        decision = json.loads(file.read_text())
        until = decision["until"]
        waived = any(rule.get("waivers") for rule in decision["rules"])
        fresh = until is None or datetime.fromisoformat(until) > now
        return decision["outcome"] == "pass" and not waived and fresh
    except (OSError, ValueError, KeyError, TypeError):
        return False


if __name__ == "__main__":
    sys.exit(0 if still_valid(Path(sys.argv[1]), datetime.now(UTC)) else 1)
