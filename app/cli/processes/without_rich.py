"""Keeps structlog from importing rich (9 MB) for tracebacks that JSON logs never use.

Import this module first.
"""

import sys

sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # Python's way to say "not installed"
