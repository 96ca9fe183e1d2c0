"""Import this first: structlog imports rich, if it is there, for tracebacks that JSON logs never use (9 MB)."""

import sys

sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # Python's way to say "not installed"
